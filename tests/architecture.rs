//! `docs/architecture.svg` is drawn from the lists of modules in `src/lib.rs`: a stage that comes, goes or moves changes the picture, or
//! this test fails. `UPDATE=1 cargo test -p countermark-tests --test architecture` draws it anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands beside a stage's name: its question, and the numbers of its statuses.
const STAGES: &[(&str, &str, &str)] = &[
    ("token", "splits at the dots; length", "1xx"),
    ("header", "alg, kid, typ, cty, crit", "2xx"),
    ("key", "chooses among the sets: a key has one algorithm", "3xx"),
    ("envelope", "opens a JWE, where the policy declares one", "401"),
    ("signature", "one code for everything inside", "400"),
    ("claims", "takes a checked signature; no claims end the work, too", "5xx"),
    ("policy", "issuer, audience, type, time, required claims", "6xx"),
    ("once", "a use that counts once: proofs, one-time tokens", ""),
    ("holder", "who presents it: DPoP, certificate, channel, fingerprint", "7xx"),
    ("standing", "revocation, status list, replay, session, risk, rate", "800-849"),
    ("rights", "what the token may do", "850-899"),
];

/// Modules of the pipeline that are no stage: what comes in, what goes out, and the screen that calls the stages in order.
const AROUND: [&str; 3] = ["request", "verdict", "verify"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The modules of `src/lib.rs` under a comment that starts so.
fn modules(map: &str, heading: &str) -> Vec<String> {
    let (_, section) = map.split_once(heading).unwrap_or_else(|| panic!("lib.rs has no {heading:?}"));
    let section = section.split_once("\n\n").unwrap().0;
    section.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).map(String::from).collect()
}

const LEFT: u32 = 250;
const WIDTH: u32 = 480;
const TOP: u32 = 86;
const STEP: u32 = 40;

/// A box with a name and what stands behind it.
fn row(svg: &mut String, top: u32, (name, caption, statuses): (&str, &str, &str), fill: &str) {
    let (text, end) = (top + 20, LEFT + WIDTH - 12);
    let _ = write!(
        svg,
        r##"<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="30" rx="4" fill="{fill}" stroke="#345"/>
<text x="{}" y="{text}" font-weight="bold">{name}</text><text x="{}" y="{text}" font-size="12">{caption}</text>
<text x="{end}" y="{text}" text-anchor="end" font-size="12" fill="#567">{statuses}</text>
"##,
        LEFT + 12,
        LEFT + 92,
    );
}

/// A note at the side: a heading and lines.
fn note(svg: &mut String, left: u32, top: u32, heading: &str, lines: &[&str]) {
    let _ = writeln!(svg, r#"<text x="{left}" y="{top}" font-weight="bold">{heading}</text>"#);
    for (line, top) in lines.iter().zip((top + 18..).step_by(17)) {
        let _ = writeln!(svg, r##"<text x="{left}" y="{top}" font-size="12" fill="#345">{line}</text>"##);
    }
}

/// The picture, from the lists of the map.
fn picture() -> String {
    let map = read("src/lib.rs");
    let pipeline = modules(&map, "// The pipeline, in order");
    let beside = modules(&map, "// Beside the pipeline");
    let tools = modules(&map, "// The tools, in the same order");
    assert_eq!(beside, ["carrier", "issue"], "the picture has a place for each of these");
    let stages: Vec<&String> = pipeline.iter().filter(|module| !AROUND.contains(&module.as_str())).collect();
    let known: Vec<&str> = STAGES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(stages, known, "the captions of this test, in the order of src/lib.rs");

    let signature = known.iter().position(|name| *name == "signature").unwrap() as u32;
    let border = TOP + (signature + 1) * STEP + 4;
    let bottom = TOP + stages.len() as u32 * STEP + 22;
    let height = bottom + 118;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" font-family="sans-serif" font-size="14" fill="#123">
<title>Countermark: the stages in their order, what comes in, what goes out</title>
<rect width="960" height="{height}" fill="#fff"/>
<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#345"/></marker></defs>
<rect x="{}" y="14" width="{}" height="{}" rx="8" fill="#f4f7fa" stroke="#9ab"/>
<text x="{LEFT}" y="38" font-weight="bold">verify</text><text x="{}" y="38" font-size="12">calls the stages in this order, and nothing calls it</text>
"##,
        LEFT - 16,
        WIDTH + 32,
        bottom - 10,
        LEFT + 92,
    );
    let _ = writeln!(
        svg,
        r##"<text x="{LEFT}" y="70" font-size="12" fill="#567">before the signature holds: the first failure ends the work, and there is one code</text>"##
    );
    for (position, stage) in STAGES.iter().enumerate() {
        let position = position as u32;
        let is_behind = position > signature;
        let top = TOP + position * STEP + if is_behind { 30 } else { 0 };
        row(&mut svg, top, *stage, if is_behind { "#e5f2e8" } else { "#e4ecf7" });
    }
    let (end, text) = (LEFT + WIDTH, border + 16);
    let _ = write!(
        svg,
        r##"<path d="M{LEFT} {border}H{end}" stroke="#345" stroke-dasharray="5 4"/>
<text x="{LEFT}" y="{text}" font-size="12" fill="#567">behind it: every check runs, each failure is one bit of a mask; the lowest number is the code</text>
"##
    );
    // What comes in.
    note(&mut svg, 20, 104, "carrier", &["the token out of a header,", "a cookie or the query"]);
    note(
        &mut svg,
        20,
        176,
        "request",
        &[
            "token, the host's clock,",
            "and evidence of the client:",
            "address, header fields, proof,",
            "certificate, TLS channel",
        ],
    );
    note(
        &mut svg,
        20,
        286,
        "the caller's memory",
        &[
            "keys in a region of words,",
            "scratch for the decoded text,",
            "tables that processes share;",
            "no heap, no global state,",
            "no clock, no randomness",
        ],
    );
    let into = LEFT - 18;
    let _ = writeln!(svg, r##"<path d="M196 180H{into}" stroke="#345" marker-end="url(#to)"/>"##);
    // What stands beside.
    let right = LEFT + WIDTH + 36;
    note(&mut svg, right, 104, "issue", &["the other end: mints tokens", "with a countermark"]);
    note(&mut svg, right, 176, "tools", &["know nothing of JWTs:"]);
    for (line, top) in tools.chunks(3).zip((212..).step_by(17)) {
        let _ = writeln!(svg, r##"<text x="{right}" y="{top}" font-size="12" fill="#345">{}</text>"##, line.join(", "));
    }
    let after = 212 + tools.len().div_ceil(3) as u32 * 17 + 30;
    note(
        &mut svg,
        right,
        after,
        "ffi and include",
        &["every C function, and the", "only unsafe code; the core", "forbids it"],
    );
    // What goes out.
    let (middle, out) = (LEFT + WIDTH / 2, bottom + 36);
    let _ = writeln!(svg, r##"<path d="M{middle} {}V{}" stroke="#345" marker-end="url(#to)"/>"##, bottom + 4, bottom + 32);
    for (position, (verdict, fill, gives)) in [
        ("accept", "#d5ecd9", "claims, and the report"),
        ("step up", "#fbeecb", "sub alone, and the report"),
        ("reject", "#f6d9d5", "the report alone"),
    ]
    .iter()
    .enumerate()
    {
        let left = LEFT + position as u32 * 164;
        let center = left + 76;
        let _ = write!(
            svg,
            r##"<rect x="{left}" y="{out}" width="152" height="48" rx="4" fill="{fill}" stroke="#345"/>
<text x="{center}" y="{}" text-anchor="middle" font-weight="bold">{verdict}</text><text x="{center}" y="{}" text-anchor="middle" font-size="12">{gives}</text>
"##,
            out + 20,
            out + 38,
        );
    }
    note(&mut svg, 20, out + 16, "verdict", &["one of three; only", "accept may be served"]);
    svg.push_str("</svg>\n");
    svg
}

#[test]
fn the_picture_is_of_these_modules() {
    let (path, drawn) = (root().join("docs/architecture.svg"), picture());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    assert!(read("docs/architecture.svg") == drawn, "docs/architecture.svg is of other modules: UPDATE=1 draws it anew");
}

/// Every module of the map is named, in the picture or on the page.
#[test]
fn no_module_is_left_out() {
    let (map, svg) = (read("src/lib.rs"), picture());
    for heading in ["// The pipeline, in order", "// Beside the pipeline", "// The tools, in the same order"] {
        for module in modules(&map, heading) {
            let is_named = [format!(">{module}<"), format!(">{module},"), format!(" {module},"), format!(" {module}<")];
            assert!(is_named.iter().any(|name| svg.contains(name)), "the picture lacks {module}");
        }
    }
}

/// What the two pages point to is there.
#[test]
fn links_lead_somewhere() {
    for page in ["docs/architecture.md", "docs/binding.md", "cli/README.md"] {
        let text = read(page);
        let folder = Path::new(page).parent().unwrap();
        let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!links.is_empty(), "{page}");
        for link in links.into_iter().filter(|link| !link.contains("://")) {
            let (file, section) = link.split_once('#').unwrap_or((link, ""));
            let target = root().join(folder).join(file);
            assert!(target.exists(), "{page} points to {link}");
            if !section.is_empty() {
                let headings = fs::read_to_string(target).unwrap();
                let kept = |char: &char| char.is_alphanumeric() || "- ".contains(*char);
                let slug = |line: &str| -> String {
                    let heading =
                        line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>();
                    heading.replace(' ', "-")
                };
                let is_there = headings.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == section);
                assert!(is_there, "{page} points to {link}");
            }
        }
    }
}
