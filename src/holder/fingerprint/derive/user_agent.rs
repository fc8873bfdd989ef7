//! `User-Agent` (RFC 9110 10.1.5) as family, version, system and device: one pass over the words, two look-ups for each.

use super::families::{FAMILIES, FamilyRow, Form, Rank, Source};
use super::marks::{Device, Fact, MARKS};
use super::table::find;
use super::words::{Number, Word, Words};
use crate::bytes;

/// The name of what no table knows.
pub(super) const OTHER: &str = "other";

/// How far behind a name its version may stand: `Name for System/1`, or one word for
/// `Name/System/1`. Further on it is another product's.
const NEXT_WORDS_MAX: u8 = 2;

/// What a user agent says of itself, in the names of `docs/components.md`.
#[derive(Clone, Copy)]
pub(crate) struct UserAgent {
    pub(crate) family: &'static str,
    /// The first part of the version; none when the text gives none, or one above 65,535.
    pub(crate) version: Option<u16>,
    pub(crate) os: &'static str,
    pub(crate) device: &'static str,
}

impl UserAgent {
    /// Reads any bytes; nothing is refused.
    pub(crate) fn read(text: &[u8]) -> UserAgent {
        Self::read_counting(text, &mut |_| {})
    }

    /// The same; `touch` is told how many bytes were looked at.
    pub(crate) fn read_counting(text: &[u8], touch: &mut impl FnMut(usize)) -> UserAgent {
        let mut reading = Reading::NOTHING;
        let mut words = Words::new(text);
        let mut seen = 0usize;
        while let Some(word) = words.next() {
            touch(words.position().saturating_sub(seen));
            seen = words.position();
            reading.see_mark(&word, touch);
            reading.see_family(&word, touch);
        }
        touch(text.len().saturating_sub(seen));
        reading.finish()
    }
}

/// What was read so far.
struct Reading {
    found: Option<&'static FamilyRow>,
    /// The version that was found with the family.
    version: Option<u16>,
    /// In how many of the next words that version may stand.
    awaited: u8,
    system: &'static str,
    system_weight: u8,
    device: Device,
    has_engine: bool,
    is_webview: bool,
    chrome: Option<u16>,
    version_word: Option<u16>,
    revision: Option<u16>,
    system_version: Option<u16>,
}

impl Reading {
    const NOTHING: Reading = Reading {
        found: None,
        version: None,
        awaited: 0,
        system: OTHER,
        system_weight: 0,
        device: Device::Unknown,
        has_engine: false,
        is_webview: false,
        chrome: None,
        version_word: None,
        revision: None,
        system_version: None,
    };

    fn see_mark(&mut self, word: &Word<'_>, touch: &mut impl FnMut(usize)) {
        if is_robot(word.text) {
            self.device = Device::Bot;
        }
        let Some(mark) = find(MARKS, word.text, touch) else { return };
        if mark.weight > self.system_weight {
            self.system = mark.system;
            self.system_weight = mark.weight;
        }
        self.device = self.device.max(mark.device);
        let mut first = |place: &mut Option<u16>, number: Number| {
            touch(number.digits);
            *place = place.or(number.value);
        };
        match mark.fact {
            Fact::Nothing | Fact::Model => {}
            Fact::Engine => self.has_engine = true,
            Fact::Webview => self.is_webview |= word.is_in_comment,
            Fact::Chrome => first(&mut self.chrome, word.joined_number()),
            Fact::Version => first(&mut self.version_word, word.joined_number()),
            Fact::Revision => first(&mut self.revision, word.joined_number()),
            Fact::System => first(&mut self.system_version, word.number()),
        }
    }

    fn see_family(&mut self, word: &Word<'_>, touch: &mut impl FnMut(usize)) {
        if self.awaited > 0 {
            let number = word.joined_number();
            touch(number.digits);
            self.version = number.value;
            self.awaited = if number.digits > 0 { 0 } else { self.awaited.saturating_sub(1) };
        }
        let Some(row) = find(FAMILIES, word.text, touch) else { return };
        let number = match row.form {
            Form::Spaced => word.number(),
            Form::Prefix => word.number_from(super::table::Row::word(row).len()),
            _ => word.joined_number(),
        };
        touch(number.digits);
        let is_meant = match row.form {
            Form::Product | Form::Fill => word.is_joined(),
            Form::Spaced => word.is_joined() || number.digits > 0,
            Form::Outside => !word.is_in_comment,
            Form::Bare | Form::Prefix => true,
        };
        if !is_meant {
            return;
        }
        match self.found {
            // The same family once more: perhaps with the version this time.
            Some(found) if bytes::equal(found.family.as_bytes(), row.family.as_bytes()) => {
                self.version = self.version.or(number.value);
            }
            _ if row.form == Form::Fill => {}
            Some(found) if found.rank >= row.rank => {}
            _ => {
                self.found = Some(row);
                self.version = number.value;
                self.awaited = match row.version {
                    Source::Next if number.digits > 0 => 0,
                    Source::Next if word.is_joined() => 1,
                    Source::Next => NEXT_WORDS_MAX,
                    _ => 0,
                };
            }
        }
    }

    fn finish(mut self) -> UserAgent {
        let family = self.family();
        let version = match self.found.map(|row| row.version) {
            Some(Source::Own | Source::Next) => self.version,
            Some(Source::Chrome) => self.chrome,
            Some(Source::Version) => self.version_word,
            Some(Source::Revision) => self.revision,
            Some(Source::System) => self.system_version,
            None if self.is_apple_webview() => self.system_version,
            None => None,
        };
        let is_android = self.is_system("android");
        if self.found.is_some_and(|row| row.rank == Rank::Bot) {
            self.device = Device::Bot;
        }
        // A browser on a telephone says "Mobile"; one on a tablet says nothing. An application may say nothing anywhere.
        if is_android && self.device <= Device::Desktop {
            self.device = if self.has_engine { Device::Tablet } else { Device::Unknown };
        }
        // A browser for iOS that says Macintosh is on an iPad, which asks for the pages of a desktop.
        if self.is_system("ios") && self.device == Device::Desktop {
            self.device = Device::Tablet;
        }
        UserAgent { family, version, os: self.system, device: self.device.name() }
    }

    fn family(&self) -> &'static str {
        let Some(row) = self.found else {
            return if self.is_apple_webview() { APPLE_WEBVIEW } else { OTHER };
        };
        let is_mobile = matches!(self.device, Device::Mobile | Device::Tablet);
        let holds = |condition: Condition| match condition {
            Condition::Webview => self.is_webview || self.version_word.is_some(),
            Condition::Mobile => is_mobile,
            Condition::Android => self.is_system("android"),
            Condition::Apple => self.is_system("ios"),
        };
        let is_variant =
            |variant: &&Variant| bytes::equal(variant.of.as_bytes(), row.family.as_bytes()) && holds(variant.when);
        VARIANTS.iter().find(is_variant).map_or(row.family, |variant| variant.family)
    }

    fn is_system(&self, name: &str) -> bool {
        bytes::equal(self.system.as_bytes(), name.as_bytes())
    }

    /// An iOS application that shows a page and does not say its name.
    fn is_apple_webview(&self) -> bool {
        self.found.is_none() && self.has_engine && self.is_system("ios")
    }
}

/// Whether the word ends like a robot's name. Cubot makes telephones.
fn is_robot(word: &[u8]) -> bool {
    let ends_with = |end: &[u8]| {
        let start = word.len().checked_sub(end.len()).and_then(|start| word.get(start..));
        start.is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    [b"bot".as_slice(), b"spider", b"crawler"].iter().any(|end| ends_with(end)) && !ends_with(b"cubot")
}

const APPLE_WEBVIEW: &str = "mobile safari webview";

/// What makes a family another one.
#[derive(Clone, Copy)]
enum Condition {
    Webview,
    Mobile,
    Android,
    Apple,
}

struct Variant {
    of: &'static str,
    when: Condition,
    family: &'static str,
}

/// The variants of a family that differ by more than their system, as the public collections of user agents tell them apart.
/// The first that holds is right.
const VARIANTS: &[Variant] = &[
    Variant { of: "chrome", when: Condition::Webview, family: "chrome mobile webview" },
    Variant { of: "chrome", when: Condition::Mobile, family: "chrome mobile" },
    Variant { of: "safari", when: Condition::Apple, family: "mobile safari" },
    Variant { of: "firefox", when: Condition::Android, family: "firefox mobile" },
    Variant { of: "edge", when: Condition::Android, family: "edge mobile" },
    Variant { of: "opera", when: Condition::Android, family: "opera mobile" },
    Variant { of: "duckduckgo", when: Condition::Mobile, family: "duckduckgo mobile" },
];

/// Every family's name, some more than once.
#[cfg(feature = "_tools")]
pub(crate) fn families() -> impl Iterator<Item = &'static str> {
    let variants = VARIANTS.iter().map(|variant| variant.family);
    FAMILIES.iter().map(|row| row.family).chain(variants).chain([APPLE_WEBVIEW, OTHER])
}

/// The words that name a family, but those that only add a version.
#[cfg(feature = "_tools")]
pub(crate) fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    FAMILIES.iter().filter(|row| row.form != Form::Fill).map(|row| (super::table::Row::word(row), row.family))
}

/// Every system's name, some more than once.
#[cfg(feature = "_tools")]
pub(crate) fn systems() -> impl Iterator<Item = &'static str> {
    MARKS.iter().map(|mark| mark.system).filter(|system| !system.is_empty()).chain([OTHER])
}

/// Every device's name.
#[cfg(feature = "_tools")]
pub(crate) fn devices() -> impl Iterator<Item = &'static str> {
    Device::ALL.iter().map(|device| device.name())
}
