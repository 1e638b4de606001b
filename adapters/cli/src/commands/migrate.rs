//! `countersign migrate`: what a start does to an old database, apart from a start.

use std::num::NonZeroUsize;

use countersign_core::{CauseChain, MessageRepository as _};
use countersign_sea_orm::{FoldError, Folding};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    args::MigrateArgs,
    database_url::{self, Database},
    settings,
    stop::Stop,
    store,
};

/// How many messages are folded between two moves of the progress bar.
const STEP: NonZeroUsize = const { NonZeroUsize::new(32_768).unwrap() };

/// Brings the database's schema and index up to date.
pub fn run(args: &MigrateArgs) -> Result<(), Stop> {
    let url = settings::or_default(&args.database_url, settings::DEFAULT_DATABASE_URL);
    let path = match database_url::parse(url)? {
        Database::SqliteFile(path) => store::absolute(&path)?,
        Database::Memory => {
            return Err(Stop::configuration(
                "DATABASE_URL names no database that lasts",
                "set DATABASE_URL or --database-url to the one that is to be brought up to date",
            ));
        }
    };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        let database = store::open_sqlite(&path, Folding::OnDemand).await?;
        let progress = progress(database.fold_lag().messages);
        loop {
            let step = database.fold(STEP).await.map_err(|error| failed(&error))?;
            progress.inc(step.messages);
            if step.behind == 0 {
                break;
            }
        }
        progress.finish_and_clear();
        let stats = database.stats().await.map_err(|error| {
            Stop::unavailable(CauseChain(&error).to_string(), "start again to go on")
        })?;
        println!(
            "{} is up to date: {} messages",
            path.display(),
            stats.total_messages
        );
        database.close().await.map_err(|error| {
            Stop::unavailable(CauseChain(&error).to_string(), "start again to go on")
        })
    })
}

fn failed(error: &FoldError) -> Stop {
    Stop::unavailable(
        CauseChain(error).to_string(),
        "is the disk full? What is done so far is kept: start again to go on",
    )
}

fn progress(messages: u64) -> ProgressBar {
    // Drawn on standard error, and only where that is a terminal.
    let template = "indexing {wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if messages > 0 => ProgressBar::new(messages).with_style(style),
        _ => ProgressBar::hidden(),
    }
}
