//! Tokens bound to a TLS channel: by a member of `cnf`, or by a binding beside the token.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use countermark::{BindingForm, CHANNEL_MEMBER, Evidence, Status};
use countermark_ffi::*;
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::possession::Possession;
use countermark_tests::token::TokenBuilder;
use sha2::{Digest, Sha256};

const EXPORTER: &[u8] = &[7; 32];

fn by_member(member: &str) -> Setup<'_> {
    Setup::with([key_of("HS256")]).possession(Possession { channel: Some(member), ..Possession::default() })
}

fn by_binding(form: BindingForm) -> Setup<'static> {
    Setup::with([key_of("HS256")]).possession(Possession { binding: Some(form), ..Possession::default() })
}

fn bound(member: &str, value: &[u8]) -> String {
    let digest = base64url::encode(&Sha256::digest(value));
    TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"{member}":"{digest}"}}"#)).build()
}

fn status(setup: &Setup<'_>, token: &str, channel: &[u8], binding: &str) -> Status {
    judge(setup, Attempt::new(token).from(Evidence { channel, binding, ..Evidence::NONE })).status
}

#[test]
fn a_member_of_cnf_names_the_channel() {
    for member in [CHANNEL_MEMBER, "tls-unique#S256"] {
        let (setup, token) = (by_member(member), bound(member, EXPORTER));
        assert_eq!(status(&setup, &token, EXPORTER, ""), Status::Accepted);
        assert_eq!(status(&setup, &token, &[8; 32], ""), Status::ChannelMismatch);
        assert_eq!(status(&setup, &token, &EXPORTER[1..], ""), Status::ChannelMismatch);
        assert_eq!(status(&setup, &token, b"", ""), Status::PossessionMissing);
        assert_eq!(status(&setup, &TokenBuilder::new("HS256").build(), EXPORTER, ""), Status::PossessionUnbound);
    }
    // Another name than the setting's is a method that nobody knows.
    let outcome = status(&by_member(CHANNEL_MEMBER), &bound("tls-unique#S256", EXPORTER), EXPORTER, "");
    assert_eq!(outcome, Status::Confirmation);
    for member in ["", "jkt", "x5t#S256"] {
        assert_eq!(status(&by_member(member), &bound("a", EXPORTER), EXPORTER, ""), Status::PolicyConflict, "{member}");
    }
}

/// The binding by the formula, by the base64ct crate.
fn binding(form: BindingForm, token: &str, channel: &[u8]) -> String {
    let digest = Sha256::new().chain_update(token).chain_update(channel).finalize();
    match form {
        BindingForm::Base64url => Base64UrlUnpadded::encode_string(&digest),
        BindingForm::Base64 => Base64::encode_string(&digest),
    }
}

#[test]
fn a_binding_beside_the_token() {
    let (token, other) = (TokenBuilder::new("HS256").build(), TokenBuilder::new("HS256").payload_with(r#""n":1"#).build());
    for (form, wrong) in [(BindingForm::Base64url, BindingForm::Base64), (BindingForm::Base64, BindingForm::Base64url)] {
        let setup = by_binding(form);
        // tls-exporter, and tls-unique as the opaque value that it is (RFC 5929 3.1: 12 bytes).
        for channel in [EXPORTER, &[1; 12]] {
            let good = binding(form, &token, channel);
            assert_eq!(status(&setup, &token, channel, &good), Status::Accepted);
            assert_eq!(status(&setup, &token, channel, &binding(wrong, &token, channel)), Status::ChannelMismatch);
            assert_eq!(status(&setup, &other, channel, &good), Status::ChannelMismatch, "another token");
            assert_eq!(status(&setup, &token, &[9; 32], &good), Status::ChannelMismatch, "another channel");
            assert_eq!(status(&setup, &token, channel, &good[1..]), Status::ChannelMismatch);
            assert_eq!(status(&setup, &token, channel, ""), Status::PossessionUnbound);
            assert_eq!(status(&setup, &token, b"", &good), Status::PossessionMissing);
        }
    }
}

#[test]
fn both_interfaces_write_the_same_binding() {
    for (form, number) in [(BindingForm::Base64url, 1), (BindingForm::Base64, 2)] {
        let wanted = binding(form, "a.b.c", EXPORTER);
        for room in 0..=48 {
            let mut text = vec![0u8; room];
            let by_rust = form.bind(b"a.b.c", EXPORTER, &mut text).map(str::to_string);
            let mut buffer = vec![0u8; room];
            let mut made = cmk_bytes::NONE;
            let (token, channel) = (cmk_bytes::of(b"a.b.c"), cmk_bytes::of(EXPORTER));
            let code = unsafe { cmk_channel_binding(number, token, channel, buffer.as_mut_ptr().cast(), room, &mut made) };
            if room < wanted.len() {
                assert_eq!((by_rust, code), (Err(Status::BufferTooSmall), Status::BufferTooSmall.code()), "{room}");
                assert_eq!(made.len, 0);
                continue;
            }
            assert_eq!((by_rust.as_deref(), code, made.len), (Ok(wanted.as_str()), 0, wanted.len()));
            assert_eq!(&buffer[..made.len], wanted.as_bytes());
        }
    }
    assert_eq!(BindingForm::Base64.bind(b"a", b"", &mut [0; 44]), Err(Status::Argument), "no channel");
}
