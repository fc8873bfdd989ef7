//! Reading a case strictly: what serde would let pass is refused.

use super::case::Flaw;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A member that is there has a value: `null` is not absence.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads an object. Without the look at its first byte serde would read an array as a struct too.
pub fn object<'c, T: Deserialize<'c>>(text: &'c str) -> Result<T, Flaw> {
    if !text.starts_with('{') {
        return Err(Flaw::NotACase);
    }
    serde_json::from_str(text).map_err(|_| Flaw::NotACase)
}

/// The members of an object, each once.
pub fn members(raw: &RawValue) -> Result<BTreeMap<String, &RawValue>, Flaw> {
    object::<Distinct<'_>>(raw.get()).map(|members| members.0)
}

/// The members of an object that may have only these, each once.
pub fn only<'c>(raw: &'c RawValue, names: &[&str]) -> Result<BTreeMap<String, &'c RawValue>, Flaw> {
    let members = members(raw)?;
    if members.keys().all(|name| names.contains(&name.as_str())) { Ok(members) } else { Err(Flaw::NotACase) }
}

/// An object's members; one that comes twice is an error.
struct Distinct<'c>(BTreeMap<String, &'c RawValue>);

impl<'de> Deserialize<'de> for Distinct<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Distinct<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member twice"));
                    }
                }
                Ok(Distinct(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// True for one of these names; anything else is no case.
pub fn one_of(name: &str, names: &[&str]) -> Result<bool, Flaw> {
    if names.contains(&name) { Ok(true) } else { Err(Flaw::NotACase) }
}
