//! A device's days: what changes, at the rates of `rates.rs`, and what a server sees of it.

use crate::browser::Engine;
use crate::component::*;
use crate::population::Device;
use crate::random::{Random, hash, join};
use crate::rates::{self, Interval, Rates};
use crate::world::{self, Place};

/// The days after which a device returns.
pub const RETURNS: [u32; 5] = [1, 7, 30, 90, 180];

/// A clock for one kind of change: the device's own pace is drawn once, the waits are exponential.
struct Clock {
    mean: f64,
    next: f64,
}

impl Clock {
    fn of(interval: &Interval, rates: &Rates, random: &mut Random) -> Clock {
        Clock::every(rates.days(interval.days(random.unit())), random)
    }

    fn every(mean: f64, random: &mut Random) -> Clock {
        let next = if mean.is_finite() { random.wait(mean) } else { f64::INFINITY };
        Clock { mean, next }
    }

    /// How often it struck until `day`.
    fn strikes(&mut self, day: f64, random: &mut Random) -> u32 {
        let mut count = 0;
        while self.next <= day {
            self.next += random.wait(self.mean).max(1e-3);
            count += 1;
        }
        count
    }
}

struct Clocks {
    release: Clock,
    screen: Clock,
    fonts: Clock,
    headers: Clock,
    canvas: Clock,
    travel: Clock,
    renderer: Clock,
    vendor: Clock,
    language: Clock,
    privacy: Clock,
    plugins: Clock,
    encoding: Clock,
    accept: Clock,
    address: Clock,
    provider: Clock,
    cookie: Clock,
}

pub struct Life<'d> {
    device: &'d Device,
    rates: Rates,
    random: Random,
    clocks: Clocks,
    day: f64,
    version: u16,
    pending: Vec<f64>,
    languages: Vec<u64>,
    home: Place,
    away_until: f64,
    zone: u64,
    country: usize,
    screen: usize,
    chip: usize,
    driver_name: u64,
    canvas: u64,
    audio: u64,
    fonts: Vec<u64>,
    header_names: Vec<u64>,
    encodings: Vec<u64>,
    accept: u64,
    privacy: u64,
    plugins: bool,
    features: u64,
    ja4: u64,
    http2: u64,
    cookie: u64,
}

impl<'d> Life<'d> {
    pub fn new(device: &'d Device, scale: f64, mut random: Random) -> Life<'d> {
        let rates = Rates { scale };
        let mobile = device.browser.is_mobile();
        let never = || Clock { mean: f64::INFINITY, next: f64::INFINITY };
        let r = &mut random;
        let (rhythm, _) = device.browser.rhythm();
        let mut release = Clock { mean: rates.days(rhythm), next: 0.0 };
        release.next = if device.outdated { f64::INFINITY } else { r.unit() * release.mean };
        // The study behind these intervals was of desktop browsers; a phone has one screen, one chip, its system's fonts.
        let desktop = |interval: &Interval, r: &mut Random| if mobile { never() } else { Clock::of(interval, &rates, r) };
        let dynamic = r.chance(0.4);
        let (vendor, renderer) = if mobile { (never(), never()) } else { chips(&rates, r) };
        let clocks = Clocks {
            release,
            screen: desktop(&rates::SCREEN, r),
            fonts: desktop(&rates::FONTS, r),
            headers: Clock::of(&rates::HEADERS, &rates, r),
            canvas: Clock::of(&rates::CANVAS, &rates, r),
            travel: Clock::of(&rates::TIMEZONE, &rates, r),
            renderer,
            vendor,
            language: Clock::of(&rates::LANGUAGE, &rates, r),
            privacy: Clock::of(&rates::PRIVACY, &rates, r),
            plugins: desktop(&rates::PRIVACY, r),
            encoding: Clock::of(&rates::ENCODING, &rates, r),
            accept: Clock::of(&rates::ACCEPT, &rates, r),
            address: if dynamic { Clock::every(rates.days(3.0), r) } else { never() },
            provider: Clock::every(rates.days(3650.0), r),
            cookie: Clock::every(rates.days(180.0 / -(0.68f64.ln())), r),
        };
        Life {
            rates,
            clocks,
            day: 0.0,
            version: device.browser.version,
            pending: Vec::new(),
            languages: device.languages.clone(),
            home: device.home,
            away_until: 0.0,
            zone: device.zone,
            country: device.country,
            screen: 0,
            chip: 0,
            driver_name: 0,
            canvas: 0,
            audio: 0,
            fonts: device.fonts.clone(),
            header_names: device.header_names.clone(),
            encodings: device.encodings.clone(),
            accept: device.accept,
            privacy: device.privacy,
            plugins: true,
            features: 0,
            ja4: 0,
            http2: 0,
            cookie: random.next(),
            device,
            random,
        }
    }

    /// Lives on until this day, one day at a time.
    pub fn until(&mut self, day: u32) {
        while self.day < f64::from(day) {
            self.day += 1.0;
            self.live();
        }
    }

    fn live(&mut self) {
        let (day, r, clocks) = (self.day, &mut self.random, &mut self.clocks);
        let (_, delay) = self.device.browser.rhythm();
        for _ in 0..regular(&mut clocks.release, day) {
            let wait = r.wait(self.rates.days(delay));
            self.pending.push(day + wait);
        }
        let due = self.pending.iter().filter(|at| **at <= day).count();
        self.pending.retain(|at| *at > day);
        for _ in 0..due {
            self.version += 1;
            self.features += u64::from(r.chance(0.5));
            self.ja4 += u64::from(r.chance(0.05));
            self.http2 += u64::from(r.chance(0.01));
        }
        for _ in 0..clocks.screen.strikes(day, r) {
            self.screen = another(self.screen, self.device.screens.len(), r);
        }
        for _ in 0..clocks.fonts.strikes(day, r) {
            add_or_remove(&mut self.fonts, &self.device.font_pool, r);
        }
        for _ in 0..clocks.headers.strikes(day, r) {
            let news = [hash("priority"), hash("dnt"), hash("save-data"), r.next()];
            add_or_remove(&mut self.header_names, &news, r);
        }
        for _ in 0..clocks.canvas.strikes(day, r) {
            self.canvas = 1 + r.below(8) as u64;
        }
        for _ in 0..clocks.renderer.strikes(day, r) {
            self.driver_name += 1;
        }
        for _ in 0..clocks.vendor.strikes(day, r) {
            self.chip = another(self.chip, self.device.graphics.len(), r);
            self.audio = r.below(4) as u64;
        }
        for _ in 0..clocks.language.strikes(day, r) {
            let other = world::languages_of(world::country_of(r), r);
            let news: Vec<u64> = other.into_iter().filter(|tag| !self.languages.contains(tag)).collect();
            add_or_remove(&mut self.languages, &news, r);
        }
        for _ in 0..clocks.privacy.strikes(day, r) {
            self.privacy = if self.privacy == self.device.privacy { join(self.privacy, 1) } else { self.device.privacy };
        }
        for _ in 0..clocks.plugins.strikes(day, r) {
            self.plugins = !self.plugins;
        }
        for _ in 0..clocks.encoding.strikes(day, r) {
            let news = [hash("zstd"), hash("dcb"), hash("dcz")];
            add_or_remove(&mut self.encodings, &news, r);
        }
        for _ in 0..clocks.accept.strikes(day, r) {
            self.accept = join(self.device.accept, r.below(3) as u64);
        }
        for _ in 0..clocks.address.strikes(day, r) {
            if r.chance(0.3) {
                self.home.address = r.below(254) as u64;
            } else {
                self.home = Place::at(self.home.country, self.home.provider, r);
            }
        }
        for _ in 0..clocks.provider.strikes(day, r) {
            self.home = Place::anywhere(self.home.country, r);
        }
        for _ in 0..clocks.cookie.strikes(day, r) {
            self.cookie = r.next();
        }
        self.travel();
    }

    /// The published interval is between two changes of the zone, there or back; half of the journeys end abroad.
    fn travel(&mut self) {
        let (day, r) = (self.day, &mut self.random);
        if self.away_until > 0.0 {
            if day >= self.away_until {
                (self.away_until, self.zone, self.country) = (0.0, self.device.zone, self.device.country);
                self.clocks.travel.next = day + r.wait((2.0 * self.clocks.travel.mean - 7.0).max(1.0));
            }
        } else if self.clocks.travel.next <= day {
            if r.chance(0.5) {
                self.country = world::country_of(r);
            }
            self.zone = world::zone_of(self.country, r);
            self.away_until = day + r.wait(7.0);
        }
    }

    /// What a server sees at a request now.
    pub fn seen(&mut self) -> Fingerprint {
        let place = self.place();
        let mut seen = Fingerprint::new();
        seen.exact(IP_ADDRESS, place.address_value());
        seen.exact(IP_NETWORK, place.network_value());
        seen.exact(IP_ASN, place.asn_value());
        seen.exact(IP_COUNTRY, place.country as u64);
        self.show_headers(&mut seen);
        self.show_page(&mut seen, place);
        seen.exact(COOKIE, self.cookie);
        if self.random.chance(self.rates.chance(0.005)) {
            let page: Vec<u8> = COMPONENTS.iter().map(|known| known.number).filter(|number| (32..=83).contains(number)).collect();
            let failed = page[self.random.below(page.len())];
            seen.put(failed, Reading::Absent);
        }
        seen
    }

    fn place(&mut self) -> Place {
        let (device, r) = (self.device, &mut self.random);
        if self.country != self.home.country {
            return Place::anywhere(self.country, r);
        }
        let mobile = device.browser.is_mobile();
        let away = self.rates.chance(if mobile { 0.4 } else { 0.15 });
        let draw = r.unit();
        if draw >= away && self.away_until == 0.0 {
            return self.home;
        }
        let often = if mobile { 0.75 } else { 0.67 }; // of the time away: the carrier, or the second network
        match (r.chance(often), mobile) {
            (true, true) => Place::at(self.country, device.carrier, r),
            (true, false) => device.second,
            _ => Place::anywhere(self.country, r),
        }
    }

    fn show_headers(&mut self, seen: &mut Fingerprint) {
        let device = self.device;
        let optional = |value: Option<u64>| value.map_or(Reading::Absent, Reading::Exact);
        let family = hash(device.browser.family);
        seen.exact(UA_FAMILY, family);
        seen.put(UA_VERSION, Reading::Ordinal(self.version));
        seen.exact(UA_OS, hash(device.browser.system));
        seen.exact(UA_DEVICE, hash(device.browser.device));
        let brands = if device.brands.is_empty() { Reading::Absent } else { set_of(device.brands.iter().copied()) };
        seen.put(CH_BRANDS, brands);
        seen.put(CH_PLATFORM, optional(device.ch_platform));
        seen.put(CH_MOBILE, optional(device.ch_mobile));
        seen.put(ACCEPT_LANGUAGE, set_of(self.languages.iter().copied()));
        seen.put(UPGRADE_INSECURE_REQUESTS, optional(device.upgrade));
        seen.put(ACCEPT_ENCODING, set_of(self.encodings.iter().copied()));
        seen.exact(ACCEPT, self.accept);
        seen.put(HEADER_NAMES, set_of(self.header_names.iter().copied()));
        seen.exact(PRIVACY, self.privacy);
        let engine = join(hash("engine"), device.browser.engine as u64);
        seen.exact(TLS_JA4, join(engine, self.ja4));
        seen.exact(HTTP2, join(engine, self.http2));
    }

    fn show_page(&mut self, seen: &mut Fingerprint, place: Place) {
        let (device, r) = (self.device, &mut self.random);
        let engine = device.browser.engine;
        let (screen, chip) = (device.screens[self.screen], device.graphics[self.chip]);
        seen.exact(SCREEN_SIZE, screen.size);
        seen.exact(SCREEN_DEPTH, screen.depth);
        seen.exact(INPUT_DEVICES, screen.devices);
        seen.exact(TIMEZONE, self.zone);
        let shown = if device.first_language_only { 1 } else { self.languages.len() };
        seen.put(LANGUAGES, set_of(self.languages.iter().take(shown).copied()));
        seen.exact(PLATFORM, device.platform);
        seen.exact(TOUCH, device.touch);
        let mut farbled = |value: u64| if device.brave { join(value, r.below(4) as u64) } else { value };
        if let Some(cores) = device.cores {
            seen.exact(CPU_CORES, farbled(cores));
        }
        if let Some(memory) = device.memory {
            seen.exact(MEMORY, farbled(memory));
        }
        seen.put(FONTS, set_of(self.fonts.iter().copied()));
        let invented = if device.brave { vec![r.next(), r.next()] } else { Vec::new() };
        let plugins = if self.plugins { device.plugins.clone() } else { Vec::new() };
        seen.put(PLUGINS, set_of(plugins.into_iter().chain(invented)));
        let common = (0..50 + self.features + u64::from(self.device.browser.version / 2)).map(|n| join(engine as u64, n));
        let own = device.codecs.iter().enumerate().map(|(n, codec)| join(1000 + n as u64, *codec));
        seen.put(FEATURES, set_of(common.chain(own)));
        let machine = join(join(hash(device.browser.system), engine as u64), chip.renderer);
        if engine == Engine::Chromium && !device.brave {
            // The published interval has all causes in it, so another chip is none of its own.
            let first = join(join(hash(device.browser.system), engine as u64), device.graphics[0].renderer);
            seen.exact(CANVAS, join(join(first, device.driver), self.canvas));
        }
        if engine != Engine::Safari && !device.brave {
            let cpu = join(hash(device.browser.system), engine as u64);
            seen.exact(AUDIO, join(cpu, self.audio));
        }
        if chip.renderer != hash("") {
            seen.exact(WEBGL_VENDOR, chip.vendor);
            seen.exact(WEBGL_RENDERER, join(chip.renderer, self.driver_name));
            if !device.brave {
                seen.exact(WEBGL_PARAMETERS, join(machine, 3));
            }
        }
        seen.exact(INCOGNITO, u64::from(r.chance(self.rates.chance(0.03))));
        let flipped = device.laptop && r.chance(self.rates.chance(0.4));
        seen.exact(BATTERY, u64::from(device.laptop) + u64::from(flipped));
        if let Some(connection) = device.connection {
            let cellular = device.browser.is_mobile() && place.network != self.home.network;
            seen.exact(NETWORK_TYPE, join(connection, u64::from(cellular)));
        }
    }
}

/// The vendor's clock and the renderer's. The published interval of the renderer includes the vendor's changes: the rest is its own.
fn chips(rates: &Rates, random: &mut Random) -> (Clock, Clock) {
    let pace = random.unit();
    let (vendor, renderer) = (rates.days(rates::VENDOR.days(pace)), rates.days(rates::RENDERER.days(pace)));
    let rest = 1.0 / renderer - 1.0 / vendor;
    let own = if rest > 0.0 { 1.0 / rest } else { f64::INFINITY };
    (Clock::every(vendor, random), Clock::every(own, random))
}

/// A clock that strikes at even intervals: releases come by the calendar.
fn regular(clock: &mut Clock, day: f64) -> u32 {
    let mut count = 0;
    while clock.next <= day {
        clock.next += clock.mean;
        count += 1;
    }
    count
}

fn another(current: usize, count: usize, random: &mut Random) -> usize {
    if count < 2 { current } else { (current + 1 + random.below(count - 1)) % count }
}

/// Half of the changes add something from the pool, half remove one of several.
fn add_or_remove(list: &mut Vec<u64>, pool: &[u64], random: &mut Random) {
    let news: Vec<u64> = pool.iter().copied().filter(|new| !list.contains(new)).collect();
    if list.len() > 1 && (news.is_empty() || random.chance(0.5)) {
        list.remove(random.below(list.len()));
    } else if !news.is_empty() {
        list.push(news[random.below(news.len())]);
    }
}
