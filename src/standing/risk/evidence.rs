//! Whether what a client says of itself agrees with itself.

/// A family of operating systems.
#[derive(Clone, Copy, PartialEq, Eq)]
enum System {
    Windows,
    /// Android too: a browser there that asks for a page as on a desk says Linux.
    Linux,
    Apple,
    Mobile,
    Chrome,
}

/// The first that occurs decides.
const OF_USER_AGENT: &[(&[u8], System)] = &[
    (b"Windows", System::Windows),
    (b"Android", System::Linux),
    (b"iPhone", System::Mobile),
    (b"iPad", System::Mobile),
    (b"CrOS", System::Chrome),
    (b"Mac OS X", System::Apple),
    (b"Linux", System::Linux),
];
const OF_PLATFORM: &[(&[u8], System)] = &[
    (b"Windows", System::Windows),
    (b"Android", System::Linux),
    (b"iOS", System::Mobile),
    (b"Chrome OS", System::Chrome),
    (b"Chromium OS", System::Chrome),
    (b"macOS", System::Apple),
    (b"Linux", System::Linux),
];
/// What programs that drive browsers leave in the user agent.
const AUTOMATION: &[&[u8]] = &[b"HeadlessChrome", b"PhantomJS", b"puppeteer", b"playwright", b"selenium"];

/// Whether both name a system, and not the same one. `platform` is the value of `Sec-CH-UA-Platform`.
pub(super) fn contradicts(user_agent: &[u8], platform: &[u8]) -> bool {
    match (system(user_agent, OF_USER_AGENT), system(platform, OF_PLATFORM)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// Whether the user agent names a program that drives browsers.
pub(super) fn is_automated(user_agent: &[u8]) -> bool {
    AUTOMATION.iter().any(|mark| contains(user_agent, mark))
}

fn system(text: &[u8], names: &[(&[u8], System)]) -> Option<System> {
    names.iter().find(|(name, _)| contains(text, name)).map(|(_, system)| *system)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}
