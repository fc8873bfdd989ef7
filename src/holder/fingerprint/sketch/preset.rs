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

const fn weighted(component: Component, weight: u16, stability: u16, coincidence: u16) -> Weighted {
    Weighted::new(component, weight).with_rates(stability, coincidence)
}

const fn optional(component: Component, weight: u16, stability: u16, coincidence: u16) -> Weighted {
    weighted(component, weight, stability, coincidence).with_role(Role::Optional)
}

const fn required(component: Component, weight: u16, stability: u16, coincidence: u16) -> Weighted {
    weighted(component, weight, stability, coincidence).with_role(Role::Required)
}

const fn group(components: &[Component], changes: u8) -> Group {
    Group { components: ComponentSet::of(components), changes }
}

/// Weights per mille. What follows from browser and system together has 300; language and country have the rest but for what a
/// moved network costs, 60, which stays above `accept`.
const HEADERS_ROAMING: &[Weighted] = &[
    weighted(Component::IP_NETWORK, 20, 431, 0),
    weighted(Component::IP_ASN, 40, 769, 27),
    weighted(Component::IP_COUNTRY, 300, 985, 119),
    weighted(Component::UA_FAMILY, 50, 1000, 689),
    weighted(Component::UA_VERSION, 60, 1000, 726),
    weighted(Component::UA_OS, 50, 1000, 531),
    weighted(Component::UA_DEVICE, 10, 1000, 566),
    weighted(Component::CH_BRANDS, 60, 1000, 563),
    weighted(Component::CH_PLATFORM, 10, 1000, 530),
    weighted(Component::CH_MOBILE, 10, 1000, 894),
    weighted(Component::ACCEPT_LANGUAGE, 330, 954, 90),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 5, 1000, 904),
    weighted(Component::ACCEPT_ENCODING, 5, 968, 952),
    weighted(Component::ACCEPT, 15, 942, 655),
    weighted(Component::HEADER_NAMES, 25, 984, 835),
    weighted(Component::PRIVACY, 10, 938, 710),
];

/// As roaming, but a moved network costs enough for step up.
const HEADERS_STRICT: &[Weighted] = &[
    weighted(Component::IP_NETWORK, 120, 431, 0),
    weighted(Component::IP_ASN, 40, 769, 27),
    weighted(Component::IP_COUNTRY, 260, 985, 119),
    weighted(Component::UA_FAMILY, 50, 1000, 689),
    weighted(Component::UA_VERSION, 60, 1000, 726),
    weighted(Component::UA_OS, 50, 1000, 531),
    weighted(Component::UA_DEVICE, 10, 1000, 566),
    weighted(Component::CH_BRANDS, 60, 1000, 563),
    weighted(Component::CH_PLATFORM, 10, 1000, 530),
    weighted(Component::CH_MOBILE, 10, 1000, 894),
    weighted(Component::ACCEPT_LANGUAGE, 270, 954, 90),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 5, 1000, 904),
    weighted(Component::ACCEPT_ENCODING, 5, 968, 952),
    weighted(Component::ACCEPT, 15, 942, 655),
    weighted(Component::HEADER_NAMES, 25, 984, 835),
    weighted(Component::PRIVACY, 10, 938, 710),
];

/// Halfway from equal (100) to the log-odds of stability and coincidence, the coincidence's half with random devices and half
/// with devices of the same browser and system.
const BROWSER: &[Weighted] = &[
    weighted(Component::IP_ASN, 128, 769, 27),
    weighted(Component::IP_COUNTRY, 151, 985, 119),
    weighted(Component::UA_FAMILY, 87, 1000, 689),
    weighted(Component::UA_VERSION, 112, 1000, 726),
    weighted(Component::UA_OS, 92, 1000, 531),
    weighted(Component::UA_DEVICE, 91, 1000, 566),
    weighted(Component::CH_BRANDS, 125, 1000, 563),
    weighted(Component::CH_PLATFORM, 92, 1000, 530),
    weighted(Component::CH_MOBILE, 76, 1000, 894),
    weighted(Component::ACCEPT_LANGUAGE, 137, 954, 90),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 75, 1000, 904),
    weighted(Component::ACCEPT_ENCODING, 54, 968, 952),
    weighted(Component::ACCEPT, 78, 942, 655),
    weighted(Component::HEADER_NAMES, 61, 984, 835),
    weighted(Component::PRIVACY, 79, 938, 710),
    weighted(Component::SCREEN_SIZE, 110, 840, 103),
    weighted(Component::SCREEN_DEPTH, 100, 975, 456),
    weighted(Component::TIMEZONE, 149, 982, 110),
    weighted(Component::LANGUAGES, 139, 957, 78),
    weighted(Component::PLATFORM, 98, 1000, 529),
    weighted(Component::TOUCH, 110, 1000, 835),
    weighted(Component::CPU_CORES, 117, 930, 152),
    weighted(Component::MEMORY, 108, 920, 231),
    weighted(Component::FONTS, 90, 894, 278),
    weighted(Component::PLUGINS, 50, 851, 858),
    weighted(Component::FEATURES, 81, 1000, 815),
    weighted(Component::CANVAS, 157, 778, 1),
    weighted(Component::AUDIO, 75, 932, 481),
    weighted(Component::WEBGL_VENDOR, 113, 965, 238),
    weighted(Component::WEBGL_RENDERER, 135, 905, 19),
    weighted(Component::WEBGL_PARAMETERS, 141, 934, 19),
    optional(Component::INCOGNITO, 51, 944, 942),
    optional(Component::BATTERY, 74, 739, 367),
    optional(Component::NETWORK_TYPE, 76, 1000, 897),
    optional(Component::INPUT_DEVICES, 88, 948, 561),
];

/// A plain count of equal components, without address.
const UNIFORM: &[Weighted] = &[
    weighted(Component::UA_FAMILY, 1, 1000, 689),
    weighted(Component::UA_VERSION, 1, 1000, 726),
    weighted(Component::UA_OS, 1, 1000, 531),
    weighted(Component::UA_DEVICE, 1, 1000, 566),
    weighted(Component::CH_BRANDS, 1, 1000, 563),
    weighted(Component::CH_PLATFORM, 1, 1000, 530),
    weighted(Component::CH_MOBILE, 1, 1000, 894),
    weighted(Component::ACCEPT_LANGUAGE, 1, 954, 90),
    weighted(Component::UPGRADE_INSECURE_REQUESTS, 1, 1000, 904),
    weighted(Component::ACCEPT_ENCODING, 1, 968, 952),
    weighted(Component::ACCEPT, 1, 942, 655),
    weighted(Component::HEADER_NAMES, 1, 984, 835),
    weighted(Component::PRIVACY, 1, 938, 710),
    weighted(Component::SCREEN_SIZE, 1, 840, 103),
    weighted(Component::SCREEN_DEPTH, 1, 975, 456),
    weighted(Component::TIMEZONE, 1, 982, 110),
    weighted(Component::LANGUAGES, 1, 957, 78),
    weighted(Component::PLATFORM, 1, 1000, 529),
    weighted(Component::TOUCH, 1, 1000, 835),
    weighted(Component::CPU_CORES, 1, 930, 152),
    weighted(Component::MEMORY, 1, 920, 231),
    weighted(Component::FONTS, 1, 894, 278),
    weighted(Component::PLUGINS, 1, 851, 858),
    weighted(Component::FEATURES, 1, 1000, 815),
    weighted(Component::CANVAS, 1, 778, 1),
    weighted(Component::AUDIO, 1, 932, 481),
    weighted(Component::WEBGL_VENDOR, 1, 965, 238),
    weighted(Component::WEBGL_RENDERER, 1, 905, 19),
    weighted(Component::WEBGL_PARAMETERS, 1, 934, 19),
];

/// The attributes of FP-Stalker's rules. Weights do not matter here: the groups decide.
const STALKER: &[Weighted] = &[
    weighted(Component::UA_FAMILY, 1, 1000, 689),
    weighted(Component::UA_VERSION, 1, 1000, 726),
    weighted(Component::UA_OS, 1, 1000, 531),
    weighted(Component::UA_DEVICE, 1, 1000, 566),
    weighted(Component::ACCEPT_LANGUAGE, 1, 954, 90),
    weighted(Component::ACCEPT_ENCODING, 1, 968, 952),
    weighted(Component::ACCEPT, 1, 942, 655),
    weighted(Component::SCREEN_SIZE, 1, 840, 103),
    weighted(Component::TIMEZONE, 1, 982, 110),
    weighted(Component::PLATFORM, 1, 1000, 529),
    weighted(Component::PLUGINS, 1, 851, 858),
    weighted(Component::CANVAS, 1, 778, 1),
    weighted(Component::WEBGL_VENDOR, 1, 965, 238),
    weighted(Component::WEBGL_RENDERER, 1, 905, 19),
];

/// For clients without a page: the cookie, what TLS and HTTP/2 look like, and the few headers such a client sends.
const DEVICE: &[Weighted] = &[
    weighted(Component::IP_ASN, 100, 769, 27),
    weighted(Component::UA_FAMILY, 50, 1000, 689),
    weighted(Component::ACCEPT_ENCODING, 50, 968, 952),
    weighted(Component::ACCEPT, 50, 942, 655),
    weighted(Component::HEADER_NAMES, 100, 984, 835),
    weighted(Component::TLS_JA4, 150, 927, 816),
    weighted(Component::HTTP2, 100, 985, 816),
    required(Component::COOKIE, 400, 939, 0),
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
