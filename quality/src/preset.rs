//! The presets as data; the core's are copied from here.
//!
//! Stability (after 30 days) and coincidence (with a random other device) are measured by `quality weights` from the published
//! rates of `rates.rs` on apify's desktops. How far the weights of `browser` go from equal, and the weights of `headers`, were
//! chosen among a few tables by their results on apify's populations; `user-agents` was only judged.

use crate::component::*;
use crate::score::{Group, Preset, Rule};

/// Number, weight, stability and coincidence per mille.
const fn rule(number: u8, weight: u16, stability: u16, coincidence: u16) -> Rule {
    Rule { number, weight, stability, coincidence, optional: false, required: false }
}

const fn optional(number: u8, weight: u16, stability: u16, coincidence: u16) -> Rule {
    Rule { optional: true, ..rule(number, weight, stability, coincidence) }
}

const fn required(number: u8, weight: u16, stability: u16, coincidence: u16) -> Rule {
    Rule { required: true, ..rule(number, weight, stability, coincidence) }
}

/// The defaults of `fingerprints.md`.
const PLAIN: Preset = Preset {
    name: "",
    rules: &[],
    groups: &[],
    accept: 850,
    step_up: 700,
    coverage: 900,
    drift: 300,
    generation: 64,
    behind: 26,
};

/// Weights per mille. What browser and system decide together has 300, so that a browser as common as any cannot carry a
/// stranger; language and country have the rest but for what a moved network costs, 60, which stays above `accept`.
const HEADERS_ROAMING_RULES: &[Rule] = &[
    rule(IP_NETWORK, 20, 431, 0),
    rule(IP_ASN, 40, 769, 27),
    rule(IP_COUNTRY, 300, 985, 119),
    rule(UA_FAMILY, 50, 1000, 689),
    rule(UA_VERSION, 60, 1000, 726),
    rule(UA_OS, 50, 1000, 531),
    rule(UA_DEVICE, 10, 1000, 566),
    rule(CH_BRANDS, 60, 1000, 563),
    rule(CH_PLATFORM, 10, 1000, 530),
    rule(CH_MOBILE, 10, 1000, 894),
    rule(ACCEPT_LANGUAGE, 330, 954, 90),
    rule(UPGRADE_INSECURE_REQUESTS, 5, 1000, 904),
    rule(ACCEPT_ENCODING, 5, 968, 952),
    rule(ACCEPT, 15, 942, 655),
    rule(HEADER_NAMES, 25, 984, 835),
    rule(PRIVACY, 10, 938, 710),
];

/// As roaming, but a moved /24 alone costs 120, which is below `accept`.
const HEADERS_STRICT_RULES: &[Rule] = &[
    rule(IP_NETWORK, 120, 431, 0),
    rule(IP_ASN, 40, 769, 27),
    rule(IP_COUNTRY, 260, 985, 119),
    rule(UA_FAMILY, 50, 1000, 689),
    rule(UA_VERSION, 60, 1000, 726),
    rule(UA_OS, 50, 1000, 531),
    rule(UA_DEVICE, 10, 1000, 566),
    rule(CH_BRANDS, 60, 1000, 563),
    rule(CH_PLATFORM, 10, 1000, 530),
    rule(CH_MOBILE, 10, 1000, 894),
    rule(ACCEPT_LANGUAGE, 270, 954, 90),
    rule(UPGRADE_INSECURE_REQUESTS, 5, 1000, 904),
    rule(ACCEPT_ENCODING, 5, 968, 952),
    rule(ACCEPT, 15, 942, 655),
    rule(HEADER_NAMES, 25, 984, 835),
    rule(PRIVACY, 10, 938, 710),
];

/// Weights halfway from equal (100) to the log-odds: logit(stability) - logit(coincidence), the coincidence's half with random
/// devices and half with devices of the same browser and system.
const BROWSER_RULES: &[Rule] = &[
    rule(IP_ASN, 128, 769, 27),
    rule(IP_COUNTRY, 151, 985, 119),
    rule(UA_FAMILY, 87, 1000, 689),
    rule(UA_VERSION, 112, 1000, 726),
    rule(UA_OS, 92, 1000, 531),
    rule(UA_DEVICE, 91, 1000, 566),
    rule(CH_BRANDS, 125, 1000, 563),
    rule(CH_PLATFORM, 92, 1000, 530),
    rule(CH_MOBILE, 76, 1000, 894),
    rule(ACCEPT_LANGUAGE, 137, 954, 90),
    rule(UPGRADE_INSECURE_REQUESTS, 75, 1000, 904),
    rule(ACCEPT_ENCODING, 54, 968, 952),
    rule(ACCEPT, 78, 942, 655),
    rule(HEADER_NAMES, 61, 984, 835),
    rule(PRIVACY, 79, 938, 710),
    rule(SCREEN_SIZE, 110, 840, 103),
    rule(SCREEN_DEPTH, 100, 975, 456),
    rule(TIMEZONE, 149, 982, 110),
    rule(LANGUAGES, 139, 957, 78),
    rule(PLATFORM, 98, 1000, 529),
    rule(TOUCH, 110, 1000, 835),
    rule(CPU_CORES, 117, 930, 152),
    rule(MEMORY, 108, 920, 231),
    rule(FONTS, 90, 894, 278),
    rule(PLUGINS, 50, 851, 858),
    rule(FEATURES, 81, 1000, 815),
    rule(CANVAS, 157, 778, 1),
    rule(AUDIO, 75, 932, 481),
    rule(WEBGL_VENDOR, 113, 965, 238),
    rule(WEBGL_RENDERER, 135, 905, 19),
    rule(WEBGL_PARAMETERS, 141, 934, 19),
    optional(INCOGNITO, 51, 944, 942),
    optional(BATTERY, 74, 739, 367),
    optional(NETWORK_TYPE, 76, 1000, 897),
    optional(INPUT_DEVICES, 88, 948, 561),
];

/// A plain count of equal components, without address.
const UNIFORM_RULES: &[Rule] = &[
    rule(UA_FAMILY, 1, 1000, 689),
    rule(UA_VERSION, 1, 1000, 726),
    rule(UA_OS, 1, 1000, 531),
    rule(UA_DEVICE, 1, 1000, 566),
    rule(CH_BRANDS, 1, 1000, 563),
    rule(CH_PLATFORM, 1, 1000, 530),
    rule(CH_MOBILE, 1, 1000, 894),
    rule(ACCEPT_LANGUAGE, 1, 954, 90),
    rule(UPGRADE_INSECURE_REQUESTS, 1, 1000, 904),
    rule(ACCEPT_ENCODING, 1, 968, 952),
    rule(ACCEPT, 1, 942, 655),
    rule(HEADER_NAMES, 1, 984, 835),
    rule(PRIVACY, 1, 938, 710),
    rule(SCREEN_SIZE, 1, 840, 103),
    rule(SCREEN_DEPTH, 1, 975, 456),
    rule(TIMEZONE, 1, 982, 110),
    rule(LANGUAGES, 1, 957, 78),
    rule(PLATFORM, 1, 1000, 529),
    rule(TOUCH, 1, 1000, 835),
    rule(CPU_CORES, 1, 930, 152),
    rule(MEMORY, 1, 920, 231),
    rule(FONTS, 1, 894, 278),
    rule(PLUGINS, 1, 851, 858),
    rule(FEATURES, 1, 1000, 815),
    rule(CANVAS, 1, 778, 1),
    rule(AUDIO, 1, 932, 481),
    rule(WEBGL_VENDOR, 1, 965, 238),
    rule(WEBGL_RENDERER, 1, 905, 19),
    rule(WEBGL_PARAMETERS, 1, 934, 19),
];

/// The attributes of FP-Stalker's rules (Vastel et al. 2018; the authors' `algo.py`): weights do not matter, the groups decide.
const STALKER_RULES: &[Rule] = &[
    rule(UA_FAMILY, 1, 1000, 689),
    rule(UA_VERSION, 1, 1000, 726),
    rule(UA_OS, 1, 1000, 531),
    rule(UA_DEVICE, 1, 1000, 566),
    rule(ACCEPT_LANGUAGE, 1, 954, 90),
    rule(ACCEPT_ENCODING, 1, 968, 952),
    rule(ACCEPT, 1, 942, 655),
    rule(SCREEN_SIZE, 1, 840, 103),
    rule(TIMEZONE, 1, 982, 110),
    rule(PLATFORM, 1, 1000, 529),
    rule(PLUGINS, 1, 851, 858),
    rule(CANVAS, 1, 778, 1),
    rule(WEBGL_VENDOR, 1, 965, 238),
    rule(WEBGL_RENDERER, 1, 905, 19),
];

/// For clients without a page: the cookie, what TLS and HTTP/2 look like, and the few headers such a client sends.
const DEVICE_RULES: &[Rule] = &[
    rule(IP_ASN, 100, 769, 27),
    rule(UA_FAMILY, 50, 1000, 689),
    rule(ACCEPT_ENCODING, 50, 968, 952),
    rule(ACCEPT, 50, 942, 655),
    rule(HEADER_NAMES, 100, 984, 835),
    rule(TLS_JA4, 150, 927, 816),
    rule(HTTP2, 100, 985, 816),
    required(COOKIE, 400, 939, 0),
];

pub const HEADERS_ROAMING: Preset =
    Preset { name: "headers roaming", rules: HEADERS_ROAMING_RULES, accept: 915, step_up: 600, ..PLAIN };

pub const HEADERS_STRICT: Preset =
    Preset { name: "headers strict", rules: HEADERS_STRICT_RULES, accept: 900, step_up: 500, drift: 400, ..PLAIN };

pub const BROWSER: Preset = Preset {
    name: "browser",
    rules: BROWSER_RULES,
    groups: &[Group { members: &[SCREEN_SIZE, TIMEZONE, LANGUAGES], allowed: 1 }],
    accept: 780,
    step_up: 650,
    ..PLAIN
};

pub const UNIFORM: Preset = Preset { name: "uniform", rules: UNIFORM_RULES, ..PLAIN };

/// At most two changes among these.
const SIMILAR: Group =
    Group { members: &[UA_DEVICE, ACCEPT_LANGUAGE, ACCEPT, PLUGINS, CANVAS, WEBGL_VENDOR, WEBGL_RENDERER], allowed: 2 };
/// At most one change among these.
const FREE: Group = Group { members: &[SCREEN_SIZE, ACCEPT_ENCODING, TIMEZONE], allowed: 1 };
/// Same browser, system and platform. A version that went down has level 0: it is changed.
const SAME: Group = Group { members: &[UA_FAMILY, UA_VERSION, UA_OS, PLATFORM], allowed: 0 };
const SAME_CANVAS: Group = Group { members: &[CANVAS], allowed: 0 };

pub const STALKER: Preset = Preset {
    name: "stalker",
    rules: STALKER_RULES,
    groups: &[SIMILAR, FREE, SAME],
    accept: 0,
    step_up: 0,
    coverage: 1000,
    drift: 1000,
    behind: 65_535,
    ..PLAIN
};

pub const STALKER_STRICT: Preset =
    Preset { name: "stalker-strict", groups: &[SIMILAR, FREE, SAME, SAME_CANVAS], ..STALKER };

pub const DEVICE: Preset = Preset { name: "device", rules: DEVICE_RULES, accept: 800, step_up: 600, ..PLAIN };

pub const ALL: [&Preset; 7] = [&HEADERS_ROAMING, &HEADERS_STRICT, &BROWSER, &UNIFORM, &STALKER, &STALKER_STRICT, &DEVICE];

#[cfg(test)]
mod tests {
    use super::*;

    fn share(preset: &Preset, of: impl Fn(&Rule) -> bool) -> u32 {
        let weight = |of: &dyn Fn(&Rule) -> bool| -> u32 {
            preset.rules.iter().filter(|rule| of(rule)).map(|rule| u32::from(rule.weight)).sum()
        };
        1000 * weight(&of) / weight(&|_| true)
    }

    #[test]
    fn optional_components_hold_a_tenth_at_most() {
        for preset in ALL {
            assert!(share(preset, |rule| rule.optional) <= 100, "{}", preset.name);
        }
    }

    #[test]
    fn what_follows_from_browser_and_system_is_bounded_in_headers() {
        for preset in [&HEADERS_ROAMING, &HEADERS_STRICT] {
            assert!(share(preset, |rule| COMPONENTS[place(rule.number)].follows) <= 300, "{}", preset.name);
            assert_eq!(preset.rules.iter().map(|rule| rule.weight).sum::<u16>(), 1000, "{}", preset.name);
        }
    }

    /// The two points of `fingerprints.md`: a network and provider that changed, everything else equal.
    #[test]
    fn a_moved_network_is_accepted_or_steps_up() {
        let moved = |preset: &Preset, numbers: &[u8]| 1000 - share(preset, |rule| numbers.contains(&rule.number));
        assert!(moved(&HEADERS_ROAMING, &[IP_NETWORK, IP_ASN]) >= HEADERS_ROAMING.accept);
        let strict = moved(&HEADERS_STRICT, &[IP_NETWORK]);
        assert!(strict < HEADERS_STRICT.accept && strict >= HEADERS_STRICT.step_up);
        let travelled = moved(&HEADERS_ROAMING, &[IP_NETWORK, IP_ASN, IP_COUNTRY]);
        assert!(travelled < HEADERS_ROAMING.accept && travelled >= HEADERS_ROAMING.step_up);
    }

    #[test]
    fn the_browser_preset_is_at_most_halfway_from_equal() {
        let mean = BROWSER.rules.iter().map(|rule| f64::from(rule.weight)).sum::<f64>() / BROWSER.rules.len() as f64;
        for rule in BROWSER.rules {
            assert!(f64::from(rule.weight) >= 0.49 * mean, "{}", rule.number);
        }
    }

    #[test]
    fn numbers_ascend_and_weights_are_whole() {
        for preset in ALL {
            assert!(preset.rules.windows(2).all(|pair| pair[0].number < pair[1].number), "{}", preset.name);
            assert!(preset.rules.iter().all(|rule| (1..=1000).contains(&rule.weight)), "{}", preset.name);
            assert!(preset.step_up <= preset.accept && preset.accept <= 1000, "{}", preset.name);
        }
    }
}
