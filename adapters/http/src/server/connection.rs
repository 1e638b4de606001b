//! One connection, from its first byte to its end.

use std::{convert::Infallible, future::ready as already, net::SocketAddr, pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use http_body_util::combinators::BoxBody;
use hyper::{
    Request,
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use poem::{
    Addr, Endpoint, IntoResponse,
    http::{HeaderValue, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{net::TcpStream, task};

use super::{
    body::{Answer, Received},
    lifecycle::Lifecycle,
    metrics::Closed,
    phase::Order,
    registry::Place,
    socket::Socket,
    state::Connected,
};

/// How many fields the head of a request may have.
const MAX_HEADERS: usize = 64;

/// How long a head may be, in bytes; and how much of a connection is held in memory, beside what is
/// being answered.
const MAX_HEAD: usize = 16 * 1024;

/// How long what was sent may go without an acknowledgement, in milliseconds, until the client counts
/// as gone. The kernel's own patience is a quarter of an hour, for which a stream, which is sent a
/// byte now and then, would keep its place.
#[cfg(target_os = "linux")]
const GONE_MILLIS: u32 = 30_000;

/// HTTP/1.1 and nothing else. There is no timer: hyper's would be one for every request, and one
/// time-out for both heads and idleness.
pub fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .half_close(true)
        .header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD);
    protocol
}

/// What is the same for every connection.
pub struct Host<E> {
    pub endpoint: E,
    pub protocol: http1::Builder,
    pub lifecycle: Arc<Lifecycle>,
}

impl<E> Host<E>
where
    E: Endpoint<Output: IntoResponse> + 'static,
{
    /// Serves a connection to its end.
    pub async fn attend(
        self: Arc<Self>,
        stream: TcpStream,
        local: Option<SocketAddr>,
        remote: SocketAddr,
        place: Place,
    ) {
        prepare(&stream);
        let state = Arc::clone(&place.state);
        let socket = TokioIo::new(Socket::new(stream, Arc::clone(&state)));
        let remote = RemoteAddr(Addr::SocketAddr(remote));
        let local =
            LocalAddr(local.map_or(Addr::Custom("tcp", "unknown".into()), Addr::SocketAddr));
        let service = service_fn(|mut request: Request<Incoming>| {
            let has_body = !request.body().is_end_stream();
            state.begin(has_body);
            request
                .extensions_mut()
                .insert(Connected(Arc::clone(&state)));
            let mut request: poem::Request =
                (request, local.clone(), remote.clone(), Scheme::HTTP).into();
            if has_body {
                let body = request.take_body().into();
                request.set_body(BoxBody::new(Received::new(body, Arc::clone(&state))));
            }
            async {
                let mut response = self.endpoint.get_response(request).await;
                if self.lifecycle.is_stopping() || state.is_unread() {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                let response: hyper::Response<_> = response.into();
                let state = Arc::clone(&state);
                if response.body().size_hint().exact().is_none() {
                    state.is_endless();
                }
                Ok::<_, Infallible>(response.map(|body| Answer::new(body, state)))
            }
        });
        let mut served = pin!(self.protocol.serve_connection(socket, service));
        loop {
            let order = match select(served.as_mut(), pin!(state.ordered())).await {
                Either::Left((ended, _)) => break note_end(&place, &ended),
                Either::Right((order, _)) => order,
            };
            if order.is_for_the_waiting() {
                // Something may have come that this task has not seen yet: after a look at all
                // sockets, one more try.
                task::yield_now().await;
                if let Either::Left((ended, _)) = select(served.as_mut(), already(())).await {
                    break note_end(&place, &ended);
                }
            }
            if !state.holds(order) {
                continue;
            }
            match order {
                Order::Finish => served.as_mut().graceful_shutdown(),
                Order::HeaderTimeout => break place.closed(Closed::HeaderTimeout),
                Order::KeepAliveTimeout => break place.closed(Closed::KeepAliveTimeout),
                Order::Evict => break place.closed(Closed::Evicted),
                Order::Stalled => break place.closed(Closed::Stalled),
                Order::Quiet | Order::Lingered | Order::Cut => break,
            }
        }
    }
}

/// Sets what is worth nothing more than a try: the connection works without it.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, GONE_MILLIS);
}

fn note_end(place: &Place, ended: &hyper::Result<()>) {
    if ended.as_ref().is_err_and(hyper::Error::is_parse) {
        place.closed(Closed::Malformed);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_client_that_is_gone_is_noticed() -> std::io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (_client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = accepted?;
        prepare(&stream);
        let timeout = rustix::net::sockopt::tcp_user_timeout(&stream)?;
        assert_eq!(timeout, GONE_MILLIS);
        Ok(())
    }
}
