//! Server-sent events in chunks, taken apart as they come.

use std::mem;

use crate::Outcome;

/// A chunk that is longer is none.
const LONGEST: usize = 1 << 30;

/// HTTP's chunked transfer coding, in pieces of any size.
#[derive(Debug, Default)]
pub struct Chunks(At);

/// Where one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    /// Before a chunk.
    #[default]
    Begin,
    /// Behind some digits of its length.
    Length(usize),
    /// Behind the digits, before the end of the line.
    Extension(usize),
    Data(usize),
    /// Behind the data, before the end of the line.
    Behind,
    /// Behind the last chunk.
    End,
}

impl Chunks {
    /// Appends what is in the chunks to `data`.
    pub fn take(&mut self, mut bytes: &[u8], data: &mut Vec<u8>) -> Outcome {
        while let Some((&first, rest)) = bytes.split_first() {
            if let At::Data(left) = self.0 {
                let (now, rest) = bytes.split_at(left.min(bytes.len()));
                data.extend_from_slice(now);
                bytes = rest;
                self.0 = match left - now.len() {
                    0 => At::Behind,
                    left => At::Data(left),
                };
                continue;
            }
            self.0 = self.0.behind(first).ok_or("not in chunks")?;
            bytes = rest;
        }
        Ok(())
    }

    /// Whether the last chunk has come.
    pub fn ended(&self) -> bool {
        self.0 == At::End
    }
}

impl At {
    /// Behind one more byte; `None` if it has no place here.
    fn behind(self, byte: u8) -> Option<Self> {
        let digit = char::from(byte).to_digit(16);
        match (self, digit, byte) {
            (Self::Begin, Some(digit), _) => Some(Self::Length(usize::try_from(digit).ok()?)),
            (Self::Length(length), Some(digit), _) => {
                let length = length * 16 + usize::try_from(digit).ok()?;
                (length <= LONGEST).then_some(Self::Length(length))
            }
            // Behind the last one there may be trailers.
            (Self::Length(0) | Self::Extension(0), _, b'\n') | (Self::End, ..) => Some(Self::End),
            (Self::Length(length) | Self::Extension(length), _, b'\n') => Some(Self::Data(length)),
            (Self::Length(length), _, b'\r' | b';' | b' ') | (Self::Extension(length), ..) => {
                Some(Self::Extension(length))
            }
            (Self::Behind, _, b'\r') => Some(Self::Behind),
            (Self::Behind, _, b'\n') => Some(Self::Begin),
            _ => None,
        }
    }
}

/// What stands between two empty lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    pub id: Option<i64>,
    pub kind: Option<String>,
    pub data: Option<String>,
}

/// Events, in pieces of any size.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    event: Event,
}

impl Events {
    /// Appends to `events` those that end in these bytes. Comments, and what says nothing but when to
    /// come back, are none.
    pub fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Outcome {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.last() != Some(&b'\n') {
                break;
            }
            let line = mem::take(&mut self.line);
            self.field(
                str::from_utf8(&line)?.trim_end_matches(['\r', '\n']),
                events,
            );
        }
        Ok(())
    }

    fn field(&mut self, line: &str, events: &mut Vec<Event>) {
        if line.is_empty() {
            let event = mem::take(&mut self.event);
            if event != Event::default() {
                events.push(event);
            }
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => self.event.id = value.parse().ok(),
            "event" => self.event.kind = Some(value.to_owned()),
            "data" => match &mut self.event.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                none => *none = Some(value.to_owned()),
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 2000\nid: 6\n\n: alive\n\nid: 7\nevent: message\ndata: {\"a\":\"ü\"}\n\n\
        :\nid: 9\n\nid:10\r\ndata: one\r\ndata: two\r\n\r\nid: 11\ndata: half";

    fn chunked(text: &str, size: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            bytes.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }

    #[test]
    fn events_are_the_same_however_they_come() {
        let event = |id, kind: Option<&str>, data: Option<&str>| Event {
            id: Some(id),
            kind: kind.map(str::to_owned),
            data: data.map(str::to_owned),
        };
        let expected = [
            event(6, None, None),
            event(7, Some("message"), Some("{\"a\":\"ü\"}")),
            event(9, None, None),
            event(10, None, Some("one\ntwo")),
        ];
        for chunk in [1, 5, 16, 17, 1000] {
            for piece in [1, 3, 1000] {
                let (mut chunks, mut events) = (Chunks::default(), Events::default());
                let (mut data, mut found) = (Vec::new(), Vec::new());
                for piece in chunked(STREAM, chunk).chunks(piece) {
                    data.clear();
                    chunks.take(piece, &mut data).expect("chunks");
                    events.take(&data, &mut found).expect("events");
                }
                assert_eq!(found, expected, "chunks of {chunk}, pieces of {piece}");
                assert!(!chunks.ended());
                chunks.take(b"0\r\n\r\n", &mut data).expect("chunks");
                assert!(chunks.ended());
            }
        }
    }

    #[test]
    fn what_is_not_in_chunks_is_none() {
        for bytes in ["data: x", "\r\n", "5\r\nhelloo", "fffffffffffffffff"] {
            let taken = Chunks::default().take(bytes.as_bytes(), &mut Vec::new());
            assert!(taken.is_err(), "{bytes:?}");
        }
        let mut data = Vec::new();
        let taken = Chunks::default().take(b"2;x=y\r\nhi\r\n0\r\nT: t\r\n\r\n", &mut data);
        assert!(taken.is_ok() && data == b"hi");
    }
}
