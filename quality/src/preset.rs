//! The presets as data; the core's are copied from here.
//!
//! Stability (after 30 days) and coincidence (with a random other device) are measured by `quality weights` from the published
//! rates of `rates.rs` on apify's desktops. How far the weights of `browser` go from equal, and the weights of `headers`, were
//! chosen among a few tables by their results on apify's populations; `user-agents` was only judged.

use crate::component::*;
use crate::score::{Group, Preset, Rule};

/// Stability and coincidence of a component, per mille.
const fn rates(number: u8) -> (u16, u16) {
    match number {
        IP_NETWORK => (431, 0),
        IP_ASN => (769, 27),
        IP_COUNTRY => (985, 119),
        UA_FAMILY => (1000, 689),
        UA_VERSION => (1000, 726),
        UA_OS => (1000, 531),
        UA_DEVICE => (1000, 566),
        CH_BRANDS => (1000, 563),
        CH_PLATFORM => (1000, 530),
        CH_MOBILE => (1000, 894),
        ACCEPT_LANGUAGE => (954, 90),
        UPGRADE_INSECURE_REQUESTS => (1000, 904),
        ACCEPT_ENCODING => (968, 952),
        ACCEPT => (942, 655),
        HEADER_NAMES => (984, 835),
        PRIVACY => (938, 710),
        SCREEN_SIZE => (840, 103),
        SCREEN_DEPTH => (975, 456),
        TIMEZONE => (982, 110),
        LANGUAGES => (957, 78),
        PLATFORM => (1000, 529),
        TOUCH => (1000, 835),
        CPU_CORES => (930, 152),
        MEMORY => (920, 231),
        FONTS => (894, 278),
        PLUGINS => (851, 858),
        FEATURES => (1000, 815),
        CANVAS => (778, 1),
        AUDIO => (932, 481),
        WEBGL_VENDOR => (965, 238),
        WEBGL_RENDERER => (905, 19),
        WEBGL_PARAMETERS => (934, 19),
        INCOGNITO => (944, 942),
        BATTERY => (739, 367),
        NETWORK_TYPE => (1000, 897),
        INPUT_DEVICES => (948, 561),
        TLS_JA4 => (927, 816),
        HTTP2 => (985, 816),
        COOKIE => (939, 0),
        _ => panic!("a component without rates"),
    }
}

/// Number and weight.
const fn rule(number: u8, weight: u16) -> Rule {
    let (stability, coincidence) = rates(number);
    Rule { number, weight, stability, coincidence, optional: false, required: false }
}

const fn optional(number: u8, weight: u16) -> Rule {
    Rule { optional: true, ..rule(number, weight) }
}

const fn required(number: u8, weight: u16) -> Rule {
    Rule { required: true, ..rule(number, weight) }
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
    rule(IP_NETWORK, 20),
    rule(IP_ASN, 40),
    rule(IP_COUNTRY, 300),
    rule(UA_FAMILY, 50),
    rule(UA_VERSION, 60),
    rule(UA_OS, 50),
    rule(UA_DEVICE, 10),
    rule(CH_BRANDS, 60),
    rule(CH_PLATFORM, 10),
    rule(CH_MOBILE, 10),
    rule(ACCEPT_LANGUAGE, 330),
    rule(UPGRADE_INSECURE_REQUESTS, 5),
    rule(ACCEPT_ENCODING, 5),
    rule(ACCEPT, 15),
    rule(HEADER_NAMES, 25),
    rule(PRIVACY, 10),
];

/// As roaming, but a moved /24 alone costs 120, which is below `accept`.
const HEADERS_STRICT_RULES: &[Rule] = &[
    rule(IP_NETWORK, 120),
    rule(IP_ASN, 40),
    rule(IP_COUNTRY, 260),
    rule(UA_FAMILY, 50),
    rule(UA_VERSION, 60),
    rule(UA_OS, 50),
    rule(UA_DEVICE, 10),
    rule(CH_BRANDS, 60),
    rule(CH_PLATFORM, 10),
    rule(CH_MOBILE, 10),
    rule(ACCEPT_LANGUAGE, 270),
    rule(UPGRADE_INSECURE_REQUESTS, 5),
    rule(ACCEPT_ENCODING, 5),
    rule(ACCEPT, 15),
    rule(HEADER_NAMES, 25),
    rule(PRIVACY, 10),
];

/// Weights halfway from equal (100) to the log-odds: logit(stability) - logit(coincidence), the coincidence's half with random
/// devices and half with devices of the same browser and system.
const BROWSER_RULES: &[Rule] = &[
    rule(IP_ASN, 128),
    rule(IP_COUNTRY, 151),
    rule(UA_FAMILY, 87),
    rule(UA_VERSION, 112),
    rule(UA_OS, 92),
    rule(UA_DEVICE, 91),
    rule(CH_BRANDS, 125),
    rule(CH_PLATFORM, 92),
    rule(CH_MOBILE, 76),
    rule(ACCEPT_LANGUAGE, 137),
    rule(UPGRADE_INSECURE_REQUESTS, 75),
    rule(ACCEPT_ENCODING, 54),
    rule(ACCEPT, 78),
    rule(HEADER_NAMES, 61),
    rule(PRIVACY, 79),
    rule(SCREEN_SIZE, 110),
    rule(SCREEN_DEPTH, 100),
    rule(TIMEZONE, 149),
    rule(LANGUAGES, 139),
    rule(PLATFORM, 98),
    rule(TOUCH, 110),
    rule(CPU_CORES, 117),
    rule(MEMORY, 108),
    rule(FONTS, 90),
    rule(PLUGINS, 50),
    rule(FEATURES, 81),
    rule(CANVAS, 157),
    rule(AUDIO, 75),
    rule(WEBGL_VENDOR, 113),
    rule(WEBGL_RENDERER, 135),
    rule(WEBGL_PARAMETERS, 141),
    optional(INCOGNITO, 51),
    optional(BATTERY, 74),
    optional(NETWORK_TYPE, 76),
    optional(INPUT_DEVICES, 88),
];

/// A plain count of equal components, without address.
const UNIFORM_RULES: &[Rule] = &[
    rule(UA_FAMILY, 1),
    rule(UA_VERSION, 1),
    rule(UA_OS, 1),
    rule(UA_DEVICE, 1),
    rule(CH_BRANDS, 1),
    rule(CH_PLATFORM, 1),
    rule(CH_MOBILE, 1),
    rule(ACCEPT_LANGUAGE, 1),
    rule(UPGRADE_INSECURE_REQUESTS, 1),
    rule(ACCEPT_ENCODING, 1),
    rule(ACCEPT, 1),
    rule(HEADER_NAMES, 1),
    rule(PRIVACY, 1),
    rule(SCREEN_SIZE, 1),
    rule(SCREEN_DEPTH, 1),
    rule(TIMEZONE, 1),
    rule(LANGUAGES, 1),
    rule(PLATFORM, 1),
    rule(TOUCH, 1),
    rule(CPU_CORES, 1),
    rule(MEMORY, 1),
    rule(FONTS, 1),
    rule(PLUGINS, 1),
    rule(FEATURES, 1),
    rule(CANVAS, 1),
    rule(AUDIO, 1),
    rule(WEBGL_VENDOR, 1),
    rule(WEBGL_RENDERER, 1),
    rule(WEBGL_PARAMETERS, 1),
];

/// The attributes of FP-Stalker's rules (Vastel et al. 2018; the authors' `algo.py`): weights do not matter, the groups decide.
const STALKER_RULES: &[Rule] = &[
    rule(UA_FAMILY, 1),
    rule(UA_VERSION, 1),
    rule(UA_OS, 1),
    rule(UA_DEVICE, 1),
    rule(ACCEPT_LANGUAGE, 1),
    rule(ACCEPT_ENCODING, 1),
    rule(ACCEPT, 1),
    rule(SCREEN_SIZE, 1),
    rule(TIMEZONE, 1),
    rule(PLATFORM, 1),
    rule(PLUGINS, 1),
    rule(CANVAS, 1),
    rule(WEBGL_VENDOR, 1),
    rule(WEBGL_RENDERER, 1),
];

/// For clients without a page: the cookie, what TLS and HTTP/2 look like, and the few headers such a client sends.
const DEVICE_RULES: &[Rule] = &[
    rule(IP_ASN, 100),
    rule(UA_FAMILY, 50),
    rule(ACCEPT_ENCODING, 50),
    rule(ACCEPT, 50),
    rule(HEADER_NAMES, 100),
    rule(TLS_JA4, 150),
    rule(HTTP2, 100),
    required(COOKIE, 400),
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

pub const STALKER_STRICT: Preset = Preset { name: "stalker-strict", groups: &[SIMILAR, FREE, SAME, SAME_CANVAS], ..STALKER };

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
