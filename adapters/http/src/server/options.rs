//! How connections are kept, and how a server stops.

use std::time::Duration;

use tokio::net::TcpListener;

/// How connections are kept.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// How long the head of a request may take, from its first byte until it is whole; on a new
    /// connection, from when it was accepted.
    pub header_timeout: Duration,
    /// How long a connection may be idle between two requests.
    pub keep_alive_timeout: Duration,
    /// How many connections there may be at once.
    pub max_connections: usize,
    /// How long a client may take nothing of what is sent to it before its connection is closed; or
    /// less than 16 KiB of an answer that has an end.
    pub patience: Duration,
}

impl Default for ConnectionOptions {
    /// Longer idle than the usual balancer's 60 seconds: the one that closes first should be the
    /// one that knows that it won't send.
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(75),
            max_connections: 10_000,
            patience: Duration::from_secs(10),
        }
    }
}

/// How a server stops.
#[derive(Debug, Clone)]
pub struct StopOptions {
    /// For how long it goes on accepting while it says already that it stops, so that whoever sends
    /// it connections learns of it in time.
    pub delay: Duration,
    /// For how long what is in flight may go on after that.
    pub grace: Duration,
}

impl Default for StopOptions {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            grace: Duration::from_secs(5),
        }
    }
}

/// Where connections come from.
#[derive(Debug)]
pub struct Listeners {
    pub(super) sockets: Vec<TcpListener>,
    /// Somebody else goes on listening on them when this server has stopped.
    pub(super) inherited: bool,
}

impl Listeners {
    /// Sockets that somebody else has opened, and keeps open for the next server (systemd): when
    /// this one stops, it leaves to the next one whoever has not been accepted.
    #[must_use]
    pub fn inherited(sockets: Vec<TcpListener>) -> Self {
        Self {
            sockets,
            inherited: true,
        }
    }
}

impl From<TcpListener> for Listeners {
    /// A socket of this server's own, which nobody listens on when it has stopped.
    fn from(socket: TcpListener) -> Self {
        Self {
            sockets: vec![socket],
            inherited: false,
        }
    }
}
