//! What the gateway is asked with tokens that are bound to a key (DPoP, RFC 9449) or to a certificate (RFC 8705), by those who
//! have it and by those who don't. The thief of these scenes copies all that a request shows, so that the sketch cannot tell him.

use super::Fault;
use super::client::{Answer, CHROME};
use super::device::{Device, PATH, Session};
use super::edge::CERTIFICATE_FIELD;
use super::scene::Expected::{Accept, RejectDpop};
use super::scene::{Scene, invalid};
use countermark::Status;

/// Two self-signed certificates in base64, of Alice's machine and of another.
pub const CERTIFICATE: &str = "MIIBeDCCAR2gAwIBAgIUKms70jBDd16UWlfsza1mPe5vS3gwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGZGV2aWNlMB4XDTI2MTEyMjA1MTEwMVoXDTM2MTExOTA1MTEwMVowETEPMA0GA1UEAwwGZGV2aWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2ci6P+iyBwskLFB4B4jfua0LXbcLokvmfZjzKcXSBm986YwSdWqe/Aq02G90KZbNeH57xj0TDRl+ASMwFOL2JKNTMFEwHQYDVR0OBBYEFH08kyo5Ieffh5bFLPya2ugqUHPFMB8GA1UdIwQYMBaAFH08kyo5Ieffh5bFLPya2ugqUHPFMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAIvH43XNTyJa4BDKCycWoUjH8TyUSM2WvDpGVT+fiWfrAiEAvISVsy+eV4dvX4e+Bqq2lE2eOdnEy+WSKZtskbVFIe8=";
const OTHER_CERTIFICATE: &str = "MIIBdjCCARugAwIBAgIUWT85mqU7WEF9lrk5dUCR+ThHEAIwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFb3RoZXIwHhcNMjYxMTIyMDUxMTAxWhcNMzYxMTE5MDUxMTAxWjAQMQ4wDAYDVQQDDAVvdGhlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLa224f7GnEFdbNSq/HfUBVmwIsusYwEGfH2aq3JzY8Hl4pNIZMy9vfHydAjehgEfVpxrQwZXESq3KjfITvitlOjUzBRMB0GA1UdDgQWBBTnsPU2LyVCTX5sTf/dqkT+g6wU6DAfBgNVHSMEGDAWgBTnsPU2LyVCTX5sTf/dqkT+g6wU6DAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDGAUaVFAWt3IlXfZK4ajyZ+lSz34kmnDmO1XZh2kWQpAIhAO3P2SqVp0KgvEnZK5pIVQ39HYRolgX9pVC8sTXRQino";

pub const SCENES: &[Scene] = &[
    Scene {
        requests: &[
            ("DPoP: first request, without a nonce", RejectDpop(Status::ProofNonce, "use_dpop_nonce")),
            ("DPoP: the same with the nonce of the answer", Accept),
            ("DPoP: the next request, a new proof", Accept),
        ],
        perform: |visitor| {
            let mut session = Session::start(visitor)?;
            Ok(vec![session.show()?, session.show()?, session.show()?])
        },
    },
    Scene {
        requests: &[
            ("DPoP: token stolen, sent as Bearer", invalid(Status::PossessionMissing)),
            ("DPoP: token stolen, without a proof", RejectDpop(Status::PossessionMissing, "invalid_token")),
            ("DPoP: token stolen, a proof by the thief's key", RejectDpop(Status::ProofThumbprint, "invalid_token")),
        ],
        perform: |visitor| {
            let session = Session::ready(visitor)?;
            let dpop = format!("DPoP {}", session.token);
            Ok(vec![
                visitor.show(&CHROME, &session.token)?,
                visitor.get(&CHROME, &[("Authorization", &dpop)])?,
                session.show_with(&session.proof_of(&Device::new()?, "GET", PATH)?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("DPoP: a proof", Accept),
            ("DPoP: token and proof stolen, sent again", RejectDpop(Status::Replayed, "invalid_dpop_proof")),
        ],
        perform: |visitor| {
            let session = Session::ready(visitor)?;
            let proof = session.proof("GET", PATH)?;
            Ok(vec![session.show_with(&proof)?, session.show_with(&proof)?])
        },
    },
    Scene {
        requests: &[
            ("DPoP: one proof twice at the same time, one", Accept),
            ("DPoP: one proof twice at the same time, other", RejectDpop(Status::Replayed, "invalid_dpop_proof")),
        ],
        perform: |visitor| {
            let session = Session::ready(visitor)?;
            at_once(2, &session, &session.proof("GET", PATH)?)
        },
    },
    Scene {
        requests: &[
            ("DPoP: a proof for another URL", RejectDpop(Status::ProofUri, "invalid_dpop_proof")),
            ("DPoP: a proof for another method", RejectDpop(Status::ProofMethod, "invalid_dpop_proof")),
            ("DPoP: a proof for another token", RejectDpop(Status::ProofTokenHash, "invalid_dpop_proof")),
        ],
        perform: |visitor| {
            let mut session = Session::ready(visitor)?;
            let url = session.show_with(&session.proof("GET", "/api/other")?)?;
            let method = session.show_with(&session.proof("POST", PATH)?)?;
            let proof = session.proof("GET", PATH)?;
            session.token = session.reissued()?.token()?;
            Ok(vec![url, method, session.show_with(&proof)?])
        },
    },
    Scene {
        requests: &[("DPoP: two proofs", RejectDpop(Status::ProofRepeated, "invalid_dpop_proof"))],
        perform: |visitor| {
            let session = Session::ready(visitor)?;
            let [one, two] = [session.proof("GET", PATH)?, session.proof("GET", PATH)?];
            let dpop = format!("DPoP {}", session.token);
            Ok(vec![visitor.get(&CHROME, &[("Authorization", &dpop), ("DPoP", &one), ("dpop", &two)])?])
        },
    },
    Scene {
        requests: &[
            ("DPoP: a token that is bound to no key", RejectDpop(Status::PossessionUnbound, "invalid_token")),
            ("DPoP: re-issued, the new token as Bearer", invalid(Status::PossessionMissing)),
            ("DPoP: re-issued, the new token with a proof", Accept),
        ],
        perform: |visitor| {
            let mut session = Session::ready(visitor)?;
            let bound = std::mem::replace(&mut session.token, visitor.token(&CHROME)?);
            let unbound = session.show()?;
            session.token = bound;
            session.token = session.reissued()?.token()?;
            Ok(vec![unbound, visitor.show(&CHROME, &session.token)?, session.show()?])
        },
    },
    Scene {
        requests: &[
            ("certificate: that of the login", Accept),
            ("certificate: token stolen, none shown", invalid(Status::PossessionMissing)),
            ("certificate: token stolen, another one shown", invalid(Status::CertificateMismatch)),
            ("certificate: token stolen, written by the thief", invalid(Status::PossessionMissing)),
        ],
        perform: |visitor| {
            let (field, own) = visitor.handshake(CERTIFICATE);
            let (_, other) = visitor.handshake(OTHER_CERTIFICATE);
            let bearer = format!("Bearer {}", visitor.bound(&CHROME, &[(field, &own)])?.token()?);
            let show =
                |fields: &[(&str, &str)]| visitor.get(&CHROME, &[&[("Authorization", bearer.as_str())], fields].concat());
            let written = format!(":{CERTIFICATE}:");
            Ok(vec![
                show(&[(field, &own)])?,
                show(&[])?,
                show(&[(field, &other)])?,
                // The edge takes it out.
                show(&[(CERTIFICATE_FIELD, &written)])?,
            ])
        },
    },
];

/// Sends one proof so many times at once; the accepted answer comes first.
pub fn at_once(times: usize, session: &Session<'_>, proof: &str) -> Result<Vec<Answer>, Fault> {
    let mut answers = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..times).map(|_| scope.spawn(|| session.show_with(proof))).collect();
        let joined = senders.into_iter().map(|sender| sender.join().map_err(|_| "a sender panicked")?);
        joined.collect::<Result<Vec<Answer>, Fault>>()
    })?;
    answers.sort_by_key(|answer| answer.http);
    Ok(answers)
}
