//! The token out of a request, and the answer's `WWW-Authenticate`.

use countermark::*;

fn token(value: &[u8]) -> Result<(Scheme, &str), Status> {
    authorization(value).map(|credentials| (credentials.scheme, std::str::from_utf8(credentials.token).unwrap()))
}

#[test]
fn authorization_values() {
    use Scheme::{Bearer, DPoP};
    let found: [(&str, (Scheme, &str)); 9] = [
        ("Bearer a.b.c", (Bearer, "a.b.c")),
        ("bearer a.b.c", (Bearer, "a.b.c")),
        ("BEARER a.b.c", (Bearer, "a.b.c")),
        ("bEaReR   a.b.c", (Bearer, "a.b.c")),
        ("DPoP a.b.c", (DPoP, "a.b.c")),
        ("dpop a.b.c", (DPoP, "a.b.c")),
        ("DPOP  a.b.c", (DPoP, "a.b.c")),
        ("Bearer x", (Bearer, "x")),
        ("Bearer a-b_c.d~e+f/g", (Bearer, "a-b_c.d~e+f/g")),
    ];
    for (value, expected) in found {
        assert_eq!(token(value.as_bytes()), Ok(expected), "{value}");
    }
    for value in ["", "Basic YTpi", "Bearerx a", "Bear a", "Digest username=\"Bearer\"", "a.b.c", " Bearer a", "DPoP2 a"] {
        assert_eq!(token(value.as_bytes()), Err(Status::CredentialsMissing), "{value}");
    }
    let malformed: [&[u8]; 16] = [
        b"Bearer",
        b"Bearer ",
        b"Bearer    ",
        b"DPoP",
        b"Bearer a.b.c ",
        b"Bearer a b",
        b"Bearer a,b",
        b"Bearer \"a\"",
        b"Bearer a\t",
        b"Bearer a\n",
        b"Bearer a\0",
        b"Bearer a=",
        b"Bearer token=a",
        b"Bearer \ta",
        b"Bearer \xff",
        b"Bearer a, Bearer b",
    ];
    for value in malformed {
        assert_eq!(token(value), Err(Status::CredentialsMalformed), "{}", String::from_utf8_lossy(value));
    }
}

#[test]
fn cookies() {
    let of = |value: &str, name: &str| {
        cookie(value.as_bytes(), name).map(|found| String::from_utf8(found.token.to_vec()).unwrap())
    };
    let found = |text: &str| Ok(text.to_string());
    assert_eq!(of("t=a.b.c", "t"), found("a.b.c"));
    assert_eq!(of("x=1; t=a.b.c; y=2", "t"), found("a.b.c"));
    assert_eq!(of("x=1;t=a.b.c;y=2", "t"), found("a.b.c"));
    assert_eq!(of("x=t=1; t=a", "t"), found("a"));
    assert_eq!(of("xt=1; t2=2; t=a", "t"), found("a"));
    assert_eq!(of("__Host-t=a", "__Host-t"), found("a"));
    assert_eq!(cookie(b"t=a", "t").unwrap().scheme, Scheme::Bearer);
    for value in ["", "x=1", "T=a", "t", "tt=a", "x=t", "t2=a", ";;;", "t =a"] {
        assert_eq!(of(value, "t"), Err(Status::CredentialsMissing), "{value}");
    }
    for value in ["t=", "t=;x=1", "t=\"a\"", "t=a b", "t=a,b", "t=a=", "t= a", "t=%61"] {
        assert_eq!(of(value, "t"), Err(Status::CredentialsMalformed), "{value}");
    }
    for value in ["t=a; t=b", "t=a; t=a", "t=; t=a", "t=a; t=", "t=a;t=\"b\"", "t=a; x=1; t=b; t=c"] {
        assert_eq!(of(value, "t"), Err(Status::CredentialsRepeated), "{value}");
    }
}

#[test]
fn query_arguments() {
    let of = |query: &str| {
        argument(query.as_bytes(), "access_token").map(|found| String::from_utf8(found.token.to_vec()).unwrap())
    };
    let found = |text: &str| Ok(text.to_string());
    for query in [
        "access_token=a.b.c",
        "x=1&access_token=a.b.c&y=2",
        "access%5Ftoken=a.b.c",
        "access%5ftoken=a.b.c",
        "%61%63%63%65%73%73%5F%74%6F%6B%65%6E=a.b.c",
        "&&access_token=a.b.c&",
    ] {
        assert_eq!(of(query), found("a.b.c"), "{query}");
    }
    for query in [
        "",
        "x=access_token",
        "Access_token=a",
        "access_token2=a",
        "access%token=a",
        "access%5token=a",
        "access%255Ftoken=a",
        "?access_token=a",
    ] {
        assert_eq!(of(query), Err(Status::CredentialsMissing), "{query}");
    }
    for query in [
        "access_token",
        "access_token=",
        "access_token=a%2Eb",
        "access_token=a b",
        "access_token=a;b",
        "access_token==a",
        "access_token=a#f",
    ] {
        assert_eq!(of(query), Err(Status::CredentialsMalformed), "{query}");
    }
    for query in [
        "access_token=a&access_token=b",
        "access_token=a&access%5Ftoken=a",
        "access_token&access_token=a",
        "access_token=a&access_token=",
    ] {
        assert_eq!(of(query), Err(Status::CredentialsRepeated), "{query}");
    }
}

#[test]
fn exactly_one_source() {
    let all = Source { ignore_authorization: false, cookie: Some("t"), argument: Some("t") };
    let find = |source: Source<'_>, headers: &[(&str, &str)], query: &str| {
        let headers: Vec<(&str, &str)> = headers.to_vec();
        let mut four = [("", ""); 4];
        four[..headers.len()].copy_from_slice(&headers);
        source.find(&four, query.as_bytes()).map(|found| (found.scheme, String::from_utf8(found.token.to_vec()).unwrap()))
    };
    let bearer = |text: &str| Ok((Scheme::Bearer, text.to_string()));
    let header = ("aUTHORIZATION", "Bearer h");
    let cookie = ("COOKIE", "t=c");
    assert_eq!(find(all, &[header], ""), bearer("h"));
    assert_eq!(find(all, &[cookie], ""), bearer("c"));
    assert_eq!(find(all, &[], "t=q"), bearer("q"));
    assert_eq!(find(all, &[], ""), Err(Status::CredentialsMissing));
    assert_eq!(find(all, &[("authorization", "DPoP d")], ""), Ok((Scheme::DPoP, "d".to_string())));
    for (headers, query) in [
        (&[header, cookie][..], ""),
        (&[cookie, header], ""),
        (&[header], "t=q"),
        (&[cookie], "t=q"),
        (&[header, cookie], "t=q"),
        (&[header, header], ""),
        (&[header, ("authorization", "DPoP h")], ""),
        (&[header, ("authorization", "Bearer")], ""),
        (&[("authorization", "Bearer"), header], ""),
        (&[cookie, cookie], ""),
        (&[cookie, ("cookie", "t=")], ""),
        (&[header], "t="),
    ] {
        assert_eq!(find(all, headers, query), Err(Status::CredentialsRepeated), "{headers:?} {query}");
    }
    // What the source does not name is not looked at.
    let default = Source::default();
    assert_eq!(find(default, &[header, cookie], "t=q"), bearer("h"));
    assert_eq!(find(default, &[cookie], "t=q"), Err(Status::CredentialsMissing));
    let only_cookie = Source { ignore_authorization: true, cookie: Some("t"), argument: None };
    assert_eq!(find(only_cookie, &[header, cookie], "t=q"), bearer("c"));
    assert_eq!(find(only_cookie, &[header], ""), Err(Status::CredentialsMissing));
    // Other schemes and headers are no attempt at a token.
    assert_eq!(find(all, &[("authorization", "Basic YTpi"), ("proxy-authorization", "Bearer p")], "t=q"), bearer("q"));
    assert_eq!(find(all, &[("authorization", "Bearer a b")], ""), Err(Status::CredentialsMalformed));
}

#[test]
fn challenges() {
    let write = |challenge: Challenge<'_>, status| {
        let mut out = [0; 256];
        challenge.write(status, &mut out).map(str::to_string)
    };
    let plain = Challenge::default();
    let api = Challenge { realm: Some("api"), ..plain };
    let text = |text: &str| Ok(text.to_string());
    // RFC 6750 3.1: no error code when the request carries no token at all.
    assert_eq!(write(plain, Status::CredentialsMissing), text("Bearer"));
    assert_eq!(write(api, Status::CredentialsMissing), text(r#"Bearer realm="api""#));
    assert_eq!(write(api, Status::CredentialsRepeated), text(r#"Bearer realm="api", error="invalid_request""#));
    assert_eq!(write(plain, Status::CredentialsMalformed), text(r#"Bearer error="invalid_request""#));
    assert_eq!(write(plain, Status::Expired), text(r#"Bearer error="invalid_token""#));
    assert_eq!(write(plain, Status::Signature), text(r#"Bearer error="invalid_token""#));
    let dpop = Challenge { scheme: Scheme::DPoP, scope: Some("read write"), ..api };
    assert_eq!(write(dpop, Status::Confirmation), text(r#"DPoP realm="api", error="invalid_token", scope="read write""#));
    // RFC 9470 3.
    assert_eq!(write(plain, Status::StepUp), text(r#"Bearer error="insufficient_user_authentication""#));
    let strong = Challenge { acr_values: Some("gold silver"), max_age: Some(300), ..plain };
    let said = r#"Bearer error="insufficient_user_authentication", acr_values="gold silver", max_age="300""#;
    for status in [Status::StepUp, Status::StepUpRisk, Status::Acr, Status::AuthTimeMissing, Status::AuthTooOld] {
        assert_eq!(write(strong, status), text(said));
    }
    let recent = Challenge { scheme: Scheme::DPoP, max_age: Some(0), ..plain };
    assert_eq!(write(recent, Status::AuthTooOld), text(r#"DPoP error="insufficient_user_authentication", max_age="0""#));
    // Another login would not help these.
    assert_eq!(write(strong, Status::Expired), text(r#"Bearer error="invalid_token""#));
    assert_eq!(write(strong, Status::RightsMissing), text(r#"Bearer error="insufficient_scope""#));
    assert_eq!(write(strong, Status::CredentialsMissing), text("Bearer"));
    // RFC 9110 5.6.4.
    let quoted = Challenge { realm: Some(r#"a "b" \c"#), ..plain };
    assert_eq!(write(quoted, Status::Expired), text(r#"Bearer realm="a \"b\" \\c", error="invalid_token""#));
    for realm in ["a\r\nSet-Cookie: x=1", "a\nb", "\0", "\u{7f}", "\t"] {
        assert_eq!(write(Challenge { realm: Some(realm), ..plain }, Status::Expired), Err(Status::Argument), "{realm:?}");
        assert_eq!(write(Challenge { scope: Some(realm), ..plain }, Status::Expired), Err(Status::Argument), "{realm:?}");
        assert_eq!(write(Challenge { acr_values: Some(realm), ..plain }, Status::Acr), Err(Status::Argument), "{realm:?}");
    }
    // Nothing to challenge: accepted, or the caller's own mistake.
    for status in Status::ALL.iter().filter(|status| matches!(status.stage(), Stage::None | Stage::Caller)) {
        assert_eq!(write(plain, *status), Err(Status::Argument));
    }
}

/// The errors of an attacker's many tokens are one text: it names no detail.
#[test]
fn a_challenge_names_no_detail() {
    let mut texts: Vec<String> = Vec::new();
    // A verifier without keys, or without room for a proof, is the server's fault: no challenge mends it.
    for (status, http) in [(Status::NoKey, 500), (Status::ReplayFull, 503)] {
        assert_eq!(Challenge::http_status(status), http);
        assert_eq!(Challenge::default().write(status, &mut [0; 64]), Err(Status::Argument));
    }
    // Those that another login helps say so.
    let of_the_login = [Status::Acr, Status::AuthTimeMissing, Status::AuthTooOld];
    let is_one_text = |status: &&Status| {
        let of_the_token = !status.is_step_up() && **status != Status::NoKey && !of_the_login.contains(status);
        (200..800).contains(&status.code()) && of_the_token
    };
    for status in Status::ALL.iter().filter(is_one_text) {
        let mut out = [0; 64];
        let text = Challenge::default().write(*status, &mut out).unwrap().to_string();
        assert_eq!(Challenge::http_status(*status), 401, "{}", status.name());
        texts.push(text);
    }
    assert!(texts.len() > 50 && texts.iter().all(|text| *text == texts[0]));
    assert_eq!(Challenge::http_status(Status::Accepted), 200);
    assert_eq!(Challenge::http_status(Status::CredentialsMissing), 401);
    assert_eq!(Challenge::http_status(Status::CredentialsMalformed), 400);
    assert_eq!(Challenge::http_status(Status::CredentialsRepeated), 400);
    assert_eq!(Challenge::http_status(Status::StepUp), 401);
    assert_eq!(Challenge::http_status(Status::Replayed), 401);
    assert_eq!(Challenge::http_status(Status::ReplayFull), 503);
    assert_eq!(Challenge::http_status(Status::ScratchTooSmall), 500);
}

#[test]
fn a_challenge_into_memory_too_small() {
    let challenge = Challenge { realm: Some("the \"api\""), scope: Some("a b"), ..Challenge::default() };
    let mut out = [0; 256];
    let length = challenge.write(Status::Expired, &mut out).unwrap().len();
    for bytes in 0..length {
        let mut out = vec![0xa5; bytes];
        assert_eq!(challenge.write(Status::Expired, &mut out), Err(Status::BufferTooSmall));
        assert!(out.iter().all(|byte| *byte == 0), "cleared");
    }
    let mut out = vec![0xa5; length + 2];
    assert!(challenge.write(Status::Expired, &mut out).is_ok());
    assert_eq!(out[length..], [0xa5; 2]);
}

#[test]
fn a_challenge_that_cannot_be_written_clears_the_buffer() {
    for status in [Status::Accepted, Status::ScratchTooSmall] {
        let mut out = [0xa5; 64];
        assert_eq!(Challenge::default().write(status, &mut out), Err(Status::Argument));
        assert_eq!(out, [0; 64]);
    }
}

#[test]
fn white_space_around_a_field_value_is_not_part_of_it() {
    let headers = [("Authorization", " \tBearer a.b.c ")];
    assert_eq!(Source::default().find(&headers, b"").unwrap().token, b"a.b.c");
}

#[test]
fn a_scheme_must_be_followed_by_a_space() {
    for value in ["Bearer\ta.b.c", "Bearer,a.b.c", "Bearer", "DPoP=a", "Bearer\u{e9} a"] {
        assert_eq!(authorization(value.as_bytes()), Err(Status::CredentialsMalformed), "{value}");
    }
}
