//! What the tables hold, and what it means to the core.

pub mod conflict;
pub mod message;

use countersign_core::{
    MessageId, Msisdn, NewMessage, RepositoryError, SourceError, SourceName, Text, Timestamp,
    fold_case,
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

/// Columns that a message and a conflict have in common.
fn content(
    message_id: String,
    from_msisdn: String,
    to_msisdn: String,
    ts: i64,
    text: Option<String>,
) -> Result<NewMessage, RepositoryError> {
    Ok(NewMessage {
        source: SourceName::default(),
        id: MessageId::from_store(message_id),
        from: Msisdn::from_store(from_msisdn),
        to: Msisdn::from_store(to_msisdn),
        ts: instant("ts", ts)?,
        text: text.map(Text::from_store),
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

fn count(column: &str, value: i64) -> Result<u64, RepositoryError> {
    u64::try_from(value).map_err(|_| {
        RepositoryError::Failed(SourceError::from(format!("a row's {column} is {value}")))
    })
}
