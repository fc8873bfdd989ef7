//! How a policy compares fingerprints, as the library knows it.

use crate::failure::Failure;
use crate::files;
use crate::strict::{Members, present};
use countermark::{Component, ComponentKind, Pepper, Preset, Recipe, Role, Sketch, Thresholds, Weighted};
use serde::{Deserialize, Deserializer, de::Error};
use std::path::PathBuf;

/// The policy's `fingerprint`.
#[derive(Deserialize)]
#[serde(tag = "form", rename_all = "lowercase")]
pub enum Fingerprint {
    Digest(Digest),
    Sketch(SketchRules),
}

/// The exact form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    #[serde(default = "digest_claim")]
    claim: String,
    #[serde(default)]
    preset: DigestPreset,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DigestPreset {
    /// The field's own: MD5, and no pepper.
    #[default]
    Compat,
    Headers,
}

/// The form that tolerates drift: a preset, and what differs from it. `weights`, when present, replace the preset's and its groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchRules {
    #[serde(default = "sketch_claim")]
    claim: String,
    #[serde(default = "browser", deserialize_with = "preset")]
    preset: Preset,
    #[serde(default, deserialize_with = "present")]
    accept: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    step_up: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    coverage: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    drift: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    behind: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    ahead: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    weights: Option<Members<u16>>,
    #[serde(default, deserialize_with = "present")]
    optional: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    required: Option<Vec<String>>,
}

fn digest_claim() -> String {
    "fp".into()
}

fn sketch_claim() -> String {
    "cmk".into()
}

fn browser() -> Preset {
    Preset::Browser
}

fn preset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Preset, D::Error> {
    let name = String::deserialize(deserializer)?;
    let named = Preset::ALL.iter().find(|(_, known)| *known == name).map(|(preset, _)| *preset);
    named.or((name == "headers-roaming").then_some(Preset::HeadersRoaming)).ok_or_else(|| {
        let known: Vec<&str> = Preset::ALL.iter().map(|(_, name)| *name).collect();
        D::Error::custom(format!("{name:?} is not a preset; they are {}", known.join(", ")))
    })
}

/// The component of this name.
pub fn component(name: &str) -> Result<Component, Failure> {
    Component::from_name(name).ok_or_else(|| Failure::new(format!("{name:?} is not a component; see docs/components.md")))
}

/// A component's name, or its number where it is a host's own.
pub fn name_of(component: Component) -> String {
    if component.name().is_empty() { component.number().to_string() } else { component.name().to_string() }
}

/// How a component is compared, in a word.
pub fn kind(component: Component) -> &'static str {
    match component.kind() {
        ComponentKind::Exact => "exact",
        ComponentKind::Ordinal => "ordinal",
        ComponentKind::Set => "set",
    }
}

/// A pepper's file: `[NUMBER=]FILE`.
#[derive(Clone, Debug)]
pub struct PepperFile {
    number: u8,
    path: PathBuf,
}

impl std::str::FromStr for PepperFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbered = text.split_once('=').and_then(|(number, path)| Some((number.parse().ok()?, path)));
        let (number, path) = numbered.unwrap_or((0, text));
        Ok(PepperFile { number, path: path.into() })
    }
}

/// Peppers by their numbers; the first mints.
pub fn peppers(files: &[PepperFile]) -> Result<Vec<(u8, Pepper)>, Failure> {
    let pepper = |file: &PepperFile| {
        let secret = files::secret("--pepper", &file.path)?;
        Ok((file.number, Pepper::new(&secret).map_err(|status| Failure::of("--pepper", status))?))
    };
    files.iter().map(pepper).collect()
}

/// What is asked of the client's fingerprint.
pub enum Compared<'c> {
    Nothing,
    Digest(Recipe<'c>),
    Sketch(Sketch<'c>),
}

/// Hands the rules to `then` as the library knows them.
pub fn with<T>(
    fingerprint: Option<&Fingerprint>,
    peppers: &[(u8, Pepper)],
    then: impl FnOnce(&Compared<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let missing = || Failure::new("the policy's fingerprint needs a pepper: --pepper FILE");
    match fingerprint {
        None => then(&Compared::Nothing),
        Some(Fingerprint::Digest(Digest { claim, preset: DigestPreset::Compat })) => {
            then(&Compared::Digest(Recipe::compat(claim)))
        }
        Some(Fingerprint::Digest(Digest { claim, preset: DigestPreset::Headers })) => {
            let (_, pepper) = peppers.first().ok_or_else(missing)?;
            then(&Compared::Digest(Recipe::headers(claim, pepper)))
        }
        Some(Fingerprint::Sketch(rules)) if !peppers.is_empty() => rules.with(peppers, then),
        Some(Fingerprint::Sketch(_)) => Err(missing()),
    }
}

impl SketchRules {
    fn with<T>(
        &self,
        peppers: &[(u8, Pepper)],
        then: impl FnOnce(&Compared<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let base = Sketch::preset(self.preset, &self.claim, peppers);
        let (components, thresholds) = self.compared()?;
        let groups = if self.weights.is_some() { &[] } else { base.groups };
        let sketch = Sketch { components: &components, groups, thresholds, ..base };
        sketch.check().map_err(|status| Failure::of("the policy's fingerprint", status))?;
        then(&Compared::Sketch(sketch))
    }

    /// The components and the thresholds, which need no pepper.
    pub fn compared(&self) -> Result<(Vec<Weighted>, Thresholds), Failure> {
        let preset = Sketch::preset(self.preset, &self.claim, &[]);
        let thresholds = Thresholds {
            accept: self.accept.unwrap_or(preset.thresholds.accept),
            step_up: self.step_up.unwrap_or(preset.thresholds.step_up),
            coverage: self.coverage.unwrap_or(preset.thresholds.coverage),
            drift: self.drift.unwrap_or(preset.thresholds.drift),
            behind: self.behind.unwrap_or(preset.thresholds.behind),
            ahead: self.ahead.unwrap_or(preset.thresholds.ahead),
            ..preset.thresholds
        };
        Ok((self.components(preset.components)?, thresholds))
    }

    /// The components with their weights and roles, in ascending order.
    fn components(&self, of_preset: &[Weighted]) -> Result<Vec<Weighted>, Failure> {
        let listed = |names: &Option<Vec<String>>| -> Result<Option<Vec<Component>>, Failure> {
            names.as_ref().map(|names| names.iter().map(|name| component(name)).collect()).transpose()
        };
        let (optional, required) = (listed(&self.optional)?, listed(&self.required)?);
        let mut components = match &self.weights {
            None => of_preset.to_vec(),
            Some(Members(weights)) => {
                let weighted = |(name, weight): &(String, u16)| Ok(Weighted::new(component(name)?, *weight));
                weights.iter().map(weighted).collect::<Result<_, Failure>>()?
            }
        };
        // A required component without a weight is compared all the same, and is in no sum.
        for component in required.iter().flatten() {
            if !components.iter().any(|weighted| weighted.component == *component) {
                components.push(Weighted::new(*component, 0));
            }
        }
        let is_in = |list: &Option<Vec<Component>>, component| list.as_ref().is_some_and(|list| list.contains(&component));
        for weighted in &mut components {
            // A list that the policy gives replaces the preset's.
            weighted.role = match weighted.role {
                _ if is_in(&required, weighted.component) => Role::Required,
                _ if is_in(&optional, weighted.component) => Role::Optional,
                Role::Optional if optional.is_some() => Role::Normal,
                Role::Required if required.is_some() => Role::Normal,
                role => role,
            };
        }
        components.sort_by_key(|weighted| weighted.component);
        Ok(components)
    }
}
