//! Connections come.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{Endpoint, IntoResponse};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{self, Instant},
};

use super::{
    connection::Host,
    lifecycle::{Lifecycle, Stage},
    refusal::Refusals,
    registry::{Eviction, Registry},
};

/// How long to wait where the machine, or this server, has no room for one more connection. Those
/// that come wait in the listener's queue.
const PAUSE: Duration = Duration::from_millis(50);

/// For how long it is not said again that there is no room.
const SAID: Duration = Duration::from_mins(1);

/// How many of those that wait are taken at the end: as many as the queue holds, and not those that
/// come for as long as somebody sends them.
const LAST_TAKEN: usize = 4096;

/// How often it is tried again to take them where there is no descriptor for one: for a second.
const LAST_TRIES: usize = 20;

/// What takes connections in.
pub struct Door<E> {
    pub host: Arc<Host<E>>,
    pub registry: Arc<Registry>,
    pub refusals: Refusals,
}

impl<E> Door<E>
where
    E: Endpoint<Output: IntoResponse> + 'static,
{
    /// Takes connections until the server ends; then, if nobody else will, those that wait.
    pub async fn keep(self: Arc<Self>, listener: TcpListener, inherited: bool) {
        let mut trouble = Spell::default();
        let mut full = Spell::default();
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.lifecycle().reaches(Stage::Finishing) => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, remote)) => self.take(stream, remote, &mut full).await,
                Err(error) if concerns_one(&error) => {}
                Err(error) => {
                    if trouble.begins() {
                        tracing::error!(
                            cause = %error,
                            connections = self.registry.len(),
                            help = "if these are too many open files, raise the limit (ulimit -n, \
                                    LimitNOFILE) or lower MAX_CONNECTIONS",
                            "connections cannot be accepted"
                        );
                    }
                    self.registry.evict();
                    time::sleep(PAUSE).await;
                }
            }
        }
        if !inherited {
            self.empty(listener).await;
        }
    }

    /// A connection, if there is room for it; and, if somebody only waits, there is.
    async fn take(&self, stream: TcpStream, remote: SocketAddr, full: &mut Spell) {
        let mut stream = stream;
        while !self.registry.has_room() {
            match self.registry.evict() {
                Eviction::Told => {
                    // It takes a moment, in which there would be one too many.
                    let _ = time::timeout(PAUSE, self.registry.made_room()).await;
                    break;
                }
                Eviction::NotBefore(then) => {
                    let _ = time::timeout_at(then, self.registry.made_room()).await;
                    continue;
                }
                Eviction::Nobody => {}
            }
            if full.begins() {
                tracing::warn!(
                    connections = self.registry.len(),
                    help = "MAX_CONNECTIONS, or the limit of open files, is too low for this load, \
                            or somebody holds connections open on purpose",
                    "there are too many connections: new ones are answered 503"
                );
            }
            match self.refusals.refuse(stream) {
                Ok(()) => return self.registry.counters.refused(),
                Err(back) => stream = back,
            }
            time::sleep(PAUSE).await;
            if self.lifecycle().is_finishing() {
                break;
            }
        }
        self.attend(stream, remote);
    }

    fn attend(&self, stream: TcpStream, remote: SocketAddr) {
        let place = self.registry.enter();
        let local = stream.local_addr().ok();
        tokio::spawn(Arc::clone(&self.host).attend(stream, local, remote, place));
    }

    /// Takes in whoever has connected and was not accepted yet: closing the listener would reset
    /// them.
    async fn empty(&self, listener: TcpListener) {
        // Asked directly: the runtime may not know yet that there is one.
        let Ok(listener) = listener.into_std() else {
            return;
        };
        let mut tries = 0;
        for _ in 0..LAST_TAKEN {
            let accepted = listener.accept().and_then(|(stream, remote)| {
                stream.set_nonblocking(true)?;
                Ok((TcpStream::from_std(stream)?, remote))
            });
            match accepted {
                Ok((stream, remote)) => self.attend(stream, remote),
                Err(error) if concerns_one(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // There is no descriptor for it: whoever has nothing in flight ends now, and gives
                // one back.
                Err(_) if tries < LAST_TRIES => {
                    tries += 1;
                    self.registry.evict();
                    time::sleep(PAUSE).await;
                }
                Err(_) => return,
            }
        }
    }

    fn lifecycle(&self) -> &Lifecycle {
        &self.host.lifecycle
    }
}

/// Whether only one connection is lost, and the next can be accepted.
fn concerns_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::Interrupted
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::TimedOut
    )
}

/// A time of trouble, which is said once.
#[derive(Default)]
struct Spell(Option<Instant>);

impl Spell {
    /// Whether it has not been said for long.
    fn begins(&mut self) -> bool {
        let now = Instant::now();
        let begins = self.0.is_none_or(|said| now > said + SAID);
        if begins {
            self.0 = Some(now);
        }
        begins
    }
}
