//! `countersign-bench generate`: a database as it would be after a year.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Instant,
};

use countersign_core::MessageRepository as _;
use countersign_sea_orm::{Folding, SqlRepository, SqliteOptions};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Outcome, messages::Messages, process::with_suffix, send::Ids};

/// How many messages a transaction has.
const BATCH: u64 = 5_000;

/// How many messages are folded together.
const FOLD: NonZeroUsize = const { NonZeroUsize::new(65_536).unwrap() };

/// What a database that is closed consists of.
const PARTS: [&str; 2] = ["", "-index"];

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many messages.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// The database to make; one that is there already is left alone.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// In which order ids come.
    #[arg(long, default_value = "ordered")]
    ids: Ids,
}

pub fn run(args: &Args) -> Outcome {
    if args.file.exists() {
        eprintln!("{} is there already", args.file.display());
        return Ok(());
    }
    if let Some(folder) = args.file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Under another name until it is whole.
    let unfinished = args.file.with_extension("unfinished");
    for old in ["", "-wal", "-shm", "-index", "-index-wal", "-index-shm"] {
        let _ = std::fs::remove_file(with_suffix(&unfinished, old));
    }
    let began = Instant::now();
    tokio::runtime::Runtime::new()?.block_on(append(args, &unfinished))?;
    for part in PARTS {
        let unfinished = with_suffix(&unfinished, part);
        if unfinished.exists() {
            std::fs::rename(unfinished, with_suffix(&args.file, part))?;
        }
    }
    eprintln!(
        "{}: {} messages in {:.0} s",
        args.file.display(),
        args.rows,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn append(args: &Args, file: &Path) -> Outcome {
    let options = SqliteOptions {
        folding: Folding::OnDemand,
        ..SqliteOptions::default()
    };
    let repository = SqlRepository::open_sqlite_with(file, options).await?;
    fill(&repository, args.rows, args.ids, BATCH).await?;
    repository.close().await?;
    Ok(())
}

/// Appends the messages, so many in a transaction, and folds them.
pub async fn fill(repository: &SqlRepository, rows: u64, ids: Ids, at_once: u64) -> Outcome {
    let style = "{wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    let progress = ProgressBar::new(rows).with_style(ProgressStyle::with_template(style)?);
    let messages = Messages::new(rows, ids);
    let mut next = 0;
    while next < rows {
        let end = rows.min(next + at_once);
        let batch: Vec<_> = (next..end)
            .map(|number| messages.message(number))
            .collect::<Outcome<_>>()?;
        repository.append(&batch).await?;
        progress.inc(end - next);
        next = end;
    }
    progress.set_position(0);
    // So that the first who opens the database has not to do it.
    loop {
        let step = repository.fold(FOLD).await?;
        progress.inc(step.messages);
        if step.behind == 0 {
            break;
        }
    }
    progress.finish_and_clear();
    Ok(())
}
