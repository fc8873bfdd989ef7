//! Components from request headers: what `docs/components.md` calls derived.

mod brands;
mod element;
mod families;
mod lists;
mod marks;
mod table;
mod user_agent;
mod words;

pub(crate) use brands::{brands, unquoted};
pub(crate) use element::Element;
pub(crate) use lists::{is_counted_name, items};
pub(crate) use user_agent::UserAgent;

#[cfg(feature = "_tools")]
pub(crate) use user_agent::{devices, families, systems, words};
