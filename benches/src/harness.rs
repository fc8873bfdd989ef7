//! How fast countermark is, beside its peers and beside the bare HMAC of the same bytes: one program, one table.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml [-- --quick | --rounds N | --only es256 | --write | --loop NAME SECONDS]`
//! `--write` writes the README's table and the pictures in docs.
//!
//! Rows of one table are measured in turn, a short batch each, round after round, so that whatever else the machine does
//! hits all of them alike. Ratios are taken within each round; medians over the rounds are printed. Nothing here fails for
//! being slow; it does fail when a row accepts what it must refuse.

mod bare;
mod countermarks;
mod envelopes;
mod floors;
mod machine;
mod measure;
mod peers;
mod plots;
mod prepared;
mod replay;
mod report;
mod sample;
mod signed;
mod standing;
mod threads;
mod visits;

use countermark::{Algorithm, Encryption, Rotating};
use envelopes::Envelope;
use measure::{Plan, Row, Table};
use sample::Sample;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let plan = match arguments.as_slice() {
        [] => Plan { rounds: 301, batch_micros: 1_000 },
        ["--quick"] => Plan { rounds: 31, batch_micros: 300 },
        ["--rounds", rounds] => Plan { rounds: rounds.parse().expect("--rounds takes a number"), batch_micros: 1_000 },
        ["--only", "es256"] => {
            machine::print();
            return prepared(Plan { rounds: 301, batch_micros: 1_000 });
        }
        ["--write"] => {
            machine::print();
            peers::install();
            return report::write(Plan { rounds: 101, batch_micros: 1_000 });
        }
        ["--loop", name, seconds] => return endless(name, seconds.parse().expect("--loop takes a name and seconds")),
        _ => {
            eprintln!("usage: [--quick | --rounds N | --only es256 | --write | --loop NAME SECONDS]");
            std::process::exit(2);
        }
    };
    machine::print();
    println!("{} rounds, batches of about {} microseconds\n", plan.rounds, plan.batch_micros);
    peers::install();
    hs256(plan);
    rotating(plan);
    envelopes(plan);
    fingerprint(plan);
    sketch(plan);
    es256(plan);
    prepared(plan);
    signatures(plan);
    replay(plan);
    standing(plan);
    cache(plan);
    breakdown(plan);
}

/// Whole verification of an HS256 token, and the goals.
fn hs256(plan: Plan) {
    let sample = Sample::hs256();
    let mut rows = vec![
        countermarks::row("countermark", &sample, false),
        countermarks::row("countermark, clock read", &sample, true),
        countermarks::typed_row("countermark, clock read, claims struct", &sample),
    ];
    rows.extend(peers::hs256_rows(&sample));
    rows.push(floors::hmac_row("bare HMAC-SHA256 (hmac crate)", &sample));
    rows.push(floors::own_hmac_row("bare HMAC-SHA256 (countermark, keys each time)", &sample));
    let title = format!(
        "1. HS256, whole verification: {} bytes, signing input {} bytes; issuer, audience, exp",
        sample.token.len(),
        sample.signing_input().len()
    );
    let table = Table::measure(plan, &title, rows);
    table.print("countermark");
    let fastest = table.fastest(peers::NAMES);
    table.goal(
        &format!("countermark, clock read / {fastest} (the fastest peer)"),
        "countermark, clock read",
        &[fastest],
        1.0 / 3.0,
    );
    table.goal("countermark / bare HMAC (hmac crate)", "countermark", &["bare HMAC-SHA256 (hmac crate)"], 3.0);
    println!();
}

/// The same token under a key that is derived for it, beside the plain one.
fn rotating(plan: Plan) {
    let plain = Sample::hs256();
    // With grace: a token that is a minute old may be yesterday's.
    let [compat, derived] = [Rotating::compat("sub"), Rotating::derived("sub")]
        .map(|rotating| Sample::rotating(Rotating { grace: 1, ..rotating }));
    let rows = vec![
        countermarks::row("countermark, plain HS256", &plain, false),
        countermarks::row("countermark, rotating, compat", &compat, false),
        countermarks::row("countermark, rotating, derived", &derived, false),
    ];
    let table = Table::measure(plan, "1b. HS256 under a rotating secret", rows);
    table.print("countermark, plain HS256");
    for mode in ["countermark, rotating, compat", "countermark, rotating, derived"] {
        table.goal(&format!("{mode} / plain"), mode, &["countermark, plain HS256"], 1.8);
    }
    println!();
}

/// A KiB under `dir`, opened; and a token of about a KiB, verified alone and inside.
fn envelopes(plan: Plan) {
    const BARE: &str = "bare cipher (RustCrypto, key ready)";
    for envelope in [Envelope::a256gcm(), Envelope::a128cbc()] {
        let mut rows = vec![envelopes::row("countermark, open_envelope", &envelope)];
        #[cfg(feature = "josekit")]
        rows.push(envelopes::josekit_row("josekit", &envelope));
        rows.push(match envelope.encryption {
            Encryption::A256Gcm => envelopes::gcm_row(BARE, &envelope),
            _ => envelopes::cbc_row(BARE, &envelope),
        });
        let title = format!(
            "1c. Envelopes, dir and {}: 1 KiB inside, {} bytes (for information)",
            envelope.encryption.name(),
            envelope.text.len()
        );
        Table::measure(plan, &title, rows).print("countermark, open_envelope");
        println!();
    }
    let (alone, nested) = ("countermark, signed", "countermark, signed then encrypted");
    let rows = envelopes::nested_rows(alone, nested).into();
    Table::measure(plan, "1d. A token of HS256, of 1 KiB, alone and inside dir and A256GCM (for information)", rows)
        .print(alone);
    println!();
}

/// The same with the keyed digest of five headers.
fn fingerprint(plan: Plan) {
    let sample = Sample::fingerprinted();
    let rows = vec![
        countermarks::row("countermark, fingerprint", &sample, false),
        countermarks::unbound_row("countermark, same token, fingerprint not asked for", &sample),
        countermarks::digest_row("countermark, Recipe::digest alone", &sample),
        floors::hmac_row("bare HMAC: token", &sample),
        floors::fingerprint_row("bare HMAC: fingerprint", &sample),
    ];
    let title = format!(
        "2. HS256 and a fingerprint of five headers: {} bytes of token, {} bytes of framed headers",
        sample.token.len(),
        sample.framed_headers().len()
    );
    let table = Table::measure(plan, &title, rows);
    table.print("countermark, fingerprint");
    let floors = ["bare HMAC: token", "bare HMAC: fingerprint"];
    table.goal("countermark, fingerprint / both bare HMACs", "countermark, fingerprint", &floors, 3.0);
    println!();
}

/// Scoring a sketch of exact components: one HMAC each, and the token key once.
fn sketch(plan: Plan) {
    let rows = vec![
        countermarks::sketch_row("countermark, 16 components", 16),
        countermarks::sketch_row("countermark, 32 components", 32),
        floors::component_row("bare HMACs of 16 values", 16),
        floors::component_row("bare HMACs of 32 values", 32),
    ];
    let table = Table::measure(plan, "2b. Scoring a sketch (goals: 4 and 8 microseconds)", rows);
    table.print("countermark, 16 components");
    table.below("16 components", "countermark, 16 components", 4_000.0);
    table.below("32 components", "countermark, 32 components", 8_000.0);
    println!();
}

/// Each use new: asked for, and remembered, in a table that is half full; alone, and while another thread does the same.
fn replay(plan: Plan) {
    let words = replay::words();
    let rows = vec![
        replay::row("countermark, check and commit", words),
        replay::contended_row("countermark, check and commit, two threads", words),
        replay::check_row("countermark, check alone", words),
        replay::hmac_row("bare HMACs of a use (two)"),
    ];
    let title = format!("2c. Replay table for {} uses (for information)", replay::USES);
    Table::measure(plan, &title, rows).print("countermark, check and commit");
    println!();
}

/// What standing and rights add to a verification.
fn standing(plan: Plan) {
    let sample = Sample::hs256();
    let (plain, ruled) = ("countermark, HS256 without rules", "countermark, HS256 with three rules");
    let mut rows = Vec::from(standing::revocation_rows("revocation, check", "revocation, check, two threads"));
    rows.extend(standing::throttle_rows("throttle, admit", "throttle, admit, two threads"));
    rows.extend([visits::risk_row("risk, a visit judged and noted"), visits::session_row("session, observe")]);
    rows.extend([countermarks::row(plain, &sample, false), countermarks::rights_row(ruled, &sample)]);
    let title = format!("2d. Standing, in tables for {} entries, and rights (for information)", standing::ENTRIES);
    let table = Table::measure(plan, &title, rows);
    table.print(plain);
    table.remainder("rights: what three rules add", ruled, &[plain]);
    println!();
}

/// A token whose signature the cache knows.
fn cache(plan: Plan) {
    let sample = Sample::es256();
    const HIT: &str = "countermark, hit";
    const READING: &str = "countermark, decoding and reading alone";
    const DIGEST: &str = "SHA-256 of the token (sha2 crate)";
    let mut rows = Vec::from(countermarks::hit_rows(HIT, "countermark, hit, two threads", &sample));
    rows.push(countermarks::row("countermark, no cache", &sample, false));
    rows.push(countermarks::reading_row(READING, &sample));
    rows.push(floors::token_digest_row(DIGEST, &sample));
    let title = format!("2e. Cache of verified tokens, ES256: {} bytes", sample.token.len());
    let table = Table::measure(plan, &title, rows);
    table.print(HIT);
    table.beyond("hit beyond decoding and reading / SHA-256 of the token", HIT, READING, DIGEST, 2.0);
    println!();
}

/// For information: what verification takes beside the curve is little. The key is not prepared.
fn es256(plan: Plan) {
    let sample = Sample::es256();
    let mut rows = vec![countermarks::row("countermark", &sample, false)];
    rows.extend(peers::es256_rows(&sample));
    let title = format!("3. ES256, whole verification: {} bytes (for information)", sample.token.len());
    Table::measure(plan, &title, rows).print("countermark");
    println!();
}

/// The signature alone, with tables of the key and without.
fn prepared(plan: Plan) {
    let signed = prepared::Signed::new();
    let table = Table::measure(plan, "3a. ES256, the signature alone, by window of the key's table", signed.rows());
    let fastest = table.fastest(prepared::LIBRARIES);
    table.print(fastest);
    table.goal(&format!("{} / {fastest}", prepared::PREPARED), prepared::PREPARED, &[fastest], 1.0 / 2.5);
    table.goal(&format!("{} / {fastest}", prepared::UNPREPARED), prepared::UNPREPARED, &[fastest], 1.3);
    println!();
}

/// Public keys that an identity provider uses, beside the two libraries whose arithmetic is in assembler: the whole
/// verification, and the signature alone.
fn signatures(plan: Plan) {
    // ES384 has no goal: its curve is a crate's own arithmetic.
    let goals = [
        (Algorithm::RS256, "RS256, 2048 bits", ["ring", "aws-lc-rs"].as_slice(), 1.5),
        (Algorithm::EdDSA, "Ed25519", ["ring"].as_slice(), 1.3),
        (Algorithm::ES384, "ES384 (for information)", [].as_slice(), 0.0),
    ];
    for (algorithm, what, rivals, goal) in goals {
        let sample = Sample::signed(algorithm);
        let mut rows = vec![countermarks::row("countermark", &sample, false)];
        rows.extend(peers::signed_rows(&sample));
        rows.push(bare::countermark_row("signature alone, countermark", &sample));
        rows.push(bare::ring_row("ring", &sample));
        rows.push(bare::aws_lc_row("aws-lc-rs", &sample));
        let title =
            format!("3b. Signatures, {what}: {} bytes; whole verification, then the signature alone", sample.token.len());
        let table = Table::measure(plan, &title, rows);
        table.print("countermark");
        if !rivals.is_empty() {
            let fastest = table.fastest(rivals);
            for row in ["signature alone, countermark", "countermark"] {
                table.goal(&format!("{row} / {fastest} (the signature alone)"), row, &[fastest], goal);
            }
        }
        println!();
    }
}

/// Where the time of table 1 goes, as far as the tools can be called alone.
fn breakdown(plan: Plan) {
    let sample = Sample::hs256();
    let mut rows = vec![countermarks::row("countermark", &sample, false)];
    rows.extend(countermarks::tool_rows(&sample));
    rows.push(floors::hmac_row("bare HMAC (hmac crate)", &sample));
    rows.push(floors::clock_row("reading the clock (not part of countermark)"));
    let mut parts = countermarks::TOOL_NAMES.to_vec();
    parts.push("bare HMAC (hmac crate)");
    let table = Table::measure(plan, "4. HS256, where it goes", rows);
    table.print("countermark");
    table.remainder("left for split, choice of key, header and claims, policy", "countermark", &parts);
}

/// One row again and again, for a profiler.
fn endless(name: &str, seconds: u64) {
    peers::install();
    let sample = Sample::hs256();
    let bound = Sample::fingerprinted();
    let signed = Sample::es256();
    let (gcm, cbc) = (Envelope::a256gcm(), Envelope::a128cbc());
    let [hit, _] = countermarks::hit_rows("hit", "hit, two threads", &signed);
    let mut rows = vec![
        countermarks::row("countermark", &sample, false),
        countermarks::row("fingerprint", &bound, false),
        countermarks::row("es256", &signed, false),
        envelopes::row("gcm", &gcm),
        envelopes::row("cbc", &cbc),
        hit,
        floors::hmac_row("hmac", &sample),
    ];
    rows.extend(peers::hs256_rows(&sample));
    rows.extend(countermarks::tool_rows(&sample));
    let known: Vec<&str> = rows.iter().map(|row| row.name).collect();
    let Some(row) = rows.iter_mut().find(|row| row.name == name) else {
        eprintln!("no such row; there are {known:?}");
        std::process::exit(2);
    };
    run_for(row, seconds);
}

fn run_for(row: &mut Row<'_>, seconds: u64) {
    let start = std::time::Instant::now();
    let mut count = 0u64;
    while start.elapsed().as_secs() < seconds {
        (row.batch)(10_000);
        count += 10_000;
    }
    println!("{}: {count} times, {:.1} ns each", row.name, start.elapsed().as_nanos() as f64 / count as f64);
}
