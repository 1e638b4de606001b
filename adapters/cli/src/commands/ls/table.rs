//! Messages as a table.

use std::fmt::Write as _;

use crate::{
    api::Message,
    terminal::{BOLD, DIM, Output, columns, cut, one_line, padded, to_the_second},
};

/// Between two columns.
const GAP: usize = 2;

/// An id that has no room is cut to so many columns, but no further.
const SHORTEST_ID: usize = 10;

const HEADINGS: [&str; 6] = ["SENT", "FROM", "TO", "SOURCE", "ID", "TEXT"];
const SOURCE: usize = 3;
const ID: usize = 4;
const TEXT: usize = 5;

/// A table that is written page by page, and fits the terminal.
pub struct Table<'a> {
    output: &'a Output,
    widths: [usize; 6],
    /// Whether there is a column for the source: not while all are of the default one.
    sources: bool,
    headed: bool,
}

impl<'a> Table<'a> {
    pub fn new(output: &'a Output) -> Self {
        Self {
            output,
            widths: HEADINGS.map(str::len),
            sources: false,
            headed: false,
        }
    }

    /// The next lines.
    pub fn page(&mut self, messages: &[Message]) -> String {
        let rows: Vec<_> = messages
            .iter()
            .map(|message| cells(message, self.output.width().is_some()))
            .collect();
        for (index, width) in self.widths.iter_mut().enumerate() {
            let widest = rows.iter().map(|row| columns(&row[index])).max();
            *width = widest.unwrap_or(0).max(*width);
        }
        if !self.sources && messages.iter().any(|message| message.source() != "default") {
            self.sources = true;
            // There is one column more.
            self.headed = false;
        }
        let widths = fitted(self.widths, self.sources, self.output.width());
        let mut lines = String::new();
        if !std::mem::replace(&mut self.headed, true) {
            let heading = line(&HEADINGS, &widths, self.sources);
            let _ = writeln!(lines, "{}", self.output.styled(BOLD, &heading));
        }
        for (row, message) in rows.iter().zip(messages) {
            let mut row: Vec<_> = row.iter().map(String::as_str).collect();
            let text = cut(row[TEXT], widths[TEXT]);
            row[TEXT] = "";
            let text = match message.text {
                Some(_) => text.into_owned(),
                None => self.output.styled(DIM, &text),
            };
            let _ = writeln!(lines, "{}{text}", line(&row, &widths, self.sources));
        }
        lines
    }
}

/// What of a message is shown; to the second where room is scarce.
fn cells(message: &Message, briefly: bool) -> [String; 6] {
    let text = message.text.as_deref().unwrap_or("(no text)");
    let sent = if briefly {
        &*to_the_second(&message.ts)
    } else {
        &message.ts
    };
    [
        sent,
        &message.from_msisdn,
        &message.to_msisdn,
        message.source(),
        &message.message_id,
        text,
    ]
    .map(|cell| one_line(cell).into_owned())
}

/// A line up to where its text begins, and the text if there is one.
fn line(cells: &[&str], widths: &[usize; 6], sources: bool) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        match index {
            SOURCE if !sources => {}
            TEXT => line.push_str(cell),
            _ => line.push_str(&padded(&cut(cell, *width), *width + GAP)),
        }
    }
    line
}

/// The columns' widths for a terminal of this width: text gives way first, and then the id.
fn fitted(mut widths: [usize; 6], sources: bool, terminal: Option<usize>) -> [usize; 6] {
    let Some(terminal) = terminal else {
        return widths;
    };
    let before = (0..ID).filter(|index| sources || *index != SOURCE);
    let taken: usize = before.map(|index| widths[index] + GAP).sum();
    let room = terminal.saturating_sub(taken);
    if room < widths[ID] + GAP + widths[TEXT] {
        let third = (room / 3).max(SHORTEST_ID);
        widths[ID] = widths[ID].min(third);
        widths[TEXT] = room.saturating_sub(widths[ID] + GAP);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_no_wider_than_the_terminal() {
        let widths = [20, 13, 12, 7, 36, 4096];
        assert_eq!(fitted(widths, true, None), widths);
        assert_eq!(fitted(widths, false, Some(5000)), widths);
        for terminal in 65..=300 {
            for sources in [false, true] {
                let fitted = fitted(widths, sources, Some(terminal));
                let shown = (0..6).filter(|index| sources || *index != SOURCE);
                let whole: usize = shown.map(|index| fitted[index] + GAP).sum();
                assert!(
                    whole - GAP <= terminal || fitted[TEXT] == 0,
                    "{terminal}: {fitted:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_written_for_a_file_is_whole_and_safe() {
        let output = Output::plain(None);
        let mut table = Table::new(&output);
        let message = |source: Option<&str>, text: Option<&str>| Message {
            message_id: "m1\u{1b}[2J".to_owned(),
            from_msisdn: "+1".to_owned(),
            to_msisdn: "+14155550100".to_owned(),
            ts: "2025-01-15T10:00:00Z".to_owned(),
            text: text.map(str::to_owned),
            created_at: String::new(),
            source: source.map(str::to_owned),
        };
        let page = table.page(&[message(None, Some("two\nlines")), message(None, None)]);
        assert_eq!(
            page,
            "SENT                  FROM  TO            ID           TEXT\n\
             2025-01-15T10:00:00Z  +1    +14155550100  m1\\u{1b}[2J  two\\nlines\n\
             2025-01-15T10:00:00Z  +1    +14155550100  m1\\u{1b}[2J  (no text)\n"
        );
        let more = table.page(&[message(Some("shop"), Some("x"))]);
        assert!(
            more.starts_with("SENT ") && more.contains("SOURCE"),
            "{more}"
        );
        assert!(!table.page(&[message(None, None)]).contains("SENT"));

        let narrow = Output::plain(Some(70));
        let cut = Table::new(&narrow).page(&[message(None, Some(&"x".repeat(100)))]);
        assert!(cut.lines().all(|line| columns(line) <= 70), "{cut}");
        assert!(cut.contains('…'));
    }
}
