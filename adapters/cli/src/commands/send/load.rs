//! Connections that send.
//!
//! All of them live in one thread: what a load generator uses of a machine that it shares with
//! the server, it takes from the server.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_load::HttpClient;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{
    task::JoinSet,
    time::{Sleep, sleep},
};

use super::SendArgs;
use super::{
    report::Report,
    source::{Request, Source},
    target::Target,
};
use crate::stop::Stop;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection waits after a failure, lest it does nothing but fail.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends all messages over all connections.
///
/// # Errors
/// If not even one connection can be made, or the file for the ids cannot be written.
pub async fn run(target: &Target, source: Source, args: &SendArgs) -> Result<Report, Stop> {
    let acknowledged = Acknowledged::create(args)?;
    let first = HttpClient::connect(&target.authority)
        .await
        .map_err(|error| {
            Stop::unavailable(
                format!("{} cannot be reached: {error}", target.authority),
                "is the server running, and is --url right?",
            )
        })?;
    let mut clients = vec![Some(first)];
    for _ in 1..u64::from(args.connections).min(args.messages()) {
        clients.push(HttpClient::connect(&target.authority).await.ok());
    }
    let started = Instant::now();
    let load = Arc::new(Load {
        target: target.clone(),
        source,
        acknowledged,
        interval: args.rate.map(|rate| Duration::from_secs(1) / rate),
        started,
        deadline: args
            .duration
            .map(|seconds| started + Duration::from_secs(seconds.into())),
        done: AtomicU64::new(0),
    });
    let mut sending = JoinSet::new();
    for client in clients {
        sending.spawn(Arc::clone(&load).send_all(client));
    }
    let showing = tokio::spawn(show(Arc::clone(&load), progress(args)));
    let mut report = Report::default();
    while let Some(part) = sending.join_next().await {
        report += part.map_err(|error| Stop::internal(error.to_string()))?;
    }
    report.elapsed = started.elapsed();
    showing.abort();
    if let Some(acknowledged) = &load.acknowledged {
        acknowledged.finish()?;
    }
    Ok(report)
}

/// What all connections share.
struct Load {
    target: Target,
    source: Source,
    acknowledged: Option<Acknowledged>,
    /// Between two messages of all connections together.
    interval: Option<Duration>,
    started: Instant,
    deadline: Option<Instant>,
    done: AtomicU64,
}

impl Load {
    async fn send_all(self: Arc<Self>, mut client: Option<HttpClient>) -> Report {
        let mut report = Report::default();
        let mut patience = pin!(sleep(PATIENCE));
        while let Some(request) = self.source.next().await {
            let Some(due) = self.turn(request.number()).await else {
                break;
            };
            let sent = self.send(&mut client, &request, due, &mut report);
            if !in_time(sent, patience.as_mut()).await {
                client = None;
                report.unanswered();
                sleep(PAUSE).await;
            }
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        report
    }

    /// Waits until the message's turn, and says from when on its answer is waited for; `None` if
    /// the time is up. With a rate it is the planned moment if no connection was free then, so
    /// that a slow answer counts against all that had to wait behind it.
    async fn turn(&self, number: u64) -> Option<Instant> {
        let now = Instant::now();
        let Some(interval) = self.interval else {
            return self.in_time(now).then_some(now);
        };
        let nanos = interval.as_nanos().saturating_mul(u128::from(number));
        let due = self.started + Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX));
        if !self.in_time(due.max(now)) {
            return None;
        }
        if due <= now {
            return Some(due);
        }
        tokio::time::sleep_until(due.into()).await;
        // The timer's own lateness is not the server's.
        Some(Instant::now())
    }

    fn in_time(&self, moment: Instant) -> bool {
        self.deadline.is_none_or(|deadline| moment < deadline)
    }

    async fn send(
        &self,
        client: &mut Option<HttpClient>,
        request: &Request,
        due: Instant,
        report: &mut Report,
    ) -> io::Result<()> {
        let connected = match client {
            Some(connected) if !connected.must_close() => connected,
            _ => client.insert(HttpClient::connect(&self.target.authority).await?),
        };
        let answer = connected.exchange(request.bytes()).await?;
        report.answered(answer.status, due.elapsed(), answer.body);
        if answer.status == 200
            && let Some(acknowledged) = &self.acknowledged
        {
            acknowledged.add(request.id());
        }
        Ok(())
    }
}

/// Whether it succeeds within the patience, which begins now. The timer is only set anew when it
/// goes off, because that costs more than looking at the clock.
async fn in_time(
    sent: impl Future<Output = io::Result<()>>,
    mut patience: Pin<&mut Sleep>,
) -> bool {
    let begun = Instant::now();
    let mut sent = pin!(sent);
    loop {
        tokio::select! {
            biased;
            sent = &mut sent => return sent.is_ok(),
            () = patience.as_mut() => {
                let end = begun + PATIENCE;
                patience.as_mut().reset(end.into());
                if end <= Instant::now() {
                    return false;
                }
            }
        }
    }
}

/// A file with the ids that were answered 200, one a line.
struct Acknowledged(Mutex<BufWriter<File>>);

impl Acknowledged {
    fn create(args: &SendArgs) -> Result<Option<Self>, Stop> {
        let Some(path) = &args.acknowledged else {
            return Ok(None);
        };
        let file = File::create(path).map_err(|error| {
            Stop::configuration(
                format!("{} cannot be written: {error}", path.display()),
                "give --acknowledged a file in a folder that this user can write to",
            )
        })?;
        Ok(Some(Self(Mutex::new(BufWriter::new(file)))))
    }

    fn add(&self, id: &[u8]) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An error stays with the buffer, and comes out in the end.
        let _ = file.write_all(id).and_then(|()| file.write_all(b"\n"));
    }

    fn finish(&self) -> Result<(), Stop> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush().map_err(|error| {
            Stop::unavailable(
                format!("the ids of --acknowledged could not be written: {error}"),
                "is the disk full?",
            )
        })
    }
}

/// On standard error, and only where that is a terminal.
fn progress(args: &SendArgs) -> ProgressBar {
    let (bar, template) = if args.duration.is_some() {
        let template = "{spinner} {human_pos} {per_sec} {elapsed}";
        (ProgressBar::new_spinner(), template)
    } else {
        let template = "{wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
        (ProgressBar::new(args.count), template)
    };
    match ProgressStyle::with_template(template) {
        Ok(style) if args.messages() > 1 => bar.with_style(style),
        _ => ProgressBar::hidden(),
    }
}

/// Moves the bar now and then, until it is aborted.
async fn show(load: Arc<Load>, bar: ProgressBar) {
    /// The bar, away again.
    struct Shown(ProgressBar);
    impl Drop for Shown {
        fn drop(&mut self) {
            self.0.finish_and_clear();
        }
    }
    let bar = Shown(bar);
    loop {
        sleep(Duration::from_millis(100)).await;
        bar.0.set_position(load.done.load(Ordering::Relaxed));
    }
}
