//! A saved request.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use countersign_core::{HeaderLookup, Headers};

use super::VerifyArgs;
use crate::stop::Stop;

/// A request, as far as its signature goes.
pub struct Request {
    /// Names in lower case.
    headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Request {
    /// # Errors
    /// If a file cannot be read, or something is no header.
    pub fn read(args: &VerifyArgs) -> Result<Self, Stop> {
        let mut headers = Vec::new();
        for text in &args.headers {
            headers.push(header(text.as_bytes()).ok_or_else(|| not_a_header("--header"))?);
        }
        if let Some(path) = &args.headers_file {
            let text = fs::read(path).map_err(|error| unreadable(path, &error))?;
            headers.extend(in_lines(&text)?);
        }
        Ok(Self {
            headers,
            body: body(args)?,
        })
    }
}

fn body(args: &VerifyArgs) -> Result<Vec<u8>, Stop> {
    match &args.body {
        Some(path) if path.as_os_str() != "-" => {
            fs::read(path).map_err(|error| unreadable(path, &error))
        }
        _ => {
            let mut body = Vec::new();
            io::stdin()
                .read_to_end(&mut body)
                .map_err(|error| unreadable(Path::new("standard input"), &error))?;
            Ok(body)
        }
    }
}

/// The headers of a file, up to the first line that is empty.
fn in_lines(text: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Stop> {
    let lines = text
        .split(|byte| *byte == b'\n')
        // As `curl --verbose` shows a request.
        .map(|line| line.strip_prefix(b"> ").unwrap_or(line))
        .map(<[u8]>::trim_ascii)
        .enumerate();
    let mut headers = Vec::new();
    for (index, line) in lines {
        if line.is_empty() {
            break;
        }
        match header(line) {
            Some(header) => headers.push(header),
            // "POST /webhook HTTP/1.1"
            None if index == 0 => {}
            None => {
                let place = format!("line {} of --headers-file", index + 1);
                return Err(not_a_header(&place));
            }
        }
    }
    Ok(headers)
}

fn header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let name = std::str::from_utf8(name).ok()?;
    // A token (RFC 9110 §5.1), near enough.
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_name.then(|| {
        let value = value[1..].trim_ascii().to_vec();
        (name.to_ascii_lowercase(), value)
    })
}

/// Never the line itself: it is a signature, more or less.
fn not_a_header(place: &str) -> Stop {
    Stop::configuration(
        format!("{place} is no header"),
        "write each as NAME: VALUE, such as X-Signature: 87e3…",
    )
}

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    Stop::no_input(
        format!("{} cannot be read: {error}", path.display()),
        "give the files with the request as it was received",
    )
}

impl Headers for Request {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        let mut values = self.headers.iter().filter(|(other, _)| other == name);
        match (values.next(), values.next()) {
            (None, _) => HeaderLookup::Absent,
            (Some((_, value)), None) => HeaderLookup::Once(value),
            (Some(_), Some(_)) => HeaderLookup::Repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_people_save_them() {
        let text = b"> POST /webhook HTTP/1.1\r\n> X-Signature:  sha256=00 \r\nhost: a:1\r\n\r\n{\"x\": 1}";
        let headers = in_lines(text).expect("headers");
        assert_eq!(
            headers,
            [
                ("x-signature".to_owned(), b"sha256=00".to_vec()),
                ("host".to_owned(), b"a:1".to_vec())
            ]
        );
        assert!(in_lines(b"a: b\nnonsense\n").is_err());
        assert_eq!(header(b"no header"), None);
        assert_eq!(header(b": x"), None);
    }
}
