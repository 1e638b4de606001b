//! CSV with a header line (RFC 4180, lines end with LF), which a spreadsheet takes for what it is.
//!
//! A field that a spreadsheet would calculate or drop something of (the phone numbers are among
//! them: `+` begins a formula) gets an apostrophe in front, and so does one that begins with an
//! apostrophe: whoever takes one apostrophe away has the value back. No text is the empty field,
//! and the empty text a lone apostrophe. The columns for the source and the key are there only if
//! some message needs them.

use std::{borrow::Cow, io::BufRead};

use countersign_core::{Message, Text};
use csv_core::ReadRecordResult;

use super::{ALWAYS, FIELDS, Invalid, MAX_BYTES, Numbered, ReadError, Record, more_fields};

/// The most columns that are looked through for ours.
const MAX_COLUMNS: usize = 1024;

const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

fn neutral(value: &str) -> Cow<'_, str> {
    if value.starts_with(FORMULA) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

fn restored(field: &str) -> &str {
    field.strip_prefix('\'').unwrap_or(field)
}

/// Which columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Those that every message has.
    Always,
    /// The source and the key, too.
    All,
}

/// Writes the header line.
pub fn write_header(columns: Columns, out: &mut Vec<u8>) {
    let count = match columns {
        Columns::Always => ALWAYS,
        Columns::All => FIELDS.len(),
    };
    let names: Vec<&str> = FIELDS.into_iter().take(count).collect();
    out.extend_from_slice(names.join(",").as_bytes());
    out.push(b'\n');
}

/// Writes messages, one a record.
///
/// # Errors
/// Hardly: memory is always written to.
pub fn write(messages: &[Message], columns: Columns, out: &mut Vec<u8>) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    for message in messages {
        let content = &message.content;
        let text = match &content.text {
            None => Cow::Borrowed(""),
            Some(text) if text.as_str().is_empty() => Cow::Borrowed("'"),
            Some(text) => neutral(Text::as_str(text)),
        };
        let mut fields = vec![
            neutral(content.id.as_str()),
            neutral(content.from.as_str()),
            neutral(content.to.as_str()),
            content.ts.to_string().into(),
            text,
            message.created_at.to_string().into(),
        ];
        if columns == Columns::All {
            fields.extend(more_fields(message).map(|field| neutral(field.unwrap_or_default())));
        }
        writer.write_record(fields.iter().map(|field| field.as_bytes()))?;
    }
    writer.flush()?;
    Ok(())
}

/// Reads records of any number of lines, in constant memory.
pub struct Reader {
    input: Box<dyn BufRead>,
    parser: csv_core::Reader,
    /// The record's fields, one behind the other, without quotes.
    fields: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// In which line of the file the input is.
    line: u64,
    columns: Option<Header>,
}

/// Where the header has our fields.
struct Header {
    places: [Option<usize>; FIELDS.len()],
    count: usize,
}

impl Reader {
    pub fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            parser: csv_core::Reader::new(),
            fields: vec![0; MAX_BYTES],
            ends: vec![0; MAX_COLUMNS],
            line: 1,
            columns: None,
        }
    }

    /// The next record.
    pub fn next(&mut self) -> Result<Option<Numbered>, ReadError> {
        if self.columns.is_none() {
            let Some((line, count)) = self.advance()? else {
                return Ok(None);
            };
            let columns = self.columns(count);
            self.columns = Some(columns.map_err(|rule| ReadError::Header(line, rule))?);
        }
        let Some((line, count)) = self.advance()? else {
            return Ok(None);
        };
        Ok(Some(Numbered {
            line,
            record: self.record(count),
        }))
    }

    /// Reads one record: the line in which it begins, and how many fields it has.
    fn advance(&mut self) -> Result<Option<(u64, usize)>, ReadError> {
        self.skip_line_ends()?;
        let begin = self.line;
        let (mut written, mut count) = (0, 0);
        loop {
            let input = self.input.fill_buf()?;
            let (result, read, more, fields) = self.parser.read_record(
                input,
                self.fields.get_mut(written..).unwrap_or_default(),
                self.ends.get_mut(count..).unwrap_or_default(),
            );
            self.line += line_ends(input.get(..read).unwrap_or_default());
            self.input.consume(read);
            written += more;
            count += fields;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(ReadError::TooLong(begin));
                }
                ReadRecordResult::Record => return Ok(Some((begin, count))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// What ends a record, and blank lines: so that the line in which the next one begins is known.
    fn skip_line_ends(&mut self) -> Result<(), ReadError> {
        loop {
            let input = self.input.fill_buf()?;
            let ends = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let (ends, all) = (ends.count(), input.len());
            self.line += line_ends(input.get(..ends).unwrap_or_default());
            self.input.consume(ends);
            if ends < all || all == 0 {
                return Ok(());
            }
        }
    }

    fn columns(&self, count: usize) -> Result<Header, String> {
        let mut places = [None; FIELDS.len()];
        for column in 0..count {
            let name = self.field(column);
            let known = FIELDS.iter().position(|field| field.as_bytes() == name);
            if let Some(place) = known.and_then(|known| places.get_mut(known))
                && place.replace(column).is_some()
            {
                return Err(format!("names a column twice (its {}.)", column + 1));
            }
        }
        // The first four are required, as a webhook's are.
        let named = FIELDS.iter().zip(places).take(4);
        match named.into_iter().find(|(_, place)| place.is_none()) {
            Some((field, _)) => Err(format!("must name the columns, but has no {field}")),
            None => Ok(Header { places, count }),
        }
    }

    fn record(&self, count: usize) -> Result<Record, Invalid> {
        let Some(columns) = self
            .columns
            .as_ref()
            .filter(|columns| columns.count == count)
        else {
            let wanted = self.columns.as_ref().map_or(0, |columns| columns.count);
            return Err(Invalid::record(format!(
                "must have {wanted} fields, as the header has, but has {count}"
            )));
        };
        let [
            message_id,
            from_msisdn,
            to_msisdn,
            ts,
            text,
            created_at,
            source,
            verified_by,
        ] = columns.places;
        Ok(Record {
            message_id: self.text("message_id", message_id)?,
            from_msisdn: self.text("from_msisdn", from_msisdn)?,
            to_msisdn: self.text("to_msisdn", to_msisdn)?,
            ts: self.text("ts", ts)?,
            text: self.text("text", text)?,
            created_at: self.text("created_at", created_at)?,
            source: self.text("source", source)?,
            verified_by: self.text("verified_by", verified_by)?,
        })
    }

    fn text(&self, name: &'static str, column: Option<usize>) -> Result<Option<String>, Invalid> {
        let bytes = column.map(|column| self.field(column)).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        let field = str::from_utf8(bytes).map_err(|error| {
            let (from, length) = (error.valid_up_to() + 1, bytes.len());
            Invalid::field(
                name,
                &format!("must be UTF-8, but is not from byte {from} of {length} on"),
            )
        })?;
        Ok(Some(restored(field).to_owned()))
    }

    fn field(&self, column: usize) -> &[u8] {
        let begin = match column.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(column).copied().unwrap_or_default();
        self.fields.get(begin..end).unwrap_or_default()
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use proptest::prelude::*;

    use super::*;
    use crate::record::{Format, fixture, has_more_fields};

    fn written(messages: &[Message]) -> String {
        let mut out = Vec::new();
        let columns = if messages.iter().any(has_more_fields) {
            Columns::All
        } else {
            Columns::Always
        };
        write_header(columns, &mut out);
        write(messages, columns, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back(messages in fixture::messages(), part in 1..40_usize) {
            // Read in parts that end anywhere.
            let input = BufReader::with_capacity(part, Cursor::new(written(&messages)));
            let mut reader = crate::record::Reader::new(input, Format::Csv).unwrap();
            prop_assert_eq!(fixture::read(&mut reader), messages);
        }

        #[test]
        fn no_field_begins_a_formula(messages in fixture::messages()) {
            let written = written(&messages);
            let mut reader = csv::Reader::from_reader(written.as_bytes());
            for record in reader.records() {
                for field in &record.unwrap() {
                    prop_assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{}", field);
                }
            }
        }
    }

    #[test]
    fn no_text_and_the_empty_text_differ() {
        let texts = [None, Some(""), Some("'"), Some("=1+1"), Some("a\n\"b\"")];
        let messages = texts.map(|text| fixture::message("m".to_owned(), text.map(str::to_owned)));
        let written = written(&messages);
        let texts: Vec<&str> = written
            .split("0000-01-01T00:00:00Z,")
            .filter_map(|rest| rest.split_once(",9999").map(|(text, _)| text))
            .collect();
        assert_eq!(texts, ["", "'", "''", "'=1+1", "\"a\n\"\"b\"\"\""]);
    }

    #[test]
    fn the_columns_are_those_that_are_needed() {
        let mut message = fixture::message("m".to_owned(), None);
        let header = |messages: &[Message]| {
            let written = written(messages);
            written.lines().next().map(str::to_owned)
        };
        let always = "message_id,from_msisdn,to_msisdn,ts,text,created_at";
        assert_eq!(header(&[message.clone()]).as_deref(), Some(always));
        message.verified_by = Some("-k".try_into().unwrap());
        let all = format!("{always},source,verified_by");
        assert_eq!(header(&[message.clone()]), Some(all));
        assert!(written(&[message]).ends_with(",,'-k\n"));
    }

    fn all(file: &str) -> Result<Vec<Numbered>, ReadError> {
        let mut reader = Reader::new(Box::new(Cursor::new(file.to_owned())));
        let mut all = Vec::new();
        while let Some(record) = reader.next()? {
            all.push(record);
        }
        Ok(all)
    }

    #[test]
    fn records_know_their_lines_however_lines_end() {
        for end in ["\n", "\r\n"] {
            let file = [
                "ts,to_msisdn,message_id,from_msisdn,text,note",
                "t,+2,a,+1,\"two\nlines\",x",
                "",
                "t,+2,b,+1,,x",
                "t,+2,c",
                "t,+2,d,'+1,,x",
            ]
            .join(end);
            let all = all(&file).unwrap();
            let lines: Vec<u64> = all.iter().map(|next| next.line).collect();
            assert_eq!(lines, [2, 5, 6, 7], "{end:?}");
            let said = all[2].record.as_ref().unwrap_err().to_string();
            assert_eq!(said, "must have 6 fields, as the header has, but has 3");
            let last = all[3].record.as_ref().unwrap();
            assert_eq!(last.message_id.as_deref(), Some("d"));
            assert_eq!(last.from_msisdn.as_deref(), Some("+1"));
            assert_eq!((&last.text, &last.created_at), (&None, &None));
        }
    }

    #[test]
    fn a_header_is_needed() {
        for (file, word) in [
            ("a,+1,+2,t,,\n", "no message_id"),
            ("message_id,from_msisdn,to_msisdn,text\n", "no ts"),
            ("ts,ts\n", "twice"),
        ] {
            let error = all(file).unwrap_err().to_string();
            assert!(
                error.starts_with("line 1 ") && error.contains(word),
                "{error}"
            );
        }
        assert!(all("").unwrap().is_empty());
    }
}
