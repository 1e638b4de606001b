//! `countersign export`: every message into a file, in the order of arrival.

mod output;

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args as ClapArgs;
use countersign_core::{ArrivalQuery, Message, MessageFilter, MessageRepository as _, Sequence};
use countersign_sea_orm::SqlRepository;
use indicatif::{ProgressBar, ProgressStyle};

use self::output::Output;
use crate::{
    lasting::{self, Lasting, failed},
    record::{Format, csv, has_more_fields, ndjson},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "In CSV, a field that a spreadsheet would take for a formula (it begins with \
    =, +, -, @, TAB\nor CR; phone numbers do) or that begins with an apostrophe has one more \
    apostrophe in front.\nNo text is an empty field, and the empty text a lone apostrophe. import \
    reads it back as it was.\n\n\
    Examples:\n  \
    countersign export --output messages.ndjson\n  \
    countersign export --format csv | head\n\n\
    Exit codes: 0 done, 66 the database is not there, 69 unavailable, 73 the file cannot be made,\n\
    78 configuration."
)]
pub struct ExportArgs {
    /// Where messages are kept: `sqlite://FILE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// The format; by default CSV if the file's name ends with .csv, NDJSON otherwise.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The file to write to, instead of standard output. It appears when it is complete.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// How many messages are read and written at a time.
const BATCH: NonZeroUsize = const { NonZeroUsize::new(1000).unwrap() };

/// Exports what is there, until it has caught up with who writes.
pub fn run(args: &ExportArgs) -> Result<(), Stop> {
    let from = Lasting::parse(&args.database_url)?;
    let format = Format::choose(args.format, args.output.as_deref());
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        let source = from.to_read().await?;
        let exported = export(args, format, &source).await;
        lasting::close(source).await.and(exported)
    })
}

async fn export(args: &ExportArgs, format: Format, source: &SqlRepository) -> Result<(), Stop> {
    let mut output = Output::open(args.output.as_deref(), args.force)?;
    let bar = match (&args.output, source.count().await) {
        (Some(_), Ok(messages)) => progress(messages),
        _ => ProgressBar::hidden(),
    };
    let mut buffer = Vec::new();
    let columns = match source.has_sources_or_keys().await {
        Ok(true) => csv::Columns::All,
        Ok(false) => csv::Columns::Always,
        Err(error) => return Err(failed(&error)),
    };
    if format == Format::Csv {
        csv::write_header(columns, &mut buffer);
    }
    let (mut after, mut written) = (Sequence::START, 0);
    loop {
        let part = source.arrivals(&behind(after)).await;
        let part = part.map_err(|error| failed(&error))?;
        let messages = part.items.into_iter().map(|arrival| arrival.message);
        let messages: Vec<Message> = messages.collect();
        match format {
            Format::Ndjson => ndjson::write(&messages, &mut buffer),
            Format::Csv => {
                if columns == csv::Columns::Always && messages.iter().any(has_more_fields) {
                    return Err(Stop::unavailable(
                        "a message that has more columns than the file has arrived meanwhile",
                        "run the same again",
                    ));
                }
                csv::write(&messages, columns, &mut buffer)
                    .map_err(|error| Stop::internal(error.to_string()))?;
            }
        }
        if !output.write(&buffer)? {
            // Whoever reads has read enough.
            return Ok(());
        }
        buffer.clear();
        written += messages.len();
        bar.inc(messages.len() as u64);
        after = part.up_to;
        if !part.more {
            break;
        }
    }
    bar.finish_and_clear();
    if let Some(path) = output.finish()? {
        stop::print(&format!("{written} messages are in {}\n", path.display()))?;
    }
    Ok(())
}

fn behind(after: Sequence) -> ArrivalQuery {
    ArrivalQuery {
        after,
        filter: MessageFilter::default(),
        limit: BATCH,
    }
}

fn progress(messages: u64) -> ProgressBar {
    // Drawn on standard error, and only where that is a terminal.
    let template = "exporting {wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if messages > 0 => ProgressBar::new(messages).with_style(style),
        _ => ProgressBar::hidden(),
    }
}
