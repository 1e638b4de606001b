//! `countersign copy`: every message into another database, in the order of arrival, and proof that
//! it arrived.

mod digest;
mod transfer;
mod verify;

use std::num::NonZeroUsize;

use clap::Args as ClapArgs;
use countersign_core::{Clock as _, MessageRepository as _, Timestamp};
use countersign_sea_orm::SqlRepository;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    clock::SystemClock,
    lasting::{self, Lasting, failed},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign copy --from sqlite://data/app.db --to sqlite://new/app.db\n  \
    countersign copy --from sqlite://data/app.db --to sqlite://new/app.db --resume\n\n\
    Exit codes: 0 both have the same messages, 65 there is a difference, 66 a database is not \
    there,\n69 unavailable, 78 configuration.")]
pub struct CopyArgs {
    /// The database to copy from, written as `DATABASE_URL` is.
    #[arg(long, env = "COPY_FROM", hide_env_values = true, value_name = "URL")]
    pub from: String,
    /// The database to copy to. It is made if it is not there.
    #[arg(long, env = "COPY_TO", hide_env_values = true, value_name = "URL")]
    pub to: String,
    /// Go on with a copy that was interrupted, or add what is missing in a database that has messages.
    ///
    /// Nothing in it is overwritten: where it has another message under an id, the source's is
    /// recorded as a conflict.
    #[arg(long)]
    pub resume: bool,
    /// Only compare; nothing is copied. What only the target has counts as a difference, too.
    #[arg(long, conflicts_with = "resume")]
    pub verify_only: bool,
}

/// How many messages are read, and committed, at a time.
const BATCH: NonZeroUsize = const { NonZeroUsize::new(1000).unwrap() };

/// How many ids of messages that differ are named.
const NAMED: usize = 5;

/// How long a server may take to write how often messages came again, in microseconds; with much room.
const COUNTED_WITHIN: i64 = 60 * 1_000_000;

/// Copies, and verifies.
pub fn run(args: &CopyArgs) -> Result<(), Stop> {
    let from = Lasting::named(&args.from, "--from")?;
    let to = Lasting::named(&args.to, "--to")?;
    if from.is_same_as(&to) {
        return Err(the_same());
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        // First what must be there, so that nothing is made where there is nothing to copy.
        let source = from.to_read().await?;
        let target = if args.verify_only {
            to.to_read().await?
        } else {
            to.to_write().await?
        };
        // Two URLs may be of one database.
        let here = source.identity().await;
        let outcome = if here.is_some() && here == target.identity().await {
            Err(the_same())
        } else {
            copy_and_verify(args, &source, &target).await
        };
        let closed = lasting::close(target).await;
        // The source is as it was, whether it can be closed properly or not.
        lasting::close(source).await.and(closed).and(outcome)
    })
}

fn the_same() -> Stop {
    Stop::configuration(
        "--from and --to name the same database",
        "name another one to copy to",
    )
}

async fn copy_and_verify(
    args: &CopyArgs,
    source: &SqlRepository,
    target: &SqlRepository,
) -> Result<(), Stop> {
    let counted = SystemClock.now().micros() - COUNTED_WITHIN;
    let counted = Timestamp::from_micros(counted).unwrap_or(Timestamp::MIN);
    let end = if args.verify_only {
        source
            .last_arrival()
            .await
            .map_err(|error| failed(&error))?
    } else {
        let copied = transfer::run(source, target, args.resume).await?;
        stop::print(&format!("{copied}\n"))?;
        copied.up_to
    };
    let comparison = verify::run(source, target, end, counted).await?;
    stop::print(&format!("{comparison}\n"))?;
    comparison.verdict()
}

/// Drawn on standard error, and only where that is a terminal.
fn progress(what: &'static str, length: u64) -> ProgressBar {
    let template = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if length > 0 => ProgressBar::new(length)
            .with_style(style)
            .with_message(what),
        _ => ProgressBar::hidden(),
    }
}
