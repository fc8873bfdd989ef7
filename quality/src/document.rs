//! docs/quality.md and its picture: everything measured, in one run.

use crate::component::{AUDIO, CANVAS, FEATURES, IP_ASN, IP_COUNTRY, WEBGL_PARAMETERS};
use crate::data::Data;
use crate::life::RETURNS;
use crate::population::Source;
use crate::preset;
use crate::rates::{FIGURES, INTERVALS};
use crate::report::{self, Judged};
use crate::score::{Outcomes, Preset, Rule};
use crate::sets;
use crate::simulate::{Simulation, simulate};
use crate::svg;
use std::fmt::Write;

/// Every rate of change halved and doubled.
const SCALES: [(f64, &str); 2] = [(0.5, "rates halved"), (2.0, "rates doubled")];

/// One measured target.
struct Target {
    what: String,
    bound: String,
    measured: String,
    met: bool,
}

pub fn write(data: &Data, devices: usize, seed: u64) -> (String, String) {
    let simulations = Source::ALL.map(|source| simulate(data, source, devices, 1.0, seed));
    let nearest: Vec<Vec<Vec<Outcomes>>> =
        simulations.iter().map(|simulation| preset::ALL.map(|preset| simulation.most_similar(preset)).to_vec()).collect();
    let mut rows: Vec<(String, &Preset, Judged)> = Vec::new();
    let mut similar = Vec::new();
    for (simulation, nearest) in simulations.iter().zip(&nearest) {
        for preset in report::SCORED {
            let number = preset::ALL.iter().position(|known| known.name == preset.name).unwrap_or(0);
            rows.push((simulation.source.name().to_owned(), preset, report::judge(preset, simulation)));
            similar.push(report::most_similar_rate(preset, simulation, &nearest[number]));
        }
    }
    let all = &simulations[0];
    let mut scaled: Vec<(String, &Preset, Judged)> = Vec::new();
    let mut digests = String::new();
    for (scale, name) in SCALES {
        let simulation = simulate(data, Source::Apify, devices, scale, seed);
        report::SCORED
            .into_iter()
            .for_each(|preset| scaled.push((name.to_owned(), preset, report::judge(preset, &simulation))));
        let report::Digest { digest, sketch } = report::digest(&preset::HEADERS_ROAMING, &simulation);
        let pairs: Vec<String> = digest
            .iter()
            .zip(&sketch)
            .map(|(d, s)| format!("{} against {}", report::percent(*s), report::percent(*d)))
            .collect();
        let _ = writeln!(digests, "| {name} | {} |", pairs.join(" | "));
    }

    let mut text =
        include_str!("introduction.md").replace("{devices}", &devices.to_string()).replace("{seed}", &seed.to_string());
    text = text.replace("{data}", &data.versions);
    let mut section = |title: &str, note: &str, body: &str| {
        let _ = write!(text, "\n## {title}\n\n{note}\n\n{body}");
    };
    let rests = without(all);
    section("Targets", TARGETS, &targets(&rows, &rests[0], all));
    section("Equal error rates and false rejects", ERRORS, &report::errors(&rows, &|number| similar.get(number).copied()));
    section("Rates halved and doubled", SCALED, &report::errors(&scaled, &|_| None));
    section("What the browser preset rests on", RESTS, &report::errors(&rests, &|_| None));
    section("Headers against the digest form", DIGEST, &report::digest_table(&simulations));
    section(
        "The same with rates halved and doubled",
        "`headers roaming`, sketch against digest, false rejects in per cent, after each return.",
        &format!("| |{}\n|---|---|---|---|---|---|\n{digests}", RETURNS.map(|day| format!(" {day} d |")).concat()),
    );
    for (simulation, nearest) in simulations.iter().zip(&nearest) {
        let title = format!("Verdicts at the presets' own thresholds: {}", simulation.source.name());
        section(&title, VERDICTS, &report::verdict_table(simulation, nearest));
    }
    let curves = curves(&rows);
    section("ROC", ROC, &report::roc_table(&curves));
    section("Does the simulation change as real browsers do?", EQUALITY, &report::equality_table(&simulations));
    section("Sets", SETS, &sets::table(seed));
    section("Rates of change and their sources", RATES, &rates());
    section("The presets", PRESETS, &report::preset_tables());
    (text, svg::picture(&curves))
}

fn curves(rows: &[(String, &Preset, Judged)]) -> Vec<(String, Vec<crate::curve::Point>)> {
    let mut curves = Vec::new();
    for (population, preset, judged) in rows {
        let shown = population == Source::Apify.name()
            || preset.name == preset::BROWSER.name && population != Source::ApifyDesktop.name();
        if shown && preset.name != preset::DEVICE.name {
            let name = if population == Source::Apify.name() {
                preset.name.to_owned()
            } else {
                format!("{}, {population}", preset.name)
            };
            curves.push((name, judged.random.clone()));
        }
    }
    curves
}

/// The browser preset without what the host must supply, and without what had to be modelled.
fn without(simulation: &Simulation) -> Vec<(String, &'static Preset, Judged)> {
    let left_out: [(&str, &[u8]); 4] = [
        ("apify, all, without ip.asn and ip.country", &[IP_ASN, IP_COUNTRY]),
        ("without canvas", &[CANVAS]),
        ("without canvas, audio, webgl.parameters, features", &[CANVAS, AUDIO, WEBGL_PARAMETERS, FEATURES]),
        ("headers and address only", &[]),
    ];
    let row = |(name, numbers): (&str, &[u8])| {
        let kept = |rule: &&Rule| if numbers.is_empty() { rule.number < 32 } else { !numbers.contains(&rule.number) };
        let rules: Vec<Rule> = preset::BROWSER.rules.iter().filter(kept).copied().collect();
        // A handful for the life of the program: presets are data with static rules.
        let preset: &'static Preset =
            Box::leak(Box::new(Preset { rules: Box::leak(rules.into_boxed_slice()), ..preset::BROWSER }));
        (name.to_owned(), preset, report::judge(preset, simulation))
    };
    left_out.into_iter().map(row).collect()
}

fn targets(rows: &[(String, &Preset, Judged)], addressless: &(String, &Preset, Judged), simulation: &Simulation) -> String {
    let mut targets = Vec::new();
    let mut browsers: Vec<_> = rows.iter().filter(|row| row.1.name == preset::BROWSER.name).collect();
    browsers.insert(1, addressless);
    for (population, preset, judged) in browsers {
        let mut add = |what: &str, bound: f64, rate: f64| {
            targets.push(Target {
                what: format!("`{}`, {population}: {what}", preset.name),
                bound: format!("{}%", report::percent(bound)),
                measured: format!("{}%", report::percent(rate)),
                met: rate <= bound,
            });
        };
        add("equal error rate, every return, never re-issued", 0.006, judged.eer);
        add("equal error rate, every return, re-issued at each", 0.006, judged.eer_reissued);
        for (place, bound) in [(1, 0.01), (2, 0.03), (3, 0.06)] {
            let what = format!("false rejects after {} days at 1% false accepts", RETURNS[place]);
            add(&what, bound, judged.false_rejects[place]);
        }
    }
    for (preset, place) in [
        (&preset::HEADERS_ROAMING, 1),
        (&preset::HEADERS_ROAMING, 2),
        (&preset::HEADERS_STRICT, 1),
        (&preset::HEADERS_STRICT, 2),
    ] {
        let report::Digest { digest, sketch } = report::digest(preset, simulation);
        targets.push(Target {
            what: format!(
                "`{}`, {}: digest's false rejects over the sketch's, {} days",
                preset.name,
                simulation.source.name(),
                RETURNS[place]
            ),
            bound: "10 times".to_owned(),
            measured: format!("{:.1} times", digest[place] / sketch[place]),
            met: digest[place] >= 10.0 * sketch[place],
        });
    }
    let mut text = String::from("| target | bound | measured | |\n|---|---|---|---|\n");
    for Target { what, bound, measured, met } in targets {
        let _ = writeln!(text, "| {what} | {bound} | {measured} | {} |", if met { "met" } else { "**missed**" });
    }
    text
}

fn rates() -> String {
    let days = |days: Option<f64>| days.map_or("never".to_owned(), |days| days.to_string());
    let mut text = String::from(
        "| attribute (FP-Stalker, Table I) | median | fastest 10% | fastest 5% | used for |\n|---|---|---|---|---|\n",
    );
    for interval in INTERVALS {
        let (median, tenth, twentieth) = (days(interval.median), days(interval.tenth), days(interval.twentieth));
        let _ = writeln!(text, "| {} | {median} | {tenth} | {twentieth} | {} |", interval.name, interval.use_for);
    }
    text.push_str("\n| what else changes | figure | source |\n|---|---|---|\n");
    for figure in FIGURES {
        let _ = writeln!(text, "| {} | {} | {} |", figure.what, figure.value, figure.source);
    }
    text
}

const TARGETS: &str = "`apify, all` is the population of the targets. The others are harder on purpose and listed so that nobody is surprised: \
phones of one model at default settings are one fingerprint, and `user-agents` is nearly one country and one language. With seed 2 the \
first two rows are 0.61 and 0.45: a token that is never re-issued for half a year is at the bound, not below it.";

const ERRORS: &str = "In per cent. *Every return*: the five returns of every device, all against the token of day 0, random other devices as \
impostors. *Changed only*: the returns on which a component of the preset has another value. *Re-issued*: every return against the return \
before. *Same browser*, *most similar* (of the whole population), *copied headers*: every return against these impostors. *Threshold*: the \
lowest similarity that lets at most 1% of random other devices in; FRR: the device's returns below it. The stalker presets are rules without \
a similarity: see the verdicts. The weights were chosen on `apify, desktop`; `apify, mobile` and `user-agents` had no part in it.";

const SCALED: &str = "`apify, all`, every rate of change halved and doubled, the assumed ones with the published.";

const RESTS: &str = "`apify, all`. The network and the country come from the host's own tables; canvas, audio, WebGL parameters and features are \
in neither collection, so their spread is modelled.";

const DIGEST: &str = "False rejects in per cent after each return. *digest*: any input of the preset has another value (the network, not the \
address, is an input). *sketch*: similarity below the lowest threshold that lets at most 1% of random clients in. The last columns are the \
impostors that this threshold lets in; the target is over several countries, so over `apify, all`. It hangs on how alike a country's language settings are: with lists of about one bit \
(a first assumption) the threshold lay above every return from another provider and a quarter of the returns after 7 days were false \
rejects; with the published 2.7 bits the table is as it stands.";

const VERDICTS: &str = "Accepted / stepped up / rejected, in per cent.";

const ROC: &str = "![ROC](quality-roc.svg)\n\nFalse rejects in per cent, every return counted, never re-issued, random other devices as impostors. \
`apify, all` where no population is named.";

const EQUALITY: &str = "Mean share of components of `uniform` that are exactly equal, in per cent. The reference figures are of real browsers of \
another time: a version changed every six weeks then, every two now.";

const SETS: &str = "Exact Jaccard similarity: mean of the estimate ± the error that 95% of 300 trials stay within. HMAC-SHA256 under a fresh \
token key for every trial. `quality sets` prints this table and fails when a bound does not hold.";

const RATES: &str = "Days between two changes of an attribute, per browser (Vastel, Laperdrix, Rudametkin, Rouvoy, \"FP-STALKER: Tracking Browser \
Fingerprint Evolutions\", IEEE S&P 2018, as the first author's summary of 3 January 2018 gives it). Every device draws its own pace: straight \
lines in the logarithm between the three points, \"never\" being beyond the study's two years. The sample were people who care about \
fingerprints, on desktops.";

const PRESETS: &str = "Stability: the device's own value still matches after 30 days. Coincidence: a random other device's value matches. Both \
measured on `apify, desktop` with 20,000 devices (`quality weights --devices 20000 --seed 7`) and used for the evidence. The weights of \
`browser` are halfway from equal to logit(stability) - logit(coincidence), the coincidence taken once among random devices and once among \
devices of the same browser and system, and averaged; the weights of `headers` follow from its two points (a moved network is accepted or \
not) and from the bound on what browser and system decide together. Both were chosen among a few tables by their results on apify's \
populations; `user-agents` was only judged.";
