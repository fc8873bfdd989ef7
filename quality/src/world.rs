//! Countries, their zones, languages and providers.

use crate::random::{Random, hash, join};

/// A country: millions of internet users, the zones people live in with their shares, and the languages browsers are set to.
pub struct Country {
    pub code: &'static str,
    pub users: f64,
    pub zones: &'static [(&'static str, f64)],
    /// Accept-Language tag lists with shares. The shape (most browsers ship one default per country) is assumed.
    pub languages: &'static [(&'static str, f64)],
}

const fn country(
    code: &'static str,
    users: f64,
    zones: &'static [(&'static str, f64)],
    languages: &'static [(&'static str, f64)],
) -> Country {
    Country { code, users, zones, languages }
}

/// The twenty countries with the most internet users, 31 December 2017, millions (Internet World Stats, "Top 20 countries with
/// the highest number of internet users").
pub const COUNTRIES: &[Country] = &[
    country(
        "CN",
        772.0,
        &[("Asia/Shanghai", 1.0)],
        &[("zh-cn zh", 0.8), ("zh-cn zh en", 0.15), ("en-us en zh-cn zh", 0.05)],
    ),
    country(
        "IN",
        462.1,
        &[("Asia/Kolkata", 1.0)],
        &[("en-us en", 0.4), ("en-in en-gb en-us en", 0.3), ("en-gb en-us en", 0.15), ("hi-in hi en-us en", 0.15)],
    ),
    country(
        "US",
        312.3,
        &[
            ("America/New_York", 0.47),
            ("America/Chicago", 0.29),
            ("America/Los_Angeles", 0.17),
            ("America/Denver", 0.05),
            ("America/Phoenix", 0.02),
        ],
        &[
            ("en-us en", 0.85),
            ("en-us en es", 0.06),
            ("es-us es en-us en", 0.05),
            ("en-us en zh-cn zh", 0.02),
            ("en-us", 0.02),
        ],
    ),
    country(
        "BR",
        149.1,
        &[("America/Sao_Paulo", 0.85), ("America/Manaus", 0.08), ("America/Fortaleza", 0.07)],
        &[("pt-br pt en-us en", 0.75), ("pt-br pt", 0.15), ("en-us en", 0.1)],
    ),
    country(
        "ID",
        143.3,
        &[("Asia/Jakarta", 0.82), ("Asia/Makassar", 0.16), ("Asia/Jayapura", 0.02)],
        &[("id-id id en-us en", 0.7), ("en-us en", 0.3)],
    ),
    country("JP", 118.6, &[("Asia/Tokyo", 1.0)], &[("ja en-us en", 0.5), ("ja-jp ja", 0.4), ("en-us en ja", 0.1)]),
    country(
        "RU",
        109.6,
        &[("Europe/Moscow", 0.65), ("Asia/Yekaterinburg", 0.15), ("Asia/Novosibirsk", 0.1), ("Asia/Vladivostok", 0.1)],
        &[("ru-ru ru en-us en", 0.75), ("ru-ru ru", 0.15), ("en-us en ru", 0.1)],
    ),
    country("NG", 98.4, &[("Africa/Lagos", 1.0)], &[("en-us en", 0.6), ("en-gb en-us en", 0.4)]),
    country(
        "MX",
        85.0,
        &[("America/Mexico_City", 0.85), ("America/Monterrey", 0.1), ("America/Tijuana", 0.05)],
        &[("es-419 es", 0.6), ("es-mx es en-us en", 0.25), ("en-us en", 0.15)],
    ),
    country("BD", 80.5, &[("Asia/Dhaka", 1.0)], &[("en-us en", 0.7), ("bn-bd bn en-us en", 0.2), ("en-gb en-us en", 0.1)]),
    country(
        "DE",
        79.1,
        &[("Europe/Berlin", 1.0)],
        &[("de-de de en-us en", 0.7), ("de-de", 0.1), ("de en-us en", 0.1), ("en-us en de", 0.1)],
    ),
    country("PH", 67.0, &[("Asia/Manila", 1.0)], &[("en-us en", 0.8), ("en-ph en-us en", 0.1), ("fil en-us en", 0.1)]),
    country(
        "VN",
        64.0,
        &[("Asia/Ho_Chi_Minh", 1.0)],
        &[("vi-vn vi en-us en", 0.7), ("vi-vn vi", 0.1), ("en-us en vi", 0.2)],
    ),
    country("GB", 63.1, &[("Europe/London", 1.0)], &[("en-gb en-us en", 0.6), ("en-gb en", 0.2), ("en-us en", 0.2)]),
    country(
        "FR",
        60.4,
        &[("Europe/Paris", 1.0)],
        &[("fr-fr fr en-us en", 0.7), ("fr-fr fr", 0.1), ("fr en-us en", 0.1), ("en-us en fr", 0.1)],
    ),
    country("TH", 57.0, &[("Asia/Bangkok", 1.0)], &[("th-th th", 0.5), ("th-th th en-us en", 0.3), ("en-us en", 0.2)]),
    country("IR", 56.7, &[("Asia/Tehran", 1.0)], &[("en-us en", 0.6), ("fa-ir fa en-us en", 0.4)]),
    country(
        "TR",
        56.0,
        &[("Europe/Istanbul", 1.0)],
        &[("tr-tr tr en-us en", 0.75), ("tr-tr tr", 0.15), ("en-us en tr", 0.1)],
    ),
    country("IT", 54.8, &[("Europe/Rome", 1.0)], &[("it-it it en-us en", 0.75), ("it-it it", 0.15), ("en-us en it", 0.1)]),
    country("EG", 48.2, &[("Africa/Cairo", 1.0)], &[("en-us en", 0.4), ("ar-eg ar en-us en", 0.4), ("ar", 0.2)]),
];

/// The providers' shares of a country; assumed.
const PROVIDERS: &[f64] = &[0.35, 0.25, 0.15, 0.1, 0.08, 0.07];

/// How many /24 networks a provider has in use; assumed.
const NETWORKS: usize = 5000;

pub fn country_of(random: &mut Random) -> usize {
    random.weighted(COUNTRIES.iter().map(|country| country.users))
}

pub fn zone_of(country: usize, random: &mut Random) -> u64 {
    let zones = COUNTRIES[country].zones;
    hash(zones[random.weighted(zones.iter().map(|zone| zone.1))].0)
}

pub fn languages_of(country: usize, random: &mut Random) -> Vec<u64> {
    let lists = COUNTRIES[country].languages;
    let tags = lists[random.weighted(lists.iter().map(|list| list.1))].0;
    with_own_settings(tags.split(' ').map(hash).collect(), random)
}

/// How many people set something of their own. Chosen so that a country's lists have 2.7 bits on average, the entropy of
/// Accept-Language within one country in "Hiding in the Crowd" (Gómez-Boix, Laperdrix, Baudry, WWW 2018).
const OWN_SETTINGS: f64 = 0.3;

/// Second languages, the more common first; their shares fall as 1, 1/2, 1/3 ... (assumed).
const SECOND: [&str; 12] = ["en", "es", "fr", "de", "ru", "ar", "pt", "zh", "it", "ja", "tr", "nl"];

/// Some shorten the list, some add a language to it.
pub fn with_own_settings(mut tags: Vec<u64>, random: &mut Random) -> Vec<u64> {
    if random.chance(OWN_SETTINGS) {
        if tags.len() > 1 && random.chance(0.3) {
            tags.truncate(1 + random.below(tags.len() - 1));
        } else {
            let second = hash(SECOND[random.weighted((1..=SECOND.len()).map(|rank| 1.0 / rank as f64))]);
            if !tags.contains(&second) {
                tags.push(second);
            }
        }
    }
    tags
}

/// A place in the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub country: usize,
    pub provider: usize,
    pub network: u64,
    pub address: u64,
}

impl Place {
    /// Any place in this country.
    pub fn anywhere(country: usize, random: &mut Random) -> Place {
        Place::at(country, random.weighted(PROVIDERS.iter().copied()), random)
    }

    /// Any place at this provider.
    pub fn at(country: usize, provider: usize, random: &mut Random) -> Place {
        let network = random.below(NETWORKS) as u64;
        Place { country, provider, network, address: random.below(254) as u64 }
    }

    pub fn asn_value(&self) -> u64 {
        join(self.country as u64, self.provider as u64)
    }

    pub fn network_value(&self) -> u64 {
        join(self.asn_value(), self.network)
    }

    pub fn address_value(&self) -> u64 {
        join(self.network_value(), self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn languages_within_a_country_have_the_published_entropy() {
        let mut random = Random::new(5);
        let mut bits = 0.0;
        for country in 0..COUNTRIES.len() {
            let mut seen: HashMap<Vec<u64>, f64> = HashMap::new();
            for _ in 0..20_000 {
                *seen.entry(languages_of(country, &mut random)).or_default() += 1.0 / 20_000.0;
            }
            let entropy: f64 = seen.values().map(|share| -share * share.log2()).sum();
            bits += entropy * COUNTRIES[country].users;
        }
        let mean = bits / COUNTRIES.iter().map(|country| country.users).sum::<f64>();
        assert!((2.5..2.9).contains(&mean), "{mean}");
    }
}
