//! A place in a list, as a client carries it from one page to the next: opaque text.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use countersign_core::{MessageId, Position, SourceName, Timestamp};
use poem_openapi::registry::MetaSchema;

use crate::params::ParamValue;

/// The first byte of the form below. Another form gets another number, so that a cursor kept from
/// an earlier program is refused instead of misread.
const VERSION: u8 = 1;

/// The first byte of the form for a message of a named source: its name and a NUL, which no id has,
/// stand before the id.
const NAMED: u8 = 2;

/// The last byte. UTF-8 never has it: a cursor that was cut or has a tail does not end here.
const END: u8 = 0xff;

/// URL-safe base64, without padding, of [`VERSION`], the instant's microseconds (64 bits, the
/// largest byte first), the id, [`END`].
pub struct Cursor(pub Position);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { ts, id, source } = &self.0;
        let mut bytes = vec![if source.is_default() { VERSION } else { NAMED }];
        bytes.extend(ts.micros().to_be_bytes());
        if !source.is_default() {
            bytes.extend(source.as_str().bytes());
            bytes.push(0);
        }
        bytes.extend(id.as_str().bytes());
        bytes.push(END);
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Cursor {
    /// The place, if this is exactly how it is written.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let [version @ (VERSION | NAMED), place @ .., END] = bytes.as_slice() else {
            return None;
        };
        let (micros, id) = place.split_first_chunk()?;
        let id = str::from_utf8(id).ok()?;
        let (source, id) = if *version == NAMED {
            let (name, id) = id.split_once('\0')?;
            let named = SourceName::try_from(name).ok();
            (named.filter(|source| !source.is_default())?, id)
        } else {
            (SourceName::default(), id)
        };
        // As where a message is asked for by its id: unchecked, because rows of the original
        // service may have ids that today's rule refuses, but not all databases can compare a NUL.
        (!id.contains('\0')).then_some(Self(Position {
            ts: Timestamp::from_micros(i64::from_be_bytes(*micros))?,
            id: MessageId::from_store(id.to_owned()),
            source,
        }))
    }
}

impl ParamValue for Cursor {
    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "cursor")
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::read(text).map(Some).ok_or_else(|| {
            format!(
                "must be a next_cursor, unchanged (it is {} characters long)",
                text.chars().count()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursor(ts: Timestamp, id: &str) -> Cursor {
        named(ts, id, SourceName::DEFAULT)
    }

    fn named(ts: Timestamp, id: &str, source: &str) -> Cursor {
        Cursor(Position {
            ts,
            id: MessageId::from_store(id.to_owned()),
            source: SourceName::try_from(source).unwrap(),
        })
    }

    fn read(text: &str) -> Option<Position> {
        Cursor::read(text).map(|cursor| cursor.0)
    }

    fn written(bytes: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    const NOON: i64 = 1_748_779_200_000_000;

    /// The bytes of a good cursor, to be spoiled.
    fn good() -> Vec<u8> {
        [&[VERSION], &NOON.to_be_bytes()[..], b"m1", &[END]].concat()
    }

    proptest! {
        #[test]
        fn comes_back_as_the_same_place(
            micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros(),
            id in "[^\0]{0,255}",
            source in "[a-z0-9][a-z0-9_-]{0,31}",
        ) {
            let ts = Timestamp::from_micros(micros).unwrap_or(Timestamp::MIN);
            let cursor = named(ts, &id, &source);
            let text = cursor.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            prop_assert_eq!(read(&text), Some(cursor.0));
        }

        /// There is one spelling of a place, so that nothing but what was given is taken.
        #[test]
        fn whatever_is_read_is_written_the_same(text in "A[XQ][A-Za-z0-9_-]{10,40}_w?|\\PC{0,40}") {
            if let Some(cursor) = Cursor::read(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn no_byte_can_be_cut_off_or_put_on(cut in 1..13_usize, tail: Vec<u8>) {
            let good = good();
            prop_assert_eq!(read(&written(&good[..good.len() - cut])), None);
            if !tail.is_empty() {
                prop_assert_eq!(read(&written(&[good, tail].concat())), None);
            }
        }
    }

    #[test]
    fn the_ends_of_time_and_the_longest_ids_come_back() {
        for ts in [Timestamp::MIN, Timestamp::MAX] {
            for id in ["a".repeat(255), "😀".repeat(255), "\u{7f}\n".to_owned()] {
                let cursor = cursor(ts, &id);
                assert_eq!(read(&cursor.to_string()), Some(cursor.0));
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        assert!(read(&written(&good())).is_some());
        let place = |micros: i64, id: &[u8]| {
            written(&[&[VERSION], &micros.to_be_bytes()[..], id, &[END]].concat())
        };
        for spoiled in [
            written(&[&[0], &good()[1..]].concat()),
            written(&[&[2], &good()[1..]].concat()),
            written(&[&[3], &good()[1..]].concat()),
            written(&[&[2], &NOON.to_be_bytes()[..], b"default\0m1", &[END]].concat()),
            written(&[&[2], &NOON.to_be_bytes()[..], b"A\0m1", &[END]].concat()),
            written(&[&[2], &NOON.to_be_bytes()[..], b"a\0m\x001", &[END]].concat()),
            place(Timestamp::MIN.micros() - 1, b"m1"),
            place(Timestamp::MAX.micros() + 1, b"m1"),
            place(i64::MIN, b"m1"),
            place(NOON, b"m\0"),
            place(NOON, b"m\xff"),
            place(NOON, b"\xed\xa0\x80"),
            format!("{}=", written(&good())),
            format!("{} ", written(&good())),
            written(&good()).replace('_', "/"),
            "m1".to_owned(),
        ] {
            assert_eq!(read(&spoiled), None, "{spoiled}");
        }
    }
}
