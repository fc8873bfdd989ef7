//! Every kind of line that is no case: one good line with one change.

use super::{BASE, JWK, PLAIN, accepted, answer, assert_answer, line};

#[test]
fn what_is_no_case() {
    let good = line(PLAIN, BASE, r#""policy":{"leeway":0},"evidence":{"address":"","headers":[["a","b"]]}"#);
    assert_answer(&good, &accepted(BASE));
    let keys = format!(r#""keys":{{"keys":[{JWK}]}}"#);
    let changes = [
        (r#""now":1000"#, r#""then":1000"#),
        (r#""now":1000"#, r#""now":"1000""#),
        (r#""now":1000"#, r#""now":1000.5"#),
        (r#""now":1000"#, r#""now":null"#),
        (r#""now":1000"#, r#""now":1000,"now":1000"#),
        (r#""now":1000"#, r#""now":1000,"extra":1"#),
        (r#""token":""#, r#""tokens":""#),
        (r#""token":""#, r#""rotating":{},"token":""#),
        (&keys, r#""rotating":{"foo":1}"#),
        (&keys, r#""policy_":{}"#),
        (&keys, r#""keys":1"#),
        (&keys, r#""keys":null"#),
        (&keys, r#""keys":[1]"#),
        (r#"}]}"#, r#"}],"issuer":null}"#),
        (r#"}]}"#, r#"}],"issuer":1}"#),
        (r#"{"leeway":0}"#, "null"),
        (r#"{"leeway":0}"#, "[]"),
        (r#"{"leeway":0}"#, "[[\"HS256\"]]"),
        (r#"{"address":"","headers":[["a","b"]]}"#, "[]"),
        (r#"["a","b"]"#, r#"["a"]"#),
        (r#"["a","b"]"#, r#"["a","b","c"]"#),
        (r#"["a","b"]"#, r#"["a",1]"#),
        (r#""address":"""#, r#""address":null"#),
        (r#""address":"""#, r#""adress":"""#),
        (r#""address":"""#, r#""components":[]"#),
        (r#""address":"""#, r#""dpop":1"#),
        (r#""address":"""#, r#""dpop":["a"]"#),
        (r#""address":"""#, r#""scheme":"Basic""#),
        (r#""address":"""#, r#""scheme":"""#),
        (r#""address":"""#, r#""certificate":"!""#),
        (r#""address":"""#, r#""channel":"AA==""#),
        (r#""leeway":0"#, r#""leeway":-1"#),
        (r#""leeway":0"#, r#""leeway":0,"leeway":0"#),
        (r#""leeway":0"#, r#""leway":0"#),
        (r#""leeway":0"#, r#""algorithms":"HS256""#),
        (r#""leeway":0"#, r#""algorithms":["hs256"]"#),
        (r#""leeway":0"#, r#""algorithms":["RS256","banana"]"#),
        (r#""leeway":0"#, r#""issuers":"a""#),
        (r#""leeway":0"#, r#""audiences":[1]"#),
        (r#""leeway":0"#, r#""any_audience":1"#),
        (r#""leeway":0"#, r#""subject":1"#),
        (r#""leeway":0"#, r#""typ":1"#),
        (r#""leeway":0"#, r#""require":"exp""#),
        (r#""leeway":0"#, r#""max_age":"1""#),
        (r#""leeway":0"#, r#""max_token_bytes":-1"#),
        (r#""leeway":0"#, r#""shape":"JWS""#),
        (r#""leeway":0"#, r#""payload":"bytes""#),
        (r#""leeway":0"#, r#""holder":"me""#),
        (r#""leeway":0"#, r#""rights":{"some_of":{}}"#),
        (r#""leeway":0"#, r#""rights":{"all_of":{},"all_of":{}}"#),
        (r#""leeway":0"#, r#""fingerprint":{}"#),
        (r#""leeway":0"#, r#""fingerprint":{"form":"digest","preset":"browser"}"#),
        (r#""leeway":0"#, r#""fingerprint":{"form":"digest","claim":1}"#),
        (r#""leeway":0"#, r#""fingerprint":{"form":"digest","pepper":"AA"}"#),
        (r#""leeway":0"#, r#""fingerprint":{"form":"sketch","foo":1}"#),
    ];
    for (from, to) in changes {
        assert!(good.contains(from), "{from}");
        let bad = good.replacen(from, to, 1);
        assert_eq!(answer(bad.as_bytes()), (r#"{"id":"i","status":"NOT_A_CASE","code":900}"#.into(), false), "{bad}");
    }
    let nameless =
        [&good[1..], "[]", "1", &good.replacen(r#""i""#, "1", 1), &good.replacen(r#""id""#, r#""di""#, 1), "\u{feff}{}"];
    for bad in nameless {
        assert_eq!(answer(bad.as_bytes()), (r#"{"id":null,"status":"NOT_A_CASE","code":900}"#.into(), false), "{bad}");
    }
    let mut not_text = good.into_bytes();
    not_text[7] = 0xff;
    assert!(!answer(&not_text).1);
}
