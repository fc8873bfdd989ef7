//! What is collected, why, on what basis, how long it can be used and how it is erased: texts for a privacy notice.

use super::component::Component;
use super::sketch::Preset;

/// What a component or a preset collects, in sentences for a privacy notice (GDPR articles 13 and 14; CCPA 1798.100).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is looked at.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// On what basis.
    pub basis: &'static str,
    /// How long it can be used.
    pub how_long: &'static str,
    /// How it is erased, and how to opt out.
    pub how_erased: &'static str,
}

const WHY: &str = "To notice that a sign-in was copied to another device, and for nothing else: not for advertising, not to \
recognise a person across services.";
const BASIS: &str = "The legitimate interest of keeping accounts from being stolen (GDPR article 6(1)(f), recital 49); in \
California, helping to ensure security and integrity (CCPA 1798.140(e)(2)). Reading what is stored on a device, or scripts that \
ask a device, may need consent in the European Union (ePrivacy directive article 5(3)) unless strictly necessary for the service \
asked for: ask your counsel.";
const HOW_LONG: &str = "As long as the token that carries it is valid. It is a keyed digest with a salt of its own for each \
token; when the key's number is retired, no digest under it can be compared any more. Nothing is stored at the server.";
const HOW_ERASED: &str = "Sign out and delete the token: it was the only copy. A person who opts out gets a token without the \
component; what the token does not hold is not compared.";

const fn notice(what: &'static str) -> Notice {
    Notice { what, why: WHY, basis: BASIS, how_long: HOW_LONG, how_erased: HOW_ERASED }
}

impl Component {
    /// What this component collects. For one of the host's own the host must say what it is.
    pub const fn collects(self) -> Notice {
        notice(match self {
            Component::IP_ADDRESS => "The internet address that a request comes from.",
            Component::IP_NETWORK => "The network that a request comes from: the address without its last part.",
            Component::IP_ASN => "The number of the network operator, looked up by the address.",
            Component::IP_COUNTRY => "The country, looked up by the address.",
            Component::IP_ORGANISATION => "The organisation that holds the address.",
            Component::IP_ISP => "The internet provider, looked up by the address.",
            Component::UA_FAMILY => "The name of the browser, from the User-Agent that it sends.",
            Component::UA_VERSION => "The main version of the browser, from the User-Agent that it sends.",
            Component::UA_OS => "The operating system, from the User-Agent that the browser sends.",
            Component::UA_DEVICE => {
                "The kind of device (desktop, phone, tablet), from the User-Agent that the browser sends."
            }
            Component::CH_BRANDS => "The names under which the browser introduces itself, without versions.",
            Component::CH_PLATFORM => "The operating system that the browser names.",
            Component::CH_MOBILE => "Whether the browser prefers pages for phones.",
            Component::ACCEPT_LANGUAGE => "The languages that the browser asks for.",
            Component::UPGRADE_INSECURE_REQUESTS => "Whether the browser asks for encrypted pages.",
            Component::ACCEPT_ENCODING => "The compressions that the browser understands.",
            Component::ACCEPT => "The kinds of content that the browser asks for.",
            Component::HEADER_NAMES => "The names of the fields that the browser sends, without their values.",
            Component::PRIVACY => "Whether the browser asks not to be tracked, or not to have data sold.",
            Component::SCREEN_SIZE => "The size of the screen.",
            Component::SCREEN_DEPTH => "The number of colours of the screen.",
            Component::TIMEZONE => "The time zone that the device is set to.",
            Component::LANGUAGES => "The languages that the device is set to.",
            Component::PLATFORM => "The platform that the browser was built for.",
            Component::TOUCH => "Whether the screen can be touched, and with how many fingers.",
            Component::CPU_CORES => "The number of processor cores that the browser shows.",
            Component::MEMORY => "The rough amount of memory that the browser shows.",
            Component::FONTS => "Which of some common fonts are installed.",
            Component::PLUGINS => "The browser's plug-ins.",
            Component::FEATURES => "Which technical features the browser has.",
            Component::CANVAS => "How the device draws a hidden test picture.",
            Component::AUDIO => "How the device computes a silent test sound.",
            Component::WEBGL_VENDOR => "The maker of the graphics processor.",
            Component::WEBGL_RENDERER => "The name of the graphics processor.",
            Component::WEBGL_PARAMETERS => "The limits of the graphics processor.",
            Component::INCOGNITO => "Whether a private window is used.",
            Component::BATTERY => "Whether the device runs on a battery.",
            Component::NETWORK_TYPE => "The kind of connection, such as Wi-Fi.",
            Component::INPUT_DEVICES => "How many cameras, microphones and loudspeakers there are.",
            Component::TLS_JA4 => "How the client opens an encrypted connection.",
            Component::HTTP2 => "How the client opens an HTTP/2 connection.",
            Component::COOKIE => "A random number that the service itself stored in the browser.",
            _ => "A property that this service defines itself; its own notice says which.",
        })
    }
}

impl Preset {
    /// What this preset collects; each of its components has a notice of its own.
    pub const fn collects(self) -> Notice {
        notice(match self {
            Preset::HeadersRoaming | Preset::HeadersStrict => {
                "What a browser sends with every request; and the network that the request comes from, with its operator and \
                 country."
            }
            Preset::Browser => {
                "What a browser sends with every request; the network operator and the country; and what scripts of the page can \
                 read of the device: screen, touch, languages, time zone, platform, processor cores, memory, fonts, plug-ins, \
                 features, graphics and sound, and where they can be read a private window, a battery, the kind of connection, and \
                 how many cameras, microphones and loudspeakers there are."
            }
            Preset::Uniform => {
                "What a browser sends with every request, and what scripts of the page can read of the device: screen, touch, \
                 languages, time zone, platform, processor cores, memory, fonts, plug-ins, features, graphics and sound."
            }
            Preset::Stalker | Preset::StalkerStrict => {
                "The browser, system, languages and kinds of content that a browser names with every request, and what scripts of \
                 the page can read of the device: screen, time zone, platform, plug-ins and graphics."
            }
            Preset::Device => {
                "A random number in a cookie, how the client opens its connections, and the fields that it sends."
            }
        })
    }
}
