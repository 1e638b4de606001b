//! The sockets to listen on: those that systemd hands over, or one of our own.

use std::{io, net::SocketAddr};

use countersign_http::Listeners;
use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;
use tokio::net::{TcpListener, TcpSocket};

use crate::stop::Stop;

/// How many connections may wait to be accepted; the system's own limit (`somaxconn`) is usually
/// the same.
const BACKLOG: u32 = 4096;

/// Sockets that were handed over at the start (`LISTEN_FDS`, as of `sd_listen_fds(3)`).
pub struct Inherited(Vec<std::net::TcpListener>);

impl Inherited {
    /// Must be called once, and first: it takes the variables out of the environment.
    ///
    /// # Errors
    /// If one is not a TCP socket that listens.
    pub fn take() -> Result<Self, Stop> {
        let mut handed_over = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..handed_over.len() {
            let socket = handed_over.take_tcp_listener(index);
            let socket = socket.and_then(|socket| {
                let socket = socket.ok_or(io::ErrorKind::NotFound)?;
                if !socket_acceptconn(&socket)? {
                    return Err(io::Error::other("the socket does not listen"));
                }
                socket.set_nonblocking(true)?;
                Ok(socket)
            });
            sockets.push(socket.map_err(|error| {
                Stop::configuration(
                    format!(
                        "LISTEN_FDS hands over something that cannot be served on, at place \
                         {index}: {error}"
                    ),
                    "in the systemd .socket unit, use ListenStream=HOST:PORT (TCP) and Accept=no",
                )
            })?);
        }
        Ok(Self(sockets))
    }

    /// What was handed over; if nothing was, a socket of our own.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub fn or_bind(self, bind: SocketAddr) -> Result<(Listeners, Vec<SocketAddr>), Stop> {
        let failed = |error: io::Error| {
            Stop::unavailable(
                format!("cannot listen on {bind}: {error}"),
                "another program may have this address: stop it, or set BIND or --bind to another \
                 one",
            )
        };
        if self.0.is_empty() {
            let listener = listen(bind).map_err(failed)?;
            let address = listener.local_addr().map_err(failed)?;
            return Ok((listener.into(), vec![address]));
        }
        let sockets = self.0.into_iter().map(|socket| {
            let listener = TcpListener::from_std(socket)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        let (sockets, addresses): (Vec<_>, Vec<_>) = sockets
            .collect::<io::Result<Vec<_>>>()
            .map_err(|error| {
                Stop::internal(format!("the sockets handed over cannot be used: {error}"))
            })?
            .into_iter()
            .unzip();
        tracing::info!(
            sockets = addresses.len(),
            bind = %bind,
            "listening on sockets that were handed over; BIND is ignored"
        );
        Ok((Listeners::inherited(sockets), addresses))
    }
}

fn listen(bind: SocketAddr) -> io::Result<TcpListener> {
    let socket = match bind {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // What is left of connections to the one before does not keep this one from starting.
    socket.set_reuseaddr(true)?;
    socket.bind(bind)?;
    socket.listen(BACKLOG)
}
