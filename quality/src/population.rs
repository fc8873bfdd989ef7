//! Devices drawn from the two collections, each with what it may change to.

use crate::browser::{Browser, Engine};
use crate::data::{Data, Row};
use crate::network::Sample;
use crate::random::{Random, hash};
use crate::sample::*;
use crate::world::{self, Place};

/// Where the devices come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// apify's networks at their own share of desktops and mobiles.
    Apify,
    ApifyDesktop,
    ApifyMobile,
    /// npm's user-agents: browser, screen, language and platform from there; the rest from apify's network, given a browser of
    /// the same system and family.
    UserAgents,
    /// The same browsers and screens, their country and languages as in apify's populations.
    UserAgentsWorld,
}

impl Source {
    pub const ALL: [Source; 5] =
        [Source::Apify, Source::ApifyDesktop, Source::ApifyMobile, Source::UserAgents, Source::UserAgentsWorld];

    pub fn name(self) -> &'static str {
        match self {
            Source::Apify => "apify, all",
            Source::ApifyDesktop => "apify, desktop",
            Source::ApifyMobile => "apify, mobile",
            Source::UserAgents => "user-agents",
            Source::UserAgentsWorld => "user-agents, world",
        }
    }

    fn has_rows(self) -> bool {
        matches!(self, Source::UserAgents | Source::UserAgentsWorld)
    }
}

/// What a device is at the start.
#[derive(Clone, Debug)]
pub struct Device {
    pub browser: Browser,
    pub brave: bool,
    pub outdated: bool,
    pub country: usize,
    pub zone: u64,
    pub languages: Vec<u64>,
    /// Safari shows the page its first language only.
    pub first_language_only: bool,
    pub home: Place,
    pub second: Place,
    pub carrier: usize,
    pub brands: Vec<u64>,
    pub ch_platform: Option<u64>,
    pub ch_mobile: Option<u64>,
    pub upgrade: Option<u64>,
    pub encodings: Vec<u64>,
    pub accept: u64,
    pub header_names: Vec<u64>,
    pub privacy: u64,
    /// The first is the one in use at the start.
    pub screens: Vec<Screen>,
    pub graphics: Vec<Graphics>,
    pub platform: u64,
    pub touch: u64,
    pub cores: Option<u64>,
    pub memory: Option<u64>,
    pub fonts: Vec<u64>,
    pub font_pool: Vec<u64>,
    pub plugins: Vec<u64>,
    pub codecs: Vec<u64>,
    /// Driver and rasteriser, one of eight; assumed.
    pub driver: u64,
    pub laptop: bool,
    pub connection: Option<u64>,
}

/// Draws devices from one source.
pub struct Drawer<'d> {
    data: &'d Data,
    source: Source,
    /// The newest major version of each family in the sample.
    newest: Vec<(&'static str, u16)>,
}

impl<'d> Drawer<'d> {
    pub fn new(data: &'d Data, source: Source) -> Drawer<'d> {
        let strings: Vec<(String, f64)> = match source {
            _ if source.has_rows() => data.user_agents.iter().map(|row| (row.user_agent.clone(), row.weight)).collect(),
            _ => data.fingerprints.probabilities("userAgent", &Sample::new()).to_vec(),
        };
        let mut shares: Vec<(&'static str, u16, f64)> = Vec::new();
        for (text, share) in &strings {
            let browser = Browser::read(text);
            match shares.iter_mut().find(|known| (known.0, known.1) == (browser.family, browser.version)) {
                Some(known) => known.2 += share,
                None => shares.push((browser.family, browser.version, *share)),
            }
        }
        let mut newest: Vec<(&'static str, u16)> = Vec::new();
        for (family, version, share) in &shares {
            let total: f64 = shares.iter().filter(|known| known.0 == *family).map(|known| known.2).sum();
            if share / total < 0.02 {
                continue; // beta channels and inventions
            }
            match newest.iter_mut().find(|known| known.0 == *family) {
                Some(known) => known.1 = known.1.max(*version),
                None => newest.push((family, *version)),
            }
        }
        Drawer { data, source, newest }
    }

    pub fn draw(&self, random: &mut Random) -> Device {
        let row = self.source.has_rows().then(|| self.row(random));
        let settled = row.filter(|_| self.source == Source::UserAgents);
        let headers = match row {
            Some(row) => self.headers_like(row, random),
            None => self.headers(random),
        };
        let user_agent = known(&headers, "user-agent").or(known(&headers, "User-Agent")).unwrap_or_default().to_owned();
        let given = Sample::from([("userAgent".to_owned(), user_agent.clone())]);
        let page = self.data.fingerprints.sample(given.clone(), random);
        let shown = row.map_or(user_agent.as_str(), |row| &row.user_agent);
        let browser = Browser::read(shown);
        let mobile = browser.is_mobile();
        let newest = self.newest.iter().find(|known| known.0 == browser.family).map_or(0, |known| known.1);

        let country = match settled {
            Some(row) => country_for(&row.language, random),
            None => world::country_of(random),
        };
        let languages = match settled {
            Some(row) => world::with_own_settings(languages_for(&row.language), random),
            None => world::languages_of(country, random),
        };
        let client_hints = known(&headers, "sec-ch-ua").unwrap_or_default();
        let brave = client_hints.contains("\"Brave\"");
        let mut screens = vec![screen(&page, row)];
        let mut graphics = vec![chip(&page)];
        if !mobile {
            // What else this browser's users have: a monitor, the other graphics chip.
            for _ in 0..if random.chance(0.3) { 2 } else { 1 } {
                screens.push(screen(&self.data.fingerprints.sample(given.clone(), random), None));
            }
            graphics.push(chip(&self.data.fingerprints.sample(given.clone(), random)));
        }
        let other = self.data.fingerprints.sample(given, random);
        let fonts = list(&json(&page, "fonts"));
        let home = Place::anywhere(country, random);
        let battery = json(&page, "battery");
        Device {
            outdated: browser.version + 3 < newest,
            brave,
            country,
            zone: world::zone_of(country, random),
            first_language_only: browser.engine == Engine::Safari,
            languages,
            home,
            second: Place::anywhere(country, random),
            carrier: random.below(6),
            brands: brands(client_hints),
            ch_platform: known(&headers, "sec-ch-ua-platform").map(hash),
            ch_mobile: known(&headers, "sec-ch-ua-mobile").map(hash),
            upgrade: header(&headers, "upgrade-insecure-requests").map(hash),
            encodings: header(&headers, "accept-encoding").unwrap_or_default().split(", ").map(hash).collect(),
            accept: hash(header(&headers, "accept").unwrap_or_default()),
            header_names: header_names(&headers),
            privacy: privacy(&headers, &page, &browser, brave),
            screens,
            graphics,
            platform: hash(row.map_or_else(|| known(&page, "platform").unwrap_or_default(), |row| &row.platform)),
            touch: hash(known(&page, "maxTouchPoints").unwrap_or_default()),
            cores: known(&page, "hardwareConcurrency").map(hash),
            memory: known(&page, "deviceMemory").map(hash),
            font_pool: list(&json(&other, "fonts")).into_iter().filter(|font| !fonts.contains(font)).collect(),
            fonts,
            plugins: plugins(&page, row),
            codecs: vec![
                hash(known(&page, "audioCodecs").unwrap_or_default()),
                hash(known(&page, "videoCodecs").unwrap_or_default()),
                u64::from(json(&page, "screen")["hasHDR"] == true),
            ],
            driver: random.below(8) as u64,
            laptop: !mobile && !battery.is_null() && random.chance(0.6),
            connection: match row {
                Some(row) => row.connection.as_deref().map(hash),
                None => (browser.engine == Engine::Chromium).then(|| hash("4g")),
            },
            browser,
        }
    }

    fn row(&self, random: &mut Random) -> &'d Row {
        let rows = &self.data.user_agents;
        &rows[random.weighted(rows.iter().map(|row| row.weight))]
    }

    /// Request headers from the input and header networks, of the wanted kind of device, whose user agent the fingerprint
    /// network knows.
    fn headers(&self, random: &mut Random) -> Sample {
        loop {
            let mut input = Sample::new();
            match self.source {
                Source::ApifyDesktop => drop(input.insert("*DEVICE".to_owned(), "desktop".to_owned())),
                Source::ApifyMobile => drop(input.insert("*DEVICE".to_owned(), "mobile".to_owned())),
                _ => (),
            }
            let input = self.data.input.sample(input, random);
            let headers = self.data.headers.sample(input, random);
            if known(&headers, "user-agent").or(known(&headers, "User-Agent")).is_some() {
                return headers;
            }
        }
    }

    /// Headers of a browser of the same system and family as the row's.
    fn headers_like(&self, row: &Row, random: &mut Random) -> Sample {
        let wanted = Browser::read(&row.user_agent);
        let mut last = Sample::new();
        for attempt in 0..60 {
            let device = if row.mobile { "mobile" } else { "desktop" };
            let input = Sample::from([("*DEVICE".to_owned(), device.to_owned())]);
            let input = self.data.input.sample(input, random);
            let headers = self.data.headers.sample(input, random);
            let Some(user_agent) = known(&headers, "user-agent").or(known(&headers, "User-Agent")) else { continue };
            let found = Browser::read(user_agent);
            let near = found.system == wanted.system && found.engine == wanted.engine;
            if near && (found.family == wanted.family || attempt > 30) {
                return headers;
            }
            last = headers;
        }
        last
    }
}
