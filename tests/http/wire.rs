//! A client that writes bytes as they are, and sees what becomes of its connection.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time,
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

pub const GET: &str = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

pub struct Wire {
    pub stream: TcpStream,
    received: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Raw {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn closes(&self) -> bool {
        self.header("Connection") == Some("close")
    }
}

impl Wire {
    pub async fn connect(address: &str) -> Self {
        Self::over(TcpStream::connect(address).await.expect("a connection"))
    }

    /// One that can hold little that it has not read.
    pub async fn narrow(address: &str) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let address = address.parse().expect("an address");
        Self::over(socket.connect(address).await.expect("a connection"))
    }

    pub fn over(stream: TcpStream) -> Self {
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream
            .write_all(text.as_ref())
            .await
            .expect("the bytes are taken");
    }

    /// The next answer, whose length its head says.
    pub async fn answer(&mut self) -> Raw {
        loop {
            if let Some(answer) = self.whole() {
                return answer;
            }
            let count = time::timeout(LONG, self.stream.read_buf(&mut self.received)).await;
            let count = count.expect("an answer in time").expect("no reset");
            let so_far = String::from_utf8_lossy(&self.received);
            assert!(count > 0, "closed, and so far: {so_far}");
        }
    }

    fn whole(&mut self) -> Option<Raw> {
        let text = String::from_utf8_lossy(&self.received).into_owned();
        let (head, rest) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            (name.eq_ignore_ascii_case("content-length")).then(|| value.parse().expect("a number"))
        });
        let body = rest.get(..length.unwrap_or(0))?;
        self.received.drain(..head.len() + 4 + body.len());
        let status = head.split(' ').nth(1).expect("a status line");
        Some(Raw {
            status: status.parse().expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// One request and its answer.
    pub async fn ask(&mut self, request: &str) -> Raw {
        self.send(request).await;
        self.answer().await
    }

    /// Waits until the server closes. Nothing more must come before.
    pub async fn closed(&mut self) {
        let count = time::timeout(LONG, self.stream.read_buf(&mut self.received)).await;
        match count.expect("it is closed in time") {
            Ok(0) => {}
            // Something was on its way to the server.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("{other:?}: {}", String::from_utf8_lossy(&self.received)),
        }
        assert!(
            self.received.is_empty(),
            "{}",
            String::from_utf8_lossy(&self.received)
        );
    }
}
