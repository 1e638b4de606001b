//! A file of records, whatever its format.

use std::io::{self, BufRead, Cursor, Read as _};

use super::Format;
use super::{MAX_BYTES, Numbered, csv, ndjson};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why no more records can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("line {0} is longer than {MAX_BYTES} bytes, as no message is")]
    TooLong(u64),
    #[error("line {0} {1}")]
    Header(u64, String),
}

/// Reads records one by one, in constant memory.
pub enum Reader {
    Ndjson(ndjson::Reader),
    Csv(Box<csv::Reader>),
}

impl Reader {
    /// Begins to read; what some programs put before the first line of UTF-8 is left out.
    ///
    /// # Errors
    /// If not even the beginning can be read.
    pub fn new(mut input: impl BufRead + 'static, format: Format) -> io::Result<Self> {
        let mut begin = Vec::new();
        let mark = BYTE_ORDER_MARK.len() as u64;
        input.by_ref().take(mark).read_to_end(&mut begin)?;
        if begin == BYTE_ORDER_MARK {
            begin.clear();
        }
        let input = Box::new(Cursor::new(begin).chain(input));
        Ok(match format {
            Format::Ndjson => Self::Ndjson(ndjson::Reader::new(input)),
            Format::Csv => Self::Csv(Box::new(csv::Reader::new(input))),
        })
    }

    /// The next record, and the number of the line in which it begins. Where one is invalid, the
    /// next can be read all the same.
    ///
    /// # Errors
    /// If no more can be read.
    pub fn next(&mut self) -> Result<Option<Numbered>, ReadError> {
        match self {
            Self::Ndjson(reader) => reader.next(),
            Self::Csv(reader) => reader.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        for (format, begin) in [
            (Format::Ndjson, "\u{feff}\r\n{\"text\":\"".to_owned()),
            (
                Format::Csv,
                "\u{feff}message_id,from_msisdn,to_msisdn,ts,text\n\"".to_owned(),
            ),
        ] {
            let endless = io::BufReader::new(io::repeat(b'x'));
            let mut reader = Reader::new(Cursor::new(begin).chain(endless), format).unwrap();
            let error = reader.next().unwrap_err();
            assert!(matches!(error, ReadError::TooLong(2)), "{error}");
        }
    }
}
