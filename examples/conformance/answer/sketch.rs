//! The sketch form of `fingerprint`, and `components` of the evidence.

use super::case::Flaw;
use super::strict::{members, object, present};
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Component, ComponentKind, Pepper, Preset, Role, Sketch, Status, Weighted};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What the case says of a sketch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(rename = "form")]
    _form: String,
    #[serde(default = "default_claim")]
    claim: String,
    #[serde(default = "default_preset")]
    preset: String,
    #[serde(default)]
    pepper: String,
    #[serde(default, deserialize_with = "present")]
    accept: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    step_up: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    coverage: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    drift: Option<u16>,
    #[serde(default, deserialize_with = "present")]
    weights: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    optional: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    required: Option<Vec<String>>,
}

fn default_claim() -> String {
    "cmk".into()
}

fn default_preset() -> String {
    "browser".into()
}

/// The rules of a case, with what they borrow.
pub struct Rules {
    members: Members,
    preset: Preset,
    pepper: Vec<u8>,
    weights: Option<Vec<Weighted>>,
    optional: Option<Vec<Component>>,
    required: Option<Vec<Component>>,
}

impl Rules {
    pub fn read(fingerprint: &RawValue) -> Result<Self, Flaw> {
        let members: Members = object(fingerprint.get())?;
        let named = Preset::ALL.iter().find(|(_, name)| *name == members.preset);
        let preset = match (named, members.preset.as_str()) {
            (Some((preset, _)), _) => *preset,
            (None, "headers-roaming") => Preset::HeadersRoaming,
            _ => return Err(Flaw::NotACase),
        };
        let mut pepper = vec![0; members.pepper.len()];
        let pepper = Base64UrlUnpadded::decode(&members.pepper, &mut pepper).map_err(|_| Flaw::NotACase)?.to_vec();
        let weights = members.weights.as_ref().map(|raw| weights(raw)).transpose()?;
        let components = |names: &Vec<String>| names.iter().map(|name| component(name)).collect::<Result<Vec<_>, Flaw>>();
        let (optional, required) = (members.optional.as_ref(), members.required.as_ref());
        let (optional, required) = (optional.map(components).transpose()?, required.map(components).transpose()?);
        Ok(Rules { preset, pepper, weights, optional, required, members })
    }

    /// Hands the rules to `then` as the core knows them.
    pub fn with<T, E: From<Status>>(&self, then: impl FnOnce(&Sketch<'_>) -> Result<T, E>) -> Result<T, E> {
        let peppers = [(0, Pepper::new(&self.pepper)?)];
        let base = Sketch::preset(self.preset, &self.members.claim, &peppers);
        let listed = self.weights.as_deref().unwrap_or(base.components);
        let mut components: Vec<Weighted> =
            listed.iter().map(|weighted| weighted.with_role(self.role(weighted.component, weighted.role))).collect();
        // A required component without a weight is compared all the same, and is in no sum.
        for component in self.required.iter().flatten() {
            if !components.iter().any(|weighted| weighted.component == *component) {
                components.push(Weighted::new(*component, 0).with_role(Role::Required));
            }
        }
        components.sort_by_key(|weighted| weighted.component);
        let groups = if self.weights.is_some() { &[] } else { base.groups };
        let mut thresholds = base.thresholds;
        thresholds.accept = self.members.accept.unwrap_or(thresholds.accept);
        thresholds.step_up = self.members.step_up.unwrap_or(thresholds.step_up);
        thresholds.coverage = self.members.coverage.unwrap_or(thresholds.coverage);
        thresholds.drift = self.members.drift.unwrap_or(thresholds.drift);
        then(&Sketch { components: &components, groups, thresholds, ..base })
    }

    /// A list that the case gives replaces the preset's.
    fn role(&self, component: Component, role: Role) -> Role {
        let listed = |list: &Option<Vec<Component>>| list.as_ref().is_some_and(|list| list.contains(&component));
        match role {
            _ if listed(&self.required) => Role::Required,
            _ if listed(&self.optional) => Role::Optional,
            Role::Optional if self.optional.is_some() => Role::Normal,
            Role::Required if self.required.is_some() => Role::Normal,
            role => role,
        }
    }
}

fn component(name: &str) -> Result<Component, Flaw> {
    Component::from_name(name).ok_or(Flaw::NotACase)
}

fn weights(raw: &RawValue) -> Result<Vec<Weighted>, Flaw> {
    let weighted = |(name, weight): (String, &RawValue)| {
        let weight = serde_json::from_str(weight.get()).map_err(|_| Flaw::NotACase)?;
        Ok(Weighted::new(component(&name)?, weight))
    };
    let mut weights: Vec<Weighted> = members(raw)?.into_iter().map(weighted).collect::<Result<_, Flaw>>()?;
    weights.sort_by_key(|weighted| weighted.component);
    Ok(weights)
}

/// A component's value in JSON: a string, an array of strings, an integer or a boolean.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Set(Vec<String>),
    Integer(i64),
    Boolean(bool),
}

/// The evidence's components, flat.
#[derive(Default)]
pub struct Supplied {
    pub values: Vec<(Component, String)>,
    pub asn: String,
    pub country: String,
    pub organisation: String,
    pub isp: String,
}

impl Supplied {
    pub fn read(raw: &RawValue) -> Result<Self, Flaw> {
        let mut supplied = Supplied::default();
        for (name, value) in members(raw)? {
            let value = serde_json::from_str(value.get()).map_err(|_| Flaw::NotACase)?;
            let component = component(&name)?;
            let texts = match value {
                Value::Text(text) => vec![text],
                Value::Set(_) if component.kind() != ComponentKind::Set => return Err(Flaw::NotACase),
                // The empty set is the set of one empty element.
                Value::Set(elements) if elements.is_empty() => vec![String::new()],
                Value::Set(elements) => elements,
                Value::Integer(number) => vec![number.to_string()],
                Value::Boolean(truth) => vec![truth.to_string()],
            };
            // The core has places of their own for what a host looks up by the address.
            let looked_up = match component {
                Component::IP_ASN => Some(&mut supplied.asn),
                Component::IP_COUNTRY => Some(&mut supplied.country),
                Component::IP_ORGANISATION => Some(&mut supplied.organisation),
                Component::IP_ISP => Some(&mut supplied.isp),
                _ => None,
            };
            match looked_up {
                Some(place) => *place = texts.concat(),
                None => supplied.values.extend(texts.into_iter().map(|text| (component, text))),
            }
        }
        Ok(supplied)
    }
}
