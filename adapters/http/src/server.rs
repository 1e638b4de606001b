//! Connections.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use poem::{
    Endpoint, Server,
    http::uri::Scheme,
    listener::{Acceptor, TcpAcceptor},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task,
    time::{self, Sleep},
};

/// How long a connection may be idle. Longer than the usual balancer's 60 seconds: the one that
/// closes first should be the one that knows that it won't send.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

pub async fn serve(
    endpoint: impl Endpoint + 'static,
    listener: TcpListener,
    patience: Duration,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) -> io::Result<()> {
    let acceptor = Attentive {
        acceptor: TcpAcceptor::from_tokio(listener)?,
        patience,
    };
    Server::new_with_acceptor(acceptor)
        .idle_timeout(IDLE_TIMEOUT)
        .run_with_graceful_shutdown(endpoint, shutdown, Some(grace))
        .await
}

/// Makes connections that send an answer at once, instead of waiting for more to send with it, and
/// that do not wait for ever for a client that takes nothing.
struct Attentive {
    acceptor: TcpAcceptor,
    patience: Duration,
}

impl Acceptor for Attentive {
    type Io = Connection;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.acceptor.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Connection, LocalAddr, RemoteAddr, Scheme)> {
        let (stream, local, remote, scheme) = self.acceptor.accept().await?;
        // Worth nothing more than a try: the connection works without it.
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            stream,
            patience: self.patience,
            stuck: None,
            left: false,
            answering: false,
        };
        Ok((connection, local, remote, scheme))
    }
}

thread_local! {
    /// The task whose connection was last cut off. Such a task ends in the same step, and all that
    /// belongs to its connection with it.
    static CUT_OFF: Cell<Option<task::Id>> = const { Cell::new(None) };
}

/// Whether the connection whose task this is was cut off, because its client took nothing. For
/// what is dropped with it.
pub fn is_cut_off() -> bool {
    CUT_OFF
        .get()
        .is_some_and(|cut_off| task::try_id() == Some(cut_off))
}

/// A connection that fails if its client takes nothing of what is sent to it for some time, or has
/// left. Answers without end (`live`) need both: they would wait for the one until the process
/// ends, and poem goes on with an answer whose client has left until writing fails, which takes
/// two pings.
struct Connection {
    stream: TcpStream,
    patience: Duration,
    /// Ends the patience, while there is something to send that is not taken.
    stuck: Option<Pin<Box<Sleep>>>,
    /// The client has said that it will send no more.
    left: bool,
    /// Something was sent since the client has last sent something.
    answering: bool,
}

impl Connection {
    /// What became of writing.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            self.answering = true;
            return written;
        }
        let patience = self.patience;
        let stuck = self
            .stuck
            .get_or_insert_with(|| Box::pin(time::sleep(patience)));
        stuck.as_mut().poll(context).map(|()| {
            CUT_OFF.set(task::try_id());
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client takes nothing",
            ))
        })
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining() > 0);
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.answering = false;
        } else if room {
            self.left = true;
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper flushes when all that there is of an answer was written. Who closes one direction only
    /// gets that much: every answer that has an end.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.left && self.answering {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
