use std::fmt;

use crate::{Digest, KeyLabel, Msisdn, Position, SourceName, Timestamp};

/// What identifies a message to its provider: 1 to 255 characters, no control characters.
/// Compared and ordered by byte on every store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

/// Why a text is not a [`MessageId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessageId {
    /// Empty, or too long; carries the number of characters.
    #[error("must be 1 to {max} characters long, but has {0}", max = MessageId::MAX_CHARS)]
    Length(usize),
    /// A control character (Unicode category Cc, NUL included); carries its position from 1.
    #[error("must not contain control characters, but character {0} is one")]
    Control(usize),
}

impl MessageId {
    /// The longest id, in characters (Unicode scalar values).
    pub const MAX_CHARS: usize = 255;

    /// Says whether `text` keeps the rule, without taking it.
    ///
    /// # Errors
    /// [`InvalidMessageId`] if it doesn't.
    pub fn check(text: &str) -> Result<(), InvalidMessageId> {
        let length = text.chars().count();
        if !(1..=Self::MAX_CHARS).contains(&length) {
            return Err(InvalidMessageId::Length(length));
        }
        match text.chars().position(char::is_control) {
            Some(index) => Err(InvalidMessageId::Control(index + 1)),
            None => Ok(()),
        }
    }

    /// Takes an id from a store's own row, unchecked; see [`Msisdn::from_store`].
    #[must_use]
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The id as the provider sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MessageId {
    type Error = InvalidMessageId;

    fn try_from(text: String) -> Result<Self, InvalidMessageId> {
        Self::check(&text)?;
        Ok(Self(text))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a message says: at most 4096 characters, no NUL. May be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

/// Why a text is not a [`Text`]. It carries numbers, not the text, which is private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Too long; carries the number of characters.
    #[error("must be at most {max} characters long, but has {0}", max = Text::MAX_CHARS)]
    Length(usize),
    /// U+0000, which PostgreSQL cannot store; carries its position in characters from 1.
    #[error("must not contain U+0000 (NUL), but character {0} is one")]
    Nul(usize),
}

impl Text {
    /// The longest text, in characters (Unicode scalar values, not bytes).
    pub const MAX_CHARS: usize = 4096;

    /// Says whether `text` keeps the rule, without taking it.
    ///
    /// # Errors
    /// [`InvalidText`] if it doesn't.
    pub fn check(text: &str) -> Result<(), InvalidText> {
        // A text has at most as many characters as bytes: most need no count.
        if text.len() > Self::MAX_CHARS {
            let length = text.chars().count();
            if length > Self::MAX_CHARS {
                return Err(InvalidText::Length(length));
            }
        }
        match text.chars().position(|c| c == '\0') {
            Some(index) => Err(InvalidText::Nul(index + 1)),
            None => Ok(()),
        }
    }

    /// Takes a text from a store's own row, unchecked; see [`Msisdn::from_store`].
    #[must_use]
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::check(&text)?;
        Ok(Self(text))
    }
}

/// What identifies a message: its source, and its id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// The provider's id.
    pub id: MessageId,
    /// Whose id it is.
    pub source: SourceName,
}

/// A message as its provider sent it: valid by construction, not yet stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Where it came from.
    pub source: SourceName,
    /// The provider's id; storing is idempotent in it, within a source.
    pub id: MessageId,
    /// The sender's number.
    pub from: Msisdn,
    /// The receiver's number.
    pub to: Msisdn,
    /// When the provider says that the message was sent.
    pub ts: Timestamp,
    /// What it says; a message need not have a text, and no text is not the empty text.
    pub text: Option<Text>,
}

impl NewMessage {
    /// The message as it will be stored, first seen at `created_at`; no key vouches for it.
    #[must_use]
    pub fn received_at(self, created_at: Timestamp) -> Message {
        Message {
            content: self,
            created_at,
            verified_by: None,
        }
    }

    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> MessageKey {
        MessageKey {
            id: self.id.clone(),
            source: self.source.clone(),
        }
    }

    /// The digest of what it says beside its id: by this, what came under an id can be told from what
    /// came before, also when that is not kept any more.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let ts = self.ts.micros().to_be_bytes();
        let parts = [
            self.from.as_str().as_bytes(),
            self.to.as_str().as_bytes(),
            &ts,
        ];
        let text = self.text.as_ref().map(|text| text.as_str().as_bytes());
        Digest::of_parts(parts.into_iter().chain(text))
    }
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What the provider sent.
    pub content: NewMessage,
    /// When countersign received it, by its [`crate::Clock`].
    pub created_at: Timestamp,
    /// The label of the key that vouched for it; `None` if it did not come as a webhook, or before
    /// keys had labels.
    pub verified_by: Option<KeyLabel>,
}

impl Message {
    /// Where it stands in the order of lists.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            ts: self.content.ts,
            id: self.content.id.clone(),
            source: self.content.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_counted_in_characters() {
        assert_eq!(MessageId::check(&"é".repeat(255)), Ok(()));
        assert_eq!(
            MessageId::check(&"e".repeat(256)),
            Err(InvalidMessageId::Length(256))
        );
        assert_eq!(MessageId::check(""), Err(InvalidMessageId::Length(0)));
    }

    #[test]
    fn ids_hold_no_control_characters() {
        for (text, position) in [("a\0", 2), ("\nab", 1), ("ab\u{7f}", 3), ("é\u{85}", 2)] {
            assert_eq!(
                MessageId::check(text),
                Err(InvalidMessageId::Control(position)),
                "{text:?}"
            );
        }
        assert_eq!(MessageId::check("a b/ü<'\u{202e}%😀"), Ok(()));
    }

    #[test]
    fn texts_are_counted_in_characters() {
        assert_eq!(Text::check(""), Ok(()));
        assert_eq!(Text::check(&"😀".repeat(4096)), Ok(()));
        assert_eq!(
            Text::check(&"😀".repeat(4097)),
            Err(InvalidText::Length(4097))
        );
        assert_eq!(Text::check("a\nb\0"), Err(InvalidText::Nul(4)));
    }

    #[test]
    fn what_is_taken_comes_back_as_it_is() {
        let id = MessageId::try_from("m 1/ü".to_owned()).unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), ("m 1/ü", "m 1/ü"));
        assert_eq!(MessageId::from_store("\0".to_owned()).as_str(), "\0");
        for text in ["", " a\n"] {
            assert_eq!(Text::try_from(text.to_owned()).unwrap().as_str(), text);
        }
        assert_eq!(Text::from_store("\0".to_owned()).as_str(), "\0");
    }
}
