//! The tables of five collectors, taken from what they returned in `tests/collectors` and from their sources.
//!
//! Data only. `docs/collectors.md` says what is left out and why. A value is compared with values of the same collector:
//! each writes in its own way.

use super::{Collector, Component, Row};

impl Collector<'static> {
    /// FingerprintJS 5, open source: what `agent.get()` resolves to. The screen's two sides come larger first, as strings
    /// compare. Its own marks for a canvas that the browser randomises leave the canvas out.
    pub const FINGERPRINTJS: Collector<'static> = Collector {
        name: "FingerprintJS",
        rows: &[
            Row::new("components.screenResolution.value", Component::SCREEN_SIZE).absent(&["null"]),
            Row::new("components.colorDepth.value", Component::SCREEN_DEPTH),
            Row::new("components.timezone.value", Component::TIMEZONE),
            Row::new("components.languages.value", Component::LANGUAGES),
            Row::new("components.platform.value", Component::PLATFORM),
            Row::new("components.touchSupport.value", Component::TOUCH),
            Row::new("components.hardwareConcurrency.value", Component::CPU_CORES),
            Row::new("components.deviceMemory.value", Component::MEMORY),
            Row::new("components.fonts.value", Component::FONTS),
            Row::new("components.plugins.value.name", Component::PLUGINS),
            Row::new("components.webGlExtensions.value.extensions", Component::FEATURES),
            Row::new("components.canvas.value", Component::CANVAS).absent(&["unsupported", "skipped", "unstable"]),
            Row::new("components.audio.value", Component::AUDIO).absent(&["-1", "-2", "-3", "-4"]),
            Row::new("components.webGlBasics.value.vendorUnmasked", Component::WEBGL_VENDOR),
            Row::new("components.webGlBasics.value.vendor", Component::WEBGL_VENDOR),
            Row::new("components.webGlBasics.value.rendererUnmasked", Component::WEBGL_RENDERER),
            Row::new("components.webGlBasics.value.renderer", Component::WEBGL_RENDERER),
            Row::new("components.webGlExtensions.value.parameters", Component::WEBGL_PARAMETERS),
        ],
    };

    /// ClientJS 0.2: an object with one member for each method, named as the method. It has one language, and the time zone
    /// as an offset that changes with daylight saving time.
    pub const CLIENTJS: Collector<'static> = Collector {
        name: "ClientJS",
        rows: &[
            Row::new("getCurrentResolution", Component::SCREEN_SIZE),
            Row::new("getColorDepth", Component::SCREEN_DEPTH),
            Row::new("getTimeZone", Component::TIMEZONE),
            Row::new("getLanguage", Component::LANGUAGES),
            Row::new("getFonts", Component::FONTS).separated_by(b','),
            Row::new("getPlugins", Component::PLUGINS).separated_by(b','),
            Row::new("getCanvasPrint", Component::CANVAS),
        ],
    };

    /// ImprintJS 1.0: an object with one member for each test, named as the test, whose value is `imprint.test([name])`. Every
    /// value is a hash, so a set is one element that is equal or not; the hash of the empty string stands for no value.
    pub const IMPRINTJS: Collector<'static> = Collector {
        name: "ImprintJS",
        rows: &[
            imprint("screenResolution", Component::SCREEN_SIZE),
            imprint("colorDepth", Component::SCREEN_DEPTH),
            imprint("timezoneOffset", Component::TIMEZONE),
            imprint("language", Component::LANGUAGES),
            imprint("platform", Component::PLATFORM),
            imprint("touchSupport", Component::TOUCH),
            imprint("processorCores", Component::CPU_CORES),
            imprint("installedFonts", Component::FONTS),
            imprint("plugins", Component::PLUGINS),
            imprint("canvas", Component::CANVAS),
            imprint("audio", Component::AUDIO),
            imprint("webGl", Component::WEBGL_PARAMETERS),
        ],
    };

    /// ThumbmarkJS 1.11: what `new Thumbmark(options).get()` resolves to. It has the screen's size on phones and tablets only,
    /// and leaves out by itself what a private window randomises (its option `stabilize`).
    pub const THUMBMARKJS: Collector<'static> = Collector {
        name: "ThumbmarkJS",
        rows: &[
            Row::new("components.screen.resolution", Component::SCREEN_SIZE),
            Row::new("components.screen.colorDepth", Component::SCREEN_DEPTH),
            Row::new("components.locales.timezone", Component::TIMEZONE),
            Row::new("components.locales.languages", Component::LANGUAGES),
            Row::new("components.system.platform", Component::PLATFORM),
            Row::new("components.screen.maxTouchPoints", Component::TOUCH),
            Row::new("components.system.hardwareConcurrency", Component::CPU_CORES),
            Row::new("components.hardware.deviceMemory", Component::MEMORY).absent(&["0", "undefined"]),
            Row::new("components.fonts", Component::FONTS),
            Row::new("components.plugins.plugins", Component::PLUGINS),
            Row::new("components.screen.mediaMatches", Component::FEATURES),
            Row::new("components.canvas.commonPixelsHash", Component::CANVAS),
            Row::new("components.audio.sampleHash", Component::AUDIO),
            Row::new("components.hardware.videocard.vendorUnmasked", Component::WEBGL_VENDOR),
            Row::new("components.hardware.videocard.vendor", Component::WEBGL_VENDOR),
            Row::new("components.hardware.videocard.rendererUnmasked", Component::WEBGL_RENDERER),
            Row::new("components.hardware.videocard.renderer", Component::WEBGL_RENDERER),
            Row::new("components.webgl.commonPixelsHash", Component::WEBGL_PARAMETERS),
        ],
    };

    /// detectIncognito 1.9: what `detectIncognito()` resolves to.
    pub const DETECT_INCOGNITO: Collector<'static> =
        Collector { name: "detectIncognito", rows: &[Row::new("isPrivate", Component::INCOGNITO)] };
}

/// MurmurHash3 of nothing, in the 128-bit form for x86 with seed 0.
const NOTHING: &str = "00000000000000000000000000000000";

const fn imprint(test: &'static str, component: Component) -> Row<'static> {
    Row::new(test, component).absent(&[NOTHING])
}
