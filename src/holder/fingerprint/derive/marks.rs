//! What names the system, the device and the rest of what a user agent says. Data: the names are those of
//! `docs/components.md`.

use super::table::{Row, is_ordered};

/// The classes of devices; of several that a text names the last here is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Device {
    Unknown,
    Desktop,
    Mobile,
    Tablet,
    Television,
    Console,
    Bot,
}

impl Device {
    #[cfg(feature = "_tools")]
    pub(super) const ALL: [Device; 7] =
        [Device::Unknown, Device::Desktop, Device::Mobile, Device::Tablet, Device::Television, Device::Console, Device::Bot];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Device::Unknown => super::user_agent::OTHER,
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            Device::Television => "television",
            Device::Console => "console",
            Device::Bot => "bot",
        }
    }
}

/// What else a word says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Nothing,
    /// It is how the names of the models begin.
    Model,
    /// It is a browser's engine.
    Engine,
    /// It is a browser inside an application.
    Webview,
    /// Behind it stands the version of Chrome's engine.
    Chrome,
    /// Behind it stands the version of a browser that does not say it behind its name.
    Version,
    /// Behind it stands the version of Gecko, or of Internet Explorer.
    Revision,
    /// Behind it stands the system's version.
    System,
}

/// What a word says.
pub(super) struct Mark {
    word: &'static str,
    /// The system, or nothing.
    pub(super) system: &'static str,
    /// Of several systems the one with the greatest weight is right: `Linux; Android 15`, `iPhone OS 18 like Mac OS X`.
    pub(super) weight: u8,
    pub(super) device: Device,
    pub(super) fact: Fact,
}

impl Row for Mark {
    fn word(&self) -> &'static str {
        self.word
    }

    fn is_prefix(&self) -> bool {
        matches!(self.fact, Fact::Model)
    }
}

macro_rules! marks {
    ($( $word:literal $system:literal $weight:literal $device:ident $fact:ident; )*) => {
        /// In the order of the words.
        pub(super) const MARKS: &[Mark] = &[ $( Mark {
            word: $word,
            system: $system,
            weight: $weight,
            device: Device::$device,
            fact: Fact::$fact,
        }, )* ];
    };
}

marks! {
    "aft" "" 0 Television Model;
    "android" "android" 4 Unknown System;
    "androidtv" "" 0 Television Nothing;
    "appletv" "tvos" 5 Television Nothing;
    "applewebkit" "" 0 Unknown Engine;
    "bravia" "" 0 Television Nothing;
    "chrome" "" 0 Unknown Chrome;
    "chromium" "" 0 Unknown Chrome;
    "crios" "ios" 4 Unknown Nothing;
    "crkey" "" 0 Television Nothing;
    "cros" "chromeos" 4 Desktop Nothing;
    "darwin" "darwin" 1 Unknown Nothing;
    "edgios" "ios" 4 Unknown Nothing;
    "fedora" "linux" 2 Desktop Nothing;
    "freebsd" "freebsd" 3 Desktop Nothing;
    "fuchsia" "fuchsia" 5 Unknown Nothing;
    "fxios" "ios" 4 Unknown Nothing;
    "gecko" "" 0 Unknown Engine;
    "googletv" "" 0 Television Nothing;
    "harmonyos" "harmonyos" 5 Unknown Nothing;
    "hbbtv" "" 0 Television Nothing;
    "ios" "ios" 2 Unknown Nothing;
    "ipad" "ios" 4 Tablet Nothing;
    "iphone" "ios" 4 Mobile Nothing;
    "ipod" "ios" 4 Mobile Nothing;
    "kaios" "kaios" 5 Mobile Nothing;
    "linux" "linux" 2 Desktop Nothing;
    "macintosh" "macos" 3 Desktop Nothing;
    "macos" "macos" 3 Desktop Nothing;
    "mobile" "" 0 Mobile Nothing;
    "netbsd" "netbsd" 3 Desktop Nothing;
    "nintendo" "nintendo" 5 Console Nothing;
    "openbsd" "openbsd" 3 Desktop Nothing;
    "openharmony" "harmonyos" 5 Unknown Nothing;
    "os" "" 0 Unknown System;
    "phone" "" 0 Mobile Nothing;
    "playstation" "playstation" 5 Console Nothing;
    "roku" "roku" 5 Television Nothing;
    "rv" "" 0 Unknown Revision;
    "smart-tv" "" 0 Television Nothing;
    "smarttv" "" 0 Television Nothing;
    "tablet" "" 0 Tablet Nothing;
    "tizen" "tizen" 5 Unknown Nothing;
    "tv" "" 0 Television Nothing;
    "tvos" "tvos" 5 Television Nothing;
    "ubuntu" "linux" 2 Desktop Nothing;
    "version" "" 0 Unknown Version;
    "watchos" "watchos" 5 Unknown Nothing;
    "web0s" "webos" 5 Television Nothing;
    "webos" "webos" 5 Television Nothing;
    "windows" "windows" 3 Desktop Nothing;
    "wv" "" 0 Unknown Webview;
    "x11" "linux" 1 Desktop Nothing;
    "xbox" "xbox" 5 Console Nothing;
}

const _: () = {
    let mut rows = MARKS;
    while let [first, rest @ ..] = rows {
        if let [second, ..] = rest {
            assert!(is_ordered(first.word, matches!(first.fact, Fact::Model), second.word));
        }
        rows = rest;
    }
};
