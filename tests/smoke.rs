use countermark::*;
#[test]
fn rfc7515_a1() {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let jwk =
        br#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let mut region = [0u64; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_jwk(jwk, &[Algorithm::HS256]).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
    let mut scratch = [0; 4096];
    let claims = verifier.verify(&Request::new(token, 1300819379), &mut scratch).accepted().unwrap();
    assert_eq!(claims.issuer().unwrap(), "joe");
    assert_eq!(claims.get("http://example.com/is_root").unwrap().boolean(), Ok(true));
    let report = verifier.verify(&Request::new(token, 1300819380), &mut scratch).report();
    assert_eq!(report.status, Status::Expired);

    let signer = Signer::of_scalar(Algorithm::ES256, Some("k"), &[7; 32]).unwrap();
    let mut out = [0; 1024];
    let mut scratch2 = [0; 1024];
    let headers = [("user-agent", "x"), ("accept-language", "en")];
    let evidence = Evidence { headers: &headers, ..Evidence::NONE };
    let pepper = Pepper::new(&[1; 32]).unwrap();
    let recipe = Recipe::headers("fp", &pepper);
    let mint = Mint {
        subject: Some("al\"ice"),
        expires_at: Some(2000),
        digest: Some((&recipe, &evidence)),
        claims: r#" {"a":{"b":[1,{"c":"d"}]}} "#,
        ..Mint::default()
    };
    let token = signer.issue(&mint, &mut scratch2, &mut out).unwrap();
    let mut region = [0u64; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_sec1(Algorithm::ES256, Some("k"), &signer.public_sec1().unwrap()).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder { digest: Some(&recipe) }).unwrap();
    let claims = verifier.verify(&Request::new(token, 1000).with_evidence(evidence), &mut scratch).accepted().unwrap();
    assert_eq!(claims.subject().unwrap(), "al\"ice");
    assert_eq!(claims.at("/a/b/1/c").unwrap().text().unwrap(), "d");
    let report = verifier.verify(&Request::new(token, 1000), &mut scratch).report();
    assert_eq!(report.status, Status::FingerprintMismatch);
}
