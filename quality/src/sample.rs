//! Single properties out of a sample of the networks, or of a row.

use crate::browser::{Browser, Engine};
use crate::data::Row;
use crate::network::Sample;
use crate::random::{Random, hash, join};
use crate::world::{self, COUNTRIES};
use serde_json::Value;

/// A graphics chip as the page sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Graphics {
    pub vendor: u64,
    pub renderer: u64,
}

/// A screen as the page sees it, with what is plugged in beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Screen {
    pub size: u64,
    pub depth: u64,
    pub devices: u64,
}

const MISSING: &str = "*MISSING_VALUE*";

/// A node's value, without the mark for "stringified" and without the mark for "missing".
pub fn known<'s>(sample: &'s Sample, name: &str) -> Option<&'s str> {
    let value = sample.get(name)?;
    let value = value.strip_prefix("*STRINGIFIED*").unwrap_or(value);
    (value != MISSING).then_some(value)
}

pub fn json(sample: &Sample, name: &str) -> Value {
    known(sample, name).and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

/// The plugins that the HTML standard hard-codes ("PDF viewing support").
const PLUGINS: [&str; 5] =
    ["PDF Viewer", "Chrome PDF Viewer", "Chromium PDF Viewer", "Microsoft Edge PDF Viewer", "WebKit built-in PDF"];

pub fn header<'s>(headers: &'s Sample, name: &str) -> Option<&'s str> {
    known(headers, name).or_else(|| {
        headers
            .keys()
            .find(|key| key.eq_ignore_ascii_case(name) && known(headers, key).is_some())
            .and_then(|key| known(headers, key))
    })
}

/// The names that the sample has beside those every browser sends.
pub fn header_names(headers: &Sample) -> Vec<u64> {
    let always = ["host", "accept-language", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"];
    let sampled = headers.keys().filter(|name| !name.starts_with('*') && known(headers, name).is_some());
    let mut names: Vec<u64> = always.into_iter().map(hash).chain(sampled.map(|name| hash(&name.to_lowercase()))).collect();
    names.sort_unstable(); // a sample has no order of its own
    names
}

/// Brand names without versions, without the invented one.
pub fn brands(client_hints: &str) -> Vec<u64> {
    let names = client_hints.split('"').filter(|part| part.starts_with(char::is_alphabetic) || part.contains("Brand"));
    let real = |name: &&str| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        letters.to_lowercase() != "notabrand"
    };
    names.filter(real).map(hash).collect()
}

/// DNT and Sec-GPC. Brave always sends the second; other Chromium browsers never do (the sample mixes them by user agent).
pub fn privacy(headers: &Sample, page: &Sample, browser: &Browser, brave: bool) -> u64 {
    let track = header(headers, "dnt").unwrap_or("-");
    let control = if browser.engine == Engine::Chromium {
        brave
    } else {
        json(page, "extraProperties")["globalPrivacyControl"] == true
    };
    join(hash(track), u64::from(control))
}

pub fn screen(page: &Sample, row: Option<&Row>) -> Screen {
    let screen = json(page, "screen");
    let number = |name: &str| screen[name].as_u64().unwrap_or(0);
    let (width, height) = row.map_or((number("width"), number("height")), |row| row.screen);
    let devices = json(page, "multimediaDevices");
    let count = |name: &str| devices[name].as_array().map_or(0, Vec::len) as u64;
    Screen {
        size: join(width.max(height), width.min(height)), // collectors sort them: a turned phone is the same phone
        depth: number("colorDepth"),
        devices: join(join(count("speakers"), count("micros")), count("webcams")),
    }
}

pub fn chip(page: &Sample) -> Graphics {
    let card = json(page, "videoCard");
    let text = |name: &str| hash(card[name].as_str().unwrap_or_default());
    Graphics { vendor: text("vendor"), renderer: text("renderer") }
}

pub fn list(json: &Value) -> Vec<u64> {
    json.as_array().map(|names| names.iter().filter_map(Value::as_str).map(hash).collect()).unwrap_or_default()
}

/// The standard's list or none. Invented names are Brave's, and Brave's device gets them at every reading.
pub fn plugins(page: &Sample, row: Option<&Row>) -> Vec<u64> {
    let count = json(page, "pluginsData")["plugins"].as_array().map_or(0, Vec::len) as u64;
    if row.map_or(count, |row| row.plugins) == 0 { Vec::new() } else { PLUGINS.map(hash).to_vec() }
}

pub fn country_for(language: &str, random: &mut Random) -> usize {
    let region = language.split('-').nth(1).unwrap_or_default();
    let place = COUNTRIES.iter().position(|country| country.code == region);
    // A region outside the twenty countries counts as the country with the nearest language; the sample is mostly American.
    place.unwrap_or_else(|| match language.split('-').next().unwrap_or_default() {
        "en" => 2,
        language => COUNTRIES
            .iter()
            .position(|country| country.languages.iter().any(|list| list.0.starts_with(language)))
            .unwrap_or_else(|| world::country_of(random)),
    })
}

/// Chromium's list for a set language: the tag, its base, and English behind a language that is not English.
pub fn languages_for(language: &str) -> Vec<u64> {
    let lower = language.to_lowercase();
    let base = lower.split('-').next().unwrap_or_default().to_owned();
    let mut tags = vec![lower, base.clone()];
    if base != "en" {
        tags.extend(["en-us".to_owned(), "en".to_owned()]);
    }
    tags.dedup();
    tags.iter().map(|tag| hash(tag)).collect()
}
