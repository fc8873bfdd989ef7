//! The sketch form of `fingerprint`, every member both ways; claims by the oracle.

use super::{Failed, PLAIN, accepted, answer, assert_answer, line, rejected};
use countermark::Preset;
use countermark_tests::base64url;
use countermark_tests::sketch::{self, Client, Value};

const PEPPER: &[u8] = b"the first pepper, long enough";
const WEIGHTS: &str = r#""weights":{"timezone":20,"canvas":30,"130":40,"fonts":10}"#;
const VALUES: &str = r#""canvas":"pixels","timezone":"UTC","fonts":["Arial","Courier"],"130":7"#;

fn exact(text: &str) -> Value {
    Value::Exact(text.as_bytes().to_vec())
}

fn set(elements: &[&str]) -> Value {
    Value::Set(elements.iter().map(|element| element.as_bytes().to_vec()).collect())
}

fn claims_of(pepper: u8, client: &Client) -> String {
    let text = sketch::mint((pepper, PEPPER), [1, 2, 3, 4, 5, 6, 7, 8], 3, client).text();
    format!(r#"{{"exp":2000,"cmk":"{text}"}}"#)
}

fn owner() -> Client {
    Client::from([(34, exact("UTC")), (48, set(&["Arial", "Courier"])), (64, exact("pixels")), (130, exact("7"))])
}

fn pepper() -> String {
    format!(r#""pepper":"{}""#, base64url::encode(PEPPER))
}

/// A line whose policy has these members beside the form, and whose evidence these components.
fn sketched(claims: &str, members: &str, components: &str) -> String {
    let rest =
        format!(r#""policy":{{"fingerprint":{{"form":"sketch",{members}}}}},"evidence":{{"components":{{{components}}}}}"#);
    line(PLAIN, claims, &rest)
}

/// The answer to a scored sketch.
fn scored(claims: &str, failed: Failed, similarity: u64) -> String {
    let answer = if failed.is_empty() { accepted(claims) } else { rejected(failed) };
    format!("{answer},\"similarity\":{similarity}")
}

const STEP_UP: Failed = &[("STEP_UP", 799)];
const MISMATCH: Failed = &[("FINGERPRINT_MISMATCH", 712)];
const REQUIRED: Failed = &[("COMPONENT_REQUIRED", 716)];

#[test]
fn each_member_of_a_sketch_both_ways() {
    let claims = claims_of(0, &owner());
    let cases: &[(&str, &str, &str, Failed, u64)] = &[
        ("", "", "", &[], 1000),
        ("", "UTC", "CET", STEP_UP, 800),
        ("", "pixels", "others", STEP_UP, 700),
        ("", ":7", ":8", MISMATCH, 600),
        ("", ":7", r#":"7""#, &[], 1000),
        ("", r#","fonts":["Arial","Courier"]"#, r#","fonts":["Courier","Arial","Arial"]"#, &[], 1000),
        ("", r#","fonts":["Arial","Courier"]"#, "", &[], 900),
        (r#","optional":["fonts"]"#, r#","fonts":["Arial","Courier"]"#, "", &[], 1000),
        (r#","optional":[]"#, r#","fonts":["Arial","Courier"]"#, "", &[], 900),
        (r#","required":["fonts"]"#, r#","fonts":["Arial","Courier"]"#, "", REQUIRED, 900),
        (r#","required":["130","canvas"]"#, "UTC", "CET", STEP_UP, 800),
        (r#","required":["timezone"]"#, "UTC", "CET", REQUIRED, 800),
        (r#","required":["timezone"],"optional":["timezone"]"#, r#","timezone":"UTC""#, "", REQUIRED, 800),
        (r#","accept":800"#, "UTC", "CET", &[], 800),
        (r#","accept":801"#, "UTC", "CET", STEP_UP, 800),
        (r#","step_up":700"#, "pixels", "others", STEP_UP, 700),
        (r#","step_up":701"#, "pixels", "others", MISMATCH, 700),
        (r#","coverage":900"#, r#","fonts":["Arial","Courier"]"#, "", &[], 900),
        (r#","coverage":901"#, r#","fonts":["Arial","Courier"]"#, "", STEP_UP, 900),
        (r#","drift":100"#, r#","fonts":["Arial","Courier"]"#, "", &[], 900),
        (r#","drift":99"#, r#","fonts":["Arial","Courier"]"#, "", STEP_UP, 900),
        (r#","claim":"cmk""#, "", "", &[], 1000),
        (r#","preset":"headers""#, "", "", &[], 1000),
    ];
    for (members, from, to, failed, similarity) in cases {
        let components = VALUES.replacen(from, to, 1);
        assert!(VALUES.contains(from), "{from}");
        let accept = if members.contains("accept") { "" } else { r#","accept":850"# };
        let step_up = if members.contains("step_up") { "" } else { r#","step_up":700"# };
        let line = sketched(&claims, &format!("{},{WEIGHTS}{members}{accept}{step_up}", pepper()), &components);
        assert_answer(&line, &scored(&claims, failed, *similarity));
    }
}

#[test]
fn claims_and_peppers_that_do_not_fit() {
    let owner = owner();
    let (good, other) = (claims_of(0, &owner), claims_of(1, &owner));
    let rules = format!("{},{WEIGHTS}", pepper());
    assert_answer(&sketched(&other, &rules, VALUES), &rejected(&[("PEPPER_UNKNOWN", 715)]));
    assert_answer(&sketched(r#"{"exp":2000}"#, &rules, VALUES), &rejected(&[("FINGERPRINT_MISSING", 710)]));
    assert_answer(&sketched(r#"{"exp":2000,"cmk":"AQ"}"#, &rules, VALUES), &rejected(&[("FINGERPRINT_MALFORMED", 711)]));
    let renamed = format!(r#"{rules},"claim":"fp""#);
    assert_answer(&sketched(&good, &renamed, VALUES), &rejected(&[("FINGERPRINT_MISSING", 710)]));
    assert_answer(&sketched(&good.replace("cmk", "fp"), &renamed, VALUES), &scored(&good.replace("cmk", "fp"), &[], 1000));
    let wrong = rules.replace(&base64url::encode(PEPPER), &base64url::encode(b"another secret of many bytes"));
    let (text, _) = answer(sketched(&good, &wrong, VALUES).as_bytes());
    assert!(text.contains(r#""status":"FINGERPRINT_MISMATCH""#), "{text}");
    let status = |members: &str| -> String {
        let (text, is_case) = answer(sketched(&good, members, VALUES).as_bytes());
        assert!(is_case, "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["status"].as_str().unwrap().to_string()
    };
    assert_eq!(status(WEIGHTS), "PEPPER_TOO_SHORT", "there is no default pepper");
    assert_eq!(status(&format!(r#"{WEIGHTS},"pepper":"AAAAAAAAAAAAAAAAAAAA""#)), "PEPPER_TOO_SHORT");
    assert_eq!(status(&format!(r#"{rules},"accept":1001"#)), "ARGUMENT");
    assert_eq!(status(&format!(r#"{rules},"accept":600"#)), "ARGUMENT", "below the step up of the preset");
    assert_eq!(status(&format!(r#"{},"weights":{{}}"#, pepper())), "ARGUMENT");
    // Every check runs: an expired token with a changed client is both.
    let expired = good.replace("2000", "10");
    let both = scored("", &[("EXPIRED", 606), ("FINGERPRINT_MISMATCH", 712)], 600);
    let text = sketched(&expired, &rules, &VALUES.replace(":7", ":8"));
    assert_eq!(answer(text.as_bytes()).0, format!(r#"{{"id":"i",{both}}}"#));
}

#[test]
fn each_preset_has_its_name() {
    let nobody = claims_of(0, &Client::new());
    let names = Preset::ALL.iter().map(|(_, name)| *name).chain(["headers-roaming"]);
    for name in names {
        let rules = format!(r#"{},"preset":"{name}""#, pepper());
        // The stalker's rules count changes, and the device's cookie is required.
        let failed = match name {
            "stalker" | "stalker-strict" => STEP_UP,
            "device" => REQUIRED,
            _ => MISMATCH,
        };
        assert_answer(&sketched(&nobody, &rules, ""), &scored("", failed, 0));
    }
    assert_answer(&sketched(&nobody, &pepper(), ""), &scored("", MISMATCH, 0));
}

/// What a client that is derived from its request stores, by hand.
#[test]
fn components_that_the_core_derives() {
    let agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36";
    let headers = [
        ("User-Agent", agent),
        ("Sec-CH-UA", r#"\"Chromium\";v=\"147\", \"Google Chrome\";v=\"147\", \"Not.A/Brand\";v=\"24\""#),
        ("sec-ch-ua-platform", r#"\"Windows\""#),
        ("sec-ch-ua-mobile", "?0"),
        ("accept-language", "en-GB,en;q=0.9"),
        ("upgrade-insecure-requests", "1"),
        ("accept-encoding", "gzip, br"),
        ("accept", "text/html"),
        ("Cookie", "a=b"),
        ("DNT", "1"),
    ];
    let names = [
        "user-agent",
        "sec-ch-ua",
        "sec-ch-ua-platform",
        "sec-ch-ua-mobile",
        "accept-language",
        "upgrade-insecure-requests",
        "accept-encoding",
        "accept",
        "dnt",
    ];
    let client = Client::from([
        (1, exact("192.0.2.77")),
        (2, exact("192.0.2.0/24")),
        (3, exact("64500")),
        (4, exact("NO")),
        (5, exact("Example AS")),
        (6, exact("Example")),
        (16, exact("chrome")),
        (17, Value::Ordinal(147)),
        (18, exact("windows")),
        (19, exact("desktop")),
        (20, set(&["Chromium", "Google Chrome"])),
        (21, exact("Windows")),
        (22, exact("?0")),
        (23, set(&["en-gb", "en"])),
        (24, exact("1")),
        (25, set(&["gzip", "br"])),
        (26, exact("text/html")),
        (27, set(&names)),
        (28, exact("1:-")),
    ]);
    let claims = claims_of(0, &client);
    let listed: Vec<String> = headers.iter().map(|(name, value)| format!(r#"["{name}","{value}"]"#)).collect();
    let places = r#""ip.asn":64500,"ip.country":"NO","ip.organisation":"Example AS","ip.isp":"Example""#;
    for (number, name) in client.keys().map(|number| (*number, countermark::Component::from_number(*number).unwrap().name()))
    {
        let rest = format!(
            r#""policy":{{"fingerprint":{{"form":"sketch",{},"weights":{{"{name}":1}}}}}},"evidence":{{"address":"::ffff:192.0.2.77","headers":[{}],"components":{{{places}}}}}"#,
            pepper(),
            listed.join(",")
        );
        let (text, _) = answer(line(PLAIN, &claims, &rest).as_bytes());
        assert_eq!(text, format!(r#"{{"id":"i",{}}}"#, scored(&claims, &[], 1000)), "{number} {name}");
        // Without any evidence it is not observed, but for the two that say so.
        let rest = rest.split_once(r#","evidence""#).unwrap().0.to_string();
        let (text, _) = answer(line(PLAIN, &claims, &rest).as_bytes());
        assert!(text.contains(r#""status":"FINGERPRINT_MISMATCH""#), "{name}: {text}");
    }
    for name in ["ip.address", "ip.network", "ua.family", "ua.version", "ch.brands", "accept", "header.names", "privacy"] {
        let line = sketched(&claims, &format!(r#"{},"weights":{{"ip.country":1}}"#, pepper()), &format!(r#""{name}":"1""#));
        assert_answer(&line, &rejected(&[("COMPONENT_MALFORMED", 714)]));
    }
}

#[test]
fn values_of_every_type() {
    let client = Client::from([
        (37, exact("true")),
        (38, exact("-8")),
        (48, set(&[])),
        (64, exact("\u{e9}\"")),
        (192, Value::Ordinal(3)),
        (224, set(&["one"])),
    ]);
    let claims = claims_of(0, &client);
    let weights = r#""weights":{"touch":1,"cpu.cores":1,"fonts":1,"canvas":1,"192":1,"224":1}"#;
    let rules = format!("{},{weights}", pepper());
    let values = r#""touch":true,"cpu.cores":-8,"fonts":[],"canvas":"\u00e9\"","192":3,"224":"one""#;
    assert_answer(&sketched(&claims, &rules, values), &scored(&claims, &[], 1000));
    let texts = r#""touch":"true","cpu.cores":"-8","fonts":[""],"canvas":"é\"","192":"3","224":["one","one"]"#;
    assert_answer(&sketched(&claims, &rules, texts), &scored(&claims, &[], 1000));
    let malformed = rejected(&[("COMPONENT_MALFORMED", 714)]);
    for bad in [r#""192":-1"#, r#""192":"x""#, r#""192":true"#, r#""192":65536"#] {
        assert_answer(&sketched(&claims, &rules, bad), &malformed);
    }
}

#[test]
fn what_is_no_sketch_case() {
    let claims = claims_of(0, &owner());
    let good = sketched(&claims, &format!("{},{WEIGHTS}", pepper()), VALUES);
    assert_answer(&good, &scored(&claims, &[], 1000));
    let changes = [
        (r#""canvas":30"#, r#""canvas":-1"#),
        (r#""canvas":30"#, r#""canvas":65536"#),
        (r#""canvas":30"#, r#""canvas":1.5"#),
        (r#""canvas":30"#, r#""canvas":"30""#),
        (r#""canvas":30"#, r#""canvas":null"#),
        (r#""canvas":30"#, r#""canvas":30,"canvas":30"#),
        (r#""canvas":30"#, r#""Canvas":30"#),
        (r#""canvas":30"#, r#""canvass":30"#),
        (r#""canvas":30"#, r#""":30"#),
        (r#""canvas":30"#, r#""64":30"#),
        (r#""canvas":30"#, r#""127":30"#),
        (r#""canvas":30"#, r#""256":30"#),
        (r#""canvas":30"#, r#""+130":30"#),
        (r#""canvas":30"#, r#""0131":30"#),
        (r#""canvas":30"#, r#"" 131":30"#),
        (r#""weights":{"#, r#""optional":"fonts","weights":{"#),
        (r#""weights":{"#, r#""optional":["font"],"weights":{"#),
        (r#""weights":{"#, r#""required":[1],"weights":{"#),
        (r#""weights":{"#, r#""required":["Canvas"],"weights":{"#),
        (r#""weights":{"#, r#""required":null,"weights":{"#),
        (r#""weights":{"#, r#""preset":"browsers","weights":{"#),
        (r#""weights":{"#, r#""preset":"compat","weights":{"#),
        (r#""weights":{"#, r#""preset":3,"weights":{"#),
        (r#""weights":{"#, r#""claim":1,"weights":{"#),
        (r#""weights":{"#, r#""accept":-1,"weights":{"#),
        (r#""weights":{"#, r#""accept":65536,"weights":{"#),
        (r#""weights":{"#, r#""step_up":"1","weights":{"#),
        (r#""weights":{"#, r#""coverage":1.0,"weights":{"#),
        (r#""weights":{"#, r#""drift":null,"weights":{"#),
        (r#""weights":{"#, r#""generation":1,"weights":{"#),
        (r#""pepper":""#, r#""pepper":"="#),
        (r#""pepper":""#, r#""pepper":"+"#),
        (r#""canvas":"pixels""#, r#""canvas":null"#),
        (r#""canvas":"pixels""#, r#""canvas":1.5"#),
        (r#""canvas":"pixels""#, r#""canvas":{}"#),
        (r#""canvas":"pixels""#, r#""canvas":["pixels"]"#),
        (r#""canvas":"pixels""#, r#""canvas":[]"#),
        (r#""canvas":"pixels""#, r#""canvas":"pixels","canvas":"pixels""#),
        (r#""canvas":"pixels""#, r#""canvass":"pixels""#),
        (r#"["Arial","Courier"]"#, r#"["Arial",1]"#),
        (r#"["Arial","Courier"]"#, r#"[["Arial"]]"#),
    ];
    for (from, to) in changes {
        assert!(good.contains(from), "{from}");
        let bad = good.replacen(from, to, 1);
        assert_eq!(answer(bad.as_bytes()), (r#"{"id":"i","status":"NOT_A_CASE","code":900}"#.into(), false), "{to}");
    }
}
