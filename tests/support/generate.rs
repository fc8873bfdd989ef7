//! Random JSON: texts by the grammar, and texts that are nearly JSON.

use super::random::Random;

/// Bytes of every class that a JSON reader tells apart, and some that it must not.
pub const BYTES: &[u8] = b"{}[]\":,\\/ \t\n\r+-.eE0123456789abcdeftrunls_\x00\x01\x0b\x1f\x7f\x80\x9f\xa0\xa9\xbf\xc0\xc3\xe2\xed\xef\xf0\xf4\xff";

/// A JSON text by the grammar. `is_clean` keeps names of one object apart and surrogates paired.
pub fn text(random: &mut Random, is_clean: bool) -> Vec<u8> {
    let mut out = String::new();
    let depth = random.below(6);
    Generator { random, out: &mut out, is_clean, names: 0 }.document(depth);
    out.into_bytes()
}

/// An object, as a payload is one. Names of one object are never equal.
pub fn object(random: &mut Random) -> Vec<u8> {
    let mut out = String::new();
    let depth = random.below(4);
    Generator { random, out: &mut out, is_clean: true, names: 0 }.object(depth);
    out.into_bytes()
}

/// Changes a few bytes at random places.
pub fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        let at = random.below(text.len() + 1);
        let byte = BYTES[random.below(BYTES.len())];
        match random.below(6) {
            0 => text.insert(at, byte),
            1 if at < text.len() => text[at] = byte,
            2 if at < text.len() => drop(text.remove(at)),
            3 => text.truncate(at),
            4 => {
                let end = (at + random.below(12)).min(text.len());
                let piece = text[at..end].to_vec();
                let place = random.below(text.len() + 1);
                text.splice(place..place, piece);
            }
            _ if at < text.len() => text[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
}

struct Generator<'r> {
    random: &'r mut Random,
    out: &'r mut String,
    is_clean: bool,
    names: usize,
}

impl Generator<'_> {
    fn document(&mut self, depth: usize) {
        self.space();
        self.value(depth);
        self.space();
    }

    fn space(&mut self) {
        if self.random.once_in(5) {
            for _ in 0..=self.random.below(3) {
                self.out.push_str(self.random.pick(&[" ", "\t", "\n", "\r", "  "]));
            }
        }
    }

    fn value(&mut self, depth: usize) {
        match self.random.below(if depth == 0 { 5 } else { 9 }) {
            0 => self.out.push_str(self.random.pick(&["true", "false", "null"])),
            1 | 2 => self.number(),
            3 | 4 => self.string(),
            5 | 6 => self.array(depth - 1),
            _ => self.object(depth - 1),
        }
    }

    fn array(&mut self, depth: usize) {
        self.out.push('[');
        for position in 0..self.random.below(5) {
            self.separate(position);
            self.value(depth);
        }
        self.space();
        self.out.push(']');
    }

    fn object(&mut self, depth: usize) {
        self.out.push('{');
        for position in 0..self.random.below(7) {
            self.separate(position);
            self.name();
            self.space();
            self.out.push(':');
            self.space();
            self.value(depth);
        }
        self.space();
        self.out.push('}');
    }

    fn separate(&mut self, position: usize) {
        if position > 0 {
            self.space();
            self.out.push(',');
        }
        self.space();
    }

    fn name(&mut self) {
        self.out.push('"');
        if self.is_clean {
            self.names += 1;
            self.out.push_str(&format!("n{}", self.names));
        } else {
            // Few names in many spellings: duplicates come about.
            let name = self.random.pick(&["a", "b", "ab", "ba", "", "\u{e9}", "\u{1f600}", "aaaaaaaaa", "baaaaaaaa"]);
            self.characters(name);
        }
        self.out.push('"');
    }

    fn string(&mut self) {
        self.out.push('"');
        for _ in 0..self.random.below(4) {
            let piece = self.random.pick(&[
                "",
                "a",
                "plain text",
                "\"",
                "\\",
                "/",
                "\u{8}",
                "\u{c}",
                "\n",
                "\r",
                "\t",
                "\0",
                "\u{1f}",
                "\u{7f}",
                "\u{e9}",
                "\u{2028}",
                "\u{fffd}",
                "\u{1f600}",
                "\u{10ffff}",
                "u0041",
                "{}[]:,",
                "0123456789abcdef0123456789abcdef",
            ]);
            self.characters(piece);
        }
        if !self.is_clean && self.random.once_in(40) {
            self.out.push_str(self.random.pick(&["\\ud83d", "\\ude00", "\\ud83d\\ud83d", "\\x", "\\u00e", "\\"]));
        }
        self.out.push('"');
    }

    /// Each character in one of its spellings.
    fn characters(&mut self, text: &str) {
        for char in text.chars() {
            let short = match char {
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' => "\\/",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => "",
            };
            let must_escape = matches!(char, '"' | '\\' | '\0'..='\u{1f}');
            if !short.is_empty() && self.random.once_in(2) {
                self.out.push_str(short);
            } else if must_escape || self.random.once_in(6) {
                let is_upper = self.random.once_in(2);
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let escape = if is_upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
                    self.out.push_str(&escape);
                }
            } else {
                self.out.push(char);
            }
        }
    }

    fn number(&mut self) {
        let minus = self.random.pick(&["", "", "-"]);
        let whole = self.random.pick(&[
            "0",
            "1",
            "9",
            "10",
            "42",
            "1700000000",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "123456789012345678901234567890",
        ]);
        let fraction = self.random.pick(&["", "", "", ".0", ".5", ".000", ".0000000000000000000000000001", ".999"]);
        let exponent = self.random.pick(&["", "", "", "", "e0", "E1", "e+3", "e-1", "e-10", "e18", "e19", "e400", "e-400"]);
        self.out.push_str(&format!("{minus}{whole}{fraction}{exponent}"));
    }
}
