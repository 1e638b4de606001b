//! Connections: how they are accepted, kept and ended.
//!
//! Every connection is a task (`connection`), in which hyper reads and writes through `socket`. What it
//! is at, it notes in its `state`, which costs a request a few stores; one task, the `reaper`, looks
//! at all of them a few times a second and ends those that are overdue. `accept` takes connections
//! in, and makes room for them among those in the `registry` that only wait.

mod accept;
mod body;
mod connection;
mod lifecycle;
mod metrics;
mod options;
mod phase;
mod reaper;
mod refusal;
mod registry;
mod socket;
mod state;
mod ticks;

use std::{io, sync::Arc, time::Duration};

use opentelemetry::metrics::Meter;
use poem::{Endpoint, IntoResponse};
use tokio::{task::JoinSet, time};

use self::{
    accept::Door, connection::Host, lifecycle::Stage, metrics::ConnectionCounters,
    refusal::Refusals, registry::Registry, ticks::Ticks,
};
pub use self::{
    lifecycle::Lifecycle,
    options::{ConnectionOptions, Listeners, StopOptions},
    state::Connected,
};

/// How long connections that were cut off may take to be gone.
const CUT_OFF: Duration = Duration::from_secs(1);

/// What is needed to serve connections.
pub struct Server {
    pub connections: ConnectionOptions,
    pub stop: StopOptions,
    pub lifecycle: Arc<Lifecycle>,
    pub meter: Meter,
}

impl Server {
    /// Answers requests until `stopping` completes; then stops, step by step. `end_streams` ends
    /// what has no end of its own.
    ///
    /// # Errors
    /// If a task without which there is no service has ended before, which is a fault of this
    /// program. It has stopped then, too.
    pub async fn serve<E>(
        self,
        endpoint: E,
        listeners: Listeners,
        stopping: impl Future<Output = ()>,
        end_streams: impl FnOnce(),
    ) -> io::Result<()>
    where
        E: Endpoint<Output: IntoResponse> + 'static,
    {
        let Self {
            connections,
            stop,
            lifecycle,
            meter,
        } = self;
        let registry = Arc::new(Registry::new(
            Arc::new(Ticks::new()),
            ConnectionCounters::new(&meter),
            connections.max_connections,
        ));
        let door = Arc::new(Door {
            host: Arc::new(Host {
                endpoint,
                protocol: connection::protocol(),
                lifecycle: Arc::clone(&lifecycle),
            }),
            registry: Arc::clone(&registry),
            refusals: Refusals::new(connections.max_connections),
        });
        // Whatever is in a set ends with it.
        let mut reaping = JoinSet::new();
        reaping.spawn(reaper::reap(
            Arc::clone(&registry),
            Arc::clone(&lifecycle),
            connections,
        ));
        let mut doors = JoinSet::new();
        for socket in listeners.sockets {
            doors.spawn(Arc::clone(&door).keep(socket, listeners.inherited));
        }

        let served = tokio::select! {
            () = stopping => Ok(()),
            _ = reaping.join_next() => Err(io::Error::other("connections are not watched any more")),
            _ = doors.join_next() => Err(io::Error::other("connections are not accepted any more")),
        };
        lifecycle.enter(Stage::Draining);
        tracing::info!(
            connections = registry.len(),
            delay_seconds = stop.delay.as_secs_f64(),
            "not ready any more, and still accepting connections"
        );
        time::sleep(stop.delay).await;
        lifecycle.enter(Stage::Finishing);
        while doors.join_next().await.is_some() {}
        tracing::info!(
            connections = registry.len(),
            "no longer accepting connections"
        );
        end_streams();
        if time::timeout(stop.grace, registry.emptied()).await.is_err() {
            tracing::warn!(
                connections = registry.len(),
                grace_seconds = stop.grace.as_secs_f64(),
                "connections are cut off that did not end in time"
            );
            registry.for_each(|state| state.cut());
            // They have nothing left to wait for.
            let _ = time::timeout(CUT_OFF, registry.emptied()).await;
        }
        served
    }
}
