//! What the tables hold, and what it means to the core.

pub mod conflict;
pub mod key;
pub mod message;
pub mod tombstone;

use countersign_core::{
    Digest, KeyLabel, Msisdn, NewMessage, RepositoryError, SourceError, Text, Timestamp, fold_case,
};

/// The text as searches compare it, if that is another than what SQL's `lower` makes of the text.
/// (SQLite's knows ASCII only.)
pub fn folded(text: Option<&Text>) -> Option<String> {
    let text = text?.as_str();
    if text.is_ascii() {
        return None;
    }
    let folded = fold_case(text);
    let lower = text.bytes().map(|byte| byte.to_ascii_lowercase());
    (!lower.eq(folded.bytes())).then(|| folded.into_owned())
}

/// [`NewMessage::digest`], of what a row says.
pub fn digest(from: &str, to: &str, ts: i64, text: Option<&str>) -> Digest {
    let ts = ts.to_be_bytes();
    let parts = [from.as_bytes(), to.as_bytes(), &ts];
    Digest::of_parts(parts.into_iter().chain(text.map(str::as_bytes)))
}

/// Columns that a message and a conflict have in common.
fn content(
    message_id: String,
    source: Option<String>,
    from_msisdn: String,
    to_msisdn: String,
    ts: i64,
    text: Option<String>,
) -> Result<NewMessage, RepositoryError> {
    let (id, source) = key::read(message_id, source)?;
    Ok(NewMessage {
        source,
        id,
        from: Msisdn::from_store(from_msisdn),
        to: Msisdn::from_store(to_msisdn),
        ts: instant("ts", ts)?,
        text: text.map(Text::from_store),
    })
}

/// The label of the key that vouched for a message, as a row has it.
fn verified_by(label: Option<&str>) -> Result<Option<KeyLabel>, RepositoryError> {
    let label = label.map(KeyLabel::try_from).transpose();
    label.map_err(|_| {
        RepositoryError::Failed(SourceError::from(
            "a row's verified_by is no label of a key",
        ))
    })
}

/// An instant, as a row has it.
pub fn instant(column: &str, micros: i64) -> Result<Timestamp, RepositoryError> {
    Timestamp::from_micros(micros).ok_or_else(|| {
        RepositoryError::Failed(SourceError::from(format!(
            "a row's {column} is {micros} µs, which is outside the years 0000 to 9999"
        )))
    })
}

/// A number of things, as a row has it.
pub fn count(column: &str, value: i64) -> Result<u64, RepositoryError> {
    u64::try_from(value).map_err(|_| {
        RepositoryError::Failed(SourceError::from(format!("a row's {column} is {value}")))
    })
}

#[cfg(test)]
mod tests {
    use countersign_core::{MessageId, SourceName};

    use super::*;

    #[test]
    fn the_digest_of_a_row_is_that_of_what_was_sent() {
        for text in [None, Some(""), Some("héllo")] {
            let content = NewMessage {
                source: SourceName::default(),
                id: MessageId::from_store("m".to_owned()),
                from: Msisdn::from_store("+1".to_owned()),
                to: Msisdn::from_store("+2".to_owned()),
                ts: Timestamp::MAX,
                text: text.map(|text| Text::from_store(text.to_owned())),
            };
            let row = digest("+1", "+2", Timestamp::MAX.micros(), text);
            assert_eq!(row, content.digest());
        }
    }
}
