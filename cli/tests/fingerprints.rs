//! `fingerprint` and `explain` against the rules of the sketch, computed here: what is printed is what is hashed, and the rows add
//! up to the library's similarity.

#[path = "support/sketch.rs"]
mod sketch;
mod support;

use serde_json::{Value, json};
use sketch::{Claim, set_level};
use support::{Folder, Run, SECRET, countermark};

const PEPPER: &[u8] = b"the first pepper, long enough";

const LOGIN: &str = "GET /login HTTP/1.1\r\nHost: api.example\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36\r\n\
Sec-CH-UA: \"Chromium\";v=\"147\", \"Google Chrome\";v=\"147\", \"Not.A/Brand\";v=\"24\"\r\nSec-CH-UA-Platform: \"Windows\"\r\nSec-CH-UA-Mobile: ?0\r\n\
Accept: text/html\r\nAccept: */*;q=0.5\r\nAccept-Language: en-GB, EN;q=0.9, en\r\nAccept-Encoding: gzip, br\r\nUpgrade-Insecure-Requests: 1\r\nDNT: 1\r\nCookie: a=b\r\nContent-Length: 0\r\n\r\n";

const COMPONENTS: &str = r#"{"ip.asn":"64500","ip.country":"GB","timezone":"Europe/London","languages":["en-GB","en"],
 "fonts":["Arial","Courier","Georgia","Times","Verdana","Zapf"],"canvas":"pixels","cpu.cores":8,"touch":false,"130":"own","200":17,"230":[]}"#;

/// A login and a later visit, in files.
struct Scene {
    folder: Folder,
}

impl Scene {
    fn new(policy: Value, login: &str, evidence: &str) -> Self {
        let folder = Folder::new();
        folder.file("pepper", PEPPER);
        folder.file("secret", SECRET);
        folder.file("policy", policy.to_string());
        folder.file("login", login);
        folder.file("login.json", evidence);
        let scene = Scene { folder };
        let run = scene.run("mint", "login", &["--now", "1000"]);
        assert_eq!(run.code, 0, "{}", run.error);
        scene.folder.file("token", &run.out);
        scene
    }

    fn run(&self, command: &str, visit: &str, more: &[&str]) -> Run {
        let at = |name: &str| self.folder.at(name);
        let mut arguments = vec![command.to_string(), "--policy".into(), at("policy"), "--pepper".into(), at("pepper")];
        arguments.extend(["--request".into(), at(visit), "--evidence".into(), at(&format!("{visit}.json"))]);
        if command != "fingerprint" {
            arguments.extend(["--secret".into(), format!("HS256={}", at("secret"))]);
        }
        arguments.extend(more.iter().map(|text| text.to_string()));
        countermark(&arguments)
    }

    fn explain(&self, request: &str, evidence: &str) -> Run {
        self.folder.file("visit", request);
        self.folder.file("visit.json", evidence);
        self.run("explain", "visit", &["--token", &self.folder.at("token"), "--now", "1100", "--json"])
    }

    fn token(&self) -> String {
        std::fs::read_to_string(self.folder.at("token")).unwrap()
    }
}

fn evidence(components: &str) -> String {
    format!(r#"{{"address":"::ffff:192.0.2.7","components":{components}}}"#)
}

fn values(component: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    component["value"].as_array().map_or_else(|| vec![text(&component["value"])], |set| set.iter().map(text).collect())
}

/// Every component that is printed is an entry of the token minted of the same request, and hashing the printed value by hand gives
/// that entry.
#[test]
fn what_is_printed_is_what_is_hashed() {
    let all: serde_json::Map<String, Value> =
        countermark::Component::NAMED.iter().map(|component| (component.name().to_string(), json!(1))).collect();
    let mut weights = all.clone();
    for own in ["130", "200", "230"] {
        weights.insert(own.into(), json!(1));
    }
    let six = r#"{"address":"2001:0DB8:1:0002:0:0:0:9","components":{"ip.isp":"Isp"}}"#;
    let curl = "GET / HTTP/1.1\nHost: a\nUser-Agent: curl/8.5.0\nAccept: */*\nSec-GPC: 1\nAccept-Language:\n\n";
    for (request, evidence) in [(LOGIN, &*evidence(COMPONENTS)), (curl, six), ("GET / HTTP/1.1\n\n", "{}")] {
        let policy = json!({"fingerprint": {"form": "sketch", "weights": weights}});
        let scene = Scene::new(policy, request, evidence);
        let printed = scene.run("fingerprint", "login", &["--json"]).json();
        let claim = Claim::read(&scene.token(), PEPPER);
        let printed = printed["components"].as_array().unwrap();
        let numbers = |component: &Value| component["number"].as_u64().unwrap() as u8;
        let entries: Vec<u8> = claim.entries.iter().map(|(number, _)| *number).collect();
        assert_eq!(printed.iter().map(numbers).collect::<Vec<_>>(), entries);
        // What a host looked up stands in the file by its name and reaches the library by a place of its own.
        let looked_up =
            printed.iter().filter(|component| component["from"] == "look-up").map(|component| &component["value"]);
        let expected = if request == LOGIN {
            json!(["64500", "GB"])
        } else if request == curl {
            json!(["Isp"])
        } else {
            json!([])
        };
        assert_eq!(json!(looked_up.collect::<Vec<_>>()), expected);
        for (component, (number, stored)) in printed.iter().zip(&claim.entries) {
            assert_eq!(claim.stored(*number, &values(component)), *stored, "{component}");
        }
    }
}

#[test]
fn a_digest_and_what_is_missing() {
    let folder = Folder::new();
    let sample = folder.file("request", "GET / HTTP/1.1\nsec-ch-ua: \"Google Chrome\";v=\"89\", \"Chromium\";v=\"89\", \";Not A Brand\";v=\"99\"\nuser-agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0.4389.114 Safari/537.36\naccept-language: en-GB,en-US;q=0.9,en;q=0.8\nupgrade-insecure-requests: 1\n");
    let address = folder.file("evidence", r#"{"address":"192.168.1.250"}"#);
    let policy = folder.file("policy", r#"{"fingerprint":{"form":"digest"}}"#);
    let run = countermark(&["fingerprint", "--json", "--request", &sample, "--evidence", &address, "--policy", &policy]);
    // The field's published sample.
    assert_eq!(run.json()["digest"], "8344b6e8b488a7ac8e502d5481905656");
    let text = countermark(&["fingerprint", "--request", &sample]).out;
    for line in [
        "ua.family                  exact    request  chrome",
        "ch.brands                  set      request  {Chromium, Google Chrome}",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let scene =
        Scene::new(json!({"fingerprint": {"form": "sketch", "preset": "headers"}}), LOGIN, r#"{"address":"192.0.2.7"}"#);
    assert_eq!(scene.run("fingerprint", "login", &["--json"]).json()["not_observed"], json!(["ip.asn", "ip.country"]));
}

fn row<'r>(object: &'r Value, name: &str) -> &'r Value {
    object["components"].as_array().unwrap().iter().find(|row| row["component"] == name).unwrap()
}

/// Levels by hand: an exact one 256 or 0; 3 of 26 versions on, 256 - floor(256 · 3/27) = 228; sets by their bins.
#[test]
fn components_one_by_one() {
    let weights = json!({"ua.family": 87, "ua.version": 112, "timezone": 149, "fonts": 90, "canvas": 157, "touch": 110,
        "cpu.cores": 117, "memory": 108, "200": 40, "230": 20, "accept": 0});
    let policy = json!({"any_audience": true, "fingerprint": {"form": "sketch", "weights": weights, "optional": ["touch"],
        "required": ["ua.family"], "accept": 850, "step_up": 500, "coverage": 100, "drift": 1000}});
    let scene = Scene::new(policy, LOGIN, &evidence(COMPONENTS));
    let later = COMPONENTS
        .replace("Zapf", "Zebra")
        .replace("pixels", "others")
        .replace(r#""cpu.cores":8,"touch":false,"#, "")
        .replace("17", "16");
    let run = scene.explain(&LOGIN.replace("147", "150"), &evidence(&later));
    let object = run.json();

    let claim = Claim::read(&scene.token(), PEPPER);
    let fonts = ["Arial", "Courier", "Georgia", "Times", "Verdana", "Zebra"].map(String::from);
    let (_, stored) = claim.entries.iter().find(|(number, _)| *number == 48).unwrap();
    let fonts = set_level(stored, &claim.stored(48, &fonts));
    assert!((1..256).contains(&fonts), "the oracle has something to say: {fonts}");
    let similar = if fonts >= 192 { "similar" } else { "changed" };
    for (name, level, outcome) in [
        ("ua.family", 256, "same"),
        ("ua.version", 228, "similar"),
        ("timezone", 256, "same"),
        ("fonts", fonts, similar),
        ("canvas", 0, "changed"),
        ("touch", 0, "missing"),
        ("cpu.cores", 0, "missing"),
        ("memory", 0, "not in the token"),
        ("200", 0, "changed"),
        ("230", 256, "same"),
        ("accept", 256, "same"),
    ] {
        let row = row(&object, name);
        assert_eq!((&row["level"], &row["outcome"]), (&json!(level), &json!(outcome)), "{name}");
    }
    assert_eq!((&row(&object, "touch")["cost"], &row(&object, "touch")["role"]), (&json!(0.0), &json!("optional")));
    assert_eq!(row(&object, "ua.family")["role"], "required");

    // The rows make the library's similarity: floor(1000 · sum of weight · level / (256 · sum of weight)).
    let counted = object["components"].as_array().unwrap().iter().filter(|row| {
        let is_left_out = row["role"] == "optional" && row["outcome"] == "missing";
        row["outcome"] != "not in the token" && !is_left_out
    });
    let (mut sum, mut weighted, mut costs) = (0, 0, 0.0);
    for row in counted {
        let weight = row["weight"].as_u64().unwrap();
        (sum, weighted) = (sum + weight, weighted + weight * row["level"].as_u64().unwrap());
        costs += row["cost"].as_f64().unwrap();
    }
    let similarity = object["fingerprint"]["similarity"].as_u64().unwrap();
    assert_eq!(similarity, 1000 * weighted / (256 * sum));
    assert!((1000.0 - costs - similarity as f64).abs() <= 1.1, "{costs} {similarity}");
    assert_eq!(object["fingerprint"]["missing"], json!(["touch", "cpu.cores"]));
    assert_eq!((run.code, &object["status"]), (1, &json!("STEP_UP")));
    assert_eq!(object["fingerprint"]["reasons"], json!(["similarity"]));
    assert_eq!((&object["thresholds"]["accept"], &object["thresholds"]["behind"]), (&json!(850), &json!(26)));
}

/// How far a version may be from the token's is the policy's to say, both ways: 256 - floor(256 · 3/11) = 187.
#[test]
fn how_far_a_version_may_move() {
    let level = |more: &str, request: &str| {
        let rules = format!(r#"{{"form":"sketch","weights":{{"ua.version":1}},"drift":1000{more}}}"#);
        let rules: Value = serde_json::from_str(&rules).unwrap();
        let scene = Scene::new(json!({"fingerprint": rules}), LOGIN, "{}");
        row(&scene.explain(request, "{}").json(), "ua.version")["level"].clone()
    };
    let (newer, older) = (LOGIN.replace("147", "150"), LOGIN.replace("147", "144"));
    assert_eq!(level(r#","behind":10"#, &newer), 187);
    assert_eq!(level(r#","behind":2"#, &newer), 0);
    assert_eq!(level("", &older), 0);
    assert_eq!(level(r#","ahead":10"#, &older), 187);
}

/// Two tokens of one client share no digest: each has a salt of its own.
#[test]
fn every_token_has_its_own_salt() {
    let scene = Scene::new(json!({"fingerprint": {"form": "sketch"}}), LOGIN, &evidence(COMPONENTS));
    let first = Claim::read(&scene.token(), PEPPER).entries;
    let second = Claim::read(&scene.run("mint", "login", &["--now", "1000"]).out, PEPPER).entries;
    assert_eq!(first.len(), second.len());
    assert!(first.iter().zip(&second).all(|(first, second)| first.0 == second.0 && first.1 != second.1));
}

#[test]
fn the_same_client_and_no_client() {
    let policy = json!({"fingerprint": {"form": "sketch", "preset": "browser", "coverage": 0}});
    let scene = Scene::new(policy, LOGIN, &evidence(COMPONENTS));
    let same = scene.explain(LOGIN, &evidence(COMPONENTS));
    assert_eq!((same.code, &same.json()["fingerprint"]["similarity"]), (0, &json!(1000)));
    let costs = same.json()["components"].as_array().unwrap().iter().map(|row| row["cost"].as_f64().unwrap()).sum::<f64>();
    assert_eq!(costs, 0.0);
    let nobody = scene.explain("GET / HTTP/1.1\n\n", "{}").json();
    assert_eq!(nobody["status"], "FINGERPRINT_MISMATCH");
    assert_eq!(row(&nobody, "canvas")["outcome"], "missing");
    assert_eq!(nobody["groups"], json!([{"components": ["screen.size", "timezone", "languages"], "changes": 1}]));
    // A token under a pepper that is not there: nothing is compared.
    let other = scene.folder.file("other", "another secret of many bytes");
    scene.folder.file("pepper", "no longer used, and long enough");
    let run = scene.run("explain", "visit", &["--token", &scene.folder.at("token"), "--now", "1100"]);
    assert_eq!(run.code, 1, "{other}");
    assert!(run.out.contains("FINGERPRINT_MISMATCH"), "{}", run.out);
    let run = scene.run("explain", "visit", &["--token", &scene.folder.at("token"), "--now", "9999999999", "--json"]);
    assert_eq!((run.code, &run.json()["status"]), (1, &json!("EXPIRED")));
    assert!(run.json()["components"].is_array(), "the comparison is shown whatever else is wrong");
}

/// What a page's collector sent, by the library's tables.
#[test]
fn a_collector_s_document() {
    let folder = Folder::new();
    let page = folder
        .file("page", r#"{"components":{"timezone":{"value":"Europe/Oslo"},"hardwareConcurrency":{"value":4}},"other":1}"#);
    let run = countermark(&["fingerprint", "--json", "--page", &format!("fingerprintjs={page}")]);
    assert_eq!(run.code, 0, "{}", run.error);
    let object = run.json();
    assert_eq!(row(&object, "timezone")["value"], "Europe/Oslo");
    assert_eq!(row(&object, "cpu.cores")["value"], "4");
}
