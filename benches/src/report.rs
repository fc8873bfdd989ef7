//! The README's table and the docs' plots: `--write` measures and writes them all.

use crate::measure::{Plan, Row, Table};
use crate::sample::Sample;
use crate::{countermarks, floors, machine, peers, plots, threads};
use countermark::Algorithm;
use std::fmt::Write;
use std::path::PathBuf;

const BEGIN: &str = "<!-- from benches -->\n";
const END: &str = "<!-- end -->";
const OURS: &str = "countermark";

/// One line of the table: medians of one run in nanoseconds.
pub struct Line {
    pub what: &'static str,
    pub ours: f64,
    pub peer: f64,
    pub peer_name: &'static str,
    pub ratio: f64,
}

/// Tokens of one length: what they take here, in a peer, and in the bare MAC.
pub struct Size {
    pub bytes: usize,
    pub ours: f64,
    pub peer: f64,
    pub mac: f64,
}

pub fn write(plan: Plan) {
    let lines = algorithms(plan);
    let sizes: Vec<Size> = [350, 700, 1_400, 2_800, 5_600, 8_100].into_iter().map(|bytes| size(plan, bytes)).collect();
    let scaling = threads::scaling(plan.rounds.div_ceil(4));
    let text = table(&lines, &sizes, scaling);
    println!("{text}");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = root.join("README.md");
    let old = std::fs::read_to_string(&readme).expect("a README");
    let (before, rest) = old.split_once(BEGIN).expect("a place for the table");
    let (_, after) = rest.split_once(END).expect("its end");
    std::fs::write(readme, format!("{before}{BEGIN}{text}{END}{after}")).expect("a README that can be written");
    plots::algorithms(&root.join("docs/speed-algorithms.svg"), &lines);
    plots::sizes(&root.join("docs/speed-sizes.svg"), &sizes);
}

/// Whole verification of one token by each algorithm.
fn algorithms(plan: Plan) -> Vec<Line> {
    let line = |what: &'static str, sample: &Sample, ours: Row<'_>, peers: Vec<Row<'_>>| {
        let names: Vec<&'static str> = peers.iter().map(|row| row.name).collect();
        let table = Table::measure(plan, what, [ours].into_iter().chain(peers).collect());
        let peer_name = table.fastest(&names);
        println!("{what}: {} bytes, beside {peer_name}", sample.token.len());
        let [ours, peer] = [OURS, peer_name].map(|name| table.median(name));
        Line { what, ours, peer, peer_name, ratio: table.ratio(OURS, &[peer_name]) }
    };
    let (hs256, es256) = (Sample::hs256(), Sample::es256());
    let mut lines = vec![
        line("HS256", &hs256, countermarks::row(OURS, &hs256, true), peers::hs256_rows(&hs256)),
        line("ES256, prepared key", &es256, countermarks::prepared_row(OURS, &es256), peers::es256_rows(&es256)),
        line("ES256", &es256, countermarks::row(OURS, &es256, true), peers::es256_rows(&es256)),
    ];
    for (what, algorithm) in
        [("RS256, 2048 bits", Algorithm::RS256), ("Ed25519", Algorithm::EdDSA), ("ES384", Algorithm::ES384)]
    {
        let sample = Sample::signed(algorithm);
        lines.push(line(what, &sample, countermarks::row(OURS, &sample, true), peers::signed_rows(&sample)));
    }
    lines
}

fn size(plan: Plan, bytes: usize) -> Size {
    let sample = Sample::hs256_of(bytes);
    const MAC: &str = "bare HMAC";
    let mut rows = vec![countermarks::row(OURS, &sample, true), floors::hmac_row(MAC, &sample)];
    rows.extend(peers::hs256_rows(&sample));
    let table = Table::measure(plan, "size", rows);
    let [ours, peer, mac] = [OURS, table.fastest(peers::NAMES), MAC].map(|name| table.median(name));
    Size { bytes: sample.token.len(), ours, peer, mac }
}

fn table(lines: &[Line], sizes: &[Size], scaling: f64) -> String {
    let mut out = String::new();
    let machine = machine::model();
    let mut say = |line: String| writeln!(out, "{line}").expect("a string takes it");
    say(format!(
        "Whole verification of one token: decoding, JSON, signature, issuer, audience and times by the clock. The ratio is the median of \
         {OURS}'s time through the peer's in the same round; below 1 {OURS} is faster. {machine}, one thread."
    ));
    say(String::new());
    say("| algorithm | ratio | countermark | fastest peer | its time |".into());
    say("|---|---|---|---|---|".into());
    for Line { what, ours, peer, peer_name, ratio } in lines {
        say(format!("| {what} | {ratio:.2} | {} | {peer_name} | {} |", time(*ours), time(*peer)));
    }
    say(String::new());
    if let [first, .., last] = sizes {
        say(format!(
            "An HS256 token of {} bytes takes {}, one of {} bytes {}: {:.2} and {:.2} nanoseconds a byte, of which the bare HMAC is {:.2} \
             and {:.2} (`docs/speed-sizes.svg`). Two threads with one verifier do {scaling:.2} times the work of one.",
            first.bytes,
            time(first.ours),
            last.bytes,
            time(last.ours),
            first.ours / first.bytes as f64,
            last.ours / last.bytes as f64,
            first.mac / first.bytes as f64,
            last.mac / last.bytes as f64,
        ));
    }
    out
}

fn time(nanoseconds: f64) -> String {
    if nanoseconds < 10_000.0 { format!("{:.2} µs", nanoseconds / 1e3) } else { format!("{:.1} µs", nanoseconds / 1e3) }
}
