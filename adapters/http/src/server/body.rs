//! The bodies of requests and answers, which say how far they got.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};

use super::state::State;

/// The body of a request, which says if it was not read to its end. Hyper closes the connection
/// then, and the client must be told, or it sends its next request into the void.
pub struct Received {
    body: BoxBody<Bytes, io::Error>,
    state: Arc<State>,
    ended: bool,
}

impl Received {
    pub fn new(body: BoxBody<Bytes, io::Error>, state: Arc<State>) -> Self {
        Self {
            body,
            state,
            ended: false,
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.ended = frame.is_none();
        if !matches!(frame, Some(Ok(_))) || self.body.is_end_stream() {
            self.state.body_ended();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            self.state.left_unread();
        }
        self.state.body_ended();
    }
}

/// The body of an answer, which says when all of it was taken: hyper drops it then.
pub struct Answer {
    body: BoxBody<Bytes, io::Error>,
    state: Arc<State>,
}

impl Answer {
    pub fn new(body: BoxBody<Bytes, io::Error>, state: Arc<State>) -> Self {
        Self { body, state }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.state.answered();
    }
}
