//! Query parameters that report every fault at once, instead of stopping at the first.

use std::{borrow::Cow, time::Duration};

use countersign_core::{
    BucketWidth, KeyLabel, Limit, MessageFilter, Offset, Order, SearchTerm, Sequence, SourceName,
    Timestamp,
};
use poem_openapi::{
    param::Query,
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromParameter, ParseResult, Type},
};
use serde_json::json;

use crate::problem::{FieldError, Problem};

/// A parameter: absent, a value, or a fault. Taking it apart is [`Faults::take`]'s.
pub struct Param<T>(Result<Option<T>, String>);

/// What a query parameter can mean.
pub trait ParamValue: Sized + Send + Sync {
    /// What the specification says of it.
    fn schema() -> MetaSchema;

    /// Reads it; `Ok(None)` is "as if it were absent".
    fn parse(text: &str) -> Result<Option<Self>, String>;
}

impl<T: ParamValue> Type for Param<T> {
    const IS_REQUIRED: bool = false;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "parameter".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(T::schema()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: ParamValue> ParseFromParameter for Param<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(T::parse(value)))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(
        values: I,
    ) -> ParseResult<Self> {
        let mut values = values.into_iter();
        Ok(Self(match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(only), None) => T::parse(only.as_ref()),
            (Some(_), Some(_)) => Err("must be given once at the most".to_owned()),
        }))
    }
}

/// The parameters that a filter is made of.
pub struct Asked {
    pub from: Query<Param<Number>>,
    pub to: Query<Param<Number>>,
    pub since: Query<Param<Timestamp>>,
    pub until: Query<Param<Timestamp>>,
    pub q: Query<Param<SearchTerm>>,
    pub source: Query<Param<SourceName>>,
    pub verified_by: Query<Param<KeyLabel>>,
    pub received_since: Query<Param<Timestamp>>,
    pub received_before: Query<Param<Timestamp>>,
}

/// The faults found so far.
#[derive(Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// The parameter's value, or what stands for it while its fault is noted.
    pub fn take<T>(&mut self, name: &str, param: Param<T>) -> Option<T> {
        param.0.unwrap_or_else(|detail| {
            self.add(name, detail);
            None
        })
    }

    /// Which messages: what every list of them and every stream can be asked for.
    pub fn filter(&mut self, asked: Asked) -> MessageFilter {
        MessageFilter {
            from: self.take("from", asked.from.0).map(|Number(from)| from),
            to: self.take("to", asked.to.0).map(|Number(to)| to),
            since: self.take("since", asked.since.0),
            until: self.take("until", asked.until.0),
            text: self.take("q", asked.q.0),
            source: self.take("source", asked.source.0),
            verified_by: self.take("verified_by", asked.verified_by.0),
            received_since: self.take("received_since", asked.received_since.0),
            received_before: self.take("received_before", asked.received_before.0),
        }
    }

    /// Notes a fault.
    pub fn add(&mut self, name: &str, detail: String) {
        self.0.push(FieldError {
            pointer: format!("#/{name}"),
            detail,
        });
    }

    /// Whether no fault was found.
    pub const fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, if no fault was found; there is none only where one was.
    pub fn or_all<T>(self, value: Option<T>) -> Result<T, Problem> {
        value
            .filter(|_| self.none())
            .ok_or_else(|| Problem::invalid(self.0))
    }

    /// `value`, if no fault was found.
    pub fn or<T>(self, value: T) -> Result<T, Problem> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Problem::invalid(self.0))
        }
    }
}

/// A whole number in decimal; too large for 64 bits is a number too, and out of every range.
pub fn integer(text: &str, range: &impl ToString) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!(
            "must be a whole number (it is {} characters long)",
            text.chars().count()
        ));
    }
    text.parse().map_err(|_| range.to_string())
}

impl ParamValue for Limit {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(Self::MIN as f64),
            maximum: Some(Self::MAX as f64),
            default: Some(json!(Self::DEFAULT)),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let number = integer(text, &countersign_core::InvalidLimit)?;
        Self::try_from(number).map(Some).map_err(|e| e.to_string())
    }
}

impl ParamValue for BucketWidth {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(Self::MIN as f64),
            maximum: Some(Self::MAX as f64),
            multiple_of: Some(Self::STEP as f64),
            default: Some(json!(Self::DEFAULT)),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let number = integer(text, &countersign_core::InvalidBucketWidth)?;
        Self::try_from(number).map(Some).map_err(|e| e.to_string())
    }
}

impl ParamValue for Offset {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            default: Some(json!(0)),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let number = integer(text, &format!("must be between 0 and {}", i64::MAX))?;
        Self::try_from(number).map(Some).map_err(|e| e.to_string())
    }
}

impl ParamValue for Sequence {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let number = integer(text, &countersign_core::InvalidSequence)?;
        Self::try_from(number).map(Some).map_err(|e| e.to_string())
    }
}

/// How long an answer may wait for something to answer with, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    const MAX: u64 = 30;
}

impl ParamValue for Wait {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            maximum: Some(Self::MAX as f64),
            default: Some(json!(0)),
            ..MetaSchema::new_with_format("integer", "int32")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        let range = format!("must be between 0 and {}", Self::MAX);
        let seconds = u64::try_from(integer(text, &range)?).ok();
        let seconds = seconds.filter(|seconds| *seconds <= Self::MAX);
        let wait = seconds.map(|seconds| Self(Duration::from_secs(seconds)));
        wait.map(Some).ok_or(range)
    }
}

impl ParamValue for Order {
    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: vec![json!("asc"), json!("desc")],
            default: Some(json!("asc")),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        match text {
            "asc" => Ok(Some(Self::Ascending)),
            "desc" => Ok(Some(Self::Descending)),
            _ => Err("must be asc or desc".to_owned()),
        }
    }
}

impl ParamValue for Timestamp {
    fn schema() -> MetaSchema {
        // Whole schemas of which one holds at a time, also to who does not look at formats: others are
        // nothing that a client can be generated from.
        let or_empty = [
            MetaSchema {
                min_length: Some(1),
                format: Some("date-time"),
                ..MetaSchema::new("string")
            },
            MetaSchema {
                max_length: Some(0),
                ..MetaSchema::new("string")
            },
        ];
        MetaSchema {
            one_of: or_empty
                .map(|schema| MetaSchemaRef::Inline(Box::new(schema)))
                .into(),
            ..MetaSchema::ANY
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        // A `+` that was not percent-encoded arrives as a blank: `…T10:00:00 05:30`.
        Self::parse_rfc3339(&text.replace(' ', "+"))
            .map(Some)
            .map_err(|e| e.to_string())
    }
}

impl ParamValue for SearchTerm {
    fn schema() -> MetaSchema {
        no_nul()
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::try_from(text).map(Some).map_err(|e| e.to_string())
    }
}

impl ParamValue for SourceName {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^([a-z0-9][a-z0-9_-]{0,31})?$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::try_from(text).map(Some).map_err(|e| e.to_string())
    }
}

impl ParamValue for KeyLabel {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[A-Za-z0-9._-]{0,64}$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        Self::try_from(text).map(Some).map_err(|e| e.to_string())
    }
}

/// A number to filter by. Any text will do: one that cannot exist has sent and received nothing.
pub struct Number(pub String);

impl ParamValue for Number {
    fn schema() -> MetaSchema {
        no_nul()
    }

    fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.contains('\0') {
            return Err("must not contain U+0000 (NUL)".to_owned());
        }
        // A `+` that was not percent-encoded arrives as a blank: ` 14155550100`.
        Ok(match text.strip_prefix(' ') {
            Some(digits) => Some(Self(format!("+{digits}"))),
            None if text.is_empty() => None,
            None => Some(Self(text.to_owned())),
        })
    }
}

fn no_nul() -> MetaSchema {
    MetaSchema {
        pattern: Some("^[^\\u0000]*$".to_owned()),
        ..MetaSchema::new("string")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T: ParamValue>(text: &str) -> Result<Option<T>, String> {
        T::parse(text)
    }

    #[test]
    fn numbers_beyond_64_bits_are_out_of_range_and_nothing_panics() {
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999999999999999",
        ] {
            let limit = parse::<Limit>(text).map(|_| ());
            assert_eq!(limit, Err("must be between 1 and 100".to_owned()));
            assert!(parse::<Offset>(text).is_err());
        }
        assert!(matches!(
            parse::<Offset>("9223372036854775807"),
            Ok(Some(_))
        ));
        for text in ["", "x", "1.5", " 1", "+1", "-", "--1", "１"] {
            let error = parse::<Limit>(text).map(|_| ()).err().unwrap_or_default();
            assert!(
                error.starts_with("must be a whole number"),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn a_raw_plus_is_read_as_a_plus() {
        let number = |text| parse::<Number>(text).ok().flatten().map(|s| s.0);
        assert_eq!(number(" 14155550100").as_deref(), Some("+14155550100"));
        assert_eq!(number("+14155550100").as_deref(), Some("+14155550100"));
        assert_eq!(number(""), None);
        assert_eq!(
            parse::<Timestamp>("2025-01-01T05:30:00 05:30"),
            parse::<Timestamp>("2025-01-01T00:00:00Z")
        );
    }
}
