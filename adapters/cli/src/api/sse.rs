//! Server-sent events (WHATWG HTML, 9.2), read piece by piece.
//!
//! Apart from what the libraries for it give, this tells an `id` without an event (the server says
//! how far the stream is, where nothing matches), and bounds what it holds.

use std::time::Duration;

/// No event of countersign is longer.
const LONGEST: usize = 1024 * 1024;

/// What a stream says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Event {
    /// `message`, if it is not said.
    pub name: String,
    /// Its lines, joined; empty if it only moves the stream on.
    pub data: String,
    /// Where a stream goes on behind this; the last one that was said.
    pub id: Option<String>,
}

/// A line, or the lines of one event, are longer than any event is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream has an event that is longer than {LONGEST} bytes")]
pub struct TooLong;

/// Takes pieces and gives events.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what has come may be empty")]
pub struct Parser {
    /// What of a line has come.
    line: Vec<u8>,
    /// A CR ended the last line; an LF that follows belongs to it.
    after_cr: bool,
    /// Whether a byte has come.
    begun: bool,
    name: String,
    data: String,
    has_data: bool,
    has_id: bool,
    id: Option<String>,
    retry: Option<Duration>,
}

impl Parser {
    /// How long the server wants to be left alone before one comes back, if it has said so.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// What a piece of the stream completes.
    ///
    /// # Errors
    /// If it is no stream of countersign's.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for byte in piece {
            let after_cr = std::mem::replace(&mut self.after_cr, *byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                byte => {
                    self.line.push(*byte);
                    if self.line.len() + self.data.len() > LONGEST {
                        return Err(TooLong);
                    }
                }
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = if std::mem::replace(&mut self.begun, true) {
            &*line
        } else {
            line.strip_prefix('\u{feff}').unwrap_or(&line)
        };
        if line.is_empty() {
            return self.end_event();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => {
                self.id = Some(value.to_owned());
                self.has_id = true;
            }
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        let has_data = std::mem::take(&mut self.has_data);
        let has_id = std::mem::take(&mut self.has_id);
        (has_data || has_id).then(|| Event {
            name: if name.is_empty() {
                "message".to_owned()
            } else {
                name
            },
            data,
            id: self.id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str, id: Option<&str>) -> Event {
        Event {
            name: name.to_owned(),
            data: data.to_owned(),
            id: id.map(str::to_owned),
        }
    }

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let stream = "\u{feff}retry: 2000\nid: 7\n\n:\n\nevent: message\nid: 8\ndata: {\"a\":\"ü\"}\n\n\
            data: x\r\ndata:y\r\nid: 9\r\n\r\n:\rid: 12\r\rdata\n\nunknown: 1\nretry: soon\nevent: rejection\ndata: z\n\n\
            data: cut off\n";
        let expected = [
            event("message", "", Some("7")),
            event("message", "{\"a\":\"ü\"}", Some("8")),
            event("message", "x\ny", Some("9")),
            event("message", "", Some("12")),
            event("message", "", Some("12")),
            event("rejection", "z", Some("12")),
        ];
        for size in 1..=stream.len() {
            let mut parser = Parser::default();
            let mut events = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                events.extend(parser.push(piece).expect("a stream"));
            }
            assert_eq!(events, expected, "in pieces of {size}");
            assert_eq!(parser.retry(), Some(Duration::from_secs(2)));
        }
    }

    #[test]
    fn what_has_no_end_does_not_fill_the_memory() {
        let mut parser = Parser::default();
        assert_eq!(parser.push(&vec![b'x'; LONGEST + 1]), Err(TooLong));
        let mut parser = Parser::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; 1024], b"\n"].concat();
        let outcome = (0..=1024).try_for_each(|_| parser.push(&line).map(|_| ()));
        assert_eq!(outcome, Err(TooLong));
    }
}
