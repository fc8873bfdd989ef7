//! Project Wycheproof's JSON Web tests, the four sets, every case: what it calls valid is accepted, what it calls invalid is
//! refused, but for the lines of `wycheproof/exceptions.txt`.

#[path = "../wycheproof/exceptions.rs"]
mod exceptions;

use super::answer;
use exceptions::Exceptions;
use serde_json::{Value, json};
use wycheproof_ng_kdf_jose::json_web::TestName;

#[test]
fn json_web() {
    let exceptions = Exceptions::of("jose");
    assert_eq!(TestName::all().len(), 4);
    for name in ["json_web_signature", "json_web_crypto", "json_web_key", "json_web_encryption"] {
        let set: Value = serde_json::from_str(name.parse::<TestName>().unwrap().json_data()).unwrap();
        let (mut accepted, mut refused) = (0, 0);
        for group in set["testGroups"].as_array().unwrap() {
            let keys = ["public", "private"].iter().find_map(|member| group.get(member)).unwrap();
            let keys = if keys.get("keys").is_some() { keys.clone() } else { json!({"keys": [keys]}) };
            let said = json!({"alg": keys["keys"][0]["alg"]});
            for test in group["tests"].as_array().unwrap() {
                let token = test.get("jws").or(test.get("jwe")).unwrap();
                // The JSON serialization is not compact: its text is handed over as it is.
                let token = token.as_str().map_or_else(|| token.to_string(), String::from);
                let line = json!({"id": "w", "token": token, "now": 0, "keys": keys, "policy": {"payload": "opaque"}});
                let (text, is_case) = answer(line.to_string().as_bytes());
                assert!(is_case, "{line}");
                let answer: Value = serde_json::from_str(&text).unwrap();
                let is_accepted = answer["status"] == "OK";
                exceptions.judge(name, &said, test, is_accepted);
                *(if is_accepted { &mut accepted } else { &mut refused }) += 1;
            }
        }
        println!("Wycheproof {name}: {accepted} accepted, {refused} refused");
        assert_eq!(accepted + refused, set["numberOfTests"].as_u64().unwrap(), "{name}: every case");
    }
    exceptions.settle();
}
