//! Cursors.
//!
//! What is read is written the same, so that there is one spelling of a place; and every place comes
//! back as itself.
#![no_main]

use countersign_core::{MessageId, Position, SourceName, Timestamp};
use countersign_http::{read_cursor, write_cursor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(place) = read_cursor(text) {
        assert!(!place.id.as_str().contains('\0'));
        assert_eq!(write_cursor(place), text);
    }
    if let Some(place) = place(text) {
        let text = write_cursor(place.clone());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(text.bytes().all(plain), "{text}");
        assert_eq!(read_cursor(&text), Some(place));
    }
});

/// Lines of microseconds, a source, and an id, which may be of any form but that no store has a NUL
/// in one.
fn place(text: &str) -> Option<Position> {
    let mut lines = text.splitn(3, '\n');
    Some(Position {
        ts: Timestamp::from_micros(lines.next()?.parse().ok()?)?,
        source: SourceName::try_from(lines.next()?).ok()?,
        id: MessageId::from_store(lines.next()?.replace('\0', "")),
    })
}
