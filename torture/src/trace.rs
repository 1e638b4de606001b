//! What strace writes with `-f -y -xx`: lines become system calls.
//!
//! With `-xx` every string and every path is spelled in hex, so a quote, a bracket or a comma is
//! always the notation's own.

use std::{collections::HashMap, io::BufRead, path::PathBuf};

use anyhow::{Context as _, bail};

/// A system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    pub arguments: Vec<Argument>,
    /// `None` if it never came back, or nobody knows with what.
    pub result: Option<i64>,
    /// The number of the line in which it began.
    pub start: usize,
    /// The number of the line in which it came back.
    pub end: usize,
}

/// One of its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A descriptor (or `AT_FDCWD`) and what it stands for: a path, or the likes of `socket:[1]`.
    Descriptor { target: PathBuf, deleted: bool },
    /// A string.
    Bytes(Vec<u8>),
    /// The strings of an array of buffers, one after the other.
    Buffers(Vec<u8>),
    /// Numbers, flags, structures.
    Other(String),
}

/// For a call that never came back.
pub const NEVER: usize = usize::MAX;

/// Reads a whole trace. The calls come in the order in which they began.
///
/// # Errors
/// If a line cannot be read or understood.
pub fn read(trace: impl BufRead) -> anyhow::Result<Vec<Call>> {
    let mut calls = Vec::new();
    // By thread: the line's number, and what was written before another thread came between.
    let mut unfinished: HashMap<String, (usize, String)> = HashMap::new();
    for (number, line) in trace.lines().enumerate() {
        let line = line?;
        let (thread, event) = line.split_once(' ').context("a line without a thread")?;
        let event = event.trim_start();
        let place = || format!("line {} of the trace", number + 1);
        if event.starts_with("+++") || event.starts_with("---") {
            continue;
        }
        if let Some(resumed) = event.strip_prefix("<... ") {
            let (_, rest) = resumed.split_once(" resumed>").with_context(place)?;
            // Where strace came late, it has not seen the beginning.
            if let Some((start, mut text)) = unfinished.remove(thread) {
                text.push_str(rest);
                calls.push(call(&text, start, number).with_context(place)?);
            }
        } else if let Some(text) = event.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread.to_owned(), (number, text.trim_end().to_owned()));
        } else {
            calls.push(call(event, number, number).with_context(place)?);
        }
    }
    for (start, text) in unfinished.into_values() {
        calls.push(call(&format!("{text}) = ?"), start, NEVER)?);
    }
    calls.sort_by_key(|call| call.start);
    Ok(calls)
}

/// `name(arguments) = result`
fn call(text: &str, start: usize, end: usize) -> anyhow::Result<Call> {
    let (name, rest) = text.split_once('(').context("no bracket")?;
    let (inner, result) = rest.rsplit_once(" = ").context("no result")?;
    let inner = inner
        .trim_end()
        .strip_suffix(')')
        .context("no closing bracket")?;
    let digits = result
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(result.len());
    Ok(Call {
        name: name.to_owned(),
        arguments: split(inner).map(argument).collect::<Result<_, _>>()?,
        // Addresses are not asked for.
        result: result[..digits].parse().ok(),
        start,
        end,
    })
}

/// At the commas that are not within braces or brackets.
fn split(inner: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    inner
        .split(move |c: char| {
            match c {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        })
        .map(str::trim)
        .filter(|argument| !argument.is_empty())
}

fn argument(text: &str) -> anyhow::Result<Argument> {
    if let Some(string) = text.strip_prefix('"') {
        // strace shows by dots that it left something out.
        let string = string.strip_suffix('"').context("a string is cut off")?;
        return Ok(Argument::Bytes(bytes(string)?));
    }
    if text.starts_with('[') && text.contains("iov_base=") {
        let strings = text.split("iov_base=\"").skip(1);
        let strings = strings.map(|rest| {
            let (string, rest) = rest.split_once('"').context("an open string")?;
            if rest.starts_with("...") {
                bail!("a string is cut off");
            }
            bytes(string)
        });
        return Ok(Argument::Buffers(
            strings.collect::<Result<Vec<_>, _>>()?.concat(),
        ));
    }
    if let Some((number, target)) = text.split_once('<')
        && let Some((target, deleted)) = target.rsplit_once('>')
        && (number == "AT_FDCWD" || number.bytes().all(|digit| digit.is_ascii_digit()))
    {
        use std::os::unix::ffi::OsStringExt as _;

        let target = std::ffi::OsString::from_vec(bytes(target)?);
        return Ok(Argument::Descriptor {
            target: target.into(),
            deleted: deleted == "(deleted)",
        });
    }
    Ok(Argument::Other(text.to_owned()))
}

/// `\x41\x42`
fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let quads = hex.as_bytes().chunks(4);
    quads
        .map(|quad| match *quad {
            [b'\\', b'x', high, low] => {
                let (high, low) = (digit(high), digit(low));
                let byte = high.zip(low).map(|(high, low)| high << 4 | low);
                Ok(u8::try_from(byte.context("no hex digit")?)?)
            }
            _ => bail!("a string is not in hex: was strace called without -xx?"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As strace spells it.
    fn hex(text: &str) -> String {
        use std::fmt::Write as _;

        text.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "\\x{byte:02x}").unwrap();
            hex
        })
    }

    fn parse(trace: &str) -> Vec<Call> {
        read(trace.as_bytes()).unwrap()
    }

    #[test]
    fn a_call_has_its_arguments_and_its_result() {
        let (path, data) = (hex("/d/app.db"), hex("a,(\"\u{0}"));
        let calls = parse(&format!(
            "17    pwrite64(9<{path}>, \"{data}\", 5, 4096)    = 5\n"
        ));
        let Call {
            name,
            arguments,
            result,
            start,
            end,
        } = &calls[0];
        assert_eq!(
            (name.as_str(), *result, *start, *end),
            ("pwrite64", Some(5), 0, 0)
        );
        assert_eq!(
            arguments[..],
            [
                Argument::Descriptor {
                    target: "/d/app.db".into(),
                    deleted: false
                },
                Argument::Bytes(b"a,(\"\0".to_vec()),
                Argument::Other("5".into()),
                Argument::Other("4096".into()),
            ]
        );
    }

    #[test]
    fn failures_injections_and_what_a_descriptor_stands_for() {
        let path = hex("/d/x");
        let calls = parse(&format!(
            "1 openat(AT_FDCWD<{path}>, \"{path}\", O_RDWR|O_CREAT, 0644) = 11<{path}>\n\
             1 fsync(11<{path}>(deleted)) = -1 EIO (Input/output error) (INJECTED)\n\
             1 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 12<{path}>, 0) = 0x7f00\n\
             1 --- SIGTERM {{si_signo=SIGTERM}} ---\n\
             1 +++ exited with 0 +++\n"
        ));
        assert_eq!(calls.len(), 3);
        assert_eq!(calls[0].result, Some(11));
        assert_eq!(calls[1].result, Some(-1));
        assert_eq!(
            calls[1].arguments[0],
            Argument::Descriptor {
                target: "/d/x".into(),
                deleted: true
            }
        );
        assert_eq!(calls[2].arguments.len(), 6);
    }

    #[test]
    fn calls_of_threads_that_come_between_each_other_are_put_together() {
        let (path, data) = (hex("/d/x"), hex("ab"));
        let calls = parse(&format!(
            "1 pwrite64(3<{path}>, \"{data}\", 2, 0 <unfinished ...>\n\
             2 fsync(4<{path}> <unfinished ...>\n\
             1 <... pwrite64 resumed>)            = 1\n\
             2 <... fsync resumed>)               = 0\n\
             3 <... futex resumed>)               = 0\n\
             2 unlink(\"{path}\" <unfinished ...>\n\
             2 +++ killed by SIGKILL +++\n"
        ));
        let told: Vec<_> = calls
            .iter()
            .map(|call| (call.name.as_str(), call.start, call.end, call.result))
            .collect();
        assert_eq!(
            told,
            [
                ("pwrite64", 0, 2, Some(1)),
                ("fsync", 1, 3, Some(0)),
                ("unlink", 5, NEVER, None),
            ]
        );
        assert_eq!(calls[0].arguments.len(), 4);
    }

    #[test]
    fn the_buffers_of_a_gathering_write_are_one() {
        let (a, b) = (hex("one"), hex("two"));
        let calls = parse(&format!(
            "1 writev(5<{a}>, [{{iov_base=\"{a}\", iov_len=3}}, {{iov_base=\"{b}\", iov_len=3}}], 2) = 6\n"
        ));
        assert_eq!(calls[0].arguments[1], Argument::Buffers(b"onetwo".to_vec()));
        assert_eq!(calls[0].arguments[2], Argument::Other("2".into()));
    }

    #[test]
    fn what_strace_left_out_is_an_error_and_not_a_shorter_write() {
        let a = hex("a");
        for line in [
            format!("1 write(1<{a}>, \"{a}\"..., 9) = 9"),
            format!("1 writev(1<{a}>, [{{iov_base=\"{a}\"..., iov_len=9}}], 1) = 9"),
            "1 write(1, \"plain\", 5) = 5".to_owned(),
            "1 write(1, 5".to_owned(),
        ] {
            assert!(read(line.as_bytes()).is_err(), "{line}");
        }
    }
}
