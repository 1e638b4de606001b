//! `clock`: the wall clock jumps under load, ahead and back, to 1970 and beyond 2106.
//!
//! It is libfaketime that does it to the program, and to nobody else: it puts itself between the
//! program and the system's clock, and reads from a file how far that is off. Timers go by the
//! monotonic clock, which is left alone, as it is by whoever sets the time of a machine.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use countersign_core::Timestamp;
use countersign_hmac::{Scheme, Signer};
use reqwest::StatusCode;
use tokio::time::sleep;

use crate::{
    api::Answer,
    context::Context,
    findings::{Findings, Outcome},
    follow::Follower,
    load::{Load, lock},
    message::{Mint, SECRET},
    server::Launch,
    settle::{end, settle},
};

const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// A source whose signatures say when they were made, and for how many seconds they hold.
const SOURCE: &str = "
[[source]]
name = \"stamped\"
scheme = \"stripe\"
secrets = [{ label = \"only\", env = \"STAMPED_SECRET\" }]
";
const TOLERANCE: i64 = 300;

/// Between what must be inside and what must be outside, in seconds: the clock goes on meanwhile.
const MARGIN: i64 = 30;

/// How late an answer may be: a message has 2.5 seconds, and the machine has other work.
const LATEST: Duration = Duration::from_secs(4);

/// In seconds since 1970: just before 32 bits without a sign are too few, and with a sign.
const LAST_OF_32_BITS: i64 = 4_294_967_294;
const LAST_OF_31_BITS: i64 = 2_147_483_646;

/// Where it jumps to.
#[derive(Debug, Clone, Copy)]
enum Jump {
    /// So many seconds from the true time.
    By(i64),
    /// To so many seconds after 1970.
    To(i64),
}

const JUMPS: [Jump; 6] = [
    Jump::By(3600),
    Jump::By(-3600),
    Jump::To(5),
    Jump::To(LAST_OF_31_BITS),
    Jump::To(LAST_OF_32_BITS),
    Jump::By(0),
];

/// The clock that the program sees.
struct Clock {
    file: PathBuf,
    /// Seconds that it is ahead of the true one.
    ahead: i64,
}

impl Clock {
    fn new(file: PathBuf) -> anyhow::Result<Self> {
        let mut clock = Self { file, ahead: 0 };
        clock.set(Jump::By(0))?;
        Ok(clock)
    }

    fn set(&mut self, jump: Jump) -> anyhow::Result<()> {
        self.ahead = match jump {
            Jump::By(seconds) => seconds,
            Jump::To(instant) => instant - present()?,
        };
        // Never half a file.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{:+}\n", self.ahead))?;
        Ok(fs::rename(new, &self.file)?)
    }

    /// What it says, in seconds since 1970.
    fn now(&self) -> anyhow::Result<i64> {
        Ok(present()? + self.ahead)
    }
}

/// The true time, in seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "it is the machine's clock that is meant"
)]
fn present() -> anyhow::Result<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(since.as_secs().try_into()?)
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let Some(library) = library() else {
        return Ok(Outcome::skipped("needs libfaketime"));
    };
    let mut findings = Findings::default();
    let mut random = context.random("clock");
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let mut clock = Clock::new(folder.path().join("clock"))?;
    let sources = folder.path().join("sources.toml");
    fs::write(&sources, SOURCE)?;
    let launch = Launch::new(&context.program, &database)
        .with("CONFIG_FILE", sources.display())
        .with("STAMPED_SECRET", SECRET)
        .with("LD_PRELOAD", library.display())
        .with("FAKETIME_TIMESTAMP_FILE", clock.file.display())
        .with("FAKETIME_NO_CACHE", 1)
        .with("FAKETIME_DONT_FAKE_MONOTONIC", 1)
        .with("DONT_FAKE_MONOTONIC", 1);
    let server = launch.serve()?;
    let mint = Mint::new("clock", context.seed, 0..=200)?;
    let load = Arc::new(Load::new(mint, vec![server.api()?]));
    let mut stamped = Stamped::new(context.seed)?;
    let reader = Follower::begin(&load, 0);
    let clients = load.begin(&mut random);

    let rounds = context.size(1, 6);
    for round in 0..rounds {
        let mut jumps = JUMPS;
        random.shuffle(&mut jumps);
        for jump in jumps {
            clock.set(jump)?;
            let place = format!("{jump:?}, round {round}");
            stamped.send(&clock, &load, &place, &mut findings).await?;
            sleep(Duration::from_millis(random.u64(300..1200))).await;
            stamped.send(&clock, &load, &place, &mut findings).await?;
            let ready = load.api(0).is_ready().await;
            findings.check(ready, || format!("{place}: it is not ready"));
        }
        // Back, and again back, while messages are on their way.
        for step in 0..20 {
            clock.set(Jump::By(-7 * step))?;
            sleep(Duration::from_millis(random.u64(10..100))).await;
        }
        context.progress("clock", round + 1, rounds);
    }

    // One that starts long before what is stored was stored.
    clock.set(Jump::To(5))?;
    let place = "a start in 1970";
    let new = launch.serve()?;
    new.ready(&new.api()?).await?;
    load.lives(0, new.api()?);
    end(server, "the end of the first", &load, &mut findings)?;
    stamped.send(&clock, &load, place, &mut findings).await?;
    sleep(Duration::from_secs(1)).await;
    load.end(clients).await;
    let stored = settle(&load, &database, &mut findings).await?;
    reader.end(&stored, &mut findings).await?;
    end(new, place, &load, &mut findings)?;
    let tally = *lock(&load.tally);
    findings.check(tally.answers.refused == 0, || {
        format!("{} messages were refused", tally.answers.refused)
    });
    findings.check(tally.slowest <= LATEST, || {
        format!("an answer took {:.1?}", tally.slowest)
    });
    let history = lock(&load.history);
    let summary = format!(
        "{} jumps, {} messages sent, {} acknowledged or seen, of stamped ones {} taken and {} refused with 401; \
         the slowest answer after {:.1?}",
        rounds * (JUMPS.len() + 20),
        history.sent(),
        history.acknowledged(),
        stamped.taken,
        stamped.refused,
        tally.slowest,
    );
    drop(history);
    Ok(Outcome { summary, findings })
}

/// Where distributions put it: for Debian, in a folder of the architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    let folders = folders.filter_map(|folder| Some(folder.ok()?.path()));
    folders
        .chain(["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from))
        .map(|folder| folder.join(LIBRARY))
        .find(|library| Path::is_file(library))
}

/// A provider that signs with the time.
struct Stamped {
    signer: Signer,
    mint: Mint,
    taken: usize,
    refused: usize,
}

impl Stamped {
    fn new(seed: u64) -> anyhow::Result<Self> {
        Ok(Self {
            signer: Signer::new(Scheme::Stripe, SECRET)?,
            mint: Mint::new("stamped", seed, 0..=50)?,
            taken: 0,
            refused: 0,
        })
    }

    /// What is signed now, by the program's clock, is taken, and what is not, is refused; by the
    /// true clock, too, where that is far off.
    async fn send(
        &mut self,
        clock: &Clock,
        load: &Load,
        place: &str,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let offsets = [
            (0, true),
            (MARGIN - TOLERANCE, true),
            (TOLERANCE - MARGIN, true),
            (-TOLERANCE - MARGIN, false),
            (TOLERANCE + MARGIN, false),
            (-clock.ahead, clock.ahead.abs() <= TOLERANCE),
        ];
        for (offset, taken) in offsets {
            let signed_at = clock.now()? + offset;
            if signed_at < 0 {
                continue;
            }
            let message = self.mint.make();
            let at = Timestamp::from_micros(signed_at * 1_000_000).context("no such time")?;
            let headers = self
                .signer
                .headers(&message.id, at, message.body.as_bytes());
            if taken {
                lock(&load.history).invoke(&message);
            }
            let api = load.api(0);
            match api.post("/webhook/stamped", &headers, &message.body).await {
                Answer::Stored if taken => {
                    lock(&load.history).acknowledge(&message.id);
                    self.taken += 1;
                }
                Answer::Other(StatusCode::UNAUTHORIZED) if !taken => self.refused += 1,
                other => findings.add(format!(
                    "{place}: what is signed {offset} s from now is answered {other:?}"
                )),
            }
        }
        Ok(())
    }
}
