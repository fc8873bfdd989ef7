//! `calibrate` against numbers computed by hand, and on a population whose true rates are known.

mod support;

use countermark::{Component, ComponentSet, Evidence, NewSketch, Pepper, Score, Sketch, Status, Thresholds, Weighted};
use serde_json::{Value, json};
use std::fmt::Write;
use support::{Folder, countermark, countermark_reading};

fn visit(similarity: u16, coverage: u16, changed: &[&str], outcome: &str) -> String {
    json!({"similarity": similarity, "coverage": coverage, "changed": changed, "outcome": outcome, "at": "passed over"})
        .to_string()
        + "\n"
}

/// 473 genuine visits, of which two fell; 100 of impostors; 5 of which nobody knows.
fn log_by_hand() -> String {
    let mut log = visit(400, 900, &["canvas", "timezone"], "genuine") + &visit(640, 1000, &["canvas"], "genuine");
    log += &visit(1000, 1000, &[], "genuine").repeat(471);
    log += "\n";
    log += &visit(300, 1000, &["canvas", "timezone"], "impostor").repeat(50);
    log += &visit(800, 1000, &["timezone"], "impostor").repeat(50);
    log + &visit(0, 0, &["canvas"], "unknown").repeat(5)
}

const POLICY: &str = r#"{"fingerprint":{"form":"sketch","weights":{"canvas":60,"timezone":40},"accept":700,"step_up":500}}"#;

fn find<'r>(object: &'r Value, list: &str, name: &str, value: &Value) -> &'r Value {
    object[list].as_array().unwrap().iter().find(|entry| entry[name] == *value).unwrap()
}

fn near(value: &Value, expected: f64) -> bool {
    (value.as_f64().unwrap() - expected).abs() < 1e-9
}

#[test]
fn by_hand() {
    let folder = Folder::new();
    let (log, policy) = (folder.file("log", log_by_hand()), folder.file("policy", POLICY));
    let run = countermark(&["calibrate", &log, "--policy", &policy, "--json"]);
    assert_eq!((run.code, run.error.as_str()), (0, ""));
    let object = run.json();
    assert_eq!(object["visits"], json!({"genuine": 473, "impostors": 100, "unknown": 5}));

    let bins: Vec<&Value> =
        object["histogram"].as_array().unwrap().iter().filter(|bin| bin["genuine"] != 0 || bin["impostors"] != 0).collect();
    let bin = |from, to, genuine, impostors| json!({"from": from, "to": to, "genuine": genuine, "impostors": impostors});
    let expected =
        [bin(300, 349, 0, 50), bin(400, 449, 1, 0), bin(600, 649, 1, 0), bin(800, 849, 0, 50), bin(1000, 1000, 471, 0)];
    assert_eq!(json!(bins), json!(expected));

    for (threshold, below, reach) in [(500, 1, 50), (640, 1, 50), (650, 2, 50), (700, 2, 50), (825, 2, 0), (1000, 2, 0)] {
        let rate = find(&object, "rates", "threshold", &json!(threshold));
        assert_eq!((&rate["genuine_below"], &rate["impostors_reach"]), (&json!(below), &json!(reach)), "{threshold}");
        assert!(
            near(&rate["false_reject"], f64::from(below) / 473.0) && near(&rate["false_accept"], f64::from(reach) / 100.0)
        );
    }
    // One failure of 473 is what the tables of success runs print for 99 % at 95 %: the bound is just below 1 %.
    let bound = find(&object, "rates", "threshold", &json!(640))["false_reject_bound"].as_f64().unwrap();
    assert!(bound <= 0.01 && bound > 0.0099, "{bound}");

    // So one visit may fall: the threshold lies at the second lowest. A rate of 0.1 % takes 2995 visits.
    let suggested = &object["suggested"];
    assert_eq!((&suggested["accept"], &suggested["coverage"]), (&json!(640), &json!(1000)));
    assert_eq!(suggested["step_up"], Value::Null);
    let notes = object["notes"].to_string();
    assert!(
        notes.contains("no step_up is suggested: 473 genuine visits cannot show a rate of 0.1 %; it takes 2995"),
        "{notes}"
    );

    // canvas: 1000 · 60/100 · 2/473; stability 996, so 995; coincidence 500: logit(995) - logit(500) = 5.293305. timezone: stability
    // 998, so 995; coincidence 0, so 5: twice that. Mean 7.939957; 50 + 50 · 5.293305 / 7.939957 = 83.33, and 116.67.
    let canvas = &object["components"][0];
    let timezone = &object["components"][1];
    assert_eq!((&canvas["component"], &timezone["component"]), (&json!("canvas"), &json!("timezone")), "most costly first");
    assert!(near(&canvas["cost"], 600.0 * 2.0 / 473.0) && near(&timezone["cost"], 400.0 / 473.0));
    assert_eq!((&canvas["stability"], &canvas["coincidence"], &canvas["in_fallen"]), (&json!(996), &json!(500), &json!(2)));
    assert_eq!(
        (&timezone["stability"], &timezone["coincidence"], &timezone["in_fallen"]),
        (&json!(998), &json!(0), &json!(1))
    );
    assert_eq!(suggested["weights"], json!({"canvas": 83, "timezone": 117}));
    assert_eq!(object["fallen"], 2);

    let text = countermark(&["calibrate", &log, "--policy", &policy]).out;
    for part in ["473 genuine visits, 100 of impostors", "suggested: accept 640, coverage 1000", "accept now", "note: "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The rate is the user's to choose: at 5 % the 473 visits allow 15 to fall, more than did.
    let run = countermark(&["calibrate", &log, "--step-up-rate", "5", "--reject-rate", "1", "--json"]);
    assert_eq!(run.json()["suggested"]["accept"], 1000);
    assert_eq!(run.json()["suggested"]["step_up"], 640);
}

/// Too few visits suggest nothing, and why is said.
#[test]
fn logs_that_say_little() {
    let log = |genuine: usize| visit(900, 1000, &["canvas"], "genuine").repeat(genuine);
    let read = |text: &str| countermark_reading(&["calibrate", "-", "--json"], text.as_bytes()).json();
    // 0.99^298 is above one in twenty, 0.99^299 below.
    assert_eq!(read(&log(298))["suggested"]["accept"], Value::Null);
    assert_eq!(read(&log(299))["suggested"]["accept"], 900);
    let object = read(&log(1000));
    assert_eq!(object["suggested"]["weights"], json!({}));
    let notes = object["notes"].to_string();
    assert!(notes.contains("no weight is suggested") && notes.contains("no visit of an impostor"), "{notes}");
    let empty = read("");
    assert_eq!(empty["visits"]["genuine"], 0);
    assert_eq!(find(&empty, "rates", "threshold", &json!(500))["false_reject"], Value::Null);
    assert_eq!(countermark_reading(&["calibrate", "-"], b"").code, 0);
}

/// What a token did not hold is in no rate; what is optional and missing costs nothing.
#[test]
fn held_and_missing() {
    let line =
        r#"{"similarity":900,"coverage":800,"matched":["timezone"],"changed":[],"missing":["canvas"],"outcome":"genuine"}"#;
    let folder = Folder::new();
    let policy = |more: &str| {
        let rules = format!(r#"{{"form":"sketch","weights":{{"canvas":60,"timezone":20,"fonts":20}}{more}}}"#);
        folder.file("policy", format!(r#"{{"fingerprint":{rules}}}"#))
    };
    let log = folder.file("log", format!("{line}\n").repeat(10));
    let read = |policy: &str| countermark(&["calibrate", &log, "--policy", policy, "--json"]).json();
    let of = |object: &Value, name: &str| find(object, "components", "component", &json!(name)).clone();
    let object = read(&policy(""));
    let (canvas, fonts) = (of(&object, "canvas"), of(&object, "fonts"));
    assert_eq!((&canvas["held"], &canvas["missing"], &canvas["cost"]), (&json!(10), &json!(10), &json!(600.0)));
    assert_eq!((&fonts["held"], &fonts["cost"]), (&json!(0), &json!(0.0)));
    assert_eq!(of(&read(&policy(r#","optional":["canvas"]"#)), "canvas")["cost"], 0.0);
}

#[test]
fn lines_that_are_no_visits() {
    let good = visit(900, 1000, &["canvas"], "genuine");
    for bad in [
        "x",
        "[900,1000,[],\"genuine\"]",
        "{}",
        &good.replace("900", "1001"),
        &good.replace("900", "-1"),
        &good.replace("1000", "1001"),
        &good.replace("genuine", "fine"),
        &good.replace("canvas", "colour"),
        &good.replace(r#"["canvas"]"#, r#""canvas""#),
        &good.replace(r#""outcome""#, r#""missing":["canvas"],"outcome""#),
        &good.replace(r#""outcome""#, r#""similarity":1,"outcome""#),
        &format!("{}{good}", " ".repeat(64 * 1024)),
    ] {
        let run = countermark_reading(&["calibrate", "-"], format!("{good}\n{bad}").as_bytes());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", bad.trim());
        assert!(run.error.starts_with("countermark: LOG: line 3 is not a JSON object with similarity"), "{}", run.error);
        assert_eq!(run.error.lines().count(), 1);
    }
}

/// Numbers that look random and are the same in every run: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    fn chance(&mut self, rate: f64) -> bool {
        ((self.next() >> 11) as f64) < rate * (1u64 << 53) as f64
    }
}

/// How often a genuine visit keeps the component, and how often an impostor's has it.
const RATES: [(f64, f64); 10] = [
    (0.99, 0.70),
    (0.95, 0.10),
    (0.90, 0.30),
    (0.98, 0.05),
    (0.80, 0.02),
    (0.97, 0.50),
    (0.85, 0.80),
    (0.995, 0.40),
    (0.93, 0.20),
    (0.99, 0.90),
];

/// The chances of each sum of weights of the components that match, exactly: one component after the other.
fn sums(weights: &[u64], of: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut chances = vec![0.0; weights.iter().sum::<u64>() as usize + 1];
    chances[0] = 1.0;
    for (place, weight) in weights.iter().enumerate() {
        let mut next = vec![0.0; chances.len()];
        for (sum, chance) in chances.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
            next[sum] += chance * (1.0 - of(place));
            next[sum + *weight as usize] += chance * of(place);
        }
        chances = next;
    }
    chances
}

/// The chance of a similarity below the threshold.
fn below(chances: &[f64], threshold: u64) -> f64 {
    let whole = chances.len() as u64 - 1;
    chances.iter().enumerate().filter(|(sum, _)| 1000 * *sum as u64 / whole < threshold).map(|(_, chance)| chance).sum()
}

/// Sketches that the library mints and compares, of clients whose components change with known rates. What `calibrate` says of the
/// log must be what the rates say, computed exactly.
#[test]
fn a_population_with_known_rates() {
    const GENUINE: usize = 6000;
    const IMPOSTORS: usize = 4000;
    let weights = [100u64, 80, 60, 120, 90, 110, 70, 100, 50, 40];
    let components: Vec<Weighted> = (0..10)
        .map(|place| Weighted::new(Component::from_number(130 + place as u8).unwrap(), weights[place] as u16))
        .collect();
    let peppers = [(0, Pepper::new(b"a pepper of the simulation").unwrap())];
    let thresholds = Thresholds { accept: 700, step_up: 500, drift: 1000, ..Thresholds::DEFAULT };
    let sketch = Sketch { claim: "cmk", peppers: &peppers, components: &components, groups: &[], thresholds };
    let mut random = Random(2026);
    let mut log = String::new();
    for number in 0..GENUINE + IMPOSTORS {
        let is_genuine = number < GENUINE;
        let owner: Vec<(Component, String)> =
            components.iter().map(|weighted| (weighted.component, random.next().to_string())).collect();
        let shown: Vec<(Component, String)> = owner
            .iter()
            .zip(RATES)
            .map(|((component, value), (stability, coincidence))| {
                let is_same = random.chance(if is_genuine { stability } else { coincidence });
                (*component, if is_same { value.clone() } else { random.next().to_string() })
            })
            .collect();
        let score = compare(&sketch, &owner, &shown, random.next());
        let names = |set: ComponentSet| set.iter().map(|component| component.number().to_string()).collect::<Vec<_>>();
        let outcome = if is_genuine { "genuine" } else { "impostor" };
        let line = json!({"similarity": score.similarity, "coverage": score.coverage, "matched": names(score.matched),
            "changed": names(score.changed), "missing": names(score.missing), "outcome": outcome});
        writeln!(log, "{line}").unwrap();
    }
    let folder = Folder::new();
    let of_policy: serde_json::Map<String, Value> =
        (0..10).map(|place| ((130 + place).to_string(), json!(weights[place]))).collect();
    let policy = json!({"fingerprint": {"form": "sketch", "weights": of_policy, "accept": 700, "step_up": 500}}).to_string();
    let (log, policy) = (folder.file("log", log), folder.file("policy", policy));
    let object = countermark(&["calibrate", &log, "--policy", &policy, "--json"]).json();

    // The rates at each threshold, within four standard deviations.
    let genuine = sums(&weights, |place| RATES[place].0);
    let impostors = sums(&weights, |place| RATES[place].1);
    for rate in object["rates"].as_array().unwrap() {
        let threshold = rate["threshold"].as_u64().unwrap();
        let (refuses, accepts) = (below(&genuine, threshold), 1.0 - below(&impostors, threshold));
        for (measured, exact, visits) in [("false_reject", refuses, GENUINE), ("false_accept", accepts, IMPOSTORS)] {
            let deviation = (exact * (1.0 - exact) / visits as f64).sqrt().max(1.0 / visits as f64);
            let found = rate[measured].as_f64().unwrap();
            assert!((found - exact).abs() <= 4.0 * deviation, "{measured} at {threshold}: {found}, exactly {exact}");
        }
    }
    // The suggestions keep what they promise, and are not timid: one step of 25 higher would break the promise.
    for (name, promised) in [("accept", 0.01), ("step_up", 0.001)] {
        let threshold = object["suggested"][name].as_u64().unwrap();
        let (here, higher) = (below(&genuine, threshold), below(&genuine, threshold + 25));
        assert!(here <= promised && higher > promised, "{name} {threshold}: {here}, {higher}");
    }
    // Costs: weight times how often it changes.
    for (place, weighted) in components.iter().enumerate() {
        let name = json!(weighted.component.number().to_string());
        let cost = find(&object, "components", "component", &name)["cost"].as_f64().unwrap();
        let (changes, share) = (1.0 - RATES[place].0, weights[place] as f64 / weights.iter().sum::<u64>() as f64);
        let deviation = 1000.0 * share * (changes * (1.0 - changes) / GENUINE as f64).sqrt();
        assert!((cost - 1000.0 * share * changes).abs() <= 4.0 * deviation, "{name}: {cost}");
    }
    // Suggested weights: near those of the true rates, and better than equal ones where it counts.
    let logit = |rate: f64| (rate.clamp(0.005, 0.995) / (1.0 - rate.clamp(0.005, 0.995))).ln();
    let odds = RATES.map(|(stability, coincidence)| (logit(stability) - logit(coincidence)).max(0.0));
    let mean = odds.iter().sum::<f64>() / 10.0;
    let mut suggested = Vec::new();
    for (place, odds) in odds.iter().enumerate() {
        let weight = object["suggested"]["weights"][(130 + place).to_string()].as_u64().unwrap();
        let exact = 100.0 * (0.5 + 0.5 * odds / mean);
        assert!((weight as f64 - exact).abs() <= 8.0, "component {place}: {weight}, exactly {exact}");
        suggested.push(weight);
    }
    let lets_in = |weights: &[u64]| {
        let (genuine, impostors) = (sums(weights, |place| RATES[place].0), sums(weights, |place| RATES[place].1));
        let threshold = (0..=1000).rev().find(|threshold| below(&genuine, *threshold) <= 0.01).unwrap();
        1.0 - below(&impostors, threshold)
    };
    let (by_suggestion, by_equal) = (lets_in(&suggested), lets_in(&[100; 10]));
    println!(
        "impostors let in at 1 % false rejects: {by_suggestion:.5} by the suggested weights, {by_equal:.5} by equal ones"
    );
    assert!(by_suggestion < by_equal);
}

fn compare(sketch: &Sketch<'_>, owner: &[(Component, String)], shown: &[(Component, String)], salt: u64) -> Score {
    let evidence = Evidence { components: &owner, ..Evidence::NONE };
    let new =
        NewSketch { sketch, evidence: &evidence, salt: salt.to_be_bytes(), opt_out: ComponentSet::EMPTY, previous: None };
    let mut text = [0; 1480];
    let claim = new.text(&mut text).unwrap();
    let score = sketch.compare(claim, &Evidence { components: &shown, ..Evidence::NONE }).unwrap();
    assert_ne!(score.status(), Status::ComponentRequired);
    score
}
