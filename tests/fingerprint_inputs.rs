//! What a recipe hashes, input by input, against the text written out by hand and hashed by another crate.

use countermark::{Encoding, Evidence, Framing, Hash, Input, Recipe, Status};
use sha2::{Digest, Sha256};

const HEADERS: [(&str, &str); 5] =
    [("User-Agent", "one"), ("Accept", "a"), ("ACCEPT", " b\t"), ("Cookie", "x=1; id=seven"), ("cookie", "id=eight; y=2")];
const CLIENT: Evidence<'_> = Evidence {
    address: "2001:DB8:0:1:0:0:0:7",
    asn: "AS64496",
    country: "NZ",
    organisation: "Example",
    isp: "Example Net",
    headers: &HEADERS,
    ..Evidence::NONE
};

/// The digest of this client by this recipe, in hexadecimal SHA-256.
fn digest(inputs: &[Input<'_>], framing: Framing, evidence: &Evidence<'_>) -> Result<String, Status> {
    let recipe = Recipe { claim: "fp", inputs, framing, hash: Hash::Sha256, encoding: Encoding::Hex };
    recipe.digest(evidence, &mut [0; 64]).map(String::from)
}

fn sha256(text: impl AsRef<[u8]>) -> Result<String, Status> {
    Ok(Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn each_input_alone_is_its_text() {
    for (input, text) in [
        (Input::Address, "2001:db8:0:1::7"),
        (Input::Network, "2001:db8::/48"),
        (Input::Asn, "AS64496"),
        (Input::Country, "NZ"),
        (Input::Organisation, "Example"),
        (Input::Isp, "Example Net"),
        (Input::Header("user-agent"), "one"),
        (Input::Header("accept"), "a, b"),
        (Input::Header("absent"), ""),
        (Input::Cookie("id"), "seven, eight"),
        (Input::Cookie("ID"), ""),
    ] {
        assert_eq!(digest(&[input], Framing::Lengths, &CLIENT), sha256(text), "{text}");
    }
}

#[test]
fn addresses_and_networks_have_one_spelling() {
    for (given, address, network) in [
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("255.255.255.255", "255.255.255.255", "255.255.255.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("::FFFF:c000:207", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff::/48"),
        ("0:0:0:0:0:0:0:1", "::1", "::/48"),
        ("", "", ""),
    ] {
        let evidence = Evidence { address: given, ..Evidence::NONE };
        assert_eq!(digest(&[Input::Address], Framing::Lengths, &evidence), sha256(address), "{given}");
        assert_eq!(digest(&[Input::Network], Framing::Lengths, &evidence), sha256(network), "{given}");
    }
    for malformed in ["192.0.2", "192.0.2.256", "192.0.2.07", " 192.0.2.7", "fe80::1%eth0", "[::1]", "example"] {
        let evidence = Evidence { address: malformed, ..Evidence::NONE };
        assert_eq!(digest(&[Input::Address], Framing::Lengths, &evidence), Err(Status::AddressMalformed), "{malformed}");
        assert_eq!(digest(&[Input::Network], Framing::Colons, &evidence), Err(Status::AddressMalformed), "{malformed}");
    }
}

#[test]
fn framing_by_lengths_and_by_colons() {
    let inputs = [Input::Country, Input::Header("absent"), Input::Header("accept")];
    let lengths = [&[0, 0, 0, 2][..], b"NZ", &[0, 0, 0, 0], &[0, 0, 0, 4], b"a, b"].concat();
    assert_eq!(digest(&inputs, Framing::Lengths, &CLIENT), sha256(lengths));
    assert_eq!(digest(&inputs, Framing::Colons, &CLIENT), sha256("NZ::a, b"));
    let two = [&[0, 0, 0, 2][..], b"NZ", &[0, 0, 0, 3], b"one"].concat();
    assert_eq!(digest(&[Input::Country, Input::Header("user-agent")], Framing::Lengths, &CLIENT), sha256(two));
    // The field's scheme takes the address as the host gives it, whatever that is.
    assert_eq!(digest(&[Input::Address], Framing::Colons, &CLIENT), sha256("2001:DB8:0:1:0:0:0:7"));
    let behind_a_proxy = Evidence { address: "unknown", ..CLIENT };
    assert_eq!(digest(&[Input::Address, Input::Country], Framing::Colons, &behind_a_proxy), sha256("unknown:NZ"));
}
