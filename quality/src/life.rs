//! A device's days: what changes, at the rates of `rates.rs`.

use crate::clock::Clocks;
use crate::population::Device;
use crate::random::{Random, hash, join};
use crate::rates::Rates;
use crate::world::{self, Place};

/// The days after which a device returns.
pub const RETURNS: [u32; 5] = [1, 7, 30, 90, 180];

pub struct Life<'d> {
    pub(crate) device: &'d Device,
    pub(crate) rates: Rates,
    pub(crate) random: Random,
    pub(crate) clocks: Clocks,
    pub(crate) day: f64,
    pub(crate) version: u16,
    pub(crate) pending: Vec<f64>,
    pub(crate) languages: Vec<u64>,
    pub(crate) home: Place,
    pub(crate) away_until: f64,
    pub(crate) zone: u64,
    pub(crate) country: usize,
    pub(crate) screen: usize,
    pub(crate) chip: usize,
    pub(crate) driver_name: u64,
    pub(crate) canvas: u64,
    pub(crate) audio: u64,
    pub(crate) fonts: Vec<u64>,
    pub(crate) header_names: Vec<u64>,
    pub(crate) encodings: Vec<u64>,
    pub(crate) accept: u64,
    pub(crate) privacy: u64,
    pub(crate) plugins: bool,
    pub(crate) features: u64,
    pub(crate) ja4: u64,
    pub(crate) http2: u64,
    pub(crate) cookie: u64,
}

impl<'d> Life<'d> {
    pub fn new(device: &'d Device, scale: f64, mut random: Random) -> Life<'d> {
        let rates = Rates { scale };
        let clocks = Clocks::of(device, &rates, &mut random);
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
        for _ in 0..clocks.release.strikes_evenly(day) {
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
