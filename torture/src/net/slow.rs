//! `slow`: clients that begin something and do not go on, or take nothing of what they asked for.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{self, MissedTickBehavior},
};

use super::{request, visitor::Visitor};
use crate::{
    context::Context,
    database::Database,
    findings::{Findings, Outcome},
    server::{Launch, Process},
};

/// When a connection has to be closed.
const LIMIT: Duration = Duration::from_secs(10);

/// On a machine that has other work too.
const SLACK: Duration = Duration::from_secs(3);

/// What is asked for by those who take nothing: more than a socket's buffers hold.
const LARGE: &str = "/docs";
const TIMES: usize = 40;

/// How long answers may take while all that goes on, at the median, in a release build.
const UNHARMED: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attack {
    /// Says nothing at all.
    Silent,
    /// Half a head, and nothing more.
    HalfHead,
    /// A header, one byte a second.
    TrickledHead,
    /// Half a body, and nothing more.
    HalfBody,
    /// A body, one byte a second.
    TrickledBody,
    /// A body in chunks of one byte, one a second.
    TrickledChunks,
}

impl Attack {
    const ALL: [Self; 6] = [
        Self::Silent,
        Self::HalfHead,
        Self::TrickledHead,
        Self::HalfBody,
        Self::TrickledBody,
        Self::TrickledChunks,
    ];

    /// What is sent at once.
    fn opening(self) -> Vec<u8> {
        let head = request::webhook_head(&"0".repeat(64), 10_000);
        match self {
            Self::Silent => Vec::new(),
            Self::HalfHead | Self::TrickledHead => head[..head.len() / 2].to_vec(),
            Self::TrickledBody => head,
            Self::HalfBody => [head, vec![b'x'; 5000]].concat(),
            Self::TrickledChunks => b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                Transfer-Encoding: chunked\r\n\r\n"
                .to_vec(),
        }
    }

    /// What is sent each second.
    fn drop(self) -> &'static [u8] {
        match self {
            Self::Silent | Self::HalfHead | Self::HalfBody => b"",
            Self::TrickledHead | Self::TrickledBody => b"x",
            Self::TrickledChunks => b"1\r\nx\r\n",
        }
    }
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let each = context.size(100, 1000);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let server = Launch::new(&context.program, &database).serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let process = server.process();
    let mut findings = Findings::default();

    let visitor = Visitor::begin(&server.address, "slow", context.seed)?;
    let (memory, descriptors) = (process.memory()?, process.descriptors()?);
    let address: SocketAddr = server.address.parse()?;
    let mut attacks = JoinSet::new();
    for attack in Attack::ALL {
        for _ in 0..each {
            attacks.spawn(async move { (attack, until_closed(attack, address).await) });
        }
    }
    let takers = each / 2;
    let mut deaf = Vec::with_capacity(takers);
    for _ in 0..takers {
        deaf.push(take_nothing(address).await?);
    }
    let mut slowest = Duration::ZERO;
    let mut all = 0;
    let mut most = memory;
    while let Some(ended) = attacks.join_next().await {
        let (attack, closed) = ended?;
        most = most.max(process.memory()?);
        let closed = closed?;
        all += 1;
        slowest = slowest.max(closed);
        findings.check(closed <= LIMIT + SLACK, || {
            format!("{attack:?}: open for more than {closed:.1?}")
        });
        context.progress("slow", all, each * Attack::ALL.len());
    }
    // Those who take nothing do not notice when they are cut off; the server's own list tells. They
    // are stuck when the buffers are full, which is some time after they have asked.
    let left = until_descriptors(process, descriptors, LIMIT + SLACK).await?;
    findings.check(left <= descriptors + 4, || {
        format!(
            "{} of {takers} clients who take nothing are still connected",
            left - descriptors
        )
    });
    drop(deaf);
    let mut visits = visitor.end().await?;
    visits.check("meanwhile", &mut findings);
    let median = visits.percentile(50);
    findings.check(!context.release || median <= UNHARMED, || {
        format!("meanwhile, an answer took {median:.1?} at the median")
    });
    let stored = Database::beside_server(&database)?.stored()?;
    visits.history.check(&stored, "the end", &mut findings);
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("SIGTERM: it ended with {}", ended.status)
    });
    ended.log.check("the end", &mut findings);
    let summary = format!(
        "{all} half requests closed after {slowest:.1?} at the most, {takers} who take nothing cut off, {} MiB more at \
         the most; meanwhile {} messages, {:.1?} at the median and {:.1?} at p99",
        (most - memory) >> 20,
        visits.latencies.len(),
        median,
        visits.percentile(99),
    );
    Ok(Outcome { summary, findings })
}

/// For how long a connection that does this is kept open; at the most twice as long as it may be.
async fn until_closed(attack: Attack, address: SocketAddr) -> io::Result<Duration> {
    let mut stream = TcpStream::connect(address).await?;
    let began = Instant::now();
    stream.write_all(&attack.opening()).await?;
    let mut seconds = time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut answer = [0; 1024];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => {
                // An answer comes before the end; a reset is an end, too.
                if matches!(read, Ok(0) | Err(_)) {
                    return Ok(began.elapsed());
                }
            }
            _ = seconds.tick() => {
                if stream.write_all(attack.drop()).await.is_err() || began.elapsed() > LIMIT * 2 {
                    return Ok(began.elapsed());
                }
            }
        }
    }
}

/// Asks for much, and reads nothing.
async fn take_nothing(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(address).await?;
    stream.write_all(&request::get(LARGE).repeat(TIMES)).await?;
    Ok(stream)
}

/// Waits until a process has no more descriptors than it had; says how many it has in the end.
async fn until_descriptors(
    process: Process,
    before: usize,
    at_most: Duration,
) -> anyhow::Result<usize> {
    let began = Instant::now();
    loop {
        let now = process.descriptors()?;
        if now <= before + 4 || began.elapsed() > at_most {
            return Ok(now);
        }
        time::sleep(Duration::from_millis(200)).await;
    }
}
