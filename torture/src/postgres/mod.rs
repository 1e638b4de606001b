//! `postgres`: two instances on one PostgreSQL server, under load, while the server is restarted in
//! every way, and an instance is killed now and then.
//!
//! The server is one of its own. What is looked at in the end is in `verdict`; who wants to look at
//! more meanwhile, such as a reader of what arrives, begins and ends with the load.

mod cluster;
mod load;
mod verdict;

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread::{self, ScopedJoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, bail};
use tokio::time::sleep;

use self::{
    cluster::Cluster,
    load::{Load, lock},
};
use crate::{
    context::Context,
    findings::{Findings, Outcome},
    message::Mint,
    server::{Launch, Server},
};

const INSTANCES: usize = 2;

/// For how long there is load between two blows, in milliseconds.
const MOMENT: std::ops::Range<u64> = 300..1500;

/// How soon each instance has to be ready and to store a message, in a release build.
const RECOVERY: Duration = Duration::from_secs(2);

/// When it counts as never.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer may take: a group that fails takes four seconds at the most, and a message
/// may wait for the one before its own.
const SLOWEST: Duration = Duration::from_secs(10);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blow {
    /// The server ends all connections and itself, and recovers from its log.
    Immediate,
    /// It ends all connections, writes everything, and starts again.
    Fast,
    /// The same, but it starts so much later.
    Away(Duration),
    /// SIGKILL for the server's first process.
    Postmaster,
    /// SIGKILL for one of the instances.
    Instance,
}

/// Everything that runs.
struct Stage {
    cluster: Cluster,
    launch: Launch,
    servers: Vec<Server>,
    load: Arc<Load>,
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut random = context.random("postgres");
    let mut findings = Findings::default();
    let cluster = Cluster::start(context.folder()?, &mut random).await?;
    let launch = Launch::on_server(&context.program, &cluster.url);
    let servers = start_at_once(&launch)?;
    let apis = servers.iter().map(Server::api);
    let apis = apis.collect::<anyhow::Result<_>>()?;
    let mint = Mint::new("pg", context.seed, 0..=200)?;
    let load = Arc::new(Load::new(mint, apis));
    let mut stage = Stage {
        cluster,
        launch,
        servers,
        load: Arc::clone(&load),
    };

    let blows = blows(context, &mut random);
    let clients = load.begin(&mut random);
    let mut recoveries: BTreeMap<Blow, Vec<Duration>> = BTreeMap::new();
    for (number, blow) in blows.iter().enumerate() {
        sleep(Duration::from_millis(random.u64(MOMENT))).await;
        let place = format!("{blow:?}, the {}th of {}", number + 1, blows.len());
        let since = match blow {
            Blow::Instance => stage.kill_one(&mut random, &place, &mut findings)?,
            blow => stage.cluster.suffer(*blow).await?,
        };
        let recovery = stage.recovered(since).await.context(place.clone())?;
        if context.release {
            findings.check(recovery <= RECOVERY, || {
                format!("{place}: it takes {recovery:.2?} until both instances store again")
            });
        }
        recoveries.entry(*blow).or_default().push(recovery);
        stage.check_alive(&place, &mut findings)?;
        context.progress("postgres", number + 1, blows.len());
    }
    sleep(Duration::from_millis(random.u64(MOMENT))).await;
    load.end(clients).await;
    for wrong in load.wrong() {
        findings.add(wrong);
    }
    let seen = verdict::judge(&stage.cluster, &load, &mut findings).await?;
    verdict::notices_losses(&stage.cluster, &load, &mut findings).await?;
    stage.end(&mut findings)?;

    let tally = *lock(&load.tally);
    findings.check(tally.slowest <= SLOWEST, || {
        format!("an answer took {:.1?}", tally.slowest)
    });
    let history = lock(&load.history);
    let summary = format!(
        "{} messages sent, {} acknowledged or seen, {} repeats, {} to both at once, {} refused, \
         {} cut off by a kill, the slowest answer after {:.1?}; the fold was up to date after \
         {:.1?}; both instances store again: {}",
        history.sent(),
        history.acknowledged(),
        tally.repeats,
        tally.to_both,
        tally.answers.refused,
        tally.cut_off,
        tally.slowest,
        seen.folded_after,
        recoveries
            .into_iter()
            .map(|(blow, times)| describe(blow, times))
            .collect::<Vec<_>>()
            .join(", "),
    );
    Ok(Outcome { summary, findings })
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

/// What happens, in which order.
fn blows(context: &Context, random: &mut fastrand::Rng) -> Vec<Blow> {
    let away = Duration::from_secs(if context.ci { 2 } else { 5 });
    let mut blows = vec![Blow::Immediate; context.size(4, 20)];
    blows.extend(vec![Blow::Fast; context.size(1, 4)]);
    blows.extend(vec![Blow::Instance; context.size(1, 4)]);
    blows.extend(vec![Blow::Postmaster; context.size(1, 2)]);
    blows.push(Blow::Away(away));
    random.shuffle(&mut blows);
    blows
}

fn describe(blow: Blow, mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!(
        "{blow:?} ({}) {:.0?} at the median, {:.0?} at the most",
        times.len(),
        times[times.len() / 2],
        times[times.len() - 1],
    )
}

impl Stage {
    /// Kills an instance under load, and starts it again. Says when it was started.
    fn kill_one(
        &mut self,
        random: &mut fastrand::Rng,
        place: &str,
        findings: &mut Findings,
    ) -> anyhow::Result<Instant> {
        let instance = random.usize(..self.servers.len());
        self.load.dies(instance);
        let server = self.servers.remove(instance);
        server.kill()?;
        let ended = server.ended()?;
        ended.log.check(place, findings);
        lock(&self.load.history).created(ended.log.created, findings);
        let since = Instant::now();
        let server = self.launch.serve()?;
        self.load.lives(instance, server.api()?);
        self.servers.insert(instance, server);
        Ok(since)
    }

    /// Waits until every instance says that it is ready, and stores a message; says how long after
    /// `since` the last one did.
    async fn recovered(&self, since: Instant) -> anyhow::Result<Duration> {
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
    fn check_alive(&mut self, place: &str, findings: &mut Findings) -> anyhow::Result<()> {
        for (number, server) in self.servers.iter_mut().enumerate() {
            let ended = server.has_ended()?;
            findings.check(!ended, || {
                format!("{place}: instance {number} has ended by itself")
            });
        }
        Ok(())
    }

    /// Ends the instances, then the server.
    fn end(self, findings: &mut Findings) -> anyhow::Result<()> {
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
