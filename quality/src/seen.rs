//! What a server sees of a device at a request.

use crate::browser::Engine;
use crate::component::*;
use crate::life::Life;
use crate::random::{hash, join};
use crate::world::Place;

impl Life<'_> {
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
            let page: Vec<u8> =
                COMPONENTS.iter().map(|known| known.number).filter(|number| (32..=83).contains(number)).collect();
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
