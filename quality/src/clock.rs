//! When things change: clocks with a device's own pace.

use crate::population::Device;
use crate::random::Random;
use crate::rates::{self, Interval, Rates};

/// A clock for one kind of change: the device's own pace is drawn once, the waits are exponential.
pub struct Clock {
    pub mean: f64,
    pub next: f64,
}

impl Clock {
    pub fn of(interval: &Interval, rates: &Rates, random: &mut Random) -> Clock {
        Clock::every(rates.days(interval.days(random.unit())), random)
    }

    pub fn every(mean: f64, random: &mut Random) -> Clock {
        let next = if mean.is_finite() { random.wait(mean) } else { f64::INFINITY };
        Clock { mean, next }
    }

    /// How often it struck until `day`.
    pub fn strikes(&mut self, day: f64, random: &mut Random) -> u32 {
        let mut count = 0;
        while self.next <= day {
            self.next += random.wait(self.mean).max(1e-3);
            count += 1;
        }
        count
    }

    /// How often it struck until `day` at even intervals: releases come by the calendar.
    pub fn strikes_evenly(&mut self, day: f64) -> u32 {
        let mut count = 0;
        while self.next <= day {
            self.next += self.mean;
            count += 1;
        }
        count
    }
}

/// One for every kind of change.
pub struct Clocks {
    pub release: Clock,
    pub screen: Clock,
    pub fonts: Clock,
    pub headers: Clock,
    pub canvas: Clock,
    pub travel: Clock,
    pub renderer: Clock,
    pub vendor: Clock,
    pub language: Clock,
    pub privacy: Clock,
    pub plugins: Clock,
    pub encoding: Clock,
    pub accept: Clock,
    pub address: Clock,
    pub provider: Clock,
    pub cookie: Clock,
}

impl Clocks {
    pub fn of(device: &Device, rates: &Rates, r: &mut Random) -> Clocks {
        let mobile = device.browser.is_mobile();
        let never = || Clock { mean: f64::INFINITY, next: f64::INFINITY };
        let (rhythm, _) = device.browser.rhythm();
        let mut release = Clock { mean: rates.days(rhythm), next: 0.0 };
        release.next = if device.outdated { f64::INFINITY } else { r.unit() * release.mean };
        // The study behind these intervals was of desktop browsers; a phone has one screen, one chip, its system's fonts.
        let desktop = |interval: &Interval, r: &mut Random| if mobile { never() } else { Clock::of(interval, rates, r) };
        let dynamic = r.chance(0.4);
        let (vendor, renderer) = if mobile { (never(), never()) } else { chips(rates, r) };
        Clocks {
            release,
            screen: desktop(&rates::SCREEN, r),
            fonts: desktop(&rates::FONTS, r),
            headers: Clock::of(&rates::HEADERS, rates, r),
            canvas: Clock::of(&rates::CANVAS, rates, r),
            travel: Clock::of(&rates::TIMEZONE, rates, r),
            renderer,
            vendor,
            language: Clock::of(&rates::LANGUAGE, rates, r),
            privacy: Clock::of(&rates::PRIVACY, rates, r),
            plugins: desktop(&rates::PRIVACY, r),
            encoding: Clock::of(&rates::ENCODING, rates, r),
            accept: Clock::of(&rates::ACCEPT, rates, r),
            address: if dynamic { Clock::every(rates.days(3.0), r) } else { never() },
            provider: Clock::every(rates.days(3650.0), r),
            cookie: Clock::every(rates.days(180.0 / -(0.68f64.ln())), r),
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
