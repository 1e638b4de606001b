//! `countersign migrate`: what a start does to an old database, apart from a start.

use std::num::NonZeroUsize;

use clap::Args as ClapArgs;
use countersign_core::{CauseChain, MessageRepository as _};
use countersign_sea_orm::{FoldError, Folding, SqlRepository};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    database_url::{self, Database},
    settings,
    stop::{self, Stop},
    store,
};

#[derive(Debug, ClapArgs)]
pub struct MigrateArgs {
    /// Where messages are kept: `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// Only say which migrations are pending; the exit code is 69 if any are, and 0 if none.
    #[arg(long)]
    pub status: bool,
}

/// How many messages are folded between two moves of the progress bar.
const STEP: NonZeroUsize = const { NonZeroUsize::new(32_768).unwrap() };

/// Brings the database's schema and index up to date, or says whether they are.
pub fn run(args: &MigrateArgs) -> Result<(), Stop> {
    let url = settings::or_default(&args.database_url, settings::DEFAULT_DATABASE_URL);
    let database = database_url::parse(url)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    if args.status {
        runtime.block_on(status(&database))
    } else {
        runtime.block_on(migrate(&database))
    }
}

async fn migrate(database: &Database) -> Result<(), Stop> {
    let name = name(database)?;
    let database = store::open_sql(database, Folding::OnDemand, None).await?;
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
    stop::print(&format!(
        "{name} is up to date: {} messages\n",
        stats.total_messages
    ))?;
    database
        .close()
        .await
        .map_err(|error| Stop::unavailable(CauseChain(&error).to_string(), "start again to go on"))
}

/// Says what is pending, changes nothing, and fails if anything is.
async fn status(database: &Database) -> Result<(), Stop> {
    let name = name(database)?;
    let pending = match database {
        Database::Memory => return Err(store::forgetful()),
        Database::SqliteFile(path) => SqlRepository::pending_migrations_of_sqlite(path).await,
        Database::Postgres(url) => SqlRepository::pending_migrations_of_postgres(url).await,
    };
    let pending = pending.map_err(|error| store::cannot_open(&name, &error))?;
    if pending.is_empty() {
        return stop::print(&format!("{name}: every migration is applied\n"));
    }
    for migration in &pending {
        stop::print(&format!("pending: {migration}\n"))?;
    }
    Err(Stop::unavailable(
        format!("{name}: {} migrations are pending", pending.len()),
        "run countersign migrate, or start the service, which does it by itself",
    ))
}

/// The database, as it may be shown.
fn name(database: &Database) -> Result<String, Stop> {
    match database {
        Database::Memory => Err(store::forgetful()),
        Database::SqliteFile(path) => Ok(path.display().to_string()),
        Database::Postgres(url) => Ok(url.to_string()),
    }
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
