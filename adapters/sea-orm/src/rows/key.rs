//! The column `message_id`: what identifies a message, as one text.
//!
//! An id is one within its source, and the column is unique in the table of messages, orders the
//! entries of lists, and is what cursors are compared with. So that all of this stays as it is, it
//! holds for a message of the default source plainly the id, as it always has, and for one of a named
//! source the id, U+0001 and the source's name. A valid id has no control character, and U+0001 is
//! less than all that it may have: the bytes of these texts are in the order of (id, source), the
//! default source first, which is the core's.
//!
//! Where the id ends, the column `source` says, and not U+0001: ids of the original service are kept
//! as they were, and may have any character.

use std::borrow::Cow;

use countersign_core::{MessageId, MessageKey, RepositoryError, SourceError, SourceName};

const SEPARATOR: char = '\u{1}';

/// What the column holds.
pub fn stored<'a>(id: &'a MessageId, source: &SourceName) -> Cow<'a, str> {
    if source.is_default() {
        return Cow::Borrowed(id.as_str());
    }
    Cow::Owned(format!("{}{SEPARATOR}{}", id.as_str(), source.as_str()))
}

/// As [`stored`].
pub fn of(key: &MessageKey) -> Cow<'_, str> {
    stored(&key.id, &key.source)
}

/// What the column `source` holds: nothing for the default source.
pub fn source(source: &SourceName) -> Option<&str> {
    (!source.is_default()).then(|| source.as_str())
}

/// What both columns say.
pub fn read(
    mut message_id: String,
    source: Option<String>,
) -> Result<(MessageId, SourceName), RepositoryError> {
    let Some(name) = source else {
        return Ok((MessageId::from_store(message_id), SourceName::default()));
    };
    let failed = |what: &str| RepositoryError::Failed(SourceError::from(what.to_owned()));
    let id = message_id
        .strip_suffix(name.as_str())
        .and_then(|rest| rest.strip_suffix(SEPARATOR))
        .ok_or_else(|| failed("a row's message_id does not end in its source"))?
        .len();
    let source = SourceName::try_from(name.as_str())
        .map_err(|_| failed("a row's source is no name of a source"))?;
    message_id.truncate(id);
    Ok((MessageId::from_store(message_id), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, source: &str) -> MessageKey {
        MessageKey {
            id: MessageId::from_store(id.to_owned()),
            source: SourceName::try_from(source).expect("a name"),
        }
    }

    fn there_and_back(key: &MessageKey) -> MessageKey {
        let name = source(&key.source).map(str::to_owned);
        let (id, source) = read(of(key).into_owned(), name).expect("a key");
        MessageKey { id, source }
    }

    #[test]
    fn keys_come_back_and_keep_their_order() {
        let mut keys = Vec::new();
        for id in ["a", "a ", "ab", "b", "é", "a-a"] {
            for source in ["default", "a", "a-b", "b", "0"] {
                keys.push(key(id, source));
            }
        }
        for key in &keys {
            assert_eq!(there_and_back(key), *key);
        }
        let mut by_core = keys.clone();
        by_core.sort();
        keys.sort_by(|a, b| of(a).as_bytes().cmp(of(b).as_bytes()));
        assert_eq!(keys, by_core);
    }

    #[test]
    fn an_adopted_id_may_look_like_one_of_a_source() {
        let adopted = key("a\u{1}b", "default");
        assert_eq!(there_and_back(&adopted), adopted);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let name = |name: &str| Some(name.to_owned());
        assert!(read("a".to_owned(), name("b")).is_err());
        assert!(read("ab".to_owned(), name("b")).is_err());
        assert!(read("a\u{1}B".to_owned(), name("B")).is_err());
    }
}
