use std::fmt;

/// A telephone number in the international format of ITU-T E.164: `+`, then 2 to 15 ASCII digits,
/// the first of which is not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn(String);

/// Why a text is not an [`Msisdn`]. It carries the length, not the number, which is private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an E.164 number: '+', then 2 to 15 digits, the first not 0 (it is {0} characters long)"
)]
pub struct InvalidMsisdn(usize);

impl Msisdn {
    /// Says whether `text` keeps the rule, without taking it.
    ///
    /// # Errors
    /// [`InvalidMsisdn`] if it doesn't.
    pub fn check(text: &str) -> Result<(), InvalidMsisdn> {
        match text.as_bytes() {
            [b'+', b'1'..=b'9', rest @ ..]
                if (1..=14).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit) =>
            {
                Ok(())
            }
            _ => Err(InvalidMsisdn(text.chars().count())),
        }
    }

    /// Takes a number from a store's own row, unchecked.
    ///
    /// Rows adopted from the original service may hold numbers that today's rule refuses; they
    /// were accepted once and stay readable.
    #[must_use]
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The number, `+` included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Msisdn {
    type Error = InvalidMsisdn;

    fn try_from(text: String) -> Result<Self, InvalidMsisdn> {
        Self::check(&text)?;
        Ok(Self(text))
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_e164() {
        for text in ["+12", "+14155550100", "+919876543210", "+123456789012345"] {
            assert_eq!(Msisdn::check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "+",
            "+1",
            "14155550100",
            "+04155550100",
            "+1234567890123456",
            "+1415555010a",
            "+14155550100\n",
            " +14155550100",
            "+1415 5550100",
            "+１４１５５５５０１００",
            "++14155550100",
        ] {
            assert!(Msisdn::check(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn it_comes_back_as_it_was_sent() {
        let number = Msisdn::try_from("+14155550100".to_owned()).unwrap();
        assert_eq!(number.as_str(), "+14155550100");
        assert_eq!(number.to_string(), "+14155550100");
    }
}
