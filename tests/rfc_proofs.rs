//! RFC 9449's own examples: every proof that it shows in full, and the access tokens that go with them. Every case goes through
//! Rust and C.

use countermark::{Evidence, Scheme, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::possession::Possession;
use countermark_tests::proof::token_hash;
use countermark_tests::token::TokenBuilder;
use serde_json::Value;

/// The header that all of them have.
const HEADER: &str = concat!(
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo",
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19",
);

/// The thumbprint of the key in it: `cnf.jkt` of section 6.1.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// Sections 4.1 (decoded in 4.2) and 5: a token request's payload and signature.
const TOKEN_REQUEST: &str = concat!(
    "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0",
    "IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
);

/// Section 5: the request with a refresh token.
const REFRESH: &str = concat!(
    "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0",
    "IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA",
);

/// Section 7.1: the request of a protected resource.
const RESOURCE: &str = concat!(
    "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRy",
    "ZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP3",
    "5yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA",
);

const RESOURCE_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

/// Section 6.1: a token bound to the key. Its issuer's key is not published.
const BOUND_TOKEN: &str = concat!(
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IkJlQUxrYiJ9.eyJzdWIiOiJzb21lb25lQGV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zZXJ2ZXIuZXh",
    "hbXBsZS5jb20iLCJuYmYiOjE1NjIyNjI2MTEsImV4cCI6MTU2MjI2NjIxNiwiY25mIjp7ImprdCI6IjBaY09DT1JaTll5LURXcHFxMzBqWnlKR0h",
    "UTjBkMkhnbEJWM3VpZ3VBNEkifX0.3Tyo8VTcn6u_PboUmAOYUY1kfAavomW_YwYMkmRNizLJoQzWy2fCo79Zi5yObpIzjWb5xW4OGld7ESZrh0f",
    "srA",
);

struct Example {
    rest: &'static str,
    method: &'static str,
    uri: &'static str,
    iat: i64,
}

const EXAMPLES: [Example; 3] = [
    Example { rest: TOKEN_REQUEST, method: "POST", uri: "https://server.example.com/token", iat: 1_562_262_616 },
    Example { rest: REFRESH, method: "POST", uri: "https://server.example.com/token", iat: 1_562_265_296 },
    Example { rest: RESOURCE, method: "GET", uri: "https://resource.example.org/protectedresource", iat: 1_562_262_618 },
];

/// No token that the RFC shows can be verified, so one of ours carries its times and its `cnf`.
fn token(thumbprint: &str) -> String {
    let claims = format!(r#"{{"exp":1562266216,"nbf":1562262611,"cnf":{{"jkt":"{thumbprint}"}}}}"#);
    TokenBuilder::new("HS256").payload(claims).build()
}

fn judged(token: &str, proof: &str, method: &str, uri: &str, now: i64) -> Outcome {
    let proofs = [proof.as_bytes()];
    let evidence = Evidence { proofs: &proofs, method, uri, scheme: Scheme::DPoP, ..Evidence::NONE };
    let setup = Setup::with([key_of("HS256")]).possession(Possession::proofs());
    judge(&setup, Attempt::new(token).at(now).from(evidence))
}

fn mask(statuses: &[Status]) -> u64 {
    statuses.iter().map(|status| 1 << status.bit().unwrap()).sum()
}

#[test]
fn every_proof_holds_but_for_the_token() {
    use Status::{ProofMethod, ProofSignature, ProofThumbprint, ProofTime, ProofTokenHash, ProofUri};
    let (own, other) = (token(THUMBPRINT), token(&token_hash("another key")));
    for Example { rest, method, uri, iat } in EXAMPLES {
        let proof = format!("{HEADER}.{rest}");
        let failures = |token, proof: &str, method, uri, now| judged(token, proof, method, uri, now).failures;
        // Each was made for another token than ours, or for none: that one check fails, so all others hold.
        assert_eq!(failures(&own, &proof, method, uri, iat), mask(&[ProofTokenHash]), "{uri} {iat}");
        // And each of those can fail.
        assert_eq!(failures(&own, &proof, "PUT", uri, iat), mask(&[ProofMethod, ProofTokenHash]));
        let elsewhere = "https://server.example.com/other";
        assert_eq!(failures(&own, &proof, method, elsewhere, iat), mask(&[ProofUri, ProofTokenHash]));
        assert_eq!(failures(&own, &proof, method, uri, iat + 301), mask(&[ProofTime, ProofTokenHash]));
        assert_eq!(failures(&other, &proof, method, uri, iat), mask(&[ProofTokenHash, ProofThumbprint]));
        let (text, signature) = proof.rsplit_once('.').unwrap();
        let mut signature = base64url::decode(signature.as_bytes()).unwrap();
        signature[40] ^= 1;
        let forged = format!("{text}.{}", base64url::encode(&signature));
        assert_eq!(failures(&own, &forged, method, uri, iat), mask(&[ProofSignature]));
    }
}

fn json(part: &str) -> Value {
    serde_json::from_slice(&base64url::decode(part.as_bytes()).unwrap()).unwrap()
}

#[test]
fn hash_and_thumbprint_are_those_of_the_tokens() {
    let payload = json(RESOURCE.split('.').next().unwrap());
    assert_eq!(payload["ath"], token_hash(RESOURCE_TOKEN));
    let jwk = json(HEADER)["jwk"].to_string();
    assert_eq!(countermark::thumbprint(jwk.as_bytes(), &mut [0; 43]), Ok(THUMBPRINT));
    assert_eq!(json(BOUND_TOKEN.split('.').nth(1).unwrap())["cnf"]["jkt"], THUMBPRINT);
}
