//! JSON (RFC 8259) by recursive descent into a tree, with the rules that Countermark adds: no two members of one name, no lone
//! surrogates, no byte-order mark, limits on depth and members. The first fault from the left counts; UTF-8 comes before all.

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Syntax,
    Duplicate,
    Limit,
}

/// A value with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub raw: String,
    pub json: Json,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Boolean(bool),
    Number,
    /// The text with its escapes resolved.
    String(String),
    Array(Vec<Node>),
    /// Names with their escapes resolved.
    Object(Vec<(String, Node)>),
}

/// Reads a whole text.
pub fn read(text: &[u8], depth: usize, members: usize) -> Result<Node, Refusal> {
    let text = std::str::from_utf8(text).map_err(|_| Refusal::Syntax)?;
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars, at: 0, depth, members };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at == reader.chars.len() { Ok(node) } else { Err(Refusal::Syntax) }
}

/// Reads a whole text that must be an object.
pub fn read_object(text: &[u8], depth: usize, members: usize) -> Result<Node, Refusal> {
    let first = text.iter().find(|byte| !b" \t\n\r".contains(byte));
    if first == Some(&b'{') { read(text, depth, members) } else { Err(Refusal::Syntax) }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    members: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Result<char, Refusal> {
        let char = self.peek().ok_or(Refusal::Syntax)?;
        self.at += 1;
        Ok(char)
    }

    fn expect(&mut self, wanted: char) -> Result<(), Refusal> {
        if self.take()? == wanted { Ok(()) } else { Err(Refusal::Syntax) }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// RFC 8259 3.
    fn value(&mut self, open: usize) -> Result<Node, Refusal> {
        let start = self.at;
        let json = match self.peek() {
            Some('{') => self.object(open)?,
            Some('[') => self.array(open)?,
            Some('"') => Json::String(self.string()?),
            Some('t') => self.word("true", Json::Boolean(true))?,
            Some('f') => self.word("false", Json::Boolean(false))?,
            Some('n') => self.word("null", Json::Null)?,
            _ => self.number()?,
        };
        Ok(Node { raw: self.chars[start..self.at].iter().collect(), json })
    }

    fn word(&mut self, word: &str, json: Json) -> Result<Json, Refusal> {
        for wanted in word.chars() {
            self.expect(wanted)?;
        }
        Ok(json)
    }

    /// RFC 8259 4.
    fn object(&mut self, open: usize) -> Result<Json, Refusal> {
        self.expect('{')?;
        if open >= self.depth {
            return Err(Refusal::Limit);
        }
        let mut members: Vec<(String, Node)> = Vec::new();
        self.space();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            if members.len() >= self.members {
                return Err(Refusal::Limit);
            }
            if members.iter().any(|(other, _)| *other == name) {
                return Err(Refusal::Duplicate);
            }
            self.space();
            self.expect(':')?;
            self.space();
            let value = self.value(open + 1)?;
            members.push((name, value));
            self.space();
            match self.take()? {
                ',' => {}
                '}' => return Ok(Json::Object(members)),
                _ => return Err(Refusal::Syntax),
            }
        }
    }

    /// RFC 8259 5.
    fn array(&mut self, open: usize) -> Result<Json, Refusal> {
        self.expect('[')?;
        if open >= self.depth {
            return Err(Refusal::Limit);
        }
        let mut elements = Vec::new();
        self.space();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Json::Array(elements));
        }
        loop {
            self.space();
            elements.push(self.value(open + 1)?);
            self.space();
            match self.take()? {
                ',' => {}
                ']' => return Ok(Json::Array(elements)),
                _ => return Err(Refusal::Syntax),
            }
        }
    }

    /// RFC 8259 6.
    fn number(&mut self) -> Result<Json, Refusal> {
        if self.peek() == Some('-') {
            self.at += 1;
        }
        match self.take()? {
            '0' => {}
            '1'..='9' => self.digits(),
            _ => return Err(Refusal::Syntax),
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.one_digit()?;
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.one_digit()?;
            self.digits();
        }
        Ok(Json::Number)
    }

    fn one_digit(&mut self) -> Result<(), Refusal> {
        if self.take()?.is_ascii_digit() { Ok(()) } else { Err(Refusal::Syntax) }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|char| char.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// RFC 8259 7. Escapes become UTF-16 units first, so that surrogates pair as the RFC says.
    fn string(&mut self) -> Result<String, Refusal> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.take()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\u{1f}' => return Err(Refusal::Syntax),
                plain => text.push(plain),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        Ok(match self.take()? {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let mut units = vec![self.unit()?];
                if (0xd800..0xdc00).contains(&units[0]) {
                    self.expect('\\')?;
                    self.expect('u')?;
                    units.push(self.unit()?);
                }
                let text = String::from_utf16(&units).map_err(|_| Refusal::Syntax)?;
                text.chars().next().ok_or(Refusal::Syntax)?
            }
            _ => return Err(Refusal::Syntax),
        })
    }

    fn unit(&mut self) -> Result<u16, Refusal> {
        let mut unit = 0u16;
        for _ in 0..4 {
            let digit = self.take()?.to_digit(16).ok_or(Refusal::Syntax)?;
            unit = unit << 4 | digit as u16;
        }
        Ok(unit)
    }
}
