use std::{fmt, sync::Arc};

/// Where messages come from: a provider, with a scheme and secrets of its own. Two sources may use
/// the same id for different messages.
///
/// The default source has the name `default`, which sorts before all others. Other names have 1 to
/// 32 characters of `a-z`, `0-9`, `-` and `_`, the first of them a letter or a digit, so that a name
/// can stand in a URL, in a label of a metric, and in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Option<Arc<str>>);

/// Why a text is not a [`SourceName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSourceName {
    /// Empty, or too long; carries the number of characters.
    #[error("must be 1 to {max} characters long, but has {0}", max = SourceName::MAX_CHARS)]
    Length(usize),
    /// A character that a name cannot have there; carries its position from 1.
    #[error(
        "must be of a-z, 0-9, - and _, and begin with a letter or a digit, but character {0} is none"
    )]
    Character(usize),
}

impl SourceName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 32;

    /// The name of the default source.
    pub const DEFAULT: &str = "default";

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or(Self::DEFAULT)
    }

    /// Whether it is the default source.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        self.0.is_none()
    }
}

impl TryFrom<&str> for SourceName {
    type Error = InvalidSourceName;

    fn try_from(text: &str) -> Result<Self, InvalidSourceName> {
        if text == Self::DEFAULT {
            return Ok(Self::default());
        }
        check(text, Self::MAX_CHARS, |c, first| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || (!first && matches!(c, '-' | '_'))
        })
        .map_err(|fault| match fault {
            Fault::Length(length) => InvalidSourceName::Length(length),
            Fault::Character(position) => InvalidSourceName::Character(position),
        })?;
        Ok(Self(Some(text.into())))
    }
}

/// Shared, not copied; but for the default source, whose name is a constant.
impl From<&SourceName> for Arc<str> {
    fn from(name: &SourceName) -> Self {
        match &name.0 {
            Some(name) => Self::clone(name),
            None => SourceName::DEFAULT.into(),
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By what name a key is called where it must not be shown: in metrics, logs, and beside each message
/// that it vouched for. 1 to 64 characters of `A-Z`, `a-z`, `0-9`, `.`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyLabel(Arc<str>);

/// Why a text is not a [`KeyLabel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyLabel {
    /// Empty, or too long; carries the number of characters.
    #[error("must be 1 to {max} characters long, but has {0}", max = KeyLabel::MAX_CHARS)]
    Length(usize),
    /// A character that a label cannot have; carries its position from 1.
    #[error("must be of A-Z, a-z, 0-9, ., - and _, but character {0} is none")]
    Character(usize),
}

impl KeyLabel {
    /// The longest label, in characters.
    pub const MAX_CHARS: usize = 64;

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for KeyLabel {
    type Error = InvalidKeyLabel;

    fn try_from(text: &str) -> Result<Self, InvalidKeyLabel> {
        check(text, Self::MAX_CHARS, |c, _| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
        })
        .map_err(|fault| match fault {
            Fault::Length(length) => InvalidKeyLabel::Length(length),
            Fault::Character(position) => InvalidKeyLabel::Character(position),
        })?;
        Ok(Self(text.into()))
    }
}

/// Shared, not copied.
impl From<&KeyLabel> for Arc<str> {
    fn from(label: &KeyLabel) -> Self {
        Self::clone(&label.0)
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

enum Fault {
    Length(usize),
    Character(usize),
}

/// `fits` is told of each character whether it is the first.
fn check(text: &str, max: usize, fits: impl Fn(char, bool) -> bool) -> Result<(), Fault> {
    let length = text.chars().count();
    if !(1..=max).contains(&length) {
        return Err(Fault::Length(length));
    }
    match text
        .chars()
        .enumerate()
        .position(|(index, c)| !fits(c, index == 0))
    {
        Some(index) => Err(Fault::Character(index + 1)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_everywhere() {
        for name in ["github", "0", "a-b_c", &"a".repeat(32)] {
            let read = SourceName::try_from(name);
            assert_eq!(read.as_ref().map(SourceName::as_str), Ok(name));
        }
        for (text, fault) in [
            ("", InvalidSourceName::Length(0)),
            (&"a".repeat(33), InvalidSourceName::Length(33)),
            ("-a", InvalidSourceName::Character(1)),
            ("GitHub", InvalidSourceName::Character(1)),
            ("a/b", InvalidSourceName::Character(2)),
            ("aé", InvalidSourceName::Character(2)),
        ] {
            assert_eq!(SourceName::try_from(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn the_default_source_has_one_spelling_and_comes_first() {
        let default = SourceName::default();
        assert_eq!(SourceName::try_from("default"), Ok(default.clone()));
        assert!(default.is_default() && default.to_string() == "default");
        assert!(SourceName::try_from("a").is_ok_and(|other| default < other));
        assert!(SourceName::try_from("a").is_ok_and(|other| !other.is_default()));
    }

    #[test]
    fn labels_fit_into_metrics_and_logs() {
        let label = KeyLabel::try_from("2026-11.A_b").unwrap();
        assert_eq!(label.as_str(), "2026-11.A_b");
        assert_eq!(label.to_string(), "2026-11.A_b");
        assert_eq!(KeyLabel::try_from(""), Err(InvalidKeyLabel::Length(0)));
        assert_eq!(
            KeyLabel::try_from("a b"),
            Err(InvalidKeyLabel::Character(2))
        );
        assert_eq!(
            KeyLabel::try_from("a".repeat(65).as_str()),
            Err(InvalidKeyLabel::Length(65))
        );
    }
}
