//! The C library as a C programmer gets it: the README's programs, the header against the implementation, the symbols.

use countermark::Status;
use countermark_ffi as c;
use countermark_tests::c_compiler::{self as cc, Language};
use std::collections::BTreeMap;
use std::mem::{align_of, offset_of, size_of};

fn header() -> String {
    std::fs::read_to_string(cc::root().join("include/countermark.h")).unwrap()
}

/// The code block of the README that starts with this fence.
fn readme_block(fence: &str) -> String {
    let readme = std::fs::read_to_string(cc::root().join("README.md")).unwrap();
    let opening = format!("```{fence}\n");
    let mut blocks = readme.split(&opening).skip(1);
    let block = blocks.next().expect("the README has the block").split("```\n").next().unwrap().to_string();
    assert!(blocks.next().is_none(), "one block of {fence}");
    block
}

#[test]
fn the_readme_c_quick_start_compiles_and_runs() {
    for standard in ["c99", "c11", "c17"] {
        let program = cc::build(Language::C, standard, "quick_start", &readme_block("c"), &[]).unwrap();
        assert_eq!(cc::run(&program), (0, "accepted: alice\n".into()), "{standard}");
    }
    // What the README says under it.
    let late = readme_block("c").replace("1900000000", "2000000000");
    let program = cc::build(Language::C, "c99", "quick_start_late", &late, &[]).unwrap();
    assert_eq!(cc::run(&program), (1, format!("EXPIRED: {}\n", Status::Expired.sentence())));
}

#[test]
fn the_readme_cpp_quick_start_compiles_and_runs() {
    for standard in ["c++17", "c++20"] {
        for flags in [&[][..], &["-fno-exceptions", "-fno-rtti"]] {
            let Some(program) = cc::build(Language::Cpp, standard, "quick_start", &readme_block("cpp"), flags) else {
                return;
            };
            assert_eq!(cc::run(&program), (0, "accepted: alice\n".into()), "{standard} {flags:?}");
        }
    }
}

#[test]
fn the_readme_c_quick_start_is_cpp_11_too() {
    for standard in ["c++11", "c++17", "c++20"] {
        let Some(program) = cc::build(Language::Cpp, standard, "quick_start_as", &readme_block("c"), &[]) else { return };
        assert_eq!(cc::run(&program), (0, "accepted: alice\n".into()), "{standard}");
    }
}

/// What a C program prints of the header, line by line.
fn printed(name: &str, lines: &[(String, String)]) -> BTreeMap<String, u64> {
    let mut source =
        String::from("#include \"countermark.h\"\n#include <stdio.h>\nstruct probe { char c; };\nint main(void) {\n");
    for (label, expression) in lines {
        source += &format!("    printf(\"{label} %llu\\n\", (unsigned long long)({expression}));\n");
    }
    source += "    return 0;\n}\n";
    let program = cc::build(Language::C, "c11", name, &source, &[]).unwrap();
    let (code, output) = cc::run(&program);
    assert_eq!(code, 0);
    let parse = |line: &str| line.rsplit_once(' ').map(|(label, value)| (label.to_string(), value.parse().unwrap()));
    output.lines().filter_map(parse).collect()
}

macro_rules! layouts {
    ($($structure:ident { $($member:ident),* })*) => {
        vec![$( (stringify!($structure), size_of::<c::$structure>(), align_of::<c::$structure>(),
            vec![$( (stringify!($member), offset_of!(c::$structure, $member)) ),*]) ),*]
    };
}

#[test]
fn structures_have_the_same_layout_in_c_and_rust() {
    let layouts = layouts! {
        cmk_bytes { ptr, len }
        cmk_keys { region, bytes }
        cmk_loaded { added, skipped, reason, reasons }
        cmk_cooldown { last, seconds, used }
        cmk_header { name, value }
        cmk_component { number, value }
        cmk_evidence { size, headers, header_count, address, asn, country, organisation, isp, components, component_count,
            certificate, certificate_digest, proofs, proof_count, method, uri, nonce, channel, binding, scheme }
        cmk_dpop { size, algs, alg_count, nonce_secret, nonce_seconds, kind, past_seconds, future_seconds, proof_bytes }
        cmk_use { digest, expires_at }
        cmk_certificate { digest }
        cmk_pepper { number, secret }
        cmk_weight { component, weight, role, stability, coincidence }
        cmk_group { components, changes }
        cmk_sketch_rules { size, claim, peppers, pepper_count, weights, weight_count, groups, group_count, preset, stages, accept,
            step_up, coverage, drift, generation, behind, ahead, evidence_accept, evidence_step_up }
        cmk_sketch {}
        cmk_collected { count, ignored }
        cmk_notice { what, why, basis, how_long, how_erased }
        cmk_input { kind, name }
        cmk_recipe { size, preset, framing, hash, encoding, claim, pepper, inputs, input_count }
        cmk_policy { size, issuers, issuer_count, audiences, audience_count, require, require_count, acr, acr_count,
            algs, alg_count, subject, typ, nonce, digest, sketch, flags, leeway, max_age, auth_max_age, token_bytes, depth, members, candidates,
            dpop, channel, binding, certificate, combination, at_least, methods, shape, rules, rule_count }
        cmk_rule { path, values, value_count, number, test, flags }
        cmk_verifier {}
        cmk_request { size, token, now, evidence, flags }
        cmk_report { status, advice, failures, similarity, evidence, coverage, drift, generation, reasons, matched, changed,
            missing, collect, step_up_subject, to_commit, unmet }
        cmk_claims {}
        cmk_value {}
        cmk_layers { alg, management, enc, reserved, signed_kid, encrypted_kid }
        cmk_sealer {}
        cmk_source { size, cookie, argument, ignore_authorization }
        cmk_credentials { token, scheme, reserved }
        cmk_replay {}
        cmk_replay_counts { places, live, expired, full, replayed }
        cmk_cache {}
        cmk_cache_counts { places, taken, kept }
        cmk_status_list {}
        cmk_status_source { uri, issuer, max_age, reserved }
        cmk_revocation {}
        cmk_revocation_counts { places, live, expired, full, marked }
        cmk_revocable { issuer, token_id, subject, key_id, issued_at, flags, reserved }
        cmk_charge { scope, client, requests, seconds, burst, is_name }
        cmk_throttle {}
        cmk_throttle_counts { places, live, expired, full, refused }
        cmk_rotating { size, claim, mode, window, grace }
        cmk_network { prefix, bits, list }
        cmk_risk_row { signals, action }
        cmk_risk_rules { size, networks, network_count, rows, row_count, speed_kmh, distance_km, changes, change_seconds, failures,
            failure_seconds, lock_seconds, reserved }
        cmk_risk {}
        cmk_risk_record { bytes }
        cmk_visit { size, subject, device, address, country, user_agent, platform, latitude, longitude, accuracy_km,
            clock_minutes, flags, reserved }
        cmk_finding { signals, action, locked_until }
        cmk_session { bytes }
        cmk_session_rules { check_seconds, idle_seconds, absolute_seconds, similarity }
        cmk_seen { epoch, expires_at, status, similarity, flags, reserved }
        cmk_signer {}
        cmk_mint { size, typ, issuer, subject, audiences, audience_count, token_id, claims, expires_at, not_before, issued_at,
            digest, evidence, sketch, previous, opt_out, salt, flags, confirmed_key, confirmed_certificate }
    };
    let header = code();
    let mut declared: Vec<&str> =
        header.split("typedef struct ").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
    let mut compared: Vec<&str> = layouts.iter().map(|layout| layout.0).collect();
    declared.sort_unstable();
    compared.sort_unstable();
    assert_eq!(declared, compared, "every structure of the header is compared");

    let mut lines = Vec::new();
    let mut expected = BTreeMap::new();
    for (name, size, align, members) in &layouts {
        let body = header.split(&format!("typedef struct {name} {{")).nth(1).unwrap().split('}').next().unwrap();
        if !body.contains("opaque") {
            assert_eq!(body.matches(';').count(), members.len(), "every member of {name} is compared");
        }
        let mut line = |label: String, expression: String, value: usize| {
            lines.push((label.clone(), expression));
            expected.insert(label, value as u64);
        };
        line(format!("sizeof {name}"), format!("sizeof({name})"), *size);
        line(format!("alignof {name}"), format!("_Alignof({name})"), *align);
        for (member, offset) in members {
            line(format!("{name}.{member}"), format!("offsetof({name}, {member})"), *offset);
        }
    }
    assert_eq!(printed("layout", &lines), expected);
}

/// Every `#define CMK_NAME value` that has a value and no arguments.
fn constants() -> Vec<String> {
    let header = header();
    let defines = header.lines().filter_map(|line| line.strip_prefix("#define "));
    let named = defines.filter_map(|line| line.split_once(' ')).map(|(name, _)| name.to_string());
    let texts = ["CMK_VERSION", "CMK_CHANNEL_MEMBER"];
    named.filter(|name| !name.contains('(') && !texts.contains(&name.as_str()) && name.starts_with("CMK_")).collect()
}

#[test]
fn constants_have_the_same_values_in_c_and_rust() {
    let lines: Vec<_> = constants().into_iter().map(|name| (name.clone(), name)).collect();
    let mut found = printed("constants", &lines);
    let mut take = |name: &str, value: u64| assert_eq!(found.remove(name), Some(value), "CMK_{name}", name = name);
    for status in Status::ALL {
        take(&format!("CMK_{}", status.name()), status.code() as u64);
        if let Some(bit) = status.bit() {
            take(&format!("CMK_FAILED_{}", status.name()), 1 << bit);
        }
    }
    for algorithm in countermark::Algorithm::SUPPORTED {
        take(&format!("CMK_{}", algorithm.name().to_uppercase().replace('-', "_")), *algorithm as u64);
    }
    for encryption in countermark::Encryption::SUPPORTED {
        take(&format!("CMK_{}", encryption.name().replace('-', "_")), *encryption as u64);
    }
    for management in countermark::KeyManagement::SUPPORTED {
        let curve = match *management as i32 {
            111..=114 => "_P256",
            115..=118 => "_X25519",
            _ => "",
        };
        let content = management.pinned().map_or(String::new(), |content| format!("_{}", content.name()));
        let name = format!("{}{content}{curve}", management.name()).to_uppercase().replace(['-', '+'], "_");
        take(&format!("CMK_{name}"), *management as u64);
    }
    use countermark::Shape;
    take("CMK_SIGNED", Shape::Signed as u64);
    take("CMK_SIGNED_THEN_ENCRYPTED", Shape::SignedThenEncrypted as u64);
    take("CMK_ENCRYPTED_THEN_SIGNED", Shape::EncryptedThenSigned as u64);
    take("CMK_SEAL_RANDOM_BYTES", countermark::SEAL_RANDOM_BYTES as u64);
    use countermark::{Kind, Scheme};
    let kinds = [
        ("NULL", Kind::Null),
        ("BOOLEAN", Kind::Boolean),
        ("NUMBER", Kind::Number),
        ("STRING", Kind::String),
        ("ARRAY", Kind::Array),
        ("OBJECT", Kind::Object),
    ];
    kinds.iter().for_each(|(name, kind)| take(&format!("CMK_{name}"), *kind as u64));
    for component in countermark::Component::NAMED {
        let name = component.name().to_uppercase().replace(['.', '-'], "_");
        take(&format!("CMK_COMPONENT_{name}"), component.number().into());
    }
    use countermark::{Preset, Reasons, Role, Stages};
    for (name, preset) in [
        ("HEADERS", Preset::HeadersRoaming),
        ("HEADERS_STRICT", Preset::HeadersStrict),
        ("BROWSER", Preset::Browser),
        ("UNIFORM", Preset::Uniform),
        ("STALKER", Preset::Stalker),
        ("STALKER_STRICT", Preset::StalkerStrict),
        ("DEVICE", Preset::Device),
    ] {
        take(&format!("CMK_SKETCH_{name}"), preset as u64);
    }
    take("CMK_SKETCH_OWN", 0);
    for (name, role) in [("NORMAL", Role::Normal), ("OPTIONAL", Role::Optional), ("REQUIRED", Role::Required)] {
        take(&format!("CMK_ROLE_{name}"), role as u64);
    }
    for (name, stages) in
        [("TOGETHER", Stages::Together), ("ON_DEMAND", Stages::OnDemand), ("ACCEPT_EARLY", Stages::AcceptEarly)]
    {
        take(&format!("CMK_STAGES_{name}"), stages as u64);
    }
    for (name, reason) in [
        ("SIMILARITY", Reasons::SIMILARITY),
        ("COVERAGE", Reasons::COVERAGE),
        ("GROUP", Reasons::GROUP),
        ("DRIFT", Reasons::DRIFT),
        ("GENERATION", Reasons::GENERATION),
        ("EVIDENCE", Reasons::EVIDENCE),
        ("COLLECT", Reasons::COLLECT),
    ] {
        take(&format!("CMK_REASON_{name}"), reason.bits().into());
    }
    for (name, number) in
        [("FINGERPRINTJS", 1), ("CLIENTJS", 2), ("IMPRINTJS", 3), ("THUMBMARKJS", 4), ("DETECT_INCOGNITO", 5)]
    {
        take(&format!("CMK_COLLECTOR_{name}"), number); // tests/collectors.rs reads a fixture of each through C
    }
    take("CMK_COLLECT_SCRATCH_BYTES", c::COLLECT_SCRATCH_BYTES as u64);
    take("CMK_ADVICE_REISSUE", c::ADVICE_REISSUE.into());
    take("CMK_ENTRIES_MAX", countermark::ENTRIES_MAX as u64);
    take("CMK_SALT_BYTES", countermark::SALT_BYTES as u64);
    take("CMK_PEPPERS_MAX", c::PEPPERS_MAX as u64);
    take("CMK_GROUPS_MAX", c::GROUPS_MAX as u64);
    take("CMK_BEARER", Scheme::Bearer as u64);
    take("CMK_DPOP", Scheme::DPoP as u64);
    use countermark::{BindingForm, Methods, ProofKind};
    take("CMK_PROOF_DPOP", ProofKind::DPoP as u64);
    take("CMK_PROOF_SESSION", ProofKind::SessionCredential as u64);
    take("CMK_BINDING_BASE64URL", BindingForm::Base64url as u64);
    take("CMK_BINDING_BASE64", BindingForm::Base64 as u64);
    take("CMK_BINDING_CHARS_MAX", countermark::BINDING_CHARS_MAX as u64);
    take("CMK_NONCE_CHARS", countermark::NONCE_CHARS as u64);
    for (name, method) in [
        ("DIGEST", Methods::DIGEST),
        ("SKETCH", Methods::SKETCH),
        ("PROOF", Methods::PROOF),
        ("CERTIFICATE", Methods::CERTIFICATE),
        ("CHANNEL", Methods::CHANNEL),
        ("BINDING", Methods::BINDING),
    ] {
        take(&format!("CMK_METHOD_{name}"), method.bits().into());
    }
    assert!(header().contains(&format!("#define CMK_CHANNEL_MEMBER \"{}\"", countermark::CHANNEL_MEMBER)));
    // tests/combination.rs tries each through C.
    for (number, name) in ["ALL_OF", "ANY_OF", "AT_LEAST", "IF_BOUND", "FINGERPRINT_UNLESS_POSSESSION"].iter().enumerate() {
        take(&format!("CMK_{name}"), number as u64);
    }
    use countermark::{Action, Signals};
    for (name, signal) in [
        ("RAPID_CHANGES", Signals::RAPID_CHANGES),
        ("IMPOSSIBLE_TRAVEL", Signals::IMPOSSIBLE_TRAVEL),
        ("LISTED_NETWORK", Signals::LISTED_NETWORK),
        ("REPEATED_FAILURES", Signals::REPEATED_FAILURES),
        ("NEW_DEVICE", Signals::NEW_DEVICE),
        ("NEW_COUNTRY", Signals::NEW_COUNTRY),
        ("CONTRADICTION", Signals::CONTRADICTION),
        ("TIME_ZONE", Signals::TIME_ZONE),
        ("AUTOMATION", Signals::AUTOMATION),
    ] {
        take(&format!("CMK_{name}"), signal.bits().into());
    }
    for (name, action) in [
        ("ALLOW", Action::Allow),
        ("NOTIFY", Action::Notify),
        ("ASK_MORE", Action::StepUp),
        ("LOCK_OUT", Action::LockOut),
        ("ALERT", Action::Alert),
    ] {
        take(&format!("CMK_{name}"), action as u64);
    }
    for (name, flag) in [
        ("VISIT_POSITION", c::VISIT_POSITION),
        ("VISIT_CLOCK", c::VISIT_CLOCK),
        ("VISIT_DRIVEN", c::VISIT_DRIVEN),
        ("SEEN_VERIFIED", c::SEEN_VERIFIED),
        ("SEEN_SIMILARITY", c::SEEN_SIMILARITY),
        ("SEEN_USED", c::SEEN_USED),
    ] {
        take(&format!("CMK_{name}"), flag.into());
    }
    take("CMK_CHARGES_MAX", countermark::CHARGES_MAX as u64);
    take("CMK_ABI", u64::from(c::ABI));
    // tests/rights.rs tries each through C.
    for (number, name) in (1..).zip(["ALL_OF", "ANY_OF", "NONE_OF"]) {
        take(&format!("CMK_RULE_{name}"), number);
    }
    use countermark::Comparison;
    for (name, comparison) in [
        ("LESS", Comparison::Less),
        ("LESS_OR_EQUAL", Comparison::LessOrEqual),
        ("EQUAL", Comparison::Equal),
        ("GREATER_OR_EQUAL", Comparison::GreaterOrEqual),
        ("GREATER", Comparison::Greater),
    ] {
        take(&format!("CMK_RULE_{name}"), comparison as u64);
    }
    take("CMK_RULE_WILDCARDS", 1);
    use countermark::RotatingMode;
    take("CMK_ROTATING_COMPAT", RotatingMode::Compat as u64);
    take("CMK_ROTATING_DERIVED", RotatingMode::Derived as u64);
    take("CMK_ROTATING_KEY_BYTES", countermark::rotating_key_bytes() as u64);
    take("CMK_ALIGN", align_of::<u64>() as u64);
    take("CMK_REASONS", c::REASONS as u64);
    take("CMK_NAMES_MAX", c::NAMES_MAX as u64);
    take("CMK_LIST_MAX", countermark::LIST_MAX as u64);
    take("CMK_SETS_MAX", c::SETS_MAX as u64);
    take("CMK_INPUTS_MAX", c::INPUTS_MAX as u64);
    let is_lattice = |algorithm: &countermark::Algorithm| algorithm.name().starts_with("ML-DSA");
    let (lattices, others): (Vec<_>, Vec<_>) = countermark::Algorithm::SUPPORTED.iter().copied().partition(is_lattice);
    for (name, algorithms) in [("CMK_KEY_BYTES_MAX", others), ("CMK_ML_DSA_KEY_BYTES_MAX", lattices)] {
        take(name, algorithms.iter().map(|algorithm| countermark::key_bytes(*algorithm, 0)).max().unwrap() as u64);
    }
    let is_small = |name: &str| name.starts_with("HS") || name.starts_with('E');
    let small = countermark::Algorithm::SUPPORTED.iter().filter(|algorithm| is_small(algorithm.name()));
    take("CMK_KEY_BYTES_SMALL", small.map(|algorithm| countermark::key_bytes(*algorithm, 0)).max().unwrap() as u64);
    // In base64url, in hexadecimal, as bytes; and a point of P-521 without compression.
    take("CMK_THUMBPRINT_BYTES", countermark::THUMBPRINT_CHARS as u64);
    take("CMK_DIGEST_BYTES_MAX", 2 * 32);
    take("CMK_IDENTITY_BYTES", 32);
    take("CMK_PUBLIC_KEY_BYTES_MAX", 1 + 2 * 521_u64.div_ceil(8));
    let version: Vec<u64> = env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse().unwrap()).collect();
    ["MAJOR", "MINOR", "PATCH"].iter().zip(version).for_each(|(part, value)| take(&format!("CMK_VERSION_{part}"), value));
    assert!(header().contains(&format!("#define CMK_VERSION \"{}\"", env!("CARGO_PKG_VERSION"))));
    // Arguments of functions whose meaning other tests read: tests/misuse.rs tries each with its effect.
    let arguments = [
        "CMK_RECIPE_OWN",
        "CMK_RECIPE_HEADERS",
        "CMK_RECIPE_COMPAT",
        "CMK_FRAMING_LENGTHS",
        "CMK_FRAMING_COLONS",
        "CMK_HASH_HMAC_SHA256",
        "CMK_HASH_SHA256",
        "CMK_HASH_MD5",
        "CMK_ENCODING_BASE64URL",
        "CMK_ENCODING_HEX",
        "CMK_INPUT_ADDRESS",
        "CMK_INPUT_NETWORK",
        "CMK_INPUT_ASN",
        "CMK_INPUT_COUNTRY",
        "CMK_INPUT_ISP",
        "CMK_INPUT_ORGANISATION",
        "CMK_INPUT_HEADER",
        "CMK_INPUT_COOKIE",
        "CMK_ANY_AUDIENCE",
        "CMK_ALLOW_MISSING_EXP",
        "CMK_NO_CLOCK",
        "CMK_REQUEST_NO_CLOCK",
        "CMK_REVOCATION_OPEN",
        "CMK_STATUS_REQUIRED",
        "CMK_REVOCABLE_NO_ISSUED_AT",
        "CMK_EXP",
        "CMK_NBF",
        "CMK_IAT",
    ];
    let rest: Vec<_> = found.keys().map(String::as_str).collect();
    let mut arguments = arguments.to_vec();
    arguments.sort_unstable();
    assert_eq!(rest, arguments, "every constant of the header is compared with something");
}

#[test]
fn every_status_has_its_sentence_in_the_header() {
    let header = header();
    for status in Status::ALL {
        let wanted = format!("/* {} */\n#define CMK_{} {}\n", status.sentence(), status.name(), status.code());
        assert!(header.contains(&wanted), "missing in countermark.h:\n{wanted}");
    }
}

/// What the default build has.
const FEATURES: &str = "hs256 hs384 hs512 es256 prepared es384 es512 es256k rs256 rs384 rs512 ps256 ps384 ps512 ed25519 spki \
                        certificate pem fingerprint sketch md5 dpop mtls channel carrier issue replay revocation status-list throttle rotating rights risk session cache envelope ecdh \n";

#[test]
fn macro_sizes_are_upper_bounds_of_the_function_sizes() {
    let source = r#"
#include "countermark.h"
#include <stdio.h>
int main(void) {
    static const int32_t algs[] = {CMK_HS256, CMK_HS512, CMK_ES256, CMK_ES384, CMK_ES512, CMK_ES256K, CMK_RS256, CMK_PS512, CMK_EDDSA};
    static uint64_t region[CMK_KEYS_BYTES(1, 0) / 8];
    size_t largest = 0, n, bytes = 0;
    cmk_keys keys;
    cmk_verifier verifier;
    cmk_policy policy = cmk_policy_strict();
    for (n = 0; n < sizeof algs / sizeof *algs; n++) {
        size_t size = cmk_key_bytes(algs[n], 0);
        largest = size > largest ? size : largest;
    }
    if (largest != CMK_KEY_BYTES_MAX) return 1;
    if (cmk_verifier_bytes() != sizeof(cmk_verifier) || cmk_claims_bytes() != sizeof(cmk_claims)) return 2;
    if (cmk_value_bytes() != sizeof(cmk_value) || cmk_signer_bytes() != sizeof(cmk_signer)) return 3;
    if (cmk_sealer_bytes() != sizeof(cmk_sealer)) return 12;
    if (cmk_sketch_bytes() != sizeof(cmk_sketch)) return 9;
    if (cmk_replay_bytes() != sizeof(cmk_replay) || cmk_throttle_bytes() != sizeof(cmk_throttle)) return 10;
    if (cmk_revocation_bytes() != sizeof(cmk_revocation)) return 12;
    if (cmk_status_list_bytes() != sizeof(cmk_status_list)) return 14;
    if (cmk_risk_bytes() != sizeof(cmk_risk)) return 16;
    if (cmk_cache_bytes() != sizeof(cmk_cache)) return 17;
    for (n = 0; n < 1000000; n += n < 1000 ? 1 : 997) {
        if (CMK_REPLAY_REGION_BYTES(n) != cmk_replay_region_bytes(n)) return 11;
        if (CMK_REVOCATION_REGION_BYTES(n) != cmk_revocation_region_bytes(n)) return 13;
        if (CMK_THROTTLE_REGION_BYTES(n) != cmk_throttle_region_bytes(n)) return 15;
        if (CMK_CACHE_REGION_BYTES(n) != cmk_cache_region_bytes(n)) return 18;
    }
    for (n = 0; n < 1000; n++) {
        if (CMK_KEYS_HEAD_BYTES(n) != cmk_keys_head_bytes(n)) return 4;
    }
    if (cmk_keys_init(&keys, region, sizeof region, cmk_text(NULL)) != CMK_OK) return 5;
    policy.depth = 16;
    policy.members = 256;
    if (cmk_verifier_init(&verifier, &keys, 1, &policy) != CMK_OK) return 6;
    for (n = 0; n < 65536; n++) {
        if (cmk_scratch_bytes(&verifier, n, &bytes) != CMK_OK || bytes > CMK_SCRATCH_BYTES(n)) return 7;
    }
    policy.shape = CMK_SIGNED_THEN_ENCRYPTED;
    if (cmk_verifier_init(&verifier, &keys, 1, &policy) != CMK_OK) return 13;
    for (n = 0; n < 65536; n++) {
        if (cmk_scratch_bytes(&verifier, n, &bytes) != CMK_OK || bytes > CMK_NESTED_SCRATCH_BYTES(n)) return 14;
    }
    if (cmk_abi() != CMK_ABI) return 8;
    puts(cmk_features());
    return 0;
}
"#;
    let program = cc::build(Language::C, "c99", "sizes", source, &[]).unwrap();
    assert_eq!(cc::run(&program), (0, FEATURES.into()));
}

/// The header without its comments.
fn code() -> String {
    let header = header();
    let mut parts = header.split("/*");
    let before = parts.next().unwrap().to_string();
    parts.fold(before, |code, part| code + part.split_once("*/").unwrap().1)
}

/// The functions that the header declares: a declaration starts at the margin.
fn declared_functions() -> Vec<String> {
    let code = code();
    let at_margin = code.lines().filter(|line| line.starts_with(|char: char| char.is_ascii_lowercase()));
    let declarations = at_margin.filter(|line| !line.starts_with("static") && !line.starts_with("typedef"));
    let before_arguments = declarations.filter_map(|line| line.split_once('(')).map(|(before, _)| before);
    let mut names: Vec<_> = before_arguments.map(|before| before.rsplit([' ', '*']).next().unwrap().to_string()).collect();
    names.sort();
    names
}

#[test]
fn the_shared_library_exports_what_the_header_declares_and_nothing_else() {
    let exported = cc::symbols(&cc::shared_library(), &["-D", "--defined-only"]);
    assert_eq!(exported, declared_functions());
}

#[test]
fn neither_library_knows_an_allocator() {
    let allocators = [
        "malloc",
        "calloc",
        "realloc",
        "free",
        "memalign",
        "aligned_alloc",
        "rust_alloc",
        "rust_realloc",
        "rdl_alloc",
        "rg_alloc",
    ];
    for (library, flags) in [(cc::static_library(), &[][..]), (cc::shared_library(), &[]), (cc::shared_library(), &["-D"])] {
        let symbols = cc::symbols(&library, flags);
        assert!(symbols.len() > 40, "the symbols of {} can be read", library.display());
        let found: Vec<_> = symbols
            .iter()
            .filter(|name| allocators.iter().any(|wanted| name.trim_start_matches('_').contains(wanted)))
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", library.display());
    }
}

#[test]
fn a_program_links_with_four_memory_functions_and_nothing_else() {
    let source = format!(
        r#"
{}
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *left, const void *right, size_t n);
void *memcpy(void *to, const void *from, size_t n) {{
    volatile uint8_t *t = (uint8_t *)to; const uint8_t *f = (const uint8_t *)from; while (n--) *t++ = *f++; return to;
}}
void *memmove(void *to, const void *from, size_t n) {{
    volatile uint8_t *t = (uint8_t *)to; const uint8_t *f = (const uint8_t *)from;
    if ((uintptr_t)t <= (uintptr_t)f) while (n--) *t++ = *f++; else while (n--) t[n] = f[n];
    return to;
}}
void *memset(void *to, int byte, size_t n) {{ volatile uint8_t *t = (uint8_t *)to; while (n--) *t++ = (uint8_t)byte; return to; }}
int memcmp(const void *left, const void *right, size_t n) {{
    const volatile uint8_t *l = (const uint8_t *)left; const uint8_t *r = (const uint8_t *)right;
    for (; n--; l++, r++) if (*l != *r) return *l - *r;
    return 0;
}}
#if defined(__x86_64__)
#define EXIT(code) __asm__ volatile("syscall" : : "a"(60), "D"(code))
#elif defined(__aarch64__)
#define EXIT(code) do {{ register long x8 __asm__("x8") = 93; register long x0 __asm__("x0") = (code); \
    __asm__ volatile("svc 0" : : "r"(x8), "r"(x0)); }} while (0)
#else
#define EXIT(code) for (;;) {{}}
#endif
void start(void);
__attribute__((force_align_arg_pointer)) void start(void) {{ EXIT(body()); for (;;) {{}} }}
"#,
        readme_block("c")
            .replace("#include <stdio.h>\n", "")
            .replace("int main(void) {", "static int body(void) {")
            .replace("        printf(\"%s: %s\\n\", cmk_status_name(status), cmk_status_sentence(status));\n", "")
            .replace(
                "    printf(\"accepted: %.*s\\n\", (int)text.len, (const char *)text.ptr);\n",
                "    if (text.len != 5) { return 2; }\n"
            )
    );
    let flags = ["-nostdlib", "-static", "-ffreestanding", "-fno-builtin", "-O2", "-Wl,-e,start", "-fno-stack-protector"];
    let program = cc::build(Language::C, "c11", "freestanding", &source, &flags).unwrap();
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) && cfg!(target_os = "linux") {
        assert_eq!(cc::run(&program), (0, String::new()));
    }
}

#[test]
fn a_stale_header_meets_a_clean_error() {
    let source = r#"
#include "countermark.h"
int main(void) {
    static uint64_t region[CMK_KEYS_BYTES(1, 0) / 8];
    cmk_keys keys;
    cmk_verifier verifier;
    cmk_policy policy = cmk_policy_strict();
    if (cmk_keys_init(&keys, region, sizeof region, cmk_text(NULL)) != CMK_OK) return 1;
    if (cmk_verifier_init_abi(CMK_ABI + 1, &verifier, sizeof verifier, &keys, 1, &policy) != CMK_ABI_MISMATCH) return 2;
    if (cmk_verifier_init_abi(CMK_ABI, &verifier, sizeof verifier - 8, &keys, 1, &policy) != CMK_ABI_MISMATCH) return 3;
    policy.size = sizeof policy + 8;
    if (cmk_verifier_init(&verifier, &keys, 1, &policy) != CMK_STRUCT_SIZE) return 4;
    policy.size = 8;
    if (cmk_verifier_init(&verifier, &keys, 1, &policy) != CMK_STRUCT_SIZE) return 5;
    return 0;
}
"#;
    let program = cc::build(Language::C, "c99", "stale", source, &[]).unwrap();
    assert_eq!(cc::run(&program).0, 0);
}

#[test]
fn a_second_prefix_renames_every_function_and_nothing_else() {
    let header = std::fs::read_to_string(cc::root().join("include/countermark_prefix.h")).unwrap();
    let define = |name: &String| format!("#define {name} CMK_JOIN(CMK_PREFIX, {name})\n");
    let renamed: String = declared_functions().iter().map(define).collect();
    assert!(header.contains(&renamed), "countermark_prefix.h lists what countermark.h declares");
    assert_eq!(header.matches("#define cmk_").count(), declared_functions().len());

    let library = cc::library("library-app", &[("COUNTERMARK_PREFIX", "app_")]);
    let exported = cc::symbols(&library.join("libcountermark.so"), &["-D", "--defined-only"]);
    assert_eq!(exported, declared_functions().iter().map(|name| format!("app_{name}")).collect::<Vec<_>>());
    let source = format!("#define CMK_PREFIX app_\n{}", readme_block("c"));
    let program = cc::build_with(&library, Language::C, "c99", "prefixed", &source, &[]).unwrap();
    assert_eq!(cc::run(&program), (0, "accepted: alice\n".into()));
}

#[test]
fn the_cpp_wrapper_and_the_c_exercise_check_themselves() {
    let source = |name: &str| std::fs::read_to_string(cc::root().join("tests/c").join(name)).unwrap();
    for flags in [&[][..], &["-fno-exceptions", "-fno-rtti"]] {
        let Some(program) = cc::build(Language::Cpp, "c++17", "wrapper", &source("wrapper.cpp"), flags) else { break };
        assert_eq!(cc::run(&program), (0, "10 passed, 0 failed\n".into()));
    }
    // By its own place, so that it finds its parts.
    let exercise = format!("#include \"{}\"\n", cc::root().join("tests/c/exercise.c").display());
    let program = cc::build(Language::C, "c99", "exercise", &exercise, &[]).unwrap();
    let (code, output) = cc::run(&program);
    assert_eq!(code, 0, "{output}");
}

#[test]
fn a_stale_cpp_header_never_says_accepted() {
    let read = |name: &str| std::fs::read_to_string(cc::root().join("include").join(name)).unwrap();
    let of_another_abi = read("countermark.h").replace("#define CMK_ABI 1u", "#define CMK_ABI 2u");
    assert_ne!(of_another_abi, read("countermark.h"));
    let wrapper = read("countermark.hpp").replace("#include \"countermark.h\"", "");
    let program = r#"
int main() {
    countermark::Keys<1> keys;
    const countermark::Verifier verifier(keys, cmk_policy_strict());
    unsigned char scratch[64];
    const auto verdict = verifier.verify(cmk_request_at(countermark::bytes("a.b.c"), 1), scratch, sizeof scratch);
    return verifier.status() || verdict || verdict.status() || verdict.report.status != CMK_ABI_MISMATCH;
}
"#;
    let source = of_another_abi + &wrapper + program;
    let Some(program) = cc::build(Language::Cpp, "c++17", "stale", &source, &[]) else { return };
    assert_eq!(cc::run(&program).0, 0);
}

/// The header's convenience call: a proof is used by it, and only by it.
#[test]
fn verify_once_in_c() {
    use countermark_tests::proof::{METHOD, ProofBuilder, ProofKey, URI};
    use countermark_tests::token::TokenBuilder;
    let key = ProofKey::of("ES256");
    let members = format!(r#""nonce":"n","cnf":{{"jkt":"{}"}}"#, key.thumbprint());
    let token = TokenBuilder::new("HS256").payload_with(&members).build();
    let proof = ProofBuilder::new(&key, &token).claim("nonce", "n").build();
    let secret = std::str::from_utf8(countermark_tests::token::SECRET).unwrap();
    let named = [("TOKEN", token.as_str()), ("PROOF", &proof), ("SECRET", secret), ("METHOD", METHOD), ("TARGET", URI)];
    let defines: String = named.iter().map(|(name, text)| format!("#define {name} \"{text}\"\n")).collect();
    let source = defines + include_str!("c/once.inc");
    for (language, standard) in [(Language::C, "c99"), (Language::Cpp, "c++11")] {
        if let Some(program) = cc::build(language, standard, &format!("once_{standard}"), &source, &[]) {
            assert_eq!(cc::run(&program), (0, "once\n".into()));
        }
    }
}
