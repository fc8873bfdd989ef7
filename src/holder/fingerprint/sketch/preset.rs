//! The presets: weights, groups and thresholds as data. Where each number comes from stands in `docs/quality.md`.

use super::{Group, Role, Thresholds, Weighted};
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
        const DEFAULT: Thresholds = Thresholds::DEFAULT;
        match self {
            Preset::HeadersRoaming => (HEADERS_ROAMING, &[], Thresholds { accept: 915, step_up: 600, ..DEFAULT }),
            Preset::HeadersStrict => (HEADERS_STRICT, &[], Thresholds { accept: 900, step_up: 500, drift: 400, ..DEFAULT }),
            Preset::Browser => (BROWSER, &[ONE_SETTING], Thresholds { accept: 780, step_up: 650, ..DEFAULT }),
            Preset::Uniform => (UNIFORM, &[], DEFAULT),
            Preset::Stalker => (STALKER, STALKER_GROUPS, STALKER_THRESHOLDS),
            Preset::StalkerStrict => (STALKER, STALKER_STRICT_GROUPS, STALKER_THRESHOLDS),
            Preset::Device => (DEVICE, &[], Thresholds { accept: 800, step_up: 600, ..DEFAULT }),
        }
    }
}

/// How often one device keeps a component after 30 days, and how often two devices share it, per mille.
const fn rates(component: Component) -> (u16, u16) {
    match component {
        Component::IP_NETWORK => (431, 0),
        Component::IP_ASN => (769, 27),
        Component::IP_COUNTRY => (985, 119),
        Component::UA_FAMILY => (1000, 689),
        Component::UA_VERSION => (1000, 726),
        Component::UA_OS => (1000, 531),
        Component::UA_DEVICE => (1000, 566),
        Component::CH_BRANDS => (1000, 563),
        Component::CH_PLATFORM => (1000, 530),
        Component::CH_MOBILE => (1000, 894),
        Component::ACCEPT_LANGUAGE => (954, 90),
        Component::UPGRADE_INSECURE_REQUESTS => (1000, 904),
        Component::ACCEPT_ENCODING => (968, 952),
        Component::ACCEPT => (942, 655),
        Component::HEADER_NAMES => (984, 835),
        Component::PRIVACY => (938, 710),
        Component::SCREEN_SIZE => (840, 103),
        Component::SCREEN_DEPTH => (975, 456),
        Component::TIMEZONE => (982, 110),
        Component::LANGUAGES => (957, 78),
        Component::PLATFORM => (1000, 529),
        Component::TOUCH => (1000, 835),
        Component::CPU_CORES => (930, 152),
        Component::MEMORY => (920, 231),
        Component::FONTS => (894, 278),
        Component::PLUGINS => (851, 858),
        Component::FEATURES => (1000, 815),
        Component::CANVAS => (778, 1),
        Component::AUDIO => (932, 481),
        Component::WEBGL_VENDOR => (965, 238),
        Component::WEBGL_RENDERER => (905, 19),
        Component::WEBGL_PARAMETERS => (934, 19),
        Component::INCOGNITO => (944, 942),
        Component::BATTERY => (739, 367),
        Component::NETWORK_TYPE => (1000, 897),
        Component::INPUT_DEVICES => (948, 561),
        Component::TLS_JA4 => (927, 816),
        Component::HTTP2 => (985, 816),
        Component::COOKIE => (939, 0),
        _ => (0, 0),
    }
}

const fn weighted(component: Component, weight: u16) -> Weighted {
    let (stability, coincidence) = rates(component);
    Weighted::new(component, weight).with_rates(stability, coincidence)
}

const fn optional(component: Component, weight: u16) -> Weighted {
    weighted(component, weight).with_role(Role::Optional)
}

const fn required(component: Component, weight: u16) -> Weighted {
    weighted(component, weight).with_role(Role::Required)
}

const fn group(components: &[Component], changes: u8) -> Group {
    Group { components: ComponentSet::of(components), changes }
}

/// Weights per mille. What follows from browser and system together has 300; language and country have the rest but for what a
/// moved network costs, 60, which stays above `accept`.
const HEADERS_ROAMING: &[Weighted] = &[
    weighted(Component::IP_NETWORK, 20),
    weighted(Component::IP_ASN, 40),
    weighted(Component::IP_COUNTRY, 300),
    weighted(Component::UA_FAMILY, 50),
    weighted(Component::UA_VERSION, 60),
    weighted(Component::UA_OS, 50),
    weighted(Component::UA_DEVICE, 10),
    weighted(Component::CH_BRANDS, 60),
    weighted(Component::CH_PLATFORM, 10),
    weighted(Component::CH_MOBILE, 10),
    weighted(Component::ACCEPT_LANGUAGE, 330),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 5),
    weighted(Component::ACCEPT_ENCODING, 5),
    weighted(Component::ACCEPT, 15),
    weighted(Component::HEADER_NAMES, 25),
    weighted(Component::PRIVACY, 10),
];

/// As roaming, but a moved network costs enough for step up.
const HEADERS_STRICT: &[Weighted] = &[
    weighted(Component::IP_NETWORK, 120),
    weighted(Component::IP_ASN, 40),
    weighted(Component::IP_COUNTRY, 260),
    weighted(Component::UA_FAMILY, 50),
    weighted(Component::UA_VERSION, 60),
    weighted(Component::UA_OS, 50),
    weighted(Component::UA_DEVICE, 10),
    weighted(Component::CH_BRANDS, 60),
    weighted(Component::CH_PLATFORM, 10),
    weighted(Component::CH_MOBILE, 10),
    weighted(Component::ACCEPT_LANGUAGE, 270),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 5),
    weighted(Component::ACCEPT_ENCODING, 5),
    weighted(Component::ACCEPT, 15),
    weighted(Component::HEADER_NAMES, 25),
    weighted(Component::PRIVACY, 10),
];

/// Halfway from equal (100) to the log-odds of stability and coincidence, the coincidence's half with random devices and half
/// with devices of the same browser and system.
const BROWSER: &[Weighted] = &[
    weighted(Component::IP_ASN, 128),
    weighted(Component::IP_COUNTRY, 151),
    weighted(Component::UA_FAMILY, 87),
    weighted(Component::UA_VERSION, 112),
    weighted(Component::UA_OS, 92),
    weighted(Component::UA_DEVICE, 91),
    weighted(Component::CH_BRANDS, 125),
    weighted(Component::CH_PLATFORM, 92),
    weighted(Component::CH_MOBILE, 76),
    weighted(Component::ACCEPT_LANGUAGE, 137),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 75),
    weighted(Component::ACCEPT_ENCODING, 54),
    weighted(Component::ACCEPT, 78),
    weighted(Component::HEADER_NAMES, 61),
    weighted(Component::PRIVACY, 79),
    weighted(Component::SCREEN_SIZE, 110),
    weighted(Component::SCREEN_DEPTH, 100),
    weighted(Component::TIMEZONE, 149),
    weighted(Component::LANGUAGES, 139),
    weighted(Component::PLATFORM, 98),
    weighted(Component::TOUCH, 110),
    weighted(Component::CPU_CORES, 117),
    weighted(Component::MEMORY, 108),
    weighted(Component::FONTS, 90),
    weighted(Component::PLUGINS, 50),
    weighted(Component::FEATURES, 81),
    weighted(Component::CANVAS, 157),
    weighted(Component::AUDIO, 75),
    weighted(Component::WEBGL_VENDOR, 113),
    weighted(Component::WEBGL_RENDERER, 135),
    weighted(Component::WEBGL_PARAMETERS, 141),
    optional(Component::INCOGNITO, 51),
    optional(Component::BATTERY, 74),
    optional(Component::NETWORK_TYPE, 76),
    optional(Component::INPUT_DEVICES, 88),
];

/// A plain count of equal components, without address.
const UNIFORM: &[Weighted] = &[
    weighted(Component::UA_FAMILY, 1),
    weighted(Component::UA_VERSION, 1),
    weighted(Component::UA_OS, 1),
    weighted(Component::UA_DEVICE, 1),
    weighted(Component::CH_BRANDS, 1),
    weighted(Component::CH_PLATFORM, 1),
    weighted(Component::CH_MOBILE, 1),
    weighted(Component::ACCEPT_LANGUAGE, 1),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 1),
    weighted(Component::ACCEPT_ENCODING, 1),
    weighted(Component::ACCEPT, 1),
    weighted(Component::HEADER_NAMES, 1),
    weighted(Component::PRIVACY, 1),
    weighted(Component::SCREEN_SIZE, 1),
    weighted(Component::SCREEN_DEPTH, 1),
    weighted(Component::TIMEZONE, 1),
    weighted(Component::LANGUAGES, 1),
    weighted(Component::PLATFORM, 1),
    weighted(Component::TOUCH, 1),
    weighted(Component::CPU_CORES, 1),
    weighted(Component::MEMORY, 1),
    weighted(Component::FONTS, 1),
    weighted(Component::PLUGINS, 1),
    weighted(Component::FEATURES, 1),
    weighted(Component::CANVAS, 1),
    weighted(Component::AUDIO, 1),
    weighted(Component::WEBGL_VENDOR, 1),
    weighted(Component::WEBGL_RENDERER, 1),
    weighted(Component::WEBGL_PARAMETERS, 1),
];

/// The attributes of FP-Stalker's rules. Weights do not matter here: the groups decide.
const STALKER: &[Weighted] = &[
    weighted(Component::UA_FAMILY, 1),
    weighted(Component::UA_VERSION, 1),
    weighted(Component::UA_OS, 1),
    weighted(Component::UA_DEVICE, 1),
    weighted(Component::ACCEPT_LANGUAGE, 1),
    weighted(Component::ACCEPT_ENCODING, 1),
    weighted(Component::ACCEPT, 1),
    weighted(Component::SCREEN_SIZE, 1),
    weighted(Component::TIMEZONE, 1),
    weighted(Component::PLATFORM, 1),
    weighted(Component::PLUGINS, 1),
    weighted(Component::CANVAS, 1),
    weighted(Component::WEBGL_VENDOR, 1),
    weighted(Component::WEBGL_RENDERER, 1),
];

/// For clients without a page: the cookie, what TLS and HTTP/2 look like, and the few headers such a client sends.
const DEVICE: &[Weighted] = &[
    weighted(Component::IP_ASN, 100),
    weighted(Component::UA_FAMILY, 50),
    weighted(Component::ACCEPT_ENCODING, 50),
    weighted(Component::ACCEPT, 50),
    weighted(Component::HEADER_NAMES, 100),
    weighted(Component::TLS_JA4, 150),
    weighted(Component::HTTP2, 100),
    required(Component::COOKIE, 400),
];

/// People move, travel or learn a language; rarely two of these between two returns.
const ONE_SETTING: Group = group(&[Component::SCREEN_SIZE, Component::TIMEZONE, Component::LANGUAGES], 1);

/// The rules themselves: same family, system and platform; the version never down (its level is 0 then); at most two changes
/// among what changes slowly, at most one among what changes freely.
const STALKER_GROUPS: &[Group] = &[SAME, SLOW, FREE];
const STALKER_STRICT_GROUPS: &[Group] = &[SAME, SLOW, FREE, group(&[Component::CANVAS], 0)];
const SAME: Group = group(&[Component::UA_FAMILY, Component::UA_VERSION, Component::UA_OS, Component::PLATFORM], 0);
const SLOW: Group = group(
    &[
        Component::UA_DEVICE,
        Component::ACCEPT_LANGUAGE,
        Component::ACCEPT,
        Component::PLUGINS,
        Component::CANVAS,
        Component::WEBGL_VENDOR,
        Component::WEBGL_RENDERER,
    ],
    2,
);
const FREE: Group = group(&[Component::SCREEN_SIZE, Component::ACCEPT_ENCODING, Component::TIMEZONE], 1);
/// Rule met: accept; else step up. Any version above is met, and what is missing meets no rule.
const STALKER_THRESHOLDS: Thresholds =
    Thresholds { accept: 0, step_up: 0, coverage: 1_000, drift: 1_000, behind: u16::MAX, ..Thresholds::DEFAULT };

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::holder::{Pepper, Sketch};

    #[test]
    fn every_preset_is_sound_and_optional_components_hold_a_tenth_at_most() {
        let peppers = [(0, Pepper::new(&[1; 16]).unwrap())];
        for (preset, name) in Preset::ALL {
            let sketch = Sketch::preset(*preset, "cmk", &peppers);
            assert_eq!(sketch.check(), Ok(()), "{name}");
            let sum = |wanted: fn(&&Weighted) -> bool| {
                sketch.components.iter().filter(wanted).map(|weighted| u32::from(weighted.weight)).sum::<u32>()
            };
            let whole = sum(|_| true);
            let optional = sum(|weighted| weighted.role == Role::Optional);
            assert!(optional * 1_000 <= whole * 100, "{name}: {optional} of {whole}");
        }
    }

    #[test]
    fn what_follows_from_browser_and_system_holds_300_per_mille_of_the_headers() {
        for rules in [HEADERS_ROAMING, HEADERS_STRICT] {
            let weight = |follows: bool| -> u32 {
                let is_wanted = |weighted: &&Weighted| {
                    let number = weighted.component.number();
                    ((16..=22).contains(&number) || (24..=27).contains(&number)) == follows
                };
                rules.iter().filter(is_wanted).map(|weighted| u32::from(weighted.weight)).sum()
            };
            assert!(weight(true) * 1_000 <= 300 * (weight(true) + weight(false)), "{}", weight(true));
        }
    }
}
