//! How fast a device's components change: published figures, and what is assumed where none was found.
//!
//! The main source is Table I of FP-Stalker (Vastel, Laperdrix, Rudametkin, Rouvoy: "FP-STALKER: Tracking Browser Fingerprint
//! Evolutions", IEEE S&P 2018, 10.1109/SP.2018.00008), read from the first author's own summary (antoinevastel.com, "FP-Stalker,
//! empreintes de navigateurs pour le suivi d'utilisateurs sur internet", 3 January 2018): days between two changes of an
//! attribute, for the median browser and for the fastest tenth and twentieth. 98,598 fingerprints of 1,905 browsers in two years.

/// "Never" in FP-Stalker's table is: not within the study.
const STUDY_DAYS: f64 = 730.0;

/// Days between two changes: the median browser, the fastest tenth, the fastest twentieth. `None` is never.
pub struct Interval {
    pub name: &'static str,
    pub median: Option<f64>,
    pub tenth: Option<f64>,
    pub twentieth: Option<f64>,
    pub use_for: &'static str,
}

const fn interval(name: &'static str, days: [Option<f64>; 3], use_for: &'static str) -> Interval {
    Interval { name, median: days[0], tenth: days[1], twentieth: days[2], use_for }
}

pub const SCREEN: Interval =
    interval("Resolution", [None, Some(3.1), Some(1.8)], "screen.size, screen.depth and input.devices together: docking");
pub const FONTS: Interval = interval("Fonts", [None, Some(11.8), Some(5.4)], "fonts: one added or removed");
pub const HEADERS: Interval =
    interval("Order of the HTTP headers", [Some(308.0), Some(34.1), Some(14.9)], "header.names: one added or removed");
pub const CANVAS: Interval = interval("Canvas", [Some(290.0), Some(35.3), Some(17.2)], "canvas");
/// The median of 206.3 days is daylight saving: a zone's name, which is what is collected now, does not change with it.
pub const TIMEZONE: Interval =
    interval("Time zone", [None, Some(53.8), Some(26.8)], "timezone, ip.country, network: a journey or the way back");
pub const RENDERER: Interval =
    interval("WebGL renderer", [None, Some(81.2), Some(30.3)], "webgl.renderer: a driver's new name");
pub const VENDOR: Interval = interval(
    "WebGL vendor",
    [None, Some(107.9), Some(48.6)],
    "webgl.vendor, webgl.renderer, webgl.parameters: the other graphics chip; audio (assumed alike)",
);
pub const LANGUAGE: Interval =
    interval("Languages", [None, Some(215.1), Some(56.7)], "accept-language and languages: one added or removed");
pub const PRIVACY: Interval =
    interval("Do Not Track", [None, Some(171.4), Some(57.0)], "privacy; plugins (assumed alike: a setting too)");
pub const ENCODING: Interval = interval("Encoding", [None, Some(106.1), Some(60.5)], "accept-encoding: one added");
pub const ACCEPT: Interval = interval("Accept", [None, Some(163.8), Some(109.5)], "accept");
pub const PLATFORM: Interval = interval("Platform", [None, None, None], "platform, touch, cpu.cores, memory, ua.os: never");

pub const INTERVALS: &[&Interval] =
    &[&SCREEN, &FONTS, &HEADERS, &CANVAS, &TIMEZONE, &RENDERER, &VENDOR, &LANGUAGE, &PRIVACY, &ENCODING, &ACCEPT, &PLATFORM];

impl Interval {
    /// The mean days between two changes for the browser at this place in the order from the slowest (0) to the fastest (1):
    /// straight lines in the logarithm between the published points; beyond the fastest twentieth the last point.
    pub fn days(&self, place: f64) -> f64 {
        let mut points = vec![];
        match self.median {
            Some(median) => points.extend([(0.0, STUDY_DAYS.max(median)), (0.5, median)]),
            None if place < 0.5 => return f64::INFINITY,
            None => points.push((0.5, STUDY_DAYS)),
        }
        match (self.tenth, self.twentieth) {
            (Some(tenth), Some(twentieth)) => points.extend([(0.9, tenth), (0.95, twentieth)]),
            _ => return f64::INFINITY,
        }
        for pair in points.windows(2) {
            let [(left, from), (right, to)] = [pair[0], pair[1]];
            if place < right {
                let way = (place - left) / (right - left);
                return (from.ln() + way * (to.ln() - from.ln())).exp();
            }
        }
        points.last().map_or(f64::INFINITY, |point| point.1)
    }
}

/// Single figures. Each is multiplied (a chance) or divided (days) by `scale` in the runs with rates halved and doubled.
pub struct Rates {
    pub scale: f64,
}

/// One line of the documentation's table.
pub struct Figure {
    pub what: &'static str,
    pub value: &'static str,
    pub source: &'static str,
}

pub const ASSUMED: &str = "assumed";

pub const FIGURES: &[Figure] = &[
    Figure {
        what: "Chromium's releases (Chrome, Edge, Opera, Brave)",
        value: "every 14 days",
        source: "Chrome's announcement: stable every two weeks from 153 on, 8 September 2026; every four before",
    },
    Figure { what: "Firefox's releases", value: "every 28 days", source: "Mozilla's release calendar: four weeks" },
    Figure {
        what: "Safari's major version",
        value: "every 365 days, adopted within 30 days on average",
        source: "Apple's systems: one major version each September; the delay is assumed",
    },
    Figure { what: "Samsung Internet's releases", value: "every 56 days", source: ASSUMED },
    Figure {
        what: "delay from release to update",
        value: "5.3 days on average",
        source: "Chitika Insights 2012: 85% of Chrome's users on a new version after ten days",
    },
    Figure {
        what: "browsers that no longer update",
        value: "those more than 3 versions behind in the sample",
        source: "the samples themselves",
    },
    Figure {
        what: "dynamic home addresses",
        value: "40% of devices, a new one every 3 days",
        source: "comScore 2008: 60% of machines used one address in a month, the mean was above five",
    },
    Figure {
        what: "new address in the same /24",
        value: "30%; half of the rest in another prefix of the provider",
        source: "Padmanabhan et al., IMC 2016: almost half of the changes leave the routed prefix; the 30% are assumed",
    },
    Figure {
        what: "away from home at a request",
        value: "desktop 15% (10% a fixed second network, 5% elsewhere); mobile 40% (30% the carrier, 10% elsewhere)",
        source: "Yang et al., INFOCOM 2015: few networks per user; the shares are assumed",
    },
    Figure { what: "change of provider", value: "10% a year", source: ASSUMED },
    Figure { what: "length of a journey", value: "7 days; half of them abroad", source: ASSUMED },
    Figure {
        what: "plugins",
        value: "the hard-coded list; Brave's invented names change at every return",
        source: "HTML standard, PDF viewing support; Brave, \"Fingerprinting defenses 2.0\"",
    },
    Figure {
        what: "canvas and audio",
        value: "not held for Firefox, Safari and Brave (audio: Safari and Brave)",
        source: "Mozilla, Apple and Brave document both as randomised",
    },
    Figure {
        what: "canvas",
        value: "one of 8 classes (driver, rasteriser) for every graphics chip, engine and system",
        source: ASSUMED,
    },
    Figure {
        what: "countries",
        value: "the twenty with the most internet users",
        source: "Internet World Stats, 31 December 2017; shares of zones within a country are assumed",
    },
    Figure {
        what: "Accept-Language within a country",
        value: "2.7 bits on average",
        source: "\"Hiding in the Crowd\" (Gómez-Boix, Laperdrix, Baudry, WWW 2018); which lists make up the bits is assumed",
    },
    Figure { what: "providers", value: "six a country, 5,000 networks of /24 each", source: ASSUMED },
    Figure { what: "features", value: "half of the major versions add one of 50", source: ASSUMED },
    Figure { what: "tls.ja4", value: "changes with 5% of the major versions, http2 with 1%", source: ASSUMED },
    Figure {
        what: "cookie lost",
        value: "32% within 180 days",
        source: "Li and Cao, IMC 2020: 32% of the browser instances cleared their cookies; the span is assumed",
    },
    Figure { what: "private window at a return", value: "3%", source: ASSUMED },
    Figure { what: "battery reading flips at a return (laptops: 60% of desktops)", value: "40%", source: ASSUMED },
    Figure { what: "one page component fails at a return", value: "0.5%", source: ASSUMED },
];

impl Rates {
    pub fn chance(&self, share: f64) -> f64 {
        (share * self.scale).min(0.9)
    }

    pub fn days(&self, days: f64) -> f64 {
        days / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_points_are_met() {
        for (place, days) in [(0.5, 290.0), (0.9, 35.3), (0.95, 17.2), (0.99, 17.2)] {
            assert!((CANVAS.days(place) - days).abs() < 1e-6, "{place}");
        }
        assert_eq!(SCREEN.days(0.3), f64::INFINITY);
        assert!((SCREEN.days(0.9) - 3.1).abs() < 1e-6);
        assert_eq!(PLATFORM.days(0.99), f64::INFINITY);
    }
}
