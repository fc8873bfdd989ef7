//! What a user agent string says: family, major version, system, device. Enough for the browsers of the samples.

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Engine {
    Chromium,
    Firefox,
    Safari,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Browser {
    pub family: &'static str,
    pub version: u16,
    pub system: &'static str,
    pub device: &'static str,
    pub engine: Engine,
}

/// Marker and family, the more particular first: a browser that copies another's marker adds its own.
const FAMILIES: &[(&str, &str)] = &[
    ("Edg/", "edge"),
    ("EdgA/", "edge"),
    ("EdgiOS/", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung internet"),
    ("CriOS/", "chrome"),
    ("FxiOS/", "firefox"),
    ("Firefox/", "firefox"),
    ("Chrome/", "chrome"),
    ("Version/", "safari"),
];

const SYSTEMS: &[(&str, &str, &str)] = &[
    ("iPhone", "ios", "iphone"),
    ("iPad", "ios", "ipad"),
    ("Windows", "windows", "pc"),
    ("Android", "android", "android"),
    ("CrOS", "chrome os", "pc"),
    ("Macintosh", "mac os", "mac"),
    ("Linux", "linux", "pc"),
];

impl Browser {
    pub fn read(user_agent: &str) -> Browser {
        let family = FAMILIES.iter().find(|(marker, _)| user_agent.contains(marker));
        let version = family.and_then(|(marker, _)| {
            let digits = user_agent.split(marker).nth(1)?;
            digits.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
        });
        let system = SYSTEMS.iter().find(|(marker, ..)| user_agent.contains(marker));
        let (_, system, device) = system.copied().unwrap_or(("", "other", "other"));
        let family = family.map_or("other", |(_, family)| *family);
        let engine = match family {
            _ if system == "ios" => Engine::Safari,
            "firefox" => Engine::Firefox,
            "safari" | "other" => Engine::Safari,
            _ => Engine::Chromium,
        };
        Browser { family, version: version.unwrap_or(0), system, device, engine }
    }

    pub fn is_mobile(&self) -> bool {
        matches!(self.system, "ios" | "android")
    }

    /// Days between two major versions, and the mean delay until a browser has it.
    pub fn rhythm(&self) -> (f64, f64) {
        match self.family {
            "safari" | "other" => (365.0, 30.0),
            "firefox" => (28.0, 5.3),
            "samsung internet" => (56.0, 5.3),
            _ => (14.0, 5.3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_must() {
        let read = |text: &str| {
            let browser = Browser::read(text);
            (browser.family, browser.version, browser.system, browser.engine)
        };
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36 Edg/146.0.0.0";
        assert_eq!(read(edge), ("edge", 146, "windows", Engine::Chromium));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.3 Mobile/15E148 Safari/604.1";
        assert_eq!(read(phone), ("safari", 26, "ios", Engine::Safari));
        let fox = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
        assert_eq!(read(fox), ("firefox", 150, "linux", Engine::Firefox));
    }
}
