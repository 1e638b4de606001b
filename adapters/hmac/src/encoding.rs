//! Hexadecimal and base64, as headers and secrets have them.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// What is sent: padding may be left out.
const SENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// What people copy: bits behind the last byte are ignored, as most libraries do.
const COPIED: GeneralPurposeConfig = SENT.with_decode_allow_trailing_bits(true);

const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, SENT);
const COPIED_BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, COPIED);
const COPIED_BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, COPIED);

/// Which digits beyond 9 are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// `a` to `f`.
    Lower,
    /// `a` to `f` and `A` to `F`.
    Any,
}

/// The `N` bytes that `text` spells in hexadecimal, if it spells so many.
pub fn hex<const N: usize>(text: &[u8], digits: Digits) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = nibble(pair[0], digits)? << 4 | nibble(pair[1], digits)?;
    }
    Some(bytes)
}

/// The bytes that `text` spells in hexadecimal, however many, but not none.
pub fn hex_of_any_length(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = text.chunks_exact(2);
    pairs
        .map(|pair| Some(nibble(pair[0], Digits::Any)? << 4 | nibble(pair[1], Digits::Any)?))
        .collect()
}

const fn nibble(digit: u8, digits: Digits) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' if matches!(digits, Digits::Any) => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// `bytes` in lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The `N` bytes that `text` spells in base64 (RFC 4648 §4, padding optional), if it spells so many.
pub fn base64<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    // Longer ones are not worth the decoding.
    if text.len() > N.div_ceil(3) * 4 {
        return None;
    }
    BASE64.decode(text).ok()?.try_into().ok()
}

/// The bytes of a secret that somebody copied.
pub fn copied_base64(text: &[u8]) -> Option<Vec<u8>> {
    COPIED_BASE64.decode(text).ok()
}

/// The same in either alphabet of RFC 4648, as lenient decoders take it.
pub fn lenient_base64(text: &[u8]) -> Option<Vec<u8>> {
    copied_base64(text).or_else(|| COPIED_BASE64_URL.decode(text).ok())
}

/// `bytes` in base64, with padding.
pub fn to_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(b"00ff1a", Digits::Lower), Some([0, 255, 26]));
        assert_eq!(hex(b"00FF1a", Digits::Any), Some([0, 255, 26]));
        assert_eq!(hex::<3>(b"00FF1a", Digits::Lower), None);
        for wrong in [
            &b"00ff1"[..],
            b"00ff1a0",
            b"+0ff1a",
            b"0 ff1a",
            b"00fg1a",
            b"",
        ] {
            assert_eq!(hex::<3>(wrong, Digits::Any), None);
        }
        assert_eq!(to_hex(&[0, 255, 26]), "00ff1a");
    }

    #[test]
    fn base64_with_and_without_padding() {
        for text in ["AP8=", "AP8"] {
            assert_eq!(base64(text.as_bytes()), Some([0, 255]), "{text}");
        }
        for wrong in ["AP8==", "AP9", "AP", "AP8A", " AP8=", "A_8="] {
            assert_eq!(base64::<2>(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(copied_base64(b"AP9"), Some(vec![0, 255]));
        assert_eq!(to_base64(&[0, 255]), "AP8=");
    }

    #[test]
    fn hexadecimal_of_any_length_has_whole_bytes() {
        assert_eq!(hex_of_any_length(b"00fF"), Some(vec![0, 255]));
        for wrong in [&b""[..], b"0", b"00f", b"0g"] {
            assert_eq!(hex_of_any_length(wrong), None);
        }
    }
}
