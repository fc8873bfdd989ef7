//! Who may log in, and how the body of a login is read: a form or JSON, with `user` and `password`.

/// The demonstration's users. A real gateway asks its password hash, and slows down who guesses.
const USERS: [(&str, &str); 2] = [("alice", "wonderland"), ("bob", "builder & sons")];

/// Why a login fails.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The body is neither a form nor JSON: 415.
    MediaType,
    /// It does not hold one user and one password: 400.
    Unreadable,
    /// They don't belong together: 401.
    Wrong,
}

/// The user that this body logs in.
pub fn user(content_type: &str, body: &[u8]) -> Result<&'static str, Refusal> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let credentials = match media_type.as_str() {
        "application/x-www-form-urlencoded" => of_form(body),
        "application/json" => of_json(body),
        _ => return Err(Refusal::MediaType),
    };
    let (user, password) = credentials.ok_or(Refusal::Unreadable)?;
    let known = USERS.iter().find(|(name, secret)| *name == user && *secret == password);
    known.map(|(name, _)| *name).ok_or(Refusal::Wrong)
}

fn of_json(body: &[u8]) -> Option<(String, String)> {
    let object: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| Some(object.get(name)?.as_str()?.to_owned());
    Some((text("user")?, text("password")?))
}

fn of_form(body: &[u8]) -> Option<(String, String)> {
    let body = std::str::from_utf8(body).ok()?;
    let field = |wanted: &str| {
        let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
        let value = values.next()?;
        // A field that comes twice means two things.
        if values.next().is_some() { None } else { decoded(value) }
    };
    Some((field("user")?, field("password")?))
}

/// `application/x-www-form-urlencoded`: a plus sign is a space, `%41` is the byte 41 (WHATWG URL 5.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?].map(|digit| char::from(digit).to_digit(16));
                let [Some(high), Some(low)] = digits else { return None };
                u8::try_from(high << 4 | low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
