//! Bad input of every kind: exit status 2, one sentence, and no part of a token, a secret or a value in it.

mod support;

use support::{Folder, Run, SECRET, countermark, countermark_reading, jwks, token};

/// What must never be repeated: it stands in the arguments or in the files of the cases below.
const LEAKS: [&str; 3] = ["eyJ", "sesame", SECRET];

/// One sentence on the standard error, nothing on the standard output, and exit status 2.
fn assert_refused(run: &Run, sentence: &str, case: &str) {
    assert_eq!(run.code, 2, "{case}: {} {}", run.out, run.error);
    assert_eq!(run.out, "", "{case}");
    assert_eq!(run.error.lines().count(), 1, "{case}: {}", run.error);
    assert!(run.error.starts_with("countermark: "), "{case}: {}", run.error);
    assert!(run.error.contains(sentence), "{case}: {}", run.error);
    for leak in LEAKS {
        assert!(!run.error.contains(leak), "{case} repeats {leak}: {}", run.error);
    }
}

#[test]
fn arguments() {
    let token = token(r#"{"exp":2000}"#);
    let cases: &[(&[&str], &str)] = &[
        (&[], "a command is needed"),
        (&["sesame"], "there is no such command"),
        (&[&token], "there is no such command"),
        (&["verify", &token], "an argument was not expected"),
        (&["verify", "--tokne", &token], "there is no option --tokne"),
        (&["verify", &format!("--tokne={token}")], "there is no option --tokne"),
        (&["verify", "--token"], "--token <FILE>"),
        (&["verify", "--secret", "sesame"], "--secret <ALG=FILE>: ALG=FILE is needed"),
        (&["verify", "--secret", "sesame=sesame"], "--secret <ALG=FILE>: what stands before = is not an algorithm"),
        (&["verify", "--secret", "none=sesame"], "--secret <ALG=FILE>: what stands before = is not an algorithm"),
        (&["verify", "--page", "sesame=x"], "--page <COLLECTOR=FILE>: what stands before = is not a collector"),
        (&["verify", "--now", "sesame"], "--now <SECONDS>: invalid digit"),
        (&["verify", "--scheme", "sesame"], "--scheme <SCHEME>"),
        (&["verify", "--color", "sesame"], "--color <WHEN>"),
        (&["verify", "--color", "sesame"], "auto, always, never"),
        (&["verify", "--now", "1", "--now", "2"], "--now <SECONDS> is given twice"),
        (&["verify", "--token", "-", "--pepper", "-"], "--pepper: the standard input is another option's already"),
        (&["mint"], "--key <FILE> is needed"),
        (&["mint", "--key", "a", "--secret", "HS256=b"], "cannot stand beside another option"),
        (&["keys"], "a command is needed"),
        (&["keys", "generate", "sesame", "--out", "x"], "<ALG>: the value is not an algorithm"),
        (&["keys", "generate", "ES256"], "--out <FILE> is needed"),
        (&["calibrate"], "<LOG> is needed"),
        (&["calibrate", "x", "--reject-rate", "0"], "a number above 0"),
        (&["calibrate", "x", "--reject-rate", "sesame"], "a number above 0"),
        (&["calibrate", "x", "--reject-rate", "2"], "--reject-rate is above --step-up-rate"),
    ];
    for (arguments, sentence) in cases {
        assert_refused(&countermark(arguments), sentence, &arguments.join(" "));
    }
}

/// A whole case in files; each test below spoils one of them.
struct Whole {
    folder: Folder,
}

impl Whole {
    fn new() -> Self {
        let folder = Folder::new();
        folder.file("jwks", jwks());
        folder.file("policy", r#"{"any_audience":true}"#);
        folder.file("token", token(r#"{"exp":2000}"#));
        folder.file("request", "GET / HTTP/1.1\nHost: api.example\n\n");
        folder.file("evidence", "{}");
        Whole { folder }
    }

    fn run(&self, more: &[&str]) -> Run {
        let mut arguments = vec!["verify".to_string(), "--now".into(), "1000".into()];
        for name in ["jwks", "policy", "token", "request", "evidence"] {
            arguments.extend([format!("--{name}"), self.folder.at(name)]);
        }
        arguments.extend(more.iter().map(|text| text.to_string()));
        countermark(&arguments)
    }
}

#[test]
fn files() {
    assert_eq!(Whole::new().run(&[]).code, 0, "the whole case is accepted");
    let cases: &[(&str, &[u8], &str)] = &[
        ("jwks", b"", "--jwks: KEY_MALFORMED (310)"),
        ("jwks", b"sesame", "--jwks: KEY_MALFORMED (310)"),
        ("jwks", b"\xff", "--jwks: the file is not UTF-8"),
        ("jwks", b"{\"keys\":[]}", "--jwks: KEY_SET_EMPTY"),
        ("jwks", b"{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"c2VzYW1l\"}]}", "--jwks: KEY_TOO_SHORT"),
        ("jwks", b"{\"keys\":[],\"keys\":[]}", "--jwks: KEY_MALFORMED (310)"),
        ("jwks", b"{\"keys\":[],\"issuer\":7}", "--jwks: the member issuer of the set is not a string"),
        ("policy", b"", "--policy: the file is not a JSON object"),
        ("policy", b"[]", "--policy: the file is not a JSON object"),
        ("policy", b"{", "--policy: EOF while parsing an object at line 1 column 1"),
        ("policy", b"{\"issuer\":\"i\"}", "--policy: unknown field `issuer`"),
        ("policy", b"{\"issuers\":\"i\"}", "--policy: invalid type"),
        ("policy", b"{\"subject\":null}", "--policy: invalid type: null"),
        ("policy", b"{\"subject\":\"a\",\"subject\":\"b\"}", "--policy: duplicate field `subject`"),
        ("policy", b"{\"algorithms\":[\"none\"]}", "--policy: \"none\" is not an algorithm"),
        ("policy", b"{\"leeway\":-1}", "--policy: invalid value"),
        ("policy", b"{\"rights\":[]}", "--policy: an object is needed"),
        ("policy", b"{\"rights\":{\"all_of\":{\"a\":[\"b\"],\"a\":[\"c\"]}}}", "--policy: the member \"a\" comes twice"),
        ("policy", b"{\"rights\":{\"all_of\":{\"\":[\"b\"]}}}", "the policy: RIGHTS_RULE (930)"),
        ("policy", b"{\"max_token_bytes\":0}", "the policy: LIMIT_RANGE (912)"),
        ("policy", b"{\"any_audience\":true,\"audiences\":[\"a\"]}", "the policy: POLICY_CONFLICT (910)"),
        ("policy", b"{\"fingerprint\":{\"form\":\"sketch\"}}", "needs a pepper: --pepper FILE"),
        ("policy", b"{\"fingerprint\":[\"sketch\"]}", "--policy: an object is needed"),
        ("policy", b"{\"fingerprint\":{\"form\":\"drawing\"}}", "--policy: unknown variant `drawing`"),
        ("policy", b"{\"fingerprint\":{\"form\":\"sketch\",\"preset\":\"best\"}}", "--policy: \"best\" is not a preset"),
        ("policy", b"{\"fingerprint\":{\"form\":\"sketch\",\"pepper\":\"AAAA\"}}", "--policy: unknown field `pepper`"),
        ("request", b"", "--request: line 1 is not a request line"),
        ("request", b"GET /\n", "--request: line 1 is not a request line"),
        ("request", b"GET  / HTTP/1.1\n", "--request: line 1 is not a request line"),
        ("request", b"GET / HTTP/1.1\nno field\n", "--request: line 2 is not a header field"),
        ("request", b"GET / HTTP/1.1\nA: b\n folded\n", "--request: line 3 is not a header field"),
        ("request", b"GET / HTTP/1.1\nA : b\n", "--request: line 2 is not a header field"),
        ("request", b"GET / HTTP/1.1\nA: \x1b[2J\n", "--request: line 2 is not a header field"),
        ("evidence", b"7", "--evidence: the file is not a JSON object"),
        ("evidence", b"{\"adress\":\"\"}", "--evidence: unknown field `adress`"),
        ("evidence", b"{\"channel\":\"A=\"}", "--evidence: channel is not unpadded base64url"),
        ("evidence", b"{\"components\":{\"colour\":\"red\"}}", "\"colour\" is not a component"),
        ("evidence", b"{\"components\":{\"canvas\":[\"a\"]}}", "the component \"canvas\" is not a set"),
        ("evidence", b"{\"components\":{\"canvas\":\"a\",\"canvas\":\"b\"}}", "the member \"canvas\" comes twice"),
    ];
    for (name, content, sentence) in cases {
        let whole = Whole::new();
        whole.folder.file(name, content);
        assert_refused(&whole.run(&[]), sentence, &format!("{name} {}", content.escape_ascii()));
    }
    for name in ["jwks", "policy", "token", "request", "evidence"] {
        let whole = Whole::new();
        std::fs::remove_file(whole.folder.at(name)).unwrap();
        assert_refused(&whole.run(&[]), &format!("--{name}: the file cannot be read: no such file"), name);
        std::fs::create_dir(whole.folder.at(name)).unwrap();
        assert_refused(&whole.run(&[]), &format!("--{name}: the file cannot be read"), name);
        std::fs::remove_dir(whole.folder.at(name)).unwrap();
        whole.folder.file(name, vec![b'a'; (1 << 20) + 1]);
        assert_refused(&whole.run(&[]), &format!("--{name}: the file has more than 1048576 bytes"), name);
    }
}

/// A file may be somebody else's: what stands in it cannot move the cursor, change colours or turn the direction of the text.
#[test]
fn a_files_names_are_shown_and_not_obeyed() {
    let name = "a\\u001b[2J\\u009b2J\u{9b}\u{202e}\\n\\rb";
    let shown = r"`a\u{1b}[2J\u{9b}2J\u{9b}\u{202e} \u{d}b`";
    for (option, content) in [
        ("evidence", format!("{{\"{name}\":1}}")),
        ("policy", format!("{{\"{name}\":1}}")),
        ("policy", format!("{{\"fingerprint\":{{\"form\":\"{name}\"}}}}")),
    ] {
        let whole = Whole::new();
        whole.folder.file(option, &content);
        assert_refused(&whole.run(&[]), shown, &content.escape_debug().to_string());
        let run = whole.run(&["--json"]);
        let sentence = run.json()["sentence"].as_str().unwrap().to_owned();
        assert!(sentence.contains(shown) && run.error == format!("countermark: {sentence}\n"), "{sentence:?}");
        assert!(!run.error.contains(['\x1b', '\u{9b}', '\u{202e}', '\r']), "{:?}", run.error);
    }
}

/// A policy that asks for what it cannot have, and keys that are no keys.
#[test]
fn keys_and_peppers() {
    let whole = Whole::new();
    let folder = &whole.folder;
    let (short, pem) = (folder.file("short", "sesame"), folder.file("pem", "-----BEGIN PUBLIC KEY-----\nsesame\n"));
    let private = folder.file("private", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let with = |option: &str, value: String| whole.run(&[option, &value]);
    assert_refused(&with("--secret", format!("HS256={short}")), "--secret: KEY_TOO_SHORT", "a short secret");
    assert_refused(&with("--secret", format!("ES256={short}")), "--secret: KEY_ALGORITHM_MISMATCH", "no secret");
    assert_refused(&with("--pem", format!("ES256={pem}")), "--pem: KEY_PEM", "half a block");
    assert_refused(&with("--pem", format!("ES256={private}")), "--pem: KEY_PEM", "a private key");
    assert_refused(&with("--rotating", short.clone()), "--rotating: KEY_TOO_SHORT", "a short base");
    assert_refused(&with("--pepper", short.clone()), "--pepper: PEPPER_TOO_SHORT", "a short pepper");
    assert_refused(&with("--page", format!("clientjs={short}")), "--page: COLLECTOR_MALFORMED", "no document");
    // The secret itself in place of its file.
    assert_refused(&with("--secret", format!("HS256={SECRET}")), "--secret: the file cannot be read", "a secret as a name");
    let token = token(r#"{"exp":2000}"#);
    assert_refused(&countermark(&["verify", "--token", &token]), "--token: the file cannot be read", "a token as a name");
    assert_refused(&countermark(&["verify"]), "a token is needed: --token or --request", "no token");
    let run = countermark(&["verify", "--token", &folder.at("token")]);
    assert_refused(&run, "a key is needed: --jwks, --pem, --secret or --rotating", "no key");
}

#[test]
fn other_commands() {
    let folder = Folder::new();
    let (secret, claims) = (folder.file("secret", SECRET), folder.file("claims", r#"{"sub":"a","sub":"b"}"#));
    let secret = format!("HS256={secret}");
    let mint = |more: &[&str]| {
        let mut arguments = vec!["mint", "--secret", &secret];
        arguments.extend(more);
        countermark(&arguments)
    };
    assert_refused(&mint(&["--claims", &claims]), "the token: CLAIMS_MALFORMED (918)", "a duplicate");
    assert_refused(&mint(&["--bind-key", &claims]), "--bind-key: KEY_", "no key");
    let rsa = folder.file("rsa", r#"{"kty":"RSA","alg":"RS256","n":"AQAB","e":"AQAB","d":"AQAB"}"#);
    assert_refused(&countermark(&["mint", "--key", &rsa]), "--key: KEY_TYPE_UNSUPPORTED", "RSA signs nothing here");
    assert_refused(&countermark(&["keys", "generate", "RS256", "--out", &folder.at("x")]), "keys are made for", "RSA");
    assert_refused(&countermark(&["keys", "generate", "ES256", "--out", &rsa]), "--out: the file cannot be made", "there");
    assert_refused(&countermark(&["keys", "list", &claims]), "--jwks: KEY_", "no set");
    let derived = folder.file("derived", r#"{"components":{"ua.family":"firefox"}}"#);
    let run = countermark(&["fingerprint", "--evidence", &derived]);
    assert_refused(&run, "the client: COMPONENT_MALFORMED (714)", "a component that the core derives");
    let address = folder.file("address", r#"{"address":"here"}"#);
    assert_refused(&countermark(&["fingerprint", "--evidence", &address]), "ADDRESS_MALFORMED (713)", "no address");
    let policy = folder.file("policy", "{}");
    let (jwks, token) = (folder.file("jwks", jwks()), folder.file("token", token(r#"{"exp":2000}"#)));
    let run = countermark(&["explain", "--policy", &policy, "--jwks", &jwks, "--token", &token]);
    assert_refused(&run, "only a sketch has components to explain", "nothing to explain");
}

/// With --json the same sentence stands in an object on the standard output, so that a script finds it.
#[test]
fn as_json() {
    let run = countermark(&["verify", "--json", "--token", "sesame"]);
    assert_eq!(run.code, 2);
    let object = run.json();
    assert_eq!((&object["verdict"], &object["status"]), (&"error".into(), &serde_json::Value::Null));
    assert_eq!(run.error, format!("countermark: {}\n", object["sentence"].as_str().unwrap()));
    let run = countermark_reading(&["keys", "list", "-", "--json"], b"{}");
    assert_eq!((run.code, &run.json()["status"]), (2, &"KEY_MALFORMED".into()), "{}", run.out);
}

/// A secret that an editor has ended with a line end is spoken of, and used as it is.
#[test]
fn a_line_end_in_a_secret() {
    let folder = Folder::new();
    let file = folder.file("secret", format!("{SECRET}\n"));
    let run = countermark(&["mint", "--secret", &format!("HS256={file}")]);
    assert_eq!(run.code, 0);
    assert_eq!(run.error, "countermark: note: --secret: the secret ends in a line end, which counts as a part of it\n");
}

#[test]
fn help_and_version() {
    for arguments in [&["--help"][..], &["--version"], &["verify", "--help"], &["calibrate", "--help"]] {
        let run = countermark(arguments);
        assert_eq!((run.code, run.error.as_str()), (0, ""), "{arguments:?}");
        assert!(run.out.contains("countermark") || run.out.contains("Usage"), "{arguments:?}");
    }
}
