//! One connection, one request at a time, no copies: HTTP/1.1 with keep-alive.

use std::{io, ops::Range};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// No answer that this client is for is longer.
const LONGEST: usize = 16 * 1024 * 1024;

/// Headers of one answer.
const MOST_HEADERS: usize = 64;

/// A connection that is kept alive. After an error, or once it [must be
/// closed](Self::must_close), a new one is needed.
pub struct HttpClient {
    stream: TcpStream,
    /// What has come of the answer.
    buffer: Vec<u8>,
    must_close: bool,
}

/// The end of an exchange.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The status line and the headers, as they came.
    pub head: &'a [u8],
    /// Without any framing.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The first header of this name, without blanks around it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        answer.parse(self.head).ok()?;
        let header = answer
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        str::from_utf8(header.value).ok().map(str::trim)
    }
}

impl HttpClient {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn connect(authority: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(authority).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
            must_close: false,
        })
    }

    /// Whether the server will not take another request on this connection.
    #[must_use]
    pub fn must_close(&self) -> bool {
        self.must_close
    }

    /// Sends a whole request, written out as it goes over the wire, and waits for its answer. Not
    /// for `HEAD`, whose answers announce a body that doesn't come.
    ///
    /// # Errors
    /// If the connection ends before the answer does, or the answer is not HTTP/1.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        // Until it has come to its end, there is half an answer on the connection.
        self.must_close = true;
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return self.ended();
            }
            let mut head = Head::parse(&self.buffer)?;
            // "Continue" and its like: the answer comes behind it.
            while let Some(interim) = head.filter(|head| head.status < 200) {
                self.buffer.drain(..interim.length);
                head = Head::parse(&self.buffer)?;
            }
            if let Some(head) = head
                && let Some(body) = head.body(&mut self.buffer)?
            {
                self.must_close = head.close || body.end != self.buffer.len();
                return Ok(Answer {
                    status: head.status,
                    head: &self.buffer[..head.length],
                    body: &self.buffer[body],
                });
            }
            if self.buffer.len() > LONGEST {
                return Err(malformed("the answer is too long"));
            }
        }
    }

    /// The server has closed: the end of an answer that says nothing of its length, else too early.
    fn ended(&self) -> io::Result<Answer<'_>> {
        match Head::parse(&self.buffer)? {
            Some(head) if head.framing == Framing::UntilEnd => Ok(Answer {
                status: head.status,
                head: &self.buffer[..head.length],
                body: &self.buffer[head.length..],
            }),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    UntilEnd,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    /// Of the head itself.
    length: usize,
    framing: Framing,
    close: bool,
}

impl Head {
    /// `None` if it has not come completely.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let parsed = answer.parse(bytes).map_err(malformed)?;
        let (httparse::Status::Complete(length), Some(status)) = (parsed, answer.code) else {
            return Ok(None);
        };
        let mut head = Self {
            status,
            length,
            framing: match status {
                204 | 304 => Framing::Length(0),
                _ => Framing::UntilEnd,
            },
            close: answer.version == Some(0),
        };
        for header in answer.headers.iter() {
            let value = str::from_utf8(header.value).unwrap_or_default().trim();
            if header.name.eq_ignore_ascii_case("content-length") {
                if head.framing == Framing::UntilEnd {
                    head.framing = Framing::Length(value.parse().map_err(malformed)?);
                }
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                head.framing = Framing::Chunked;
            } else if header.name.eq_ignore_ascii_case("connection") {
                head.close = value.eq_ignore_ascii_case("close");
            }
        }
        Ok(Some(head))
    }

    /// Where the body is, once all of it is there. Chunks are joined in place.
    fn body(&self, buffer: &mut Vec<u8>) -> io::Result<Option<Range<usize>>> {
        match self.framing {
            Framing::Length(length) => {
                let end = self.length.saturating_add(length);
                Ok((buffer.len() >= end).then_some(self.length..end))
            }
            Framing::Chunked => {
                let Some((body, end)) = joined(&buffer[self.length..])? else {
                    return Ok(None);
                };
                let range = self.length..self.length + body.len();
                buffer.splice(self.length..self.length + end, body);
                Ok(Some(range))
            }
            Framing::UntilEnd => Ok(None),
        }
    }
}

/// The body that is in these chunks, and how many bytes the chunks are; `None` if the last one has
/// not come.
fn joined(chunks: &[u8]) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let size = httparse::parse_chunk_size(&chunks[at..])
            .map_err(|_| malformed("a chunk has no size"))?;
        let httparse::Status::Complete((line, size)) = size else {
            return Ok(None);
        };
        at += line;
        if size == 0 {
            // Trailers, if any, and an empty line.
            let mut none = [httparse::EMPTY_HEADER; MOST_HEADERS];
            return match httparse::parse_headers(&chunks[at..], &mut none).map_err(malformed)? {
                httparse::Status::Complete((end, _)) => Ok(Some((body, at + end))),
                httparse::Status::Partial => Ok(None),
            };
        }
        let end = usize::try_from(size)
            .ok()
            .filter(|size| *size <= LONGEST)
            .ok_or_else(|| malformed("a chunk is too long"))?
            + at;
        match chunks.get(end..end + 2) {
            Some(b"\r\n") => body.extend_from_slice(&chunks[at..end]),
            Some(_) => return Err(malformed("a chunk is longer than it says")),
            None => return Ok(None),
        }
        at = end + 2;
    }
}

fn malformed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// The outcomes of requests that are answered so, in pieces of this many bytes.
    fn outcomes(
        answer: &str,
        piece: usize,
        requests: usize,
    ) -> Vec<Result<(u16, String), io::ErrorKind>> {
        let answer = answer.as_bytes().to_vec();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address").to_string();
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.expect("a client");
                stream.set_nodelay(true).expect("no delay");
                for _ in 0..requests {
                    let mut request = [0; 4];
                    stream.read_exact(&mut request).await.expect("a request");
                    for piece in answer.chunks(piece) {
                        stream.write_all(piece).await.expect("sent");
                        tokio::task::yield_now().await;
                    }
                }
            });
            let mut client = HttpClient::connect(&address).await.expect("a server");
            let mut outcomes = Vec::new();
            for _ in 0..requests {
                let answer = client.exchange(b"ask\n").await;
                outcomes.push(match answer {
                    Ok(answer) => Ok((
                        answer.status,
                        String::from_utf8_lossy(answer.body).into_owned(),
                    )),
                    Err(error) => Err(error.kind()),
                });
            }
            outcomes
        })
    }

    #[test]
    fn answers_end_where_they_say() {
        let yes = Ok((200, "yes".to_owned()));
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:3\r\n\r\nyes",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n2;x=y\r\nes\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\nT: t\r\n\r\n",
        ] {
            for piece in [1, 7, 1000] {
                assert_eq!(
                    outcomes(answer, piece, 3),
                    vec![yes.clone(); 3],
                    "{answer:?}"
                );
            }
        }
        let nothing = outcomes("HTTP/1.1 204 No Content\r\n\r\n", 5, 2);
        assert_eq!(nothing, vec![Ok((204, String::new())); 2]);
        let until_end = outcomes("HTTP/1.1 200 OK\r\n\r\nyes", 4, 1);
        assert_eq!(until_end, [yes]);
    }

    #[test]
    fn headers_are_found_by_name() {
        let answer = Answer {
            status: 503,
            head: b"HTTP/1.1 503 Service Unavailable\r\nretry-after:  3 \r\nX: \xff\r\n\r\n",
            body: b"",
        };
        assert_eq!(answer.header("Retry-After"), Some("3"));
        assert_eq!(answer.header("X"), None);
        assert_eq!(answer.header("Retry"), None);
    }

    #[test]
    fn half_an_answer_is_none() {
        for (answer, kind) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nye",
                io::ErrorKind::UnexpectedEof,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n",
                io::ErrorKind::UnexpectedEof,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nyes\r\n",
                io::ErrorKind::InvalidData,
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
                io::ErrorKind::InvalidData,
            ),
            ("SSH-2.0-OpenSSH\r\n", io::ErrorKind::InvalidData),
            ("", io::ErrorKind::UnexpectedEof),
        ] {
            assert_eq!(outcomes(answer, 1000, 1), [Err(kind)], "{answer:?}");
        }
    }
}
