//! The same strings with other escapes.

use std::fmt::Write as _;

/// Which characters of a string are escaped that need not be.
#[derive(Debug, Clone, Copy)]
pub enum Escapes {
    /// None: JavaScript's `JSON.stringify`.
    Few,
    /// Those beyond ASCII: Python's `json.dumps`.
    Ascii,
    /// Those, and slashes: PHP's `json_encode`.
    AsciiAndSlash,
    /// `<`, `>` and `&`: Go's `json.Marshal`.
    Html,
}

impl Escapes {
    pub const ALL: [Self; 4] = [Self::Few, Self::Ascii, Self::AsciiAndSlash, Self::Html];

    /// Whether a text without escapes stays as it is.
    pub fn leaves(self, text: &str) -> bool {
        match self {
            Self::Few => true,
            Self::Ascii => text.is_ascii(),
            Self::AsciiAndSlash => text.is_ascii() && !text.contains('/'),
            Self::Html => !text.contains(|c| self.apply(c)),
        }
    }

    fn apply(self, c: char) -> bool {
        match self {
            Self::Few => false,
            Self::Ascii | Self::AsciiAndSlash => !c.is_ascii(),
            Self::Html => matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
        }
    }
}

/// The text with its strings written otherwise.
pub fn respell(text: &str, escapes: Escapes) -> Option<String> {
    let mut respelt = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        let (token, behind) = from.split_at(string_end(from)?);
        respelt.push_str(before);
        write_string(&decoded(token)?, escapes, &mut respelt)?;
        rest = behind;
    }
    respelt.push_str(rest);
    Some(respelt)
}

/// What a string in its quotes says.
pub fn decoded(token: &str) -> Option<String> {
    serde_json::from_str(token).ok()
}

fn write_string(text: &str, escapes: Escapes, to: &mut String) -> Option<()> {
    let plain = serde_json::to_string(text).ok()?;
    if escapes.leaves(&plain) {
        to.push_str(&plain);
        return Some(());
    }
    for c in plain.chars() {
        if escapes.apply(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A String takes everything.
                let _ = write!(to, "\\u{unit:04x}");
            }
        } else if c == '/' && matches!(escapes, Escapes::AsciiAndSlash) {
            to.push_str("\\/");
        } else {
            to.push(c);
        }
    }
    Some(())
}

/// Where the string ends that `text` begins with, in bytes, behind its quote.
pub fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}
