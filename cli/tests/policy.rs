//! Every member of a policy file, both ways, and beside the conformance program's answer.

#[path = "support/cases.rs"]
mod cases;
mod support;

use cases::{compare, line, run};
use serde_json::json;
use support::{Folder, jwks};

#[test]
fn each_member_of_a_policy_both_ways() {
    let claims =
        r#"{"iss":"i","aud":["a","b"],"sub":"s","exp":2000,"iat":900,"nbf":900,"scope":"x y","roles":["guest"],"n":1.50}"#;
    let base = r#""audiences":["a"]"#;
    let cases = [
        ("", "AUDIENCE_UNEXPECTED"),
        (r#""audiences":["a"]"#, "OK"),
        (r#""audiences":["c"]"#, "AUDIENCE"),
        (r#""any_audience":true"#, "OK"),
        (r#""audiences":["a"],"any_audience":true"#, "POLICY_CONFLICT"),
        (r#""issuers":["i"]"#, "OK"),
        (r#""issuers":["j"]"#, "ISSUER"),
        (r#""issuers":["i","j"]"#, "ISSUERS_UNBOUND"),
        (r#""subject":"s""#, "OK"),
        (r#""subject":"t""#, "SUBJECT"),
        (r#""typ":"JWT""#, "TYPE"),
        (r#""algorithms":["HS256"]"#, "OK"),
        (r#""algorithms":["HS512"]"#, "ALGORITHM_NOT_ALLOWED"),
        (r#""max_age":100"#, "OK"),
        (r#""max_age":99"#, "TOO_OLD"),
        (r#""max_age":99,"leeway":1"#, "OK"),
        (r#""require":["exp","sub"]"#, "OK"),
        (r#""require":["exp","acr"]"#, "CLAIM_REQUIRED"),
        (r#""max_token_bytes":100"#, "TOKEN_TOO_LARGE"),
        (r#""shape":"signed-then-encrypted""#, "TOKEN_NOT_COMPACT"),
        (r#""shape":"encrypted-then-signed""#, "NESTED_MISSING"),
        (r#""rights":{"all_of":{"scope":["x","y"]}}"#, "OK"),
        (r#""rights":{"all_of":{"scope":["x","z"]}}"#, "RIGHTS_MISSING"),
        (r#""rights":{"any_of":{"scope":["x","z"]},"none_of":{"roles":["guest"]}}"#, "RIGHTS_FORBIDDEN"),
        (r#""rights":{"any_of":{"exp":["x"]}}"#, "RIGHTS_TYPE"),
        (r#""rights":{"any_of":{"scope":[]}}"#, "RIGHTS_RULE"),
        (r#""holder":"any""#, "POSSESSION_UNBOUND"),
        (r#""holder":"none""#, "OK"),
    ];
    let folder = Folder::new();
    for (members, expected) in cases {
        let needs_audience = !members.is_empty() && !members.contains("audience");
        let members = if needs_audience { format!("{base},{members}") } else { members.to_string() };
        let status = compare(&folder, &line(claims, &format!(r#""policy":{{{members}}}"#)));
        assert_eq!(status, expected, "{members}");
    }
    // Every check runs behind the signature: the mask has them all, in order.
    let all = r#""policy":{"issuers":["j"],"audiences":["c"],"subject":"t","typ":"x","max_age":1,"require":["exp","q"],"rights":{"all_of":{"scope":["z"]}}}"#;
    assert_eq!(compare(&folder, &line(&claims.replace("2000", "950"), all)), "ISSUER");
    let run = run(&folder, &line(&claims.replace("2000", "950"), all));
    let expected = ["ISSUER", "AUDIENCE", "SUBJECT", "TYPE", "EXPIRED", "TOO_OLD", "CLAIM_REQUIRED", "RIGHTS_MISSING"];
    assert_eq!(run.json()["failed"], json!(expected));
    assert_eq!(run.json()["unmet"], "all_of scope: z");
}

#[test]
fn fingerprints() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use countermark::{Component, ComponentSet, Evidence, NewSketch, Pepper, Preset, Sketch, Thresholds, Weighted};
    let pepper = b"the first pepper, long enough";
    let peppers = [(0, Pepper::new(pepper).unwrap())];
    let own = Component::from_number(130).unwrap();
    let components = [Component::TIMEZONE, Component::FONTS, Component::CANVAS, own].map(|c| Weighted::new(c, 1));
    let sketch =
        Sketch { claim: "cmk", peppers: &peppers, components: &components, groups: &[], thresholds: Thresholds::DEFAULT };
    let shown = [
        (Component::TIMEZONE, "UTC"),
        (Component::FONTS, "Arial"),
        (Component::FONTS, "Courier"),
        (Component::CANVAS, "pixels"),
        (own, "7"),
    ];
    let evidence = Evidence { components: &shown, ..Evidence::NONE };
    let new = NewSketch { sketch: &sketch, evidence: &evidence, salt: [3; 8], opt_out: ComponentSet::EMPTY, previous: None };
    let mut text = [0; 1480];
    let claims = format!(r#"{{"exp":2000,"cmk":"{}"}}"#, new.text(&mut text).unwrap());

    let values = r#""canvas":"pixels","timezone":"UTC","fonts":["Arial","Courier"],"130":7"#;
    let cases = [
        ("", "", "", "OK"),
        ("", "UTC", "CET", "STEP_UP"),
        ("", ":7", ":8", "FINGERPRINT_MISMATCH"),
        (r#","required":["timezone"]"#, "UTC", "CET", "COMPONENT_REQUIRED"),
        (r#","optional":["fonts"]"#, r#","fonts":["Arial","Courier"]"#, "", "OK"),
        (r#","accept":800"#, "UTC", "CET", "OK"),
        (r#","step_up":801"#, "UTC", "CET", "FINGERPRINT_MISMATCH"),
        (r#","coverage":901"#, r#","fonts":["Arial","Courier"]"#, "", "STEP_UP"),
        (r#","drift":99"#, r#","fonts":["Arial","Courier"]"#, "", "STEP_UP"),
        (r#","claim":"other""#, "", "", "FINGERPRINT_MISSING"),
        (r#","accept":1001"#, "", "", "ARGUMENT"),
    ];
    let folder = Folder::new();
    let encoded = Base64UrlUnpadded::encode_string(pepper);
    for (members, from, to, expected) in cases {
        let components = values.replacen(from, to, 1);
        let accept = if members.contains("accept") { "" } else { r#","accept":850"# };
        let step_up = if members.contains("step_up") { "" } else { r#","step_up":700"# };
        let rules = format!(
            r#""form":"sketch","pepper":"{encoded}","weights":{{"timezone":20,"canvas":30,"130":40,"fonts":10}}{accept}{step_up}{members}"#
        );
        let rest = format!(r#""policy":{{"fingerprint":{{{rules}}}}},"evidence":{{"components":{{{components}}}}}"#);
        assert_eq!(compare(&folder, &line(&claims, &rest)), expected, "{members} {from} {to}");
    }

    // What a policy leaves to its preset, and what it takes from it: optional components, groups. The weights of the five, of the header
    // names and of the privacy fields are 769 together: without the battery 695, without screen and zone 510.
    let page = [
        (Component::SCREEN_SIZE, "1920x1080"),
        (Component::TIMEZONE, "UTC"),
        (Component::LANGUAGES, "en"),
        (Component::CANVAS, "pixels"),
        (Component::BATTERY, "true"),
    ];
    let browser = Sketch::preset(Preset::Browser, "cmk", &peppers);
    let evidence = Evidence { components: &page, ..Evidence::NONE };
    let new =
        NewSketch { sketch: &browser, evidence: &evidence, salt: [4; 8], opt_out: ComponentSet::EMPTY, previous: None };
    let mut text = [0; 1480];
    let claims = format!(r#"{{"exp":2000,"cmk":"{}"}}"#, new.text(&mut text).unwrap());
    let same = r#""screen.size":"1920x1080","timezone":"UTC","languages":["en"],"canvas":"pixels""#;
    let moved = same.replace("1920", "2560").replace("UTC", "CET") + r#","battery":true"#;
    let lenient = r#""coverage":0,"drift":1000,"accept":100,"step_up":100"#;
    let equal = r#""weights":{"screen.size":1,"timezone":1,"languages":1,"canvas":1,"battery":1}"#;
    for (rules, components, expected, similarity) in [
        (r#""coverage":0,"drift":1000"#, same, "OK", 1000),
        (r#""coverage":0,"drift":1000,"optional":[]"#, same, "OK", 903),
        (lenient, &moved, "STEP_UP", 663),
        (&format!("{lenient},{equal}"), &moved, "OK", 600),
    ] {
        let rules = format!(r#""form":"sketch","pepper":"{encoded}",{rules}"#);
        let rest = format!(r#""policy":{{"fingerprint":{{{rules}}}}},"evidence":{{"components":{{{components}}}}}"#);
        let line = line(&claims, &rest);
        assert_eq!(compare(&folder, &line), expected, "{rules}");
        assert_eq!(run(&folder, &line).json()["fingerprint"]["similarity"], similarity, "{rules}");
    }

    // The field's own digest, with its published sample: the header fields go through the request's text.
    let sample = r#""evidence":{"address":"192.168.1.250","headers":[["sec-ch-ua","\"Google Chrome\";v=\"89\", \"Chromium\";v=\"89\", \";Not A Brand\";v=\"99\""],
        ["user-agent","Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0.4389.114 Safari/537.36"],
        ["accept-language","en-GB,en-US;q=0.9,en;q=0.8"],["upgrade-insecure-requests","1"]]},"policy":{"fingerprint":{"form":"digest","claim":"fp"}}"#
        .replace('\n', "");
    let claims = r#"{"exp":2000,"fp":"8344b6e8b488a7ac8e502d5481905656"}"#;
    assert_eq!(compare(&folder, &line(claims, &sample)), "OK");
    assert_eq!(compare(&folder, &line(claims, &sample.replace(".250", ".251"))), "FINGERPRINT_MISMATCH");
}

/// A set that belongs to an issuer verifies that issuer's tokens alone; several sets are several files.
#[test]
fn key_sets_of_issuers() {
    let folder = Folder::new();
    let set = |issuer: &str| jwks().replacen('{', &format!(r#"{{"issuer":"{issuer}","#), 1);
    let other =
        r#"{"issuer":"j","keys":[{"kty":"oct","alg":"HS256","k":"YW5vdGhlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcw"}]}"#;
    let judge = |keys: &str, policy: &str| {
        let line = line(r#"{"iss":"i","exp":2000}"#, &format!(r#""policy":{{{policy}}}"#)).replace(&jwks(), keys);
        compare(&folder, &line)
    };
    assert_eq!(judge(&set("i"), ""), "OK");
    assert_eq!(judge(&set("j"), ""), "KEY_ISSUER");
    assert_eq!(judge(&format!("[{},{other}]", set("i")), r#""issuers":["i","j"]"#), "OK");
    assert_eq!(judge(&format!("[{},{other}]", set("i")), r#""issuers":["j"]"#), "ISSUER");
    assert_eq!(judge(&format!("[{other},{}]", set("j")), r#""issuers":["i","j"]"#), "KEY_ISSUER");
    assert_eq!(judge(other, ""), "SIGNATURE");
}

/// What a policy asks is what is shown: of a strict and empty one, and member by member.
#[test]
fn what_is_asked() {
    let folder = Folder::new();
    let asked = |policy: &str| {
        let run = run(&folder, &line(r#"{"exp":2000}"#, &format!(r#""policy":{{{policy}}}"#)));
        let stages = run.json()["checks"].as_array().unwrap().clone();
        let checks = stages.iter().flat_map(|stage| stage["checks"].as_array().unwrap());
        checks.map(|check| check["status"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let always = [
        "AUDIENCE_UNEXPECTED",
        "EXPIRED",
        "NOT_YET_VALID",
        "ISSUED_IN_FUTURE",
        "EXPIRY_MISSING",
        "LIFETIME",
        "CONFIRMATION",
    ];
    assert_eq!(asked(""), always);
    // With the member, these come and those go.
    let members: [(&str, &[&str], &[&str]); 14] = [
        (r#""issuers":["i"]"#, &["ISSUER"], &[]),
        (r#""audiences":["a"]"#, &["AUDIENCE"], &["AUDIENCE_UNEXPECTED"]),
        (r#""any_audience":true"#, &[], &["AUDIENCE_UNEXPECTED"]),
        (r#""subject":"s""#, &["SUBJECT"], &[]),
        (r#""typ":"t""#, &["TYPE"], &[]),
        (r#""max_age":1"#, &["TOO_OLD", "ISSUED_AT_MISSING"], &[]),
        (r#""require":["exp","sub"]"#, &["CLAIM_REQUIRED"], &[]),
        (r#""require":["sub"]"#, &["CLAIM_REQUIRED"], &["EXPIRY_MISSING"]),
        (r#""nonce":"n""#, &["NONCE"], &[]),
        (r#""acr":["high"]"#, &["ACR"], &[]),
        (r#""auth_max_age":1"#, &["AUTH_TIME_MISSING", "AUTH_TOO_OLD"], &[]),
        (r#""rights":{"all_of":{"scope":["x"]}}"#, &["RIGHTS_MISSING", "RIGHTS_TYPE"], &[]),
        (r#""rights":{"none_of":{"scope":["x"]}}"#, &["RIGHTS_FORBIDDEN", "RIGHTS_TYPE"], &[]),
        (
            r#""fingerprint":{"form":"digest"}"#,
            &["FINGERPRINT_MISSING", "FINGERPRINT_MALFORMED", "FINGERPRINT_MISMATCH", "ADDRESS_MALFORMED"],
            &[],
        ),
    ];
    for (member, come, go) in members {
        let mut expected: Vec<&str> = always.iter().chain(come).copied().filter(|name| !go.contains(name)).collect();
        let code = |name: &&str| countermark::Status::ALL.iter().find(|status| status.name() == *name).unwrap().code();
        expected.sort_by_key(code);
        assert_eq!(asked(member), expected, "{member}");
    }
}
