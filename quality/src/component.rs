//! The components that are simulated, by the numbers of the claim.

/// How two values of a component are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Exact,
    Ordinal,
    Set,
}

/// Number, name, kind, and whether it follows from browser and system together.
pub struct Component {
    pub number: u8,
    pub name: &'static str,
    pub kind: Kind,
    pub follows: bool,
}

macro_rules! components {
    ($( $number:literal $constant:ident $name:literal $kind:ident $follows:literal; )*) => {
        $( pub const $constant: u8 = $number; )*
        pub const COMPONENTS: &[Component] =
            &[ $( Component { number: $number, name: $name, kind: Kind::$kind, follows: $follows }, )* ];
    };
}

components! {
    1 IP_ADDRESS "ip.address" Exact false;
    2 IP_NETWORK "ip.network" Exact false;
    3 IP_ASN "ip.asn" Exact false;
    4 IP_COUNTRY "ip.country" Exact false;
    16 UA_FAMILY "ua.family" Exact true;
    17 UA_VERSION "ua.version" Ordinal true;
    18 UA_OS "ua.os" Exact true;
    19 UA_DEVICE "ua.device" Exact true;
    20 CH_BRANDS "ch.brands" Set true;
    21 CH_PLATFORM "ch.platform" Exact true;
    22 CH_MOBILE "ch.mobile" Exact true;
    23 ACCEPT_LANGUAGE "accept-language" Set false;
    24 UPGRADE_INSECURE_REQUESTS "upgrade-insecure-requests" Exact true;
    25 ACCEPT_ENCODING "accept-encoding" Set true;
    26 ACCEPT "accept" Exact true;
    27 HEADER_NAMES "header.names" Set true;
    28 PRIVACY "privacy" Exact false;
    32 SCREEN_SIZE "screen.size" Exact false;
    33 SCREEN_DEPTH "screen.depth" Exact false;
    34 TIMEZONE "timezone" Exact false;
    35 LANGUAGES "languages" Set false;
    36 PLATFORM "platform" Exact true;
    37 TOUCH "touch" Exact false;
    38 CPU_CORES "cpu.cores" Exact false;
    39 MEMORY "memory" Exact false;
    48 FONTS "fonts" Set false;
    49 PLUGINS "plugins" Set false;
    50 FEATURES "features" Set true;
    64 CANVAS "canvas" Exact false;
    65 AUDIO "audio" Exact false;
    66 WEBGL_VENDOR "webgl.vendor" Exact false;
    67 WEBGL_RENDERER "webgl.renderer" Exact false;
    68 WEBGL_PARAMETERS "webgl.parameters" Exact false;
    80 INCOGNITO "incognito" Exact false;
    81 BATTERY "battery" Exact false;
    82 NETWORK_TYPE "network.type" Exact false;
    83 INPUT_DEVICES "input.devices" Exact false;
    96 TLS_JA4 "tls.ja4" Exact true;
    97 HTTP2 "http2" Exact true;
    112 COOKIE "cookie" Exact false;
}

/// How many components there are: the length of every table by place.
pub const COUNT: usize = COMPONENTS.len();

/// The place of a component in `COMPONENTS`.
pub const fn place(number: u8) -> usize {
    let mut place = 0;
    while place < COUNT {
        if COMPONENTS[place].number == number {
            return place;
        }
        place += 1;
    }
    panic!("a component that is not simulated")
}

/// A value as a collector would report it. Exact values are hashes: only equality matters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reading {
    #[default]
    Absent,
    Exact(u64),
    Ordinal(u16),
    /// Hashes of the elements, ascending, each once.
    Set(Vec<u64>),
}

/// The set of these elements.
pub fn set_of(elements: impl IntoIterator<Item = u64>) -> Reading {
    let mut elements: Vec<u64> = elements.into_iter().collect();
    elements.sort_unstable();
    elements.dedup();
    Reading::Set(elements)
}

/// One reading per component.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Fingerprint(Vec<Reading>);

impl Fingerprint {
    pub fn new() -> Fingerprint {
        Fingerprint(vec![Reading::Absent; COUNT])
    }

    pub fn get(&self, number: u8) -> &Reading {
        &self.0[place(number)]
    }

    pub fn at(&self, place: usize) -> &Reading {
        &self.0[place]
    }

    pub fn put(&mut self, number: u8, reading: Reading) {
        self.0[place(number)] = reading;
    }

    pub fn exact(&mut self, number: u8, value: u64) {
        self.put(number, Reading::Exact(value));
    }

    /// The number in an exact reading; 0 where there is none.
    pub fn value(&self, number: u8) -> u64 {
        if let Reading::Exact(value) = self.get(number) { *value } else { 0 }
    }
}
