use std::borrow::Cow;

use unicase::UniCase;

use crate::{KeyLabel, Message, MessageId, Msisdn, SourceName, Timestamp};

/// Which messages, in what order, and which part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageQuery {
    /// Which messages.
    pub filter: MessageFilter,
    /// Ascending unless told otherwise.
    pub order: Order,
    /// Only what comes behind this place in the order (keyset paging). It narrows the page, not
    /// its total.
    pub after: Option<Position>,
    /// How many at the most.
    pub limit: Limit,
    /// How many to pass over first; behind `after`, if that is given.
    pub offset: Offset,
}

/// A place in the order of lists: that of a message, whether it is stored or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The message's `ts`.
    pub ts: Timestamp,
    /// The message's id, which decides between messages of the same instant.
    pub id: MessageId,
    /// The message's source, which decides between messages of the same instant and id.
    pub source: SourceName,
}

/// Which messages; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct MessageFilter {
    /// The sender's number, exactly. Not an [`crate::Msisdn`]: asking for a number that cannot
    /// exist is no error, it finds nothing.
    pub from: Option<String>,
    /// The receiver's number, exactly; as `from`.
    pub to: Option<String>,
    /// Sent at this instant or later.
    pub since: Option<Timestamp>,
    /// Sent before this instant, so that `since` and `until` of neighbouring spans are the same.
    pub until: Option<Timestamp>,
    /// The text contains this.
    pub text: Option<SearchTerm>,
    /// From this source.
    pub source: Option<SourceName>,
    /// Vouched for by the key of this label, of whatever source.
    pub verified_by: Option<KeyLabel>,
    /// Received at this instant or later, whatever its own `ts` says.
    pub received_since: Option<Timestamp>,
    /// Received before this instant.
    pub received_before: Option<Timestamp>,
}

impl MessageFilter {
    /// Whether every part that is given holds for the message.
    #[must_use]
    pub fn admits(&self, message: &Message) -> bool {
        let content = &message.content;
        let is = |wanted: &Option<String>, number: &Msisdn| {
            wanted
                .as_ref()
                .is_none_or(|wanted| number.as_str() == wanted)
        };
        is(&self.from, &content.from)
            && is(&self.to, &content.to)
            && self.since.is_none_or(|since| content.ts >= since)
            && self.until.is_none_or(|until| content.ts < until)
            && self.text.as_ref().is_none_or(|term| {
                let text = content.text.as_ref();
                text.is_some_and(|text| term.is_in(text.as_str()))
            })
            && self
                .source
                .as_ref()
                .is_none_or(|source| content.source == *source)
            && (self.verified_by.is_none() || self.verified_by == message.verified_by)
            && self
                .received_since
                .is_none_or(|since| message.created_at >= since)
            && self
                .received_before
                .is_none_or(|before| message.created_at < before)
    }
}

/// The order of a list: by `ts`, then by id (bytes), then by source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first: the exact reverse, ids included.
    Descending,
}

/// The size of a page, 1 to 100; 50 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u64);

/// A number that is not a [`Limit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between {min} and {max}", min = Limit::MIN, max = Limit::MAX)]
pub struct InvalidLimit;

impl Limit {
    /// The smallest page.
    pub const MIN: i64 = 1;
    /// The largest page.
    pub const MAX: i64 = 100;
    /// The page that one gets without asking.
    pub const DEFAULT: i64 = 50;

    /// How many items.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(Self::DEFAULT.unsigned_abs())
    }
}

impl TryFrom<i64> for Limit {
    type Error = InvalidLimit;

    fn try_from(value: i64) -> Result<Self, InvalidLimit> {
        if (Self::MIN..=Self::MAX).contains(&value) {
            Ok(Self(value.unsigned_abs()))
        } else {
            Err(InvalidLimit)
        }
    }
}

/// How many items to pass over: 0 to `i64::MAX`, because that is what every database can count to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offset(u64);

/// A number that is not an [`Offset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not be negative")]
pub struct InvalidOffset;

impl Offset {
    /// How many items; never more than `i64::MAX`.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<i64> for Offset {
    type Error = InvalidOffset;

    fn try_from(value: i64) -> Result<Self, InvalidOffset> {
        u64::try_from(value).map(Self).map_err(|_| InvalidOffset)
    }
}

/// What a text must contain: a substring, compared after [`fold_case`]. No character of it is a
/// wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerm(String);

/// Why a text is not a [`SearchTerm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSearchTerm {
    /// Everything contains the empty text: that is no filter, not an empty one.
    #[error("must not be empty")]
    Empty,
    /// No stored text contains it, and PostgreSQL refuses to compare with it.
    #[error("must not contain U+0000 (NUL)")]
    Nul,
}

impl SearchTerm {
    /// The term, folded: compare it with a folded text.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.0
    }

    /// Whether `text` contains the term, whatever the case of either.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        fold_case(text).contains(&self.0)
    }
}

impl TryFrom<&str> for SearchTerm {
    type Error = InvalidSearchTerm;

    fn try_from(text: &str) -> Result<Self, InvalidSearchTerm> {
        if text.is_empty() {
            return Err(InvalidSearchTerm::Empty);
        }
        if text.contains('\0') {
            return Err(InvalidSearchTerm::Nul);
        }
        Ok(Self(fold_case(text).into_owned()))
    }
}

/// Removes the difference between upper and lower case, by Unicode's default case folding (`C` and
/// `F` of `CaseFolding.txt`; `ß` folds to `ss`, every sigma to `σ`). No normalisation: `é` as one
/// character and as two stay different.
///
/// It is the one rule for "case-insensitive": stores keep or index folded text and compare it by
/// byte, because each database folds differently by itself (SQLite: ASCII only; PostgreSQL: by
/// locale).
#[must_use]
pub fn fold_case(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(UniCase::unicode(text).to_folded_case())
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this part.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: u64,
    /// Whether the list goes on behind this part.
    pub more: bool,
}

/// A summary of all messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many messages there are.
    pub total_messages: u64,
    /// How many different senders they have.
    pub senders_count: u64,
    /// The busiest senders, at most [`Stats::TOP_SENDERS`]: by count descending, then by number.
    pub top_senders: Vec<SenderCount>,
    /// The smallest `ts`; `None` without messages.
    pub first_message_ts: Option<Timestamp>,
    /// The largest `ts`; `None` without messages.
    pub last_message_ts: Option<Timestamp>,
}

impl Stats {
    /// How many senders [`Stats::top_senders`] names at the most.
    pub const TOP_SENDERS: u64 = 10;
}

/// How many messages a sender sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderCount {
    /// The sender's number.
    pub from: String,
    /// How many messages.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{at, message, source};

    fn finds(term: &str, text: &str) -> bool {
        SearchTerm::try_from(term).is_ok_and(|term| term.is_in(text))
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        assert!(finds("HELLO", "say hello"));
        assert!(finds("été", "L'ÉTÉ"));
        assert!(finds("привет", "ПРИВЕТ"));
        assert!(finds("ΟΔΟΣ", "οδοσα"), "a final sigma is a sigma");
        assert!(finds("strasse", "STRAẞE"));
        assert!(!finds("e\u{301}t", "ét"), "no normalisation");
    }

    #[test]
    fn no_character_is_a_wildcard() {
        assert!(finds("100%", "it is 100% sure"));
        assert!(!finds("1%0", "100"));
        assert!(!finds("a_c", "abc"));
        assert!(finds("\\", "C:\\dir"));
    }

    #[test]
    fn limits_and_offsets_keep_their_range() {
        assert_eq!(Limit::try_from(0), Err(InvalidLimit));
        assert_eq!(Limit::try_from(101), Err(InvalidLimit));
        assert_eq!(Limit::try_from(100).map(Limit::get), Ok(100));
        assert_eq!(Offset::try_from(-1), Err(InvalidOffset));
        assert_eq!(
            Offset::try_from(i64::MAX).map(Offset::get),
            Ok(i64::MAX.unsigned_abs())
        );
    }

    fn number(text: &str) -> String {
        text.to_owned()
    }

    fn label(text: &str) -> Option<KeyLabel> {
        KeyLabel::try_from(text).ok()
    }

    fn term(text: &str) -> Option<SearchTerm> {
        SearchTerm::try_from(text).ok()
    }

    /// On the first of June.
    fn on_the_first(time: &str) -> Timestamp {
        at(&format!("2025-06-01T{time}Z"))
    }

    /// Every part admits the message by itself or refuses it by itself, and where spans end, instants
    /// count as they should. It is sent at ten and received at noon.
    #[test]
    fn every_part_of_a_filter_must_hold() {
        let message = Message {
            verified_by: label("current"),
            ..message("m")
        };
        let with = |change: fn(&mut MessageFilter)| {
            let mut filter = MessageFilter::default();
            change(&mut filter);
            filter
        };
        let yes: [fn(&mut MessageFilter); 12] = [
            |_| {},
            |filter| filter.from = Some(number("+14155550100")),
            |filter| filter.to = Some(number("+14155550199")),
            |filter| filter.since = Some(on_the_first("10:00:00")),
            |filter| filter.since = Some(on_the_first("09:59:59.999999")),
            |filter| filter.until = Some(on_the_first("10:00:00.000001")),
            |filter| filter.text = term("HELL"),
            |filter| filter.source = Some(SourceName::default()),
            |filter| filter.verified_by = label("current"),
            |filter| filter.received_since = Some(on_the_first("12:00:00")),
            |filter| filter.received_since = Some(on_the_first("11:59:59.999999")),
            |filter| filter.received_before = Some(on_the_first("12:00:00.000001")),
        ];
        for filter in yes.map(with) {
            assert!(filter.admits(&message), "{filter:?}");
        }
        let no: [fn(&mut MessageFilter); 11] = [
            |filter| filter.from = Some(number("+14155550199")),
            |filter| filter.to = Some(number("+14155550100")),
            |filter| filter.since = Some(on_the_first("10:00:00.000001")),
            |filter| filter.until = Some(on_the_first("10:00:00")),
            |filter| filter.until = Some(on_the_first("09:59:59.999999")),
            |filter| filter.text = term("bye"),
            |filter| filter.source = Some(source("partner")),
            |filter| filter.verified_by = label("previous"),
            |filter| filter.received_since = Some(on_the_first("12:00:00.000001")),
            |filter| filter.received_before = Some(on_the_first("12:00:00")),
            |filter| filter.received_before = Some(on_the_first("11:59:59.999999")),
        ];
        for filter in no.map(with) {
            assert!(!filter.admits(&message), "{filter:?}");
        }
    }

    #[test]
    fn terms_are_folded_once() {
        let term = SearchTerm::try_from("Straße").unwrap();
        assert_eq!(term.folded(), "strasse");
    }
}
