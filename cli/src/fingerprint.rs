//! `countermark fingerprint`: the components that a client shows.

use crate::client::{Client, ClientFiles};
use crate::derive;
use crate::failure::{Answer, Failure};
use crate::policy::Settings;
use crate::rules::{self, Compared, PepperFile, kind, name_of};
use crate::show::{BOLD, DIM, plain_bytes, put, say, styled};
use crate::verify::names;
use clap::Args;
use countermark::{
    Component, ComponentKind, ComponentSet, ENTRIES_MAX, Evidence, NewSketch, Pepper, SALT_BYTES, Scheme, Sketch,
    Thresholds, Weighted,
};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
pub struct Files {
    #[command(flatten)]
    client: ClientFiles,
    /// A policy with a fingerprint: says what of it the client shows, or the digest
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The pepper of fingerprints, where the policy needs one
    #[arg(long, value_name = "[NUMBER=]FILE")]
    pepper: Vec<PepperFile>,
}

/// What the policy says beside the components.
enum Beside {
    Nothing,
    Digest(String),
    /// Components of the policy that the client does not show.
    Missing(ComponentSet),
}

pub fn run(files: &Files, as_json: bool) -> Result<Answer, Failure> {
    let settings = Settings::read(files.policy.as_deref())?;
    let peppers = rules::peppers(&files.pepper)?;
    let client = Client::read(&files.client)?;
    let observed = client.with(Scheme::Bearer, |evidence| observed(&client, evidence))?;
    let beside = rules::with(settings.fingerprint.as_ref(), &peppers, |compared| match compared {
        Compared::Nothing => Ok(Beside::Nothing),
        Compared::Digest(recipe) => client.with(Scheme::Bearer, |evidence| {
            let mut text = [0; 64];
            let digest = recipe.digest(evidence, &mut text).map_err(|status| Failure::of("the client", status))?;
            Ok(Beside::Digest(digest.to_string()))
        }),
        Compared::Sketch(sketch) => {
            let asked = sketch.components.iter().fold(ComponentSet::EMPTY, |set, weighted| set.with(weighted.component));
            Ok(Beside::Missing(asked.without(observed)))
        }
    })?;
    match as_json {
        true => print_json(&client, observed, &beside),
        false => print_text(&client, observed, &beside),
    }
    Ok(Answer::Accepted)
}

/// The components that the library finds: the entries of a sketch of every component, under a pepper that nobody keeps.
fn observed(client: &Client, evidence: &Evidence<'_>) -> Result<ComponentSet, Failure> {
    let failed = |status| Failure::of("the client", status);
    let mut asked = ComponentSet::of(Component::NAMED);
    client.supplied.iter().for_each(|(component, _)| asked.insert(*component));
    let components: Vec<Weighted> = asked.iter().map(|component| Weighted::new(component, 1)).collect();
    if components.len() > ENTRIES_MAX {
        return Err(Failure::new(format!("the client shows more components of its own than a sketch holds: {ENTRIES_MAX}")));
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| Failure::new("the system has no random bytes"))?;
    let peppers = [(0, Pepper::new(&random).map_err(failed)?)];
    let sketch =
        Sketch { claim: "cmk", peppers: &peppers, components: &components, groups: &[], thresholds: Thresholds::DEFAULT };
    let new = NewSketch { sketch: &sketch, evidence, salt: [0; SALT_BYTES], opt_out: ComponentSet::EMPTY, previous: None };
    let mut text = [0; 1480];
    let score = sketch.compare(new.text(&mut text).map_err(failed)?, &Evidence::NONE).map_err(failed)?;
    // Beside a client that shows nothing every entry is missing, but for the two that are always observed.
    let entries = [score.missing, score.changed, score.matched].into_iter().flat_map(ComponentSet::iter);
    Ok(entries.fold(ComponentSet::EMPTY, ComponentSet::with))
}

fn print_text(client: &Client, observed: ComponentSet, beside: &Beside) {
    say!("{}", styled(BOLD, format!("{:>3} {:<26} {:<8} {:<8} value", "", "component", "kind", "from")));
    for component in observed.iter() {
        let values: Vec<String> = derive::values(client, component).iter().map(|value| plain_bytes(value)).collect();
        let (number, name, from) = (component.number(), name_of(component), derive::source(component));
        let kind = kind(component);
        let value = match component.kind() {
            ComponentKind::Set => format!("{{{}}}", values.join(", ")),
            _ => values.concat(),
        };
        say!("{} {name:<26} {kind:<8} {from:<8} {value}", styled(DIM, format!("{number:>3}")));
    }
    match beside {
        Beside::Nothing => {}
        Beside::Digest(digest) => say!("\ndigest {digest}"),
        Beside::Missing(missing) if missing.is_empty() => say!("\nevery component of the policy is observed"),
        Beside::Missing(missing) => say!("\nof the policy, not observed: {}", names(*missing).join(", ")),
    }
}

fn print_json(client: &Client, observed: ComponentSet, beside: &Beside) {
    let text = |value: &Vec<u8>| Value::from(String::from_utf8_lossy(value).into_owned());
    let component = |component: Component| {
        let values: Vec<Value> = derive::values(client, component).iter().map(text).collect();
        let value = match component.kind() {
            ComponentKind::Set => Value::from(values),
            _ => values.into_iter().next().unwrap_or_default(),
        };
        json!({"component": name_of(component), "number": component.number(), "kind": kind(component),
            "from": derive::source(component), "value": value})
    };
    let mut object = Map::new();
    object.insert("components".into(), observed.iter().map(component).collect());
    match beside {
        Beside::Nothing => {}
        Beside::Digest(digest) => drop(object.insert("digest".into(), json!(digest))),
        Beside::Missing(missing) => drop(object.insert("not_observed".into(), json!(names(*missing)))),
    }
    put!("{}", Value::Object(object));
}
