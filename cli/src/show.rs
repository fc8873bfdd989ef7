//! What stands on the terminal: colours, and text that comes from others.

use crate::checks::Outcome;
use anstyle::{AnsiColor, Style};
use std::fmt::Display;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const MORE: Style = AnsiColor::Yellow.on_default();

/// The text in this style. Whether the style reaches the terminal is `anstream`'s to say.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The style of what became of a check.
pub fn style_of(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Ok => GOOD,
        Outcome::Failed => BAD,
        Outcome::NotAsked | Outcome::NotReached => DIM,
    }
}

/// A text that others wrote, without what a terminal would obey: control characters, and marks that turn the direction of text
/// or take no room (Unicode UAX 9, general category Cf). They are shown as escapes.
pub fn plain(text: &str) -> String {
    let is_mark = |char: char| matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char.is_control() || is_mark(char) {
            true => plain.extend(char.escape_unicode()),
            false => plain.push(char),
        }
    }
    plain
}

/// Bytes that others wrote: as text where they are, else byte by byte.
pub fn plain_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => plain(text),
        Err(_) => bytes.escape_ascii().to_string(),
    }
}

/// Tenths of a per cent of a number per mille.
pub fn per_cent(per_mille: f64) -> String {
    format!("{:.1} %", per_mille / 10.0)
}

/// Prints a line for a person, with its colours where there is a terminal. Nobody who reads the rest is left when a pipe is
/// closed, so that is no error.
macro_rules! say {
    ($($part:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(anstream::stdout(), $($part)*);
    }};
}
pub(crate) use say;

/// Prints a line for a program, byte for byte: what takes colours out takes control characters out, too.
macro_rules! put {
    ($($part:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($part)*);
    }};
}
pub(crate) use put;
