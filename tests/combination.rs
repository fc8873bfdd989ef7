//! How methods combine: every combination over every set of methods that are met, against the rule written once more.

use countermark::{BindingForm, CHANNEL_MEMBER, Certificate, Combination, Evidence, Methods, Scheme, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Fingerprint, Outcome, Setup, judge, key_of};
use countermark_tests::possession::{Possession, Proofs};
use countermark_tests::proof::{METHOD, ProofBuilder, ProofKey, URI};
use countermark_tests::token::TokenBuilder;
use sha2::{Digest, Sha256};

const PEPPER: &[u8] = b"a pepper of more than sixteen bytes";
const FINGERPRINT: usize = 0;
const PROOF: usize = 1;
const CERTIFICATE: usize = 2;
const CHANNEL: usize = 3;
const BINDING: usize = 4;
const METHODS: [Methods; 5] = [Methods::DIGEST, Methods::PROOF, Methods::CERTIFICATE, Methods::CHANNEL, Methods::BINDING];

/// Sets of methods, by position.
type Set = [bool; 5];

fn set(bits: u32) -> Set {
    std::array::from_fn(|at| bits & 1 << at != 0)
}

/// Judges a token that `cnf` binds by the methods of `bound`, presented with good evidence for those of `shown`.
fn judged(given: Set, counted: Methods, combination: Combination, bound: Set, shown: Set) -> Outcome {
    let key = ProofKey::of("ES256");
    let digest = |bytes: &[u8]| base64url::encode(&Sha256::digest(bytes));
    let der: &[u8] = &[0x30, 1, 5];
    let members = [
        (PROOF, format!(r#""jkt":"{}""#, key.thumbprint())),
        (CERTIFICATE, format!(r#""x5t#S256":"{}""#, digest(der))),
        (CHANNEL, format!(r#""{CHANNEL_MEMBER}":"{}""#, digest(b"channel"))),
    ];
    let named: Vec<String> = members.iter().filter(|(at, _)| bound[*at]).map(|(_, member)| member.clone()).collect();
    let fingerprint = Fingerprint::headers("fp", PEPPER);
    let (own, other) = ([("User-Agent", "one")], [("User-Agent", "two")]);
    let print = fingerprint.digest(&Evidence { headers: &own, ..Evidence::NONE }).unwrap();
    let cnf = if named.is_empty() { String::new() } else { format!(r#","cnf":{{{}}}"#, named.join(",")) };
    let token = TokenBuilder::new("HS256").payload_with(&format!(r#""fp":"{print}"{cnf}"#)).build();
    let proof = ProofBuilder::new(&key, &token).build();
    let proofs = [proof.as_bytes()];
    let binding = base64url::encode(&Sha256::new().chain_update(&token).chain_update(b"channel").finalize());
    let evidence = Evidence {
        headers: if shown[FINGERPRINT] { &own } else { &other },
        proofs: if shown[PROOF] { &proofs } else { &[] },
        scheme: if shown[PROOF] { Scheme::DPoP } else { Scheme::Bearer },
        method: METHOD,
        uri: URI,
        certificate: shown[CERTIFICATE].then_some(Certificate::Der(der)),
        // The binding's evidence is its text: the channel is there for both.
        channel: if shown[CHANNEL] { b"channel" } else { b"another" },
        binding: if shown[BINDING] { &binding } else { "" },
        ..Evidence::NONE
    };
    let possession = Possession {
        proof: given[PROOF].then_some(Proofs::DPOP),
        certificate: given[CERTIFICATE],
        channel: given[CHANNEL].then_some(CHANNEL_MEMBER),
        binding: given[BINDING].then_some(BindingForm::Base64url),
        combination,
        counted,
    };
    let setup = Setup::with([key_of("HS256")]).possession(possession);
    let setup = if given[FINGERPRINT] { setup.fingerprint(fingerprint) } else { setup };
    judge(&setup, Attempt::new(&token).from(evidence))
}

/// The rule: what `cnf` names is given and met; the rest as the combination says.
fn expected(given: Set, counted: Set, combination: Combination, bound: Set, shown: Set) -> bool {
    let met = |at: usize| match at {
        FINGERPRINT => shown[at],
        BINDING => shown[at] && shown[CHANNEL],
        _ => shown[at] && bound[at],
    };
    if (0..5).any(|at| bound[at] && !(given[at] && met(at))) {
        return false;
    }
    // What no `cnf` can name must hold all the same where it does not count.
    if [FINGERPRINT, BINDING].iter().any(|at| given[*at] && !counted[*at] && !met(*at)) {
        return false;
    }
    let count = (0..5).filter(|at| counted[*at]).filter(|at| met(*at)).count();
    let of = (0..5).filter(|at| counted[*at]).count();
    let possessed = (1..5).any(|at| counted[at] && met(at));
    match combination {
        Combination::AllOf => count == of,
        Combination::AnyOf => count >= 1,
        Combination::AtLeast(least) => count >= usize::from(least),
        Combination::IfBound => [FINGERPRINT, BINDING].iter().all(|at| !given[*at] || met(*at)),
        Combination::FingerprintUnlessPossession => possessed || met(FINGERPRINT),
    }
}

const COMBINATIONS: [Combination; 6] = [
    Combination::AllOf,
    Combination::AnyOf,
    Combination::AtLeast(2),
    Combination::AtLeast(3),
    Combination::IfBound,
    Combination::FingerprintUnlessPossession,
];

#[test]
fn everything_given_over_every_token_and_client() {
    let given = set(0b11111);
    let (mut accepted, mut refused) = (0, 0);
    for combination in COMBINATIONS {
        for bound in (0..16).step_by(2).map(set) {
            for shown in (0..32).map(set) {
                let outcome = judged(given, Methods::NONE, combination, bound, shown);
                let wanted = expected(given, given, combination, bound, shown);
                let case = format!("{combination:?} bound {bound:?} shown {shown:?}: {:?}", outcome.status);
                assert_eq!(outcome.status == Status::Accepted, wanted, "{case}");
                assert!(wanted || (700..800).contains(&outcome.status.code()), "{case}");
                let has_use = outcome.to_commit.is_some();
                assert_eq!(has_use, wanted && bound[PROOF], "{case}");
                *(if wanted { &mut accepted } else { &mut refused }) += 1;
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} {refused}");
}

#[test]
fn a_method_that_is_not_given_leaves_the_token_refused() {
    for given in (0..32).map(set) {
        for bound in [0b0010, 0b0100, 0b1000, 0b0110].map(set) {
            let shown = set(0b11111);
            let outcome = judged(given, Methods::NONE, Combination::AllOf, bound, shown);
            let wanted = expected(given, given, Combination::AllOf, bound, shown);
            assert_eq!(outcome.status == Status::Accepted, wanted, "given {given:?} bound {bound:?}");
            if (1..4).any(|at| bound[at] && !given[at]) {
                let bit = Status::Confirmation.bit().unwrap();
                assert!(outcome.failures & 1 << bit != 0 && outcome.status == Status::Confirmation);
            }
        }
    }
}

#[test]
fn only_the_counted_methods_count() {
    for (given, counted) in
        [(0b01110, 0b00010), (0b01110, 0b00100), (0b01110, 0b00110), (0b01111, 0b01010), (0b01111, 0b00011)]
    {
        let (given, counted) = (set(given), set(counted));
        let methods = (0..5).filter(|at| counted[*at]).fold(Methods::NONE, |all, at| all.and(METHODS[at]));
        for combination in [Combination::AllOf, Combination::AnyOf, Combination::IfBound] {
            for bound in (0..16).step_by(2).map(set) {
                for shown in [0b01111, 0b01110, 0b00110, 0b00011, 0b00010, 0b01001, 0b01000, 0].map(set) {
                    let outcome = judged(given, methods, combination, bound, shown);
                    let wanted = expected(given, counted, combination, bound, shown);
                    assert_eq!(
                        outcome.status == Status::Accepted,
                        wanted,
                        "{counted:?} {combination:?} {bound:?} {shown:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn combinations_that_cannot_be_met_are_refused_at_once() {
    let nothing = set(0);
    let status = |given: Set, counted, combination| judged(given, counted, combination, nothing, nothing).status;
    for (given, counted, combination) in [
        (nothing, Methods::NONE, Combination::AnyOf),
        (nothing, Methods::NONE, Combination::AtLeast(1)),
        (set(0b110), Methods::NONE, Combination::AtLeast(3)),
        (set(0b110), Methods::PROOF, Combination::AtLeast(2)),
        (set(0b110), Methods::CHANNEL, Combination::AllOf),
        (set(0b110), Methods::NONE, Combination::FingerprintUnlessPossession),
        (set(0b001), Methods::NONE, Combination::FingerprintUnlessPossession),
    ] {
        assert_eq!(status(given, counted, combination), Status::PolicyConflict, "{given:?} {counted:?} {combination:?}");
    }
    // In Rust alone: in C nothing says "at least none".
    assert_eq!(status(set(0b110), Methods::NONE, Combination::AtLeast(0)), Status::PolicyConflict);
}

#[test]
fn what_is_missing_is_named() {
    let (all, nothing) = (set(0b01110), set(0));
    let bits = |statuses: &[Status]| statuses.iter().map(|status| 1u64 << status.bit().unwrap()).sum::<u64>();
    let missing = judged(all, Methods::NONE, Combination::AllOf, all, nothing);
    assert_eq!(missing.failures, bits(&[Status::PossessionMissing, Status::Scheme, Status::ChannelMismatch]));
    let unbound = judged(all, Methods::NONE, Combination::AllOf, nothing, all);
    assert_eq!(unbound.failures, bits(&[Status::PossessionUnbound]));
    // One that is met does not stand for another that `cnf` names.
    let one = judged(all, Methods::NONE, Combination::AnyOf, all, set(0b00100));
    assert_eq!(one.status, Status::PossessionMissing);
}
