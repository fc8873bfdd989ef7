//! Seeds: one small input for each way that the tests know. Written to `seeds/` by `cargo run -p countermark-checks --bin seeds`.

use countermark_tests::base64url;
use countermark_tests::generate;
use countermark_tests::random::Random;
use countermark_tests::token::{
    Flaw, PAYLOAD, SCALAR, SECRET, Segment, Spelling, TokenBuilder, public_jwk_members, public_sec1, public_spki,
};

/// One seed: the target's name, the file's, and the bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// Bytes in the layout that `input` reads.
#[derive(Default)]
struct Layout(Vec<u8>);

impl Layout {
    fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    fn bytes(self, all: &[u8]) -> Self {
        all.iter().fold(self, |layout, byte| layout.byte(*byte))
    }

    /// A length in one byte, then the text.
    fn text(self, text: &str) -> Self {
        self.byte(text.len() as u8).bytes(text.as_bytes())
    }
}

pub fn all() -> Vec<Seed> {
    let mut seeds = Vec::new();
    tokens(&mut seeds);
    texts(&mut seeds);
    keys(&mut seeds);
    structured(&mut seeds);
    targets(&mut seeds);
    replays(&mut seeds);
    throttles(&mut seeds);
    standing(&mut seeds);
    cached_and_allowed(&mut seeds);
    curve(&mut seeds);
    envelopes(&mut seeds);
    random(&mut seeds);
    seeds
}

/// Every management and content, whole and damaged; every shape asked of every shape, and a text that is no envelope of ours.
fn envelopes(seeds: &mut Vec<Seed>) {
    for enc in 0..6u8 {
        for management in 0..3u8 {
            let damage = 1 + (enc + management) % 4;
            let layout =
                Layout::default().bytes(&[0, enc, enc % 3, management, damage, 3, 0, enc]).text("content to be sealed");
            seeds.push(("jwe", format!("made-{enc}-{management}"), layout.0));
        }
    }
    let a3 = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ";
    seeds.push(("jwe", "rfc7516-a3".to_string(), [b"\x01", a3.as_bytes()].concat()));
    for made in 0..3u8 {
        for asked in 0..3u8 {
            let bytes = [made, asked, made + asked, 0, u8::from(made > 0), 9, 0, 0, 7, 0];
            seeds.push(("nested", format!("{made}-{asked}"), bytes.to_vec()));
            let damaged = [made, asked, made + asked, 0, u8::from(made > 0), 50 + made, 0, 1, 7, 0];
            seeds.push(("nested", format!("{made}-{asked}-damaged"), damaged.to_vec()));
        }
    }
}

/// Windows, keys, u1, u2, and how a signature is made of them.
fn curve(seeds: &mut Vec<Seed>) {
    let any = |byte: u8| [&[1][..], &[byte; 32], &[0]].concat();
    let [d, u1, u2] = [0x11, 0x37, 0xc3].map(any);
    let (one, minus_one) = ([0, 1, 0], [0, 1, 1]);
    let cases: [(&str, &[u8], &[u8], &[u8], &[u8]); 9] = [
        ("good", &d, &u1, &u2, &[0, 0, 0]),
        ("n-less-s", &d, &u1, &u2, &[0, 37]),
        ("infinity", &one, &u1, &[3, 1], &[0, 0, 0]),
        ("q-is-g", &one, &one, &one, &[0, 0, 0]),
        ("q-is-minus-g", &minus_one, &one, &one, &[0, 0, 0]),
        ("u1-is-0", &d, &[0, 0, 0], &u2, &[0, 0, 0]),
        ("equal-shares", &d, &u1, &[4, 0], &[0, 0, 0]),
        ("x-above-n", &d, &u1, &u2, &[2, 20, 0, 0]),
        ("anything", &d, &u1, &u2, &[3, 7]),
    ];
    for (window, (name, d, u1, u2, rest)) in (0..5).cycle().zip(cases) {
        named(seeds, "p256", name, [&[window], d, u1, u2, rest].concat());
    }
}

fn named(seeds: &mut Vec<Seed>, target: &'static str, name: impl Into<String>, bytes: impl AsRef<[u8]>) {
    seeds.push((target, name.into(), bytes.as_ref().to_vec()));
}

fn tokens(seeds: &mut Vec<Seed>) {
    let flaws = [
        ("good", Flaw::None),
        ("no-signature", Flaw::Empty(Segment::Signature)),
        ("no-payload", Flaw::Empty(Segment::Payload)),
        ("cut", Flaw::SignatureCut(1)),
        ("tail", Flaw::SignatureTail(vec![0])),
        ("padded", Flaw::Spelt(Segment::Signature, Spelling::Padded)),
        ("spare-bits", Flaw::Spelt(Segment::Signature, Spelling::SpareBits)),
    ];
    for alg in ["HS256", "HS384", "HS512", "ES256"] {
        for (name, flaw) in &flaws {
            // 48 bytes have no spare bits.
            if alg != "HS384" || *name != "spare-bits" {
                named(seeds, "token", format!("{alg}-{name}"), TokenBuilder::new(alg).flaw(flaw.clone()).build());
            }
        }
    }
    for (name, text) in
        [("dots", "..."), ("one-dot", "a.b"), ("empty-header", ".e30.AA"), ("none", "eyJhbGciOiJub25lIn0..AA")]
    {
        named(seeds, "token", name, text);
    }
}

fn texts(seeds: &mut Vec<Seed>) {
    let headers = [
        ("plain", r#"{"alg":"HS256","typ":"JWT"}"#),
        ("kid", r#"{"alg":"ES256","kid":"two","typ":"application/at+jwt"}"#),
        ("escaped", r#"{"\u0061lg":"HS\u0032\u00356"}"#),
        ("crit-b64", r#"{"alg":"HS256","crit":["b64"],"b64":true}"#),
        ("crit-registered", r#"{"alg":"HS256","crit":["alg"]}"#),
        ("b64", r#"{"alg":"HS256","b64":false}"#),
        ("enc", r#"{"alg":"HS256","enc":"A128GCM"}"#),
        ("cty", r#"{"alg":"HS256","cty":"application/jwt"}"#),
        ("ignored", r#"{"alg":"HS256","jku":"https://x","jwk":{"kty":"oct"},"x5c":["AA"],"x5t#S256":"x"}"#),
        ("none", r#"{"alg":"none"}"#),
        ("duplicate", r#"{"alg":"HS256","a\u006cg":"HS256"}"#),
    ];
    for (name, text) in headers {
        named(seeds, "header", name, Layout::default().byte(0).bytes(text.as_bytes()).0);
        named(seeds, "json", format!("header-{name}"), Layout::default().bytes(&[7, 63, 1]).bytes(text.as_bytes()).0);
    }
    let payloads = [
        ("plain", PAYLOAD),
        ("dates", r#"{"exp":1.7e9,"nbf":1699999999.5,"iat":1700000000.000}"#),
        ("dates-far", r#"{"exp":9223372036854775807,"nbf":-0,"iat":1e-400}"#),
        ("date-text", r#"{"exp":"1700000000"}"#),
        ("audience", r#"{"aud":["a","\u0062"],"iss":"\"\\","admin":true}"#),
        ("nested", r#"{"realm_access":{"roles":["x",{"y/z":"~"}]},"cnf2":{}}"#),
        ("bound", r#"{"cnf":{"jkt":"x"}}"#),
        ("surrogates", r#"{"name":"\ud83d\ude00","admin":null}"#),
    ];
    for (name, text) in payloads {
        named(seeds, "claims", name, text);
        named(seeds, "json", format!("payload-{name}"), Layout::default().bytes(&[7, 63, 1]).bytes(text.as_bytes()).0);
    }
    for (name, text) in [("scalars", "[true,false,null,-1.5e+3,\"\"]"), ("deep", "[[[[{\"a\":[{}]}]]]]")] {
        named(seeds, "json", name, Layout::default().bytes(&[15, 255, 0]).bytes(text.as_bytes()).0);
    }
    for bytes in 0..70usize {
        let random = Random::new(bytes as u64).bytes(bytes);
        if bytes % 7 < 3 {
            named(seeds, "base64url", format!("{bytes}-bytes"), base64url::encode(&random));
        }
    }
    let spellings = [Spelling::Padded, Spelling::SpareBits, Spelling::StandardAlphabet, Spelling::OneMore];
    for (name, spelling) in ["padded", "spare-bits", "standard", "one-more"].iter().zip(spellings) {
        named(seeds, "base64url", *name, spelling.of(&[0xfb, 0xff, 0xfe, 0x10]));
    }
}

/// Steps of `cache`, and rules with claims.
fn cached_and_allowed(seeds: &mut Vec<Seed>) {
    let mut random = Random::new(15);
    named(seeds, "cache", "again-and-again", vec![0, 1, 2, 0, 1, 2, 0x20, 0x41, 0xe2]);
    named(seeds, "cache", "other-keys", vec![0, 16, 0, 17, 1, 16]);
    named(seeds, "cache", "changed", (0..60u8).flat_map(|at| [0, 4, at * 3, 0, 1 << (at % 8)]).collect::<Vec<u8>>());
    named(seeds, "cache", "torn", (0..60u8).flat_map(|at| [8 + at % 3, at, at / 2, at % 2, at]).collect::<Vec<u8>>());
    // Rules: their count, then path, test, values, number, wildcards; the claims scope, scp and p.
    named(seeds, "rights", "scope", vec![0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    named(seeds, "rights", "wildcards", vec![0, 1, 1, 0, 3, 0, 1, 0, 6, 1, 0, 1, 0]);
    named(seeds, "rights", "numbers", vec![1, 0, 3, 0, 0, 7, 0, 0, 6, 0, 0, 7, 0, 1, 0, 1, 0, 1, 7]);
    named(seeds, "rights", "deep", vec![0, 7, 0, 0, 0, 0, 0, 1, 0, 1, 0, 5, 5, 5, 0, 1, 0, 2, 0, 0, 0]);
    for number in 0..12 {
        let length = 20 + random.below(60);
        named(seeds, "rights", format!("random-{number}"), random.bytes(length));
        named(seeds, "cache", format!("random-{number}"), random.bytes(length));
    }
}

/// Revocations and questions, as `tables` reads them; packed lists.
fn standing(seeds: &mut Vec<Seed>) {
    let sound = |steps: &mut dyn Iterator<Item = [u8; 3]>| [0].into_iter().chain(steps.flatten()).collect::<Vec<u8>>();
    named(seeds, "tables", "each-kind", sound(&mut (0..24).map(|at| [at % 4, at / 8, 90])));
    named(seeds, "tables", "full", sound(&mut (0..200).map(|at| [at % 4, at, 120])));
    named(seeds, "tables", "full-of-keys", sound(&mut (0..90).map(|at| [at % 2 * 2, at, 120])));
    named(seeds, "tables", "expiring", sound(&mut (0..200).map(|at| [0xe0 | at % 4, at % 9, 60])));
    named(seeds, "tables", "clocks-apart", sound(&mut (0..200).map(|at| [0x20 | at % 32, at % 7, 45])));
    let mut random = Random::new(13);
    let words = (0..39).flat_map(|_| random.word().to_le_bytes()).collect::<Vec<u8>>();
    let steps = (0..8u8).flat_map(|at| [&(1_900_000_000i64 >> at).to_le_bytes()[..], &[at, 60]].concat());
    named(seeds, "tables", "damaged", [1].into_iter().chain(words).chain(steps).collect::<Vec<u8>>());
    for number in 0..8 {
        let length = 40 + random.below(900);
        named(seeds, "tables", format!("random-{number}"), random.bytes(length));
    }

    let packed = |level: i32, bytes: &[u8]| {
        let mut room = vec![0; zlib_rs::compress_bound(bytes.len())];
        let (packed, _) = zlib_rs::compress_slice(&mut room, bytes, zlib_rs::DeflateConfig::new(level));
        packed.to_vec()
    };
    let list = |bits: u8, room: u16, packed: &[u8]| [&[bits][..], &room.to_le_bytes(), packed].concat();
    for (number, bits) in [1, 2, 4, 8, 3].into_iter().enumerate() {
        let bytes = random.bytes(40 * number);
        named(seeds, "status_list", format!("bits-{bits}"), list(bits, 4000, &packed(number as i32 * 2, &bytes)));
    }
    let sparse: Vec<u8> = (0..3000u32).map(|at| u8::from(at % 251 == 0)).collect();
    named(seeds, "status_list", "fits", list(1, 3000, &packed(9, &sparse)));
    named(seeds, "status_list", "one-too-many", list(1, 2999, &packed(9, &sparse)));
    named(seeds, "status_list", "bomb", list(1, 4000, &packed(9, &vec![0; 1_000_000])));
    named(seeds, "status_list", "cut", list(1, 4000, &packed(9, &sparse)[..20]));
    named(seeds, "status_list", "behind", list(1, 4000, &[&packed(9, &sparse)[..], &[0]].concat()));
    named(seeds, "status_list", "nothing", list(1, 4000, &[]));
}

/// Each use: whether it is committed, how far time goes on and the caller's clock lies behind; its number; its life.
fn replays(seeds: &mut Vec<Seed>) {
    let sound = |uses: &mut dyn Iterator<Item = [u8; 3]>| [0].into_iter().chain(uses.flatten()).collect::<Vec<u8>>();
    named(seeds, "replay", "copies", sound(&mut (0..12).map(|at| [at & 1, at / 4, 68])));
    named(seeds, "replay", "full", sound(&mut (0..40).map(|at| [1, at, 68])));
    named(seeds, "replay", "expiring", sound(&mut (0..120).map(|at| [0xf1, at % 9, 12])));
    named(seeds, "replay", "clocks-apart", sound(&mut (0..120).map(|at| [0x11 | at << 1 & 0xe, at % 7, 10])));
    named(seeds, "replay", "expired", sound(&mut (0..20).map(|at| [1, at, at])));
    let mut random = Random::new(11);
    for (name, mask) in [("damaged", u64::MAX), ("damaged-pending", 1 << 63 | 7), ("damaged-withdrawn", 3 << 62 | 7)] {
        let words = (0..39).flat_map(|_| (random.word() & mask).to_le_bytes()).collect::<Vec<u8>>();
        let uses = (0..8u8).flat_map(|at| [&(1_900_000_000i64 >> at).to_le_bytes()[..], &[at, 60]].concat());
        named(seeds, "replay", name, [1].into_iter().chain(words).chain(uses).collect::<Vec<u8>>());
    }
    for number in 0..12 {
        let length = 40 + random.below(900);
        named(seeds, "replay", format!("random-{number}"), random.bytes(length));
    }
}

/// Three limits; then each request: the clock's step, its client and its limit, and whether a second one goes with it.
fn throttles(seeds: &mut Vec<Seed>) {
    let limits = [[9, 0, 0, 0, 4], [0, 0, 59, 0, 0], [100, 0, 0, 0, 7]].concat();
    let sound = |asked: &mut dyn Iterator<Item = [u8; 2]>| [vec![0], limits.clone(), asked.flatten().collect()].concat();
    named(seeds, "throttle", "burst", sound(&mut (0..20).map(|_| [0, 0])));
    named(seeds, "throttle", "rate", sound(&mut (0..80).map(|at| [0x40 | at & 15, 0])));
    named(seeds, "throttle", "idle", sound(&mut (0..60).map(|at| [0xf1 | at & 12, 0])));
    let two = (0..60u8).flat_map(|at| [at << 4 | at & 3, 1, at]);
    named(seeds, "throttle", "two-at-once", [vec![0], limits.clone(), two.collect()].concat());
    let mut random = Random::new(12);
    for (name, mask) in [("damaged", u64::MAX), ("damaged-pending", 1 << 63 | 7), ("damaged-withdrawn", 3 << 62 | 7)] {
        let words = (0..23).flat_map(|_| (random.word() & mask).to_le_bytes()).collect::<Vec<u8>>();
        named(seeds, "throttle", name, [vec![1], words, limits.clone(), vec![0; 40]].concat());
    }
    for number in 0..12 {
        let length = 40 + random.below(900);
        named(seeds, "throttle", format!("random-{number}"), random.bytes(length));
    }
}

fn keys(seeds: &mut Vec<Seed>) {
    // How many keys; for each its kind and its name.
    let sets: [(&str, &[u8]); 5] = [
        ("empty", &[0]),
        ("good", &[3, 0, 1, 1, 2, 2, 0]),
        ("mixed", &[5, 0, 1, 3, 2, 6, 3, 7, 1, 8, 1]),
        ("namesakes", &[2, 0, 1, 3, 1]),
        ("too-many", &[69]),
    ];
    sets.iter().for_each(|(name, bytes)| seeds.push(("jwks", (*name).into(), bytes.to_vec())));
    let secret = base64url::encode(SECRET);
    let point = public_jwk_members(&SCALAR);
    let private = base64url::encode(&SCALAR);
    let jwks = [
        ("oct", 0x21, format!(r#"{{"kty":"oct","k":"{secret}"}}"#)),
        ("oct-alg", 0x20, format!(r#"{{"kty":"oct","alg":"HS512","k":"{secret}","kid":"one"}}"#)),
        ("oct-undecided", 0x27, format!(r#"{{"kty":"oct","k":"{secret}"}}"#)),
        ("oct-short", 0x21, r#"{"kty":"oct","k":"AAAA"}"#.to_string()),
        ("oct-missing", 0x21, r#"{"kty":"oct"}"#.to_string()),
        ("ec", 0x28, format!("{{{point}}}")),
        ("ec-private", 0x28, format!(r#"{{{point},"d":"{private}","use":"sig","key_ops":["verify","sign"]}}"#)),
        ("ec-encryption", 0x28, format!(r#"{{{point},"use":"enc","alg":"ES256"}}"#)),
        ("rsa", 0x28, r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_string()),
        ("rsa-2048", 0x60, format!("{{{}}}", countermark_tests::keys::jwk_members(countermark_tests::keys::of("RS256")))),
        ("rsa-pss", 0x20, countermark_tests::keys::jwk("PS384")),
        ("p384", 0xa0, countermark_tests::keys::jwk("ES384")),
        ("p521", 0xa0, countermark_tests::keys::jwk_private(countermark_tests::keys::of("ES512"))),
        ("k256", 0x20, countermark_tests::keys::jwk("ES256K")),
        ("ml-dsa-44", 0x20, format!("{{{}}}", countermark_tests::lattice::jwk_members("ML-DSA-44"))),
        ("ml-dsa-87", 0x20, format!("{{{}}}", countermark_tests::lattice::jwk_members("ML-DSA-87"))),
        ("ml-dsa-missing", 0x20, r#"{"kty":"AKP","alg":"ML-DSA-65","pub":"AAAA"}"#.to_string()),
        ("ed25519", 0xa0, countermark_tests::keys::jwk_private(countermark_tests::keys::of("EdDSA"))),
    ];
    for (name, choice, text) in jwks {
        named(seeds, "jwk", name, Layout::default().byte(choice).bytes(text.as_bytes()).0);
    }
    let sec1 = public_sec1(&SCALAR);
    let compressed = [&[2 | sec1[64] & 1][..], &sec1[1..33]].concat();
    named(seeds, "jwk", "point", Layout::default().byte(0).bytes(&sec1).0);
    named(seeds, "jwk", "point-compressed", Layout::default().byte(0).bytes(&compressed).0);
    for (place, alg) in ["ES256", "ES384", "ES512", "ES256K", "RS256", "PS512", "EdDSA"].iter().enumerate() {
        let files = countermark_tests::keys::of(alg);
        for (form, kind, pem) in [(0, "spki", files.spki), (1, "pkcs1", files.pkcs1), (2, "certificate", files.certificate)]
        {
            if !pem.is_empty() {
                let der = countermark_tests::keys::der(pem);
                let choice = place as u8;
                named(seeds, "der", &format!("{alg}-{kind}"), Layout::default().byte(choice | form << 3).bytes(&der).0);
                named(seeds, "pem", &format!("{alg}-{kind}"), Layout::default().byte(choice).bytes(pem.as_bytes()).0);
            }
        }
    }
    named(seeds, "jwk", "spki", Layout::default().byte(0x10).bytes(&public_spki(&SCALAR)).0);
}

fn structured(seeds: &mut Vec<Seed>) {
    for alg in 0..5 {
        for kid in 0..3 {
            // One payload, no other keys, full scratch, no edit; then one edit of each kind.
            named(seeds, "verify", format!("unedited-{alg}-{kid}"), [alg, kid, kid, 0, 0, 0]);
            let edit = [alg, kid, 0, 2, 1, 1, 0, 3, 0, 0, 0, 1, 20, 0, 65, alg + kid];
            named(seeds, "verify", format!("edited-{alg}-{kid}"), edit);
        }
    }
    let recipe = Layout::default().byte(2).bytes(&[6, 0, 8, 3, 1, 0]).byte(0).byte(0);
    let evidence = recipe.byte(1).text("AS1").text("DE").text("org").text("isp").byte(2);
    let fields = evidence.byte(0).text("Mozilla/5.0").byte(3).text("sid=1; x=2").byte(70).byte(9);
    named(seeds, "fingerprint", "headers", fields.0);
    named(seeds, "fingerprint", "mapped-address", Layout::default().bytes(&[0, 0, 0, 0, 4, 2]).0);
    let cookie = Layout::default().bytes(&[7, 0, 1, 2, 0]).text("Bearer a.b.c").byte(2).text("t=a.b.c; u=1");
    named(
        seeds,
        "carrier",
        "three",
        cookie.text("token=a.b.c&%74oken=d").bytes(&[9, 0, 1]).text("api").bytes(&[0, 0, 0, 1]).0,
    );
    let mint = Layout::default().bytes(&[0, 1]).text("one").bytes(&[1, 0, 1, 4, 1, 2, 0, 2, 0, 3]);
    named(seeds, "issue", "full", mint.bytes(&[2, 3, 10, 0, 0, 0, 100, 0, 100, 0, 3]).0);
    named(seeds, "issue", "plain", [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
}

/// Targets and their spellings, from the tests' own lists.
fn targets(seeds: &mut Vec<Seed>) {
    let target = "https://api.example/orders/7";
    let others = [
        "HTTPS://API.example:443/a/../orders/%37?x",
        "https://api.example:8443/orders/7",
        "https://[::1]:1/%2f/./..",
        "http://h",
        "https://u@h/",
        "https://h/%zz",
    ];
    for (number, other) in others.iter().enumerate() {
        named(seeds, "htu", format!("spelling-{number}"), format!("{target}\n{other}").into_bytes());
    }
}

/// What the seeds above leave out, by chance: the same for everyone.
fn random(seeds: &mut Vec<Seed>) {
    let mut random = Random::new(1);
    for number in 0..24 {
        for target in ["policy", "ffi", "verify", "issue", "fingerprint", "carrier"] {
            let length = 40 + random.below(200);
            named(seeds, target, format!("random-{number}"), random.bytes(length));
        }
        let text = generate::text(&mut random, number % 2 == 0);
        named(seeds, "json", format!("random-{number}"), Layout::default().bytes(&[7, 63, 0]).bytes(&text).0);
        named(seeds, "claims", format!("random-{number}"), generate::object(&mut random));
    }
    let mut random = Random::new(3);
    for number in 0..48 {
        named(seeds, "dpop", format!("random-{number}"), random.bytes(64));
    }
    // A sketch, its policy and its client take many choices.
    let mut random = Random::new(2);
    for number in 0..24u8 {
        let length = 300 + random.below(500);
        let bytes = Layout::default().byte(number).bytes(&random.bytes(length)).0;
        named(seeds, "sketch", format!("random-{number}"), bytes);
    }
}
