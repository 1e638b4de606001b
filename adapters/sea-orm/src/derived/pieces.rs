//! How a text is taken apart for the search, so that a substring can be found by whole pieces.
//!
//! A text (case folded) is a row of *pieces*: a run of letters and digits is one piece, and every
//! other character, blanks included, is one by itself. So is each character of a script that is
//! written without blanks between words, where a run would be a sentence. Every character belongs to
//! exactly one piece.
//!
//! A term that is one run of letters and digits is in a text exactly if it is *inside one piece* of
//! it; a single other character exactly if it *is* a piece. A term of several pieces narrows the
//! texts down: its inner pieces must be there as they are, its first may be the end of one, its last
//! the beginning of one. Which of those texts have the pieces side by side, only the texts can tell.

/// The pieces of a text, in order.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = if joins(first) {
            rest.find(|c| !joins(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        Some(piece)
    })
}

/// What a text must have among its pieces to contain a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need<'a> {
    /// This piece.
    Piece(&'a str),
    /// A piece with this in it.
    Containing(&'a str),
    /// A piece that ends so.
    EndingIn(&'a str),
    /// A piece that begins so.
    BeginningWith(&'a str),
}

/// What a text needs to contain the term. One need: that is enough. Several: not every text that
/// has them all contains the term.
pub fn needs(term: &str) -> Vec<Need<'_>> {
    let pieces: Vec<&str> = pieces(term).collect();
    let last = pieces.len().saturating_sub(1);
    let mut needs = Vec::with_capacity(pieces.len());
    for (index, piece) in pieces.into_iter().enumerate() {
        needs.push(match (index == 0, index == last) {
            _ if !piece.starts_with(joins) => Need::Piece(piece),
            (true, true) => Need::Containing(piece),
            (true, false) => Need::EndingIn(piece),
            (false, true) => Need::BeginningWith(piece),
            (false, false) => Need::Piece(piece),
        });
    }
    needs
}

/// Whether the character makes one piece together with its neighbours of the same kind.
fn joins(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric() && !stands_alone(c))
}

/// Letters of scripts without blanks between words, by Unicode block.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1100}'..='\u{11FF}' // Hangul Jamo
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{2E80}'..='\u{2FDF}' // radicals
        | '\u{3005}'..='\u{31FF}' // Hiragana to Katakana Phonetic Extensions
        | '\u{3400}'..='\u{4DBF}' // CJK Extension A
        | '\u{4E00}'..='\u{9FFF}' // CJK Unified Ideographs
        | '\u{A000}'..='\u{A4CF}' // Yi
        | '\u{AC00}'..='\u{D7FF}' // Hangul Syllables
        | '\u{F900}'..='\u{FAFF}' // CJK Compatibility Ideographs
        | '\u{FF66}'..='\u{FFDC}' // half-width forms
        | '\u{20000}'..='\u{3FFFF}' // CJK Extensions B and later
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_apart(text: &str) -> Vec<&str> {
        pieces(text).collect()
    }

    #[test]
    fn every_character_belongs_to_one_piece() {
        for text in [
            "",
            "order 66: 100%",
            "日本語 text",
            "a\u{301}b",
            "👍🏽x",
            "_a_",
            "สวัสดี",
        ] {
            assert_eq!(taken_apart(text).concat(), text);
        }
        assert_eq!(
            taken_apart("order-66, ok?"),
            ["order", "-", "66", ",", " ", "ok", "?"]
        );
        assert_eq!(taken_apart("привет2мир"), ["привет2мир"]);
        assert_eq!(taken_apart("日本x"), ["日", "本", "x"]);
        assert_eq!(taken_apart("e\u{301}"), ["e", "\u{301}"]);
    }

    #[test]
    fn a_term_of_one_piece_needs_one_thing() {
        assert_eq!(needs("rde"), [Need::Containing("rde")]);
        assert_eq!(needs("%"), [Need::Piece("%")]);
        assert_eq!(needs("語"), [Need::Piece("語")]);
    }

    #[test]
    fn a_term_of_several_pieces_is_open_at_its_ends() {
        use Need::{BeginningWith, EndingIn, Piece};
        assert_eq!(
            needs("rder 66 o"),
            [
                EndingIn("rder"),
                Piece(" "),
                Piece("66"),
                Piece(" "),
                BeginningWith("o")
            ]
        );
        assert_eq!(needs("-66-"), [Piece("-"), Piece("66"), Piece("-")]);
    }
}
