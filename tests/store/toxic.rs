//! A proxy that makes the way to a server as bad as ways can be.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// What happens to what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toxic {
    /// Nothing.
    None,
    /// It is late.
    Latency(Duration),
    /// It arrives a byte at a time.
    Slices,
    /// It is swallowed, and nobody is told.
    Blackhole,
    /// The connection is reset as soon as anything passes.
    Reset,
    /// The server gets what it is sent, and when it answers, the connection is reset.
    ResetAnswers,
}

/// The proxy, until it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    toxic: watch::Sender<Toxic>,
    /// Whether anything was done to what passed since the toxic was set.
    struck: Arc<AtomicBool>,
    _accepting: JoinSet<()>,
}

impl Proxy {
    pub async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (toxic, toxics) = watch::channel(Toxic::None);
        let struck = Arc::new(AtomicBool::new(false));
        let mut accepting = JoinSet::new();
        let strikes = Arc::clone(&struck);
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (server, toxics) = (server.clone(), toxics.clone());
                let struck = Arc::clone(&strikes);
                connections.spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        relay(client, server, toxics, struck).await;
                    }
                });
            }
        });
        Self {
            address,
            toxic,
            struck,
            _accepting: accepting,
        }
    }

    pub fn set(&self, toxic: Toxic) {
        self.struck.store(false, Ordering::SeqCst);
        self.toxic.send_replace(toxic);
    }

    pub fn has_struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

async fn relay(
    client: TcpStream,
    server: TcpStream,
    toxics: watch::Receiver<Toxic>,
    struck: Arc<AtomicBool>,
) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket");
        // Dropping it then resets the connection.
        stream.set_zero_linger().expect("a socket");
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pass(
        Direction::ToServer,
        from_client,
        to_server,
        &toxics,
        &struck,
    );
    let back = pass(
        Direction::ToClient,
        from_server,
        to_client,
        &toxics,
        &struck,
    );
    // Whichever ends first ends the other.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}

async fn pass(
    direction: Direction,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    toxics: &watch::Receiver<Toxic>,
    struck: &AtomicBool,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let toxic = *toxics.borrow();
        if toxic != Toxic::None {
            struck.store(true, Ordering::SeqCst);
        }
        let passed = match toxic {
            Toxic::None => to.write_all(bytes).await,
            Toxic::Latency(latency) => {
                tokio::time::sleep(latency).await;
                to.write_all(bytes).await
            }
            Toxic::Slices => slices(bytes, &mut to).await,
            Toxic::Blackhole => Ok(()),
            Toxic::ResetAnswers if direction == Direction::ToServer => to.write_all(bytes).await,
            Toxic::Reset | Toxic::ResetAnswers => return,
        };
        if passed.is_err() {
            return;
        }
    }
}

async fn slices(bytes: &[u8], to: &mut OwnedWriteHalf) -> std::io::Result<()> {
    for byte in bytes {
        to.write_all(std::slice::from_ref(byte)).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
