//! What is written for people: nothing in it commands their terminal, and it fits.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::stop::Stop;

/// Why a command ends before its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Halt {
    /// Whoever read its output has gone, as `head` does: nothing is wrong.
    ReaderGone,
    /// Something is wrong.
    Stopped(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl Halt {
    /// The end of the program: well, if nobody reads any more.
    pub fn settle(outcome: Result<(), Self>) -> Result<(), Stop> {
        match outcome {
            Ok(()) | Err(Self::ReaderGone) => Ok(()),
            Err(Self::Stopped(stop)) => Err(stop),
        }
    }
}

/// Standard output, line by line.
pub struct Output {
    colours: bool,
    /// Columns, where it is a terminal that says how many it has.
    width: Option<usize>,
}

impl Output {
    /// With colours only on a terminal, and without `NO_COLOR`.
    pub fn new() -> Self {
        let stdout = io::stdout();
        let width = stdout
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten();
        Self {
            colours: AutoStream::choice(&stdout) != ColorChoice::Never,
            width: width.map(|(columns, _)| columns.0.into()),
        }
    }

    /// One that is no terminal, for tests, or one of this width.
    #[cfg(test)]
    pub fn plain(width: Option<usize>) -> Self {
        Self {
            colours: false,
            width,
        }
    }

    /// How many columns there are, if it is a terminal.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Writes a line, and sees that it gets out.
    pub fn line(&self, line: &str) -> Result<(), Halt> {
        self.text(&format!("{line}\n"))
    }

    /// Writes a text, and sees that it gets out.
    #[expect(clippy::unused_self, reason = "who has none, writes none")]
    pub fn text(&self, text: &str) -> Result<(), Halt> {
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Halt::ReaderGone,
            _ => Halt::Stopped(Stop::cannot_create(
                format!("the output cannot be written: {error}"),
                "is the disk full that it is written to?",
            )),
        })
    }

    /// Whether whoever read the output has gone. Without writing, only this can tell.
    #[expect(clippy::unused_self, reason = "who has none, need not know")]
    pub fn is_unread(&self) -> bool {
        let stdout = io::stdout();
        let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().contains(PollFlags::ERR)
    }

    /// The text in a style, where there are colours.
    pub fn styled(&self, style: Style, text: &str) -> String {
        if self.colours {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Less important than what stands beside it.
pub const DIM: Style = Style::new().dimmed();
/// A heading.
pub const BOLD: Style = Style::new().bold();
/// Something to look at.
pub const BAD: Style = AnsiColor::Red.on_default();
/// Whom it is from or to.
pub const WHO: Style = AnsiColor::Cyan.on_default();

/// Whether a terminal would do something for it instead of showing it: control characters, and
/// those that turn the direction of what follows, or move a line.
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text on one line, with everything escaped that a terminal would obey.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            char if is_unsafe(char) => shown.extend(char.escape_unicode()),
            char => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

/// JSON on one line, in which nothing is left that a terminal would obey. It means the same: what
/// is escaped can only stand in strings, and what is left out only between them.
pub fn json_line(json: &str) -> Cow<'_, str> {
    let is_unsafe = |char| is_unsafe(char) && char != '\u{200b}';
    if !json.chars().any(is_unsafe) {
        return Cow::Borrowed(json);
    }
    let mut line = String::with_capacity(json.len() + 8);
    for char in json.chars() {
        match char {
            '\n' | '\r' | '\t' => {}
            char if is_unsafe(char) => {
                // A String takes everything.
                let _ = write!(line, "\\u{:04x}", u32::from(char));
            }
            char => line.push(char),
        }
    }
    Cow::Owned(line)
}

/// How many columns a text takes that [`one_line`] has made.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The text, cut to so many columns, with an ellipsis where something is missing.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut taken = 0;
    let end = text.char_indices().find_map(|(at, char)| {
        taken += char.width().unwrap_or(0);
        (taken > room).then_some(at)
    });
    Cow::Owned(format!("{}…", &text[..end.unwrap_or(text.len())]))
}

/// The text, with blanks behind it up to so many columns.
pub fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{:blanks$}", "")
}

/// An instant of the API without the fraction of its second.
pub fn to_the_second(instant: &str) -> Cow<'_, str> {
    match instant.split_once('.') {
        Some((seconds, _)) => Cow::Owned(format!("{seconds}Z")),
        None => Cow::Borrowed(instant),
    }
}

/// A number, its digits in groups of three.
pub fn number(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// "1 message", "2 messages".
pub fn counted(count: u64, what: &str) -> String {
    format!(
        "{} {what}{}",
        number(count),
        if count == 1 { "" } else { "s" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_commands_a_terminal() {
        assert_eq!(one_line("plain → text"), "plain → text");
        assert_eq!(
            one_line("a\u{1b}[31mred\u{7}\r\n\tb\u{9b}2J\u{202e}evil\0"),
            "a\\u{1b}[31mred\\u{7}\\r\\n\\tb\\u{9b}2J\\u{202e}evil\\u{0}"
        );
        for code in 0..=0x2100u32 {
            let Some(char) = char::from_u32(code) else {
                continue;
            };
            let text = char.to_string();
            let shown = one_line(&text);
            assert!(!shown.chars().any(char::is_control), "{code:x}");
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({"text": "a\u{1b}[2J\u{9b}2J\u{202e}\u{2028}\u{7f} b\n"});
        let line = value.to_string();
        assert!(line.contains('\u{9b}'), "serde_json leaves it as it is");
        let safe = json_line(&line);
        assert!(!safe.chars().any(char::is_control), "{safe}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&safe).ok(),
            Some(value)
        );
        let pretty = json_line("{\n\t\"a\": 1\r\n}");
        assert_eq!(pretty, "{\"a\": 1}");
        assert_eq!(json_line("{\"a\":\"ü\"}"), "{\"a\":\"ü\"}");
    }

    #[test]
    fn a_cut_text_has_no_more_columns_than_there_are() {
        for (text, width, shown) in [
            ("Hello", 5, "Hello"),
            ("Hello", 4, "Hel…"),
            ("Hello", 1, "…"),
            ("Hello", 0, ""),
            ("", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
        ] {
            assert_eq!(cut(text, width), shown, "{text} in {width}");
            assert!(columns(shown) <= width);
        }
        assert_eq!(padded("日", 4), "日  ");
        assert_eq!(padded("too long", 4), "too long");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(0, "message"), "0 messages");
        assert_eq!(counted(1_234_567, "message"), "1,234,567 messages");
    }

    #[test]
    fn whose_reader_has_gone_ends_well() {
        assert_eq!(Halt::settle(Err(Halt::ReaderGone)), Ok(()));
        let stop = Stop::internal("x");
        assert_eq!(Halt::settle(Err(stop.clone().into())), Err(stop));
    }
}
