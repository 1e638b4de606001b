//! countersign's signature schemes, on [`ring`].
//!
//! Every scheme works on the raw bytes and compares in constant time. Which one is used, and with
//! which secret, comes from the configuration, never from the request.

mod read_token;

use countersign_core::{HeaderLookup, Headers, KeyLabel, Refusal, SignatureVerifier};
use ring::{digest, hmac};

pub use read_token::{BlankToken, SharedReadToken};

/// The generic scheme: `X-Signature: hex(HMAC-SHA256(secret, raw body))`.
///
/// The digest may be written in lower or upper case, with GitHub's prefix `sha256=`, and with
/// blanks around it; anything else is refused.
pub struct HexHmacSha256 {
    label: KeyLabel,
    key: hmac::Key,
}

/// A secret that cannot authenticate anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlankSecret;

impl std::fmt::Display for BlankSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the secret is empty or blank")
    }
}

impl std::error::Error for BlankSecret {}

impl HexHmacSha256 {
    /// The header that carries the signature (names of headers ignore case).
    pub const HEADER: &str = "x-signature";

    /// A verifier for the secret's UTF-8 bytes as given: neither trimmed nor normalised.
    ///
    /// # Errors
    /// [`BlankSecret`]: HMAC would take an empty key, and then anyone could sign.
    pub fn new(secret: &str) -> Result<Self, BlankSecret> {
        if secret.trim().is_empty() {
            return Err(BlankSecret);
        }
        Ok(Self {
            label: KeyLabel::try_from("current").map_err(|_| BlankSecret)?,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        })
    }
}

impl HexHmacSha256 {
    /// The header's value for `body`: what a provider would send.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        use std::fmt::Write as _;

        let tag = hmac::sign(&self.key, body);
        let mut hex = String::with_capacity(2 * digest::SHA256_OUTPUT_LEN);
        for byte in tag.as_ref() {
            // A String takes everything.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

impl SignatureVerifier for HexHmacSha256 {
    fn verify(&self, headers: &dyn Headers, body: &[u8]) -> Result<KeyLabel, Refusal> {
        let value = match headers.lookup(Self::HEADER) {
            HeaderLookup::Once(value) => value,
            HeaderLookup::Absent => return Err(Refusal::Missing),
            HeaderLookup::Repeated => return Err(Refusal::Repeated),
        };
        let tag = decode(value).ok_or(Refusal::Malformed)?;
        hmac::verify(&self.key, body, &tag).map_err(|_| Refusal::Mismatch)?;
        Ok(self.label.clone())
    }
}

/// The 32 bytes that a header's value spells, if it spells 32 bytes.
fn decode(value: &[u8]) -> Option<[u8; digest::SHA256_OUTPUT_LEN]> {
    let value = value.trim_ascii();
    let hex = match value.strip_prefix(b"sha256=") {
        Some(rest) => rest.trim_ascii_start(),
        None => value,
    };
    let mut tag = [0; digest::SHA256_OUTPUT_LEN];
    if hex.len() != 2 * tag.len() {
        return None;
    }
    for (byte, pair) in tag.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(tag)
}

fn nibble(digit: u8) -> Option<u8> {
    // `to_digit(16)` yields 0 to 15.
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature of [`BODY`] under [`SECRET`], as `openssl dgst -sha256 -hmac` computes it.
    const SIGNATURE: &str = "87e383e3ca610caae2941005aae8fc7ba0f88a72e8c02057e54ee30d04e45ce9";
    const SECRET: &str = "mysecret123";
    const BODY: &[u8] = br#"{"message_id":"msg_123","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello"}"#;

    struct Sent(Vec<Vec<u8>>);

    impl Headers for Sent {
        fn lookup(&self, name: &str) -> HeaderLookup<'_> {
            assert_eq!(name, "x-signature");
            match self.0.as_slice() {
                [] => HeaderLookup::Absent,
                [value] => HeaderLookup::Once(value),
                _ => HeaderLookup::Repeated,
            }
        }
    }

    fn verdict(secret: &str, body: &[u8], values: &[&[u8]]) -> Result<(), Refusal> {
        let sent = Sent(values.iter().map(|v| v.to_vec()).collect());
        HexHmacSha256::new(secret)
            .unwrap_or_else(|_| panic!("{secret:?} is a secret"))
            .verify(&sent, body)
            .map(|_| ())
    }

    fn for_value(value: &str) -> Result<(), Refusal> {
        verdict(SECRET, BODY, &[value.as_bytes()])
    }

    #[test]
    fn published_vectors_verify() {
        for (secret, body, signature) in [
            (SECRET, BODY, SIGNATURE),
            // adnanh/webhook, internal/hook/hook_test.go
            (
                "secret",
                br#"{"a": "z"}"#,
                "f417af3a21bd70379b5796d5f013915e7029f62c580fb0f500f59a35a6f04c89",
            ),
            (
                "secret",
                b"",
                "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169",
            ),
            // GitHub, "Validating webhook deliveries"
            (
                "It's a Secret to Everybody",
                b"Hello, World!",
                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            ),
        ] {
            assert_eq!(verdict(secret, body, &[signature.as_bytes()]), Ok(()));
        }
    }

    #[test]
    fn what_it_signs_is_what_openssl_signs() {
        let signed = HexHmacSha256::new(SECRET).map(|scheme| scheme.sign(BODY));
        assert_eq!(signed.as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn the_usual_spellings_verify() {
        let upper = SIGNATURE.to_uppercase();
        for value in [
            SIGNATURE.to_owned(),
            upper.clone(),
            format!("sha256={SIGNATURE}"),
            format!("sha256={upper}"),
            format!("sha256= {SIGNATURE}"),
            format!("  {SIGNATURE}\t"),
            format!(" sha256={SIGNATURE} "),
        ] {
            assert_eq!(for_value(&value), Ok(()), "{value:?}");
        }
    }

    #[test]
    fn other_spellings_are_malformed() {
        let with_prefix = |prefix: &str| format!("{prefix}{SIGNATURE}");
        for value in [
            String::new(),
            "sha256=".to_owned(),
            with_prefix("0x"),
            with_prefix("SHA256="),
            with_prefix("sha1="),
            with_prefix("sha256=sha256="),
            with_prefix("sha256 ="),
            format!("{SIGNATURE},{SIGNATURE}"),
            format!("{SIGNATURE}0"),
            SIGNATURE[..63].to_owned(),
            SIGNATURE.replacen('8', "g", 1),
            SIGNATURE.replacen('8', "+", 1),
            "h+OD48phDKrilBAFquj8e6D4inLowCBX5U7jDQTkXOk=".to_owned(),
            "８７e383e3ca610caae2941005aae8fc7ba0f88a72e8c02057e54ee30d04e45c".to_owned(),
        ] {
            assert_eq!(for_value(&value), Err(Refusal::Malformed), "{value:?}");
        }
        let not_utf8 = [b"\xff", SIGNATURE.as_bytes()].concat();
        assert_eq!(verdict(SECRET, BODY, &[&not_utf8]), Err(Refusal::Malformed));
    }

    #[test]
    fn one_header_exactly() {
        let good = SIGNATURE.as_bytes();
        assert_eq!(verdict(SECRET, BODY, &[]), Err(Refusal::Missing));
        assert_eq!(verdict(SECRET, BODY, &[good, good]), Err(Refusal::Repeated));
    }

    #[test]
    fn every_byte_of_body_signature_and_secret_counts() {
        let good = SIGNATURE.as_bytes();
        let newline = [BODY, b"\n"].concat();
        assert_eq!(verdict(SECRET, &newline, &[good]), Err(Refusal::Mismatch));
        assert_eq!(
            verdict("mysecret124", BODY, &[good]),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            verdict("mysecret123 ", BODY, &[good]),
            Err(Refusal::Mismatch)
        );
        for index in 0..SIGNATURE.len() {
            let mut bad = good.to_vec();
            bad[index] = if bad[index] == b'0' { b'1' } else { b'0' };
            assert_eq!(verdict(SECRET, BODY, &[&bad]), Err(Refusal::Mismatch));
        }
    }

    #[test]
    fn a_blank_secret_is_no_secret() {
        for secret in ["", " ", "\t\n"] {
            assert_eq!(HexHmacSha256::new(secret).err(), Some(BlankSecret));
        }
    }
}
