//! What is on stage: the server and the instances; and what befalls them.

use std::{
    sync::Arc,
    thread::{self, ScopedJoinHandle},
    time::{Duration, Instant},
};

use anyhow::{anyhow, bail};
use tokio::time::sleep;

use super::{Blow, INSTANCES, cluster::Cluster};
use crate::{
    findings::Findings,
    load::{Load, lock},
    message::Mint,
    server::{Launch, Server},
};

/// When an instance counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Everything that runs. The instances end before the server does.
pub struct Stage {
    servers: Vec<Server>,
    pub load: Arc<Load>,
    launch: Launch,
    pub cluster: Cluster,
}

impl Stage {
    /// Starts the instances.
    pub fn set(cluster: Cluster, launch: Launch, mint: Mint) -> anyhow::Result<Self> {
        let servers = start_at_once(&launch)?;
        let apis = servers.iter().map(Server::api);
        let apis = apis.collect::<anyhow::Result<_>>()?;
        Ok(Self {
            load: Arc::new(Load::new(mint, apis)),
            servers,
            launch,
            cluster,
        })
    }

    /// Lets it happen. Says since when everything could be well again.
    pub async fn strike(
        &mut self,
        blow: Blow,
        random: &mut fastrand::Rng,
        place: &str,
        findings: &mut Findings,
    ) -> anyhow::Result<Instant> {
        let launch = self.launch.clone();
        match blow {
            Blow::Instance => {
                let instance = self.kill_one(random, place, findings)?;
                let since = Instant::now();
                self.enter(instance, launch.serve()?)?;
                Ok(since)
            }
            Blow::Cold(away) => {
                let instance = self.kill_one(random, place, findings)?;
                let starting = async {
                    // The server is away by then.
                    sleep(away / 2).await;
                    tokio::task::spawn_blocking(move || launch.serve()).await?
                };
                let absence = self.cluster.suffer(Blow::Away(away));
                let (since, server) = tokio::try_join!(absence, starting)?;
                self.enter(instance, server)?;
                Ok(since)
            }
            blow => self.cluster.suffer(blow).await,
        }
    }

    /// Kills an instance under load; says which.
    fn kill_one(
        &mut self,
        random: &mut fastrand::Rng,
        place: &str,
        findings: &mut Findings,
    ) -> anyhow::Result<usize> {
        let instance = random.usize(..self.servers.len());
        self.load.dies(instance);
        let server = self.servers.remove(instance);
        server.kill()?;
        let ended = server.ended()?;
        ended.log.check(place, findings);
        lock(&self.load.history).created(ended.log.created, findings);
        Ok(instance)
    }

    /// An instance is there again.
    fn enter(&mut self, instance: usize, server: Server) -> anyhow::Result<()> {
        self.load.lives(instance, server.api()?);
        self.servers.insert(instance, server);
        Ok(())
    }

    /// Waits until every instance says that it is ready, and stores a message; says how long after
    /// `since` the last one did.
    pub async fn recovered(&self, since: Instant) -> anyhow::Result<Duration> {
        let recovering = (0..self.servers.len()).map(|instance| async move {
            let api = self.load.api(instance);
            while !api.is_ready().await || !self.load.send(instance).await {
                if since.elapsed() > PATIENCE {
                    bail!("instance {instance} does not recover");
                }
                sleep(PAUSE).await;
            }
            Ok(since.elapsed())
        });
        let recovered = futures_util::future::try_join_all(recovering).await?;
        Ok(recovered.into_iter().max().unwrap_or_default())
    }

    /// No instance has ended.
    pub fn check_alive(&mut self, place: &str, findings: &mut Findings) -> anyhow::Result<()> {
        for (number, server) in self.servers.iter_mut().enumerate() {
            let ended = server.has_ended()?;
            findings.check(!ended, || {
                format!("{place}: instance {number} has ended by itself")
            });
        }
        Ok(())
    }

    /// Ends the instances, then the server.
    pub fn end(self, findings: &mut Findings) -> anyhow::Result<()> {
        for server in self.servers {
            let ended = server.terminate()?;
            findings.check(ended.status.success(), || {
                format!("SIGTERM: it ended with {}", ended.status)
            });
            ended.log.check("the end", findings);
            lock(&self.load.history).created(ended.log.created, findings);
        }
        Ok(())
    }
}

/// All instances at the same time: one of them makes the schema, the others wait for it.
fn start_at_once(launch: &Launch) -> anyhow::Result<Vec<Server>> {
    thread::scope(|scope| {
        let starting: Vec<_> = (0..INSTANCES)
            .map(|_| scope.spawn(|| launch.serve()))
            .collect();
        let started = starting.into_iter().map(ScopedJoinHandle::join);
        let started = started.map(|server| server.map_err(|_| anyhow!("a start panicked"))?);
        started.collect()
    })
}
