//! A connection on which a live stream comes.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Outcome;

/// No head of an answer is longer.
const LONGEST_HEAD: usize = 64 * 1024;

/// An open stream, its head read.
pub struct Stream {
    pub connection: TcpStream,
    /// What has come with the head, in chunks still.
    pub rest: Vec<u8>,
}

impl Stream {
    /// Opens `/messages/live` with this query, behind the event of this id if one is given.
    pub async fn open(to: SocketAddr, query: &str, behind: Option<i64>) -> Outcome<Self> {
        let mut connection = TcpStream::connect(to).await?;
        connection.set_nodelay(true)?;
        let behind = behind.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET /messages/live?{query} HTTP/1.1\r\nHost: {to}\r\nAccept: text/event-stream\r\n\
             {behind}\r\n"
        );
        connection.write_all(request.as_bytes()).await?;
        let mut rest = Vec::new();
        let end = loop {
            if let Some(end) = end_of_head(&rest) {
                break end;
            }
            if rest.len() > LONGEST_HEAD || connection.read_buf(&mut rest).await? == 0 {
                return Err("an answer without a head".into());
            }
        };
        is_stream(&String::from_utf8_lossy(&rest[..end]))?;
        rest.drain(..end);
        Ok(Self { connection, rest })
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    end.map(|end| end + 4)
}

/// Whether a stream comes behind this head.
fn is_stream(head: &str) -> Outcome {
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(format!("GET /messages/live was answered {status}: no live feed?").into());
    }
    let chunked = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"))
        .any(|(_, value)| value.trim().eq_ignore_ascii_case("chunked"));
    if !chunked {
        return Err("the answer to GET /messages/live is not in chunks".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stream_is_one() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
            Transfer-Encoding: chunked\r\n\r\n";
        assert_eq!(
            end_of_head(format!("{head}5\r\n").as_bytes()),
            Some(head.len())
        );
        assert!(end_of_head(&head.as_bytes()[..head.len() - 1]).is_none());
        assert!(is_stream(head).is_ok());
        assert!(is_stream("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").is_err());
        let refused = is_stream("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert!(refused.is_err_and(|error| error.to_string().contains("404")));
    }
}
