//! The same JSON, written otherwise: what a signer signed that let its library write the body twice.
//!
//! Everything but blanks, escapes and the order of members stays as it came. So numbers keep their
//! spelling, which a parser would lose.

mod spelling;
mod tree;

use countersign_core::NearMissCause;
use serde::de::IgnoredAny;

use spelling::{Escapes, respell};
use tree::{Layout, Node, parse};

/// Longer bodies are not taken apart, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// So much is written for one body in all, in bytes: every way for a body of some 20 KiB, and the
/// usual ones for a longer one.
const MAX_IN_ALL: usize = 8 * MAX_BYTES;

/// Other ways to write the body, and what the signer did in each; nothing if it is no JSON. Each is
/// given to `signed`, until it has found something.
pub fn rewritten<T>(
    body: &[u8],
    signed: impl FnMut(NearMissCause, &[u8]) -> Option<T>,
) -> Option<T> {
    if body.len() > MAX_BYTES {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    // From here on it is well-formed, if it may still be nested too deep.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut attempts = Attempts {
        signed,
        tried: vec![body.to_vec()],
        left: MAX_IN_ALL,
    };
    let tree = parse(text)?;
    for (layout, cause) in LAYOUTS {
        if let Some(found) = attempts.write(&tree, layout, cause) {
            return Some(found);
        }
    }
    let sorted = tree.sorted();
    for (layout, _) in LAYOUTS {
        if let Some(found) = attempts.write(&sorted, layout, NearMissCause::JsonSorted) {
            return Some(found);
        }
    }
    let mut spellings = vec![text.to_owned()];
    let escaped = text.contains('\\');
    for escapes in Escapes::ALL {
        if attempts.left < text.len() || (!escaped && escapes.leaves(text)) {
            continue;
        }
        // A string that is half of a surrogate pair is nothing that could be written anew.
        let spelling = respell(text, escapes)?;
        if spellings.contains(&spelling) {
            continue;
        }
        let own = attempts.attempt(NearMissCause::JsonEscapes, spelling.clone());
        if own.is_some() {
            return own;
        }
        let tree = parse(&spelling)?;
        for (layout, _) in LAYOUTS {
            if let Some(found) = attempts.write(&tree, layout, NearMissCause::JsonEscapes) {
                return Some(found);
            }
        }
        let sorted = tree.sorted();
        for (layout, _) in LAYOUTS {
            if let Some(found) = attempts.write(&sorted, layout, NearMissCause::JsonSorted) {
                return Some(found);
            }
        }
        spellings.push(spelling);
    }
    None
}

/// What was tried, so that nothing is tried twice, nor too much.
struct Attempts<S> {
    signed: S,
    tried: Vec<Vec<u8>>,
    /// How many bytes may still be written.
    left: usize,
}

impl<T, S: FnMut(NearMissCause, &[u8]) -> Option<T>> Attempts<S> {
    fn write(&mut self, tree: &Node<'_>, layout: Layout, cause: NearMissCause) -> Option<T> {
        if self.left < self.tried[0].len() {
            return None;
        }
        self.attempt(cause, tree.written(layout)?)
    }

    fn attempt(&mut self, cause: NearMissCause, text: String) -> Option<T> {
        self.left = self.left.saturating_sub(text.len());
        let bytes = text.into_bytes();
        if self.tried.contains(&bytes) {
            return None;
        }
        let found = (self.signed)(cause, &bytes);
        self.tried.push(bytes);
        found
    }
}

const LAYOUTS: [(Layout, NearMissCause); 4] = [
    (Layout::Compact, NearMissCause::JsonCompact),
    (Layout::Spaced, NearMissCause::JsonSpaced),
    (Layout::Indented(2), NearMissCause::JsonIndented),
    (Layout::Indented(4), NearMissCause::JsonIndented),
];

#[cfg(test)]
mod tests {
    use super::{tree::MAX_WRITTEN, *};

    fn cause(received: &str, signed: &str) -> Option<NearMissCause> {
        rewritten(received.as_bytes(), |cause, bytes| {
            (bytes == signed.as_bytes()).then_some(cause)
        })
    }

    #[test]
    fn how_it_was_signed_is_recognised() {
        let compact = r#"{"b":[1.0,2e3,{}],"a":{"é/<":"\u00e9\n"},"c":[]}"#;
        let spaced = r#"{"b": [1.0, 2e3, {}], "a": {"é/<": "\u00e9\n"}, "c": []}"#;
        let indented = "{\n  \"b\": [\n    1.0,\n    2e3,\n    {}\n  ],\n  \"a\": {\n    \"é/<\": \"\\u00e9\\n\"\n  },\n  \"c\": []\n}";
        assert_eq!(cause(spaced, compact), Some(NearMissCause::JsonCompact));
        assert_eq!(cause(compact, spaced), Some(NearMissCause::JsonSpaced));
        assert_eq!(cause(compact, indented), Some(NearMissCause::JsonIndented));
        assert_eq!(cause(indented, compact), Some(NearMissCause::JsonCompact));
        let four = indented.replace("  ", "    ");
        assert_eq!(cause(compact, &four), Some(NearMissCause::JsonIndented));
        for escaped in [
            r#"{"b":[1.0,2e3,{}],"a":{"é/<":"é\n"},"c":[]}"#,
            r#"{"b":[1.0,2e3,{}],"a":{"\u00e9/<":"\u00e9\n"},"c":[]}"#,
            r#"{"b":[1.0,2e3,{}],"a":{"\u00e9\/<":"\u00e9\n"},"c":[]}"#,
            r#"{"b":[1.0,2e3,{}],"a":{"é/\u003c":"é\n"},"c":[]}"#,
            r#"{"b": [1.0, 2e3, {}], "a": {"\u00e9/<": "\u00e9\n"}, "c": []}"#,
        ] {
            assert_eq!(
                cause(compact, escaped),
                Some(NearMissCause::JsonEscapes),
                "{escaped}"
            );
        }
        for sorted in [
            r#"{"a":{"é/<":"\u00e9\n"},"b":[1.0,2e3,{}],"c":[]}"#,
            r#"{"a": {"\u00e9/<": "\u00e9\n"}, "b": [1.0, 2e3, {}], "c": []}"#,
        ] {
            assert_eq!(
                cause(compact, sorted),
                Some(NearMissCause::JsonSorted),
                "{sorted}"
            );
        }
    }

    #[test]
    fn surrogates_are_escaped_in_pairs() {
        let escaped = r#""\ud83d\ude00""#;
        assert_eq!(cause("\"😀\"", escaped), Some(NearMissCause::JsonEscapes));
        assert_eq!(cause(escaped, "\"😀\""), Some(NearMissCause::JsonEscapes));
    }

    #[test]
    fn a_deep_nesting_is_bounded() {
        let deep = "[".repeat(30_000) + &"]".repeat(30_000);
        assert_eq!(rewritten(deep.as_bytes(), |_, _| Some(())), None);
        let wide = "[".repeat(60) + &"0,".repeat(30_000) + "0" + &"]".repeat(60);
        let longest = std::cell::Cell::new(0);
        rewritten(wide.as_bytes(), |_, bytes| {
            longest.set(longest.get().max(bytes.len()));
            None::<()>
        });
        assert!(longest.get() <= MAX_WRITTEN);
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let long = format!("\"{}\"", "x".repeat(MAX_BYTES));
        for text in ["", "{", "a=b", "{} {}", "[1,]", &deep, &long] {
            let tried = rewritten(text.as_bytes(), |_, _| Some(()));
            assert_eq!(tried, None);
        }
        assert_eq!(rewritten(b"\xff", |_, _| Some(())), None);
    }

    #[test]
    fn quotes_and_backslashes_in_strings_end_nothing() {
        let sent = r#"{"say \"é\"":"\\","b":"\\\""}"#;
        let signed = r#"{"say \"\u00e9\"":"\\","b":"\\\""}"#;
        assert_eq!(cause(sent, signed), Some(NearMissCause::JsonEscapes));
        let slash = (r#"{"a":"b/c"}"#, r#"{"a":"b\/c"}"#);
        assert_eq!(cause(slash.0, slash.1), Some(NearMissCause::JsonEscapes));
    }

    /// As many bytes, with room for what stands around them.
    fn list(bytes: usize) -> String {
        format!("[\"{}\",1]", "x".repeat(bytes - 6))
    }

    #[test]
    fn bodies_of_64_kib_are_taken_apart_and_no_longer_ones() {
        let longest = list(65_536);
        let spaced = longest.replace(',', ", ");
        assert_eq!(cause(&longest, &spaced), Some(NearMissCause::JsonSpaced));
        let longer = list(65_537);
        assert_eq!(rewritten(longer.as_bytes(), |_, _| Some(())), None);
    }

    #[test]
    fn a_body_of_20_kib_is_written_in_every_way_and_none_too_often() {
        let text = "x".repeat(20_000);
        let sent = format!(r#"{{"b":"<é","a":"{text}"}}"#);
        let last = format!("{{\n    \"a\": \"{text}\",\n    \"b\": \"\\u003cé\"\n}}");
        assert_eq!(cause(&sent, &last), Some(NearMissCause::JsonSorted));
        for bytes in [20_000, 60_000] {
            let mut written = 0;
            let sent = format!(r#"{{"b":"<é/","a":"{}"}}"#, "x".repeat(bytes));
            rewritten(sent.as_bytes(), |_, attempt| {
                written += attempt.len();
                None::<()>
            });
            assert!(written <= MAX_IN_ALL + 60_100, "{written}");
        }
    }

    #[test]
    fn white_space_makes_a_quarter_of_a_mebibyte_at_the_most() {
        // Each item is a line of so many blanks.
        let nested = |items: usize| {
            let inner = vec!["0"; items].join(",");
            "[".repeat(50) + &inner + &"]".repeat(50)
        };
        let longest = |text: &str| {
            let mut longest = 0;
            rewritten(text.as_bytes(), |_, bytes| {
                longest = longest.max(bytes.len());
                None::<()>
            });
            longest
        };
        assert!((200_000..=262_144).contains(&longest(&nested(1_200))));
        assert!(longest(&nested(3_000)) <= 262_144);
    }
}
