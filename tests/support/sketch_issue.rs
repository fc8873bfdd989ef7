//! Sketches minted by the core, through Rust and C: both must write the same token, or refuse for the same reason.

use super::base64url;
use super::judge_c::{bytes, checked};
use super::sketch::Claim;
use super::sketch_cases::Presented;
use super::sketch_rules::{SketchRules, component};
use super::token::{NOW, SECRET};
use countermark::*;
use countermark_ffi::*;
use std::mem::{size_of, zeroed};

/// What to mint.
#[derive(Clone, Copy)]
pub struct Order<'o> {
    pub rules: &'o SketchRules,
    pub client: &'o Presented,
    pub salt: [u8; 8],
    pub opt_out: &'o [u8],
    /// The accepted token, for a re-issue.
    pub previous: Option<&'o str>,
}

impl<'o> Order<'o> {
    /// A first sketch of this client.
    pub fn first(rules: &'o SketchRules, client: &'o Presented, salt: [u8; 8]) -> Self {
        Order { rules, client, salt, opt_out: &[], previous: None }
    }

    /// The token.
    pub fn token(&self) -> Result<String, Status> {
        let by_rust = self.in_rust();
        assert_eq!(self.in_c(), by_rust, "Rust and C mint the same");
        by_rust
    }

    fn in_rust(&self) -> Result<String, Status> {
        let mut region = [0; 64];
        let mut keys = Keys::new(&mut region)?;
        keys.add_secret(Algorithm::HS256, None, SECRET)?;
        let sets = [keys.set()];
        let mut scratch = vec![0; 16_384];
        let previous = match self.previous {
            Some(token) => {
                let verifier = Verifier::new(&sets, Policy::default(), Holder::default())?;
                Some(verifier.verify(&Request::new(token, NOW), &mut scratch).accepted()?.get(&self.rules.claim)?)
            }
            None => None,
        };
        let opt_out = self.opt_out.iter().fold(ComponentSet::EMPTY, |set, number| set.with(component(*number)));
        self.rules.with(|sketch| {
            let evidence = self.client.evidence();
            let new = NewSketch { sketch, evidence: &evidence, salt: self.salt, opt_out, previous };
            let mint = Mint { subject: Some("alice"), expires_at: Some(NOW + 600), sketch: Some(&new), ..Mint::default() };
            let signer = Signer::of_secret(Algorithm::HS256, None, SECRET)?;
            signer.issue(&mint, &mut vec![0; 16_384], &mut vec![0; 16_384]).map(str::to_string)
        })?
    }

    fn in_c(&self) -> Result<String, Status> {
        let sketch = self.rules.in_c()?;
        let opt_out = self.opt_out.iter().fold(ComponentSet::EMPTY, |set, number| set.with(component(*number)));
        self.client.in_c(|evidence| {
            let mut scratch = vec![0u8; 16_384];
            let (mut buffer, mut work) = (vec![0u8; 16_384], vec![0u8; 16_384]);
            unsafe {
                let mut signer: cmk_signer = zeroed();
                checked(cmk_signer_of_secret(&mut signer, 1, cmk_bytes::NONE, cmk_bytes::of(SECRET)))?;
                let mut previous: cmk_value = zeroed();
                if let Some(token) = self.previous {
                    read_claim(token, &self.rules.claim, &mut scratch, &mut previous)?;
                }
                let mut mint: cmk_mint = zeroed();
                mint.size = size_of::<cmk_mint>();
                mint.subject = bytes("alice");
                mint.expires_at = NOW + 600;
                mint.evidence = evidence;
                mint.sketch = &*sketch;
                mint.previous = if self.previous.is_some() { &previous } else { std::ptr::null() };
                mint.opt_out = opt_out.0;
                mint.salt = self.salt;
                let mut token = cmk_bytes::NONE;
                let made = cmk_issue(
                    &signer,
                    &mint,
                    work.as_mut_ptr().cast(),
                    work.len(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    &mut token,
                );
                checked(made)?;
                let token = std::slice::from_raw_parts(token.ptr, token.len);
                Ok(String::from_utf8(token.to_vec()).expect("text"))
            }
        })
    }
}

/// The claim of an accepted token, as a C program gets it.
///
/// # Safety
/// `scratch` outlives the value.
unsafe fn read_claim(token: &str, name: &str, scratch: &mut [u8], value: &mut cmk_value) -> Result<(), Status> {
    unsafe {
        let mut region = [0u64; 64];
        let mut keys: cmk_keys = zeroed();
        checked(cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), size_of_val(&region), cmk_bytes::NONE))?;
        checked(cmk_keys_add_secret(&mut keys, 1, cmk_bytes::NONE, cmk_bytes::of(SECRET)))?;
        let mut policy: cmk_policy = zeroed();
        policy.size = size_of::<cmk_policy>();
        let mut verifier: cmk_verifier = zeroed();
        checked(cmk_verifier_init_abi(ABI, &mut verifier, size_of::<cmk_verifier>(), &keys, 1, &policy))?;
        let mut request: cmk_request = zeroed();
        (request.size, request.token, request.now) = (size_of::<cmk_request>(), bytes(token), NOW);
        let (mut claims, mut report): (cmk_claims, cmk_report) = (zeroed(), zeroed());
        checked(cmk_verify_abi(
            ABI,
            &verifier,
            &request,
            scratch.as_mut_ptr().cast(),
            scratch.len(),
            &mut claims,
            size_of::<cmk_claims>(),
            &mut report,
            size_of::<cmk_report>(),
        ))?;
        let found = checked(cmk_claims_get(&claims, bytes(name), value));
        cmk_verifier_wipe(&mut verifier);
        found
    }
}

/// The claim that a token carries, read by the oracle.
pub fn claim_of(token: &str, name: &str) -> Claim {
    let payload = base64url::decode(token.split('.').nth(1).expect("a payload").as_bytes()).expect("base64url");
    let payload: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    let text = payload[name].as_str().expect("a claim");
    Claim::read(&base64url::decode(text.as_bytes()).expect("base64url")).expect("a sketch")
}
