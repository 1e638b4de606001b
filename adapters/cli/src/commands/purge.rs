//! `countersign purge`: takes messages away for good.

use std::{sync::Arc, time::Duration};

use clap::Args as ClapArgs;
use countersign_core::{
    CauseChain, Clock as _, Inbox, KeyLabel, Limit, MessageFilter, MessageQuery, MessageRepository,
    Msisdn, Purge, SourceName, Sources, Timestamp,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    clock::SystemClock,
    lasting::{self, Lasting},
    retention::{Retention, STEP},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign purge --from +14155550100 --yes\n  \
    countersign purge --older-than-days 90\n  \
    countersign purge --source partner --verified-by 2026-05 --received-before 2026-11-01T00:00:00Z\n\n\
    SQLite keeps the room for later messages; VACUUM gives it back to the disk.\n\n\
    Exit codes: 0 done, 66 the database is not there, 69 unavailable, 78 configuration.")]
pub struct PurgeArgs {
    /// Where messages are kept: `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", default_value = crate::settings::DEFAULT_DATABASE_URL)]
    pub database_url: String,
    /// Only messages that were received more than so many days ago.
    #[arg(long, value_name = "DAYS", conflicts_with = "received_before")]
    pub older_than_days: Option<String>,
    /// Only messages that were received before this instant (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub received_before: Option<String>,
    /// Only messages from this number.
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<String>,
    /// Only messages to this number.
    #[arg(long, value_name = "NUMBER")]
    pub to: Option<String>,
    /// Only messages of this source.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Only messages that the key of this label vouched for.
    #[arg(long, value_name = "LABEL")]
    pub verified_by: Option<String>,
    /// Really do it.
    #[arg(long)]
    pub yes: bool,
}

/// For how long it rests between two steps, so that a server on the same database comes first.
const REST: Duration = Duration::from_millis(5);

/// Purges what the arguments say, or says how much that would be.
pub fn run(args: &PurgeArgs) -> Result<(), Stop> {
    let filter = filter(args)?;
    let purge = Purge::new(filter.clone()).map_err(|error| {
        Stop::configuration(
            error.to_string(),
            "say which messages: --older-than-days, --received-before, --from, --to, --source or \
             --verified-by",
        )
    })?;
    let database = Lasting::parse(&args.database_url)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        let repository = Arc::new(database.to_read().await?);
        let done = if args.yes {
            purge_all(repository.clone(), purge, &filter).await
        } else {
            count(&*repository, &filter).await.and_then(|messages| {
                stop::print(&format!(
                    "{messages} messages would be purged; with --yes, they are\n"
                ))
            })
        };
        let closed = match Arc::into_inner(repository) {
            Some(repository) => {
                if args.yes && !repository.forget_purged().await.unwrap_or(false) {
                    eprintln!(
                        "what was purged is gone, but a write-ahead log beside the database may \
                         still have it, because another process has been reading from it: it is \
                         overwritten as messages come, and gone when the last process that uses the \
                         database has ended (or run this once more)"
                    );
                }
                lasting::close(repository).await
            }
            None => Ok(()),
        };
        done.and(closed)
    })
}

fn filter(args: &PurgeArgs) -> Result<MessageFilter, Stop> {
    // Blank is no filter elsewhere; here it would take away more than was meant.
    let older_than = args.older_than_days.as_deref().map(|days| {
        let days = Retention::parse("--older-than-days", days)
            .map_err(|stop| stop.advising("nothing was purged"))?;
        days.ok_or_else(|| wrong("--older-than-days", &"is blank"))
    });
    let older_than = older_than.transpose()?;
    let received_before = match (older_than, &args.received_before) {
        (Some(days), _) => Some(days.cutoff(SystemClock.now())),
        (None, Some(text)) => Some(
            Timestamp::parse_rfc3339(text).map_err(|error| wrong("--received-before", &error))?,
        ),
        (None, None) => None,
    };
    let number = |name: &str, number: &Option<String>| {
        let checked = number.as_deref().map(Msisdn::check).transpose();
        checked
            .map_err(|error| wrong(name, &error))
            .map(|_| number.clone())
    };
    let source = args.source.as_deref().map(SourceName::try_from).transpose();
    let key = args.verified_by.as_deref().map(KeyLabel::try_from);
    Ok(MessageFilter {
        from: number("--from", &args.from)?,
        to: number("--to", &args.to)?,
        source: source.map_err(|error| wrong("--source", &error))?,
        verified_by: key
            .transpose()
            .map_err(|error| wrong("--verified-by", &error))?,
        received_before,
        ..MessageFilter::default()
    })
}

fn wrong(argument: &str, error: &dyn std::fmt::Display) -> Stop {
    Stop::configuration(
        format!("{argument} {error}"),
        "nothing was purged; countersign purge --help shows examples",
    )
}

async fn count(repository: &dyn MessageRepository, filter: &MessageFilter) -> Result<u64, Stop> {
    let query = MessageQuery {
        filter: filter.clone(),
        limit: Limit::try_from(Limit::MIN).unwrap_or_default(),
        ..MessageQuery::default()
    };
    let page = repository.list(&query).await;
    page.map(|page| page.total)
        .map_err(|error| Stop::unavailable(CauseChain(&error).to_string(), "start again"))
}

async fn purge_all(
    repository: Arc<dyn MessageRepository>,
    mut purge: Purge,
    filter: &MessageFilter,
) -> Result<(), Stop> {
    let bar = progress(count(&*repository, filter).await?);
    let inbox = Inbox::new(Sources::new(), repository, Arc::new(SystemClock));
    let (mut messages, mut conflicts) = (0, 0);
    let ended = loop {
        match inbox.purge(&mut purge, STEP).await {
            Ok(step) => {
                messages += step.messages;
                conflicts += step.conflicts;
                bar.inc(step.messages);
                if step.done {
                    break Ok(());
                }
            }
            Err(error) => {
                break Err(Stop::unavailable(
                    CauseChain(&error).to_string(),
                    "what is purged is purged: start again to go on",
                ));
            }
        }
        tokio::time::sleep(REST).await;
    };
    bar.finish_and_clear();
    let said = stop::print(&format!(
        "{messages} messages purged, and {conflicts} conflicts beside theirs\n"
    ));
    ended.and(said)
}

fn progress(messages: u64) -> ProgressBar {
    // Drawn on standard error, and only where that is a terminal.
    let template = "purging {wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if messages > 0 => ProgressBar::new(messages).with_style(style),
        _ => ProgressBar::hidden(),
    }
}
