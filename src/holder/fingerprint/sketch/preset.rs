//! The presets: weights, groups and thresholds as data. Where each number comes from stands in `docs/quality.md`.

use super::{Group, Role, Stages, Thresholds, Weighted};
use crate::holder::fingerprint::component::{Component, ComponentSet};

/// A set of rules by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Preset {
    /// What every request shows; a moved network is accepted, and so are copied headers.
    HeadersRoaming = 1,
    /// As roaming, but a moved network is step up.
    HeadersStrict = 2,
    /// What the page's scripts can see, and the headers.
    Browser = 3,
    /// The components of `Browser`, all equal.
    Uniform = 4,
    /// The published rules for linking evolving fingerprints (Vastel et al., FP-Stalker, 2018).
    Stalker = 5,
    /// As `Stalker`, and the canvas must not change.
    StalkerStrict = 6,
    /// A random cookie and the TLS stack, for clients of an API.
    Device = 7,
}

impl Preset {
    /// Every preset with its name.
    pub const ALL: &'static [(Preset, &'static str)] = &[
        (Preset::HeadersRoaming, "headers"),
        (Preset::HeadersStrict, "headers-strict"),
        (Preset::Browser, "browser"),
        (Preset::Uniform, "uniform"),
        (Preset::Stalker, "stalker"),
        (Preset::StalkerStrict, "stalker-strict"),
        (Preset::Device, "device"),
    ];

    pub(super) const fn rules(self) -> (&'static [Weighted], &'static [Group], Thresholds) {
        match self {
            Preset::HeadersRoaming => (HEADERS, &[], Thresholds::DEFAULT),
            Preset::HeadersStrict => (HEADERS, HEADERS_STRICT_GROUPS, Thresholds::DEFAULT),
            Preset::Browser => (BROWSER, BROWSER_GROUPS, Thresholds::DEFAULT),
            Preset::Uniform => (UNIFORM, &[], Thresholds::DEFAULT),
            Preset::Stalker => (STALKER, STALKER_GROUPS, STALKER_THRESHOLDS),
            Preset::StalkerStrict => (STALKER, STALKER_STRICT_GROUPS, STALKER_THRESHOLDS),
            Preset::Device => (DEVICE, &[], Thresholds::DEFAULT),
        }
    }
}

const fn weighted(component: Component, weight: u16, stability: u16, coincidence: u16) -> Weighted {
    Weighted::new(component, weight).with_rates(stability, coincidence)
}

const fn optional(component: Component, weight: u16, stability: u16, coincidence: u16) -> Weighted {
    weighted(component, weight, stability, coincidence).with_role(Role::Optional)
}

const HEADERS: &[Weighted] = &[weighted(Component::IP_NETWORK, 10, 500, 5), weighted(Component::UA_FAMILY, 5, 995, 500)];
const HEADERS_STRICT_GROUPS: &[Group] = &[Group { components: ComponentSet::of(&[Component::IP_NETWORK]), changes: 0 }];
const BROWSER: &[Weighted] = &[weighted(Component::UA_FAMILY, 10, 995, 500), optional(Component::FONTS, 1, 900, 50)];
const BROWSER_GROUPS: &[Group] = &[];
const UNIFORM: &[Weighted] = BROWSER;
const STALKER: &[Weighted] = BROWSER;
const STALKER_GROUPS: &[Group] = &[];
const STALKER_STRICT_GROUPS: &[Group] = &[];
const STALKER_THRESHOLDS: Thresholds = Thresholds { stages: Stages::Together, ..Thresholds::DEFAULT };
const DEVICE: &[Weighted] = &[weighted(Component::TLS_JA4, 1, 900, 50), weighted(Component::COOKIE, 10, 990, 5)];
