//! The socket of a connection, which notes what comes and goes.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{phase::Phase, state::State};

/// How much of what a client goes on to send is thrown away after the answer, before the connection
/// is closed all the same.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;

pub struct Socket {
    stream: TcpStream,
    state: Arc<State>,
    /// The client has said that it will send no more.
    left: bool,
    discarded: usize,
}

impl Socket {
    pub fn new(stream: TcpStream, state: Arc<State>) -> Self {
        Self {
            stream,
            state,
            left: false,
            discarded: 0,
        }
    }

    fn written(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => self.state.waits(),
            Poll::Ready(Ok(count)) => self.state.took(*count),
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    /// Hyper, which answers clients that have closed their own direction, does not look at the
    /// connection while a request is handled. A stream would go on for a client that has left.
    fn look_for_the_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let mut one = [0];
        match self
            .stream
            .poll_peek(context, &mut ReadBuf::new(&mut one))?
        {
            Poll::Ready(0) => self.left = true,
            Poll::Ready(_) | Poll::Pending => {}
        }
        Ok(())
    }

    /// Reads what still comes, and throws it away. To close while something is unread would reset
    /// the connection, and take the answer away from a client that has not read it yet.
    fn discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; 8 * 1024];
        while self.discarded < MAX_DISCARDED {
            let mut buffer = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            self.discarded += buffer.filled().len();
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining() > 0);
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.state.received();
        } else if room {
            self.left = true;
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper flushes when all that there is of an answer was written, and whenever it has looked at
    /// a connection. Who closes one direction only gets that much: every answer that has an end, to
    /// every request that it has sent.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.took_all();
        if self.state.at().phase.is_at_work() {
            if !self.left {
                self.look_for_the_end(context)?;
            }
            if self.state.is_answered() {
                self.state.enter(Phase::Idle);
            } else if self.left && self.state.is_answering() {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Says that there is nothing more to come, and waits for the client to close (RFC 9112, 9.6);
    /// the reaper sees to it that this does not take long.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state.at().phase != Phase::Closing {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.state.enter(Phase::Closing);
        }
        if !self.left {
            ready!(self.discard(context));
        }
        Poll::Ready(Ok(()))
    }
}
