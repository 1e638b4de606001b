//! Connections.

use std::{io, time::Duration};

use poem::{
    Endpoint, Server,
    http::uri::Scheme,
    listener::{Acceptor, TcpAcceptor},
    web::{LocalAddr, RemoteAddr},
};
use tokio::net::{TcpListener, TcpStream};

/// How long a connection may be idle. Longer than the usual balancer's 60 seconds: the one that
/// closes first should be the one that knows that it won't send.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

pub async fn serve(
    endpoint: impl Endpoint + 'static,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) -> io::Result<()> {
    Server::new_with_acceptor(NoDelay(TcpAcceptor::from_tokio(listener)?))
        .idle_timeout(IDLE_TIMEOUT)
        .run_with_graceful_shutdown(endpoint, shutdown, Some(grace))
        .await
}

/// Sends an answer at once, instead of waiting for more to send with it.
struct NoDelay(TcpAcceptor);

impl Acceptor for NoDelay {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.0.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        let connection = self.0.accept().await?;
        // Worth nothing more than a try: the connection works without it.
        let _ = connection.0.set_nodelay(true);
        Ok(connection)
    }
}
