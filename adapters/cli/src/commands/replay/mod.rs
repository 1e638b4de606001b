//! `countersign replay`: messages that are here already, sent to another webhook.

mod messages;
mod report;
mod sending;

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
    time::Instant,
};

use clap::Args as ClapArgs;
use countersign_core::SourceName;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{signal, sync::mpsc};

use self::{
    messages::{Outgoing, Which},
    report::Report,
    sending::Sending,
};
use super::ls::Table;
use crate::{
    api::{self, Api, Filter, FilterArgs, ServerArgs, Webhook, is_same_server},
    keys::SigningArgs,
    record::Format,
    stop::Stop,
    terminal::{Halt, Output, counted},
};

/// How many messages are read ahead.
const AHEAD: usize = 256;

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Who gets a message again, knows it by its id: the server answers 200 and \
    stores nothing twice,\nso that running it again is safe.\n\n\
    Examples:\n  \
    countersign replay --to http://127.0.0.1:9000/webhook --since 2h --dry-run\n  \
    countersign replay --to https://staging.example.com/webhook m1 m2 --secret-file staging.secret\n  \
    countersign replay --to https://staging.example.com --file messages.ndjson --rate 50\n\n\
    Exit codes: 0 every message was taken, 65 a line of the file is no message, 66 a message or file \
    is\nnot there, 69 a message was not taken, 77 the server wants a token, 78 configuration."
)]
pub struct ReplayArgs {
    /// The webhook that they are sent to; /webhook, if the URL has no path.
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// The messages' ids, of the source that --source names; without ids, all that match.
    #[arg(
        value_name = "ID",
        conflicts_with_all = ["file", "limit", "from", "receiver", "since", "until", "q", "verified_by", "received_since", "received_before"]
    )]
    pub ids: Vec<String>,
    /// A file as export, ls --json or tail --json write it, instead of a server; - for standard input.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["url", "limit", "from", "receiver", "since", "until", "q", "source", "verified_by", "received_since", "received_before"]
    )]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub signing: SigningArgs,
    /// Only say what would be sent.
    #[arg(long)]
    pub dry_run: bool,
    /// How many messages a second at the most; without it, as fast as answers come.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: Option<u32>,
    /// How many are sent at once; with more than one, not in order.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: u16,
    /// Go on when a message is refused, and count it.
    #[arg(long)]
    pub keep_going: bool,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// How many messages at the most, the oldest first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only messages to this number.
    #[arg(long, value_name = "NUMBER", help_heading = "Filters")]
    pub receiver: Option<String>,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Sends again, and says how it went.
pub fn run(args: &ReplayArgs) -> Result<(), Stop> {
    Halt::settle(start(args))
}

fn start(args: &ReplayArgs) -> Result<(), Halt> {
    let webhook = Webhook::parse("--to", &args.to, &SourceName::default())?;
    let (scheme, signer) = args.signing.signer(&webhook.source())?;
    let which = which(args)?;
    if let Which::Listed { api, .. } | Which::Named { api, .. } = &which
        && is_same_server(api.base(), &webhook.0)
    {
        eprintln!(
            "note: the messages are sent to the server that they are read from: under the source \
             that they are of already, it takes each for a duplicate, and stores nothing"
        );
    }
    let bar = bar(args);
    api::run(async {
        let (sender, messages) = mpsc::channel(AHEAD);
        let reading = which.read(sender, bar.clone());
        if args.dry_run {
            return tokio::join!(reading, would_send(args, &webhook, scheme.name(), messages)).1;
        }
        let sending = Sending::new(args, &webhook, signer, bar.clone())?;
        let mut report = Report::new(&webhook);
        let started = Instant::now();
        let outcome = tokio::select! {
            biased;
            _ = signal::ctrl_c() => Err(interrupted().into()),
            ((), outcome) = async { tokio::join!(reading, sending.all(messages)) } => outcome,
        };
        bar.finish_and_clear();
        report.add(&sending, started.elapsed());
        print(args, &report)?;
        outcome?;
        report.settle()
    })
}

fn which(args: &ReplayArgs) -> Result<Which, Stop> {
    if let Some(path) = &args.file {
        let format = Format::choose(None, Some(path));
        return Which::in_file(path, format);
    }
    let api = Api::new(&args.server)?;
    if !args.ids.is_empty() {
        return Ok(Which::Named {
            api,
            source: args.filter.source.clone(),
            ids: args.ids.clone(),
        });
    }
    Ok(Which::Listed {
        filter: Filter::new(&args.filter, ("--receiver", args.receiver.as_ref()))?,
        limit: args.limit,
        api,
    })
}

/// On standard error, and only where that is a terminal.
fn bar(args: &ReplayArgs) -> ProgressBar {
    let template = "{wide_bar} {human_pos}/{human_len} {per_sec} {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) if !args.dry_run => ProgressBar::new(0).with_style(style),
        _ => ProgressBar::hidden(),
    }
}

fn interrupted() -> Stop {
    Stop::unavailable(
        "interrupted; what was taken until now, stays",
        "run it again for the rest: who has a message already, takes it for a duplicate",
    )
}

fn print(args: &ReplayArgs, report: &Report) -> Result<(), Halt> {
    let output = Output::new();
    if args.json {
        return output.line(&report.to_json().to_string());
    }
    output.text(&report.to_string())
}

/// Says what there is to send, page by page.
async fn would_send(
    args: &ReplayArgs,
    webhook: &Webhook,
    scheme: &str,
    mut messages: mpsc::Receiver<Result<Outgoing, Halt>>,
) -> Result<(), Halt> {
    let output = Output::new();
    let mut table = Table::new(&output);
    let mut count = 0;
    let mut batch = Vec::new();
    while messages.recv_many(&mut batch, AHEAD).await > 0 {
        let page = batch.drain(..).map(|one| one.map(|one| one.message));
        let page = page.collect::<Result<Vec<_>, Halt>>()?;
        count += page.len() as u64;
        if !args.json {
            output.text(&table.page(&page))?;
        }
    }
    if args.json {
        let report = serde_json::json!({
            "dry_run": true, "to": webhook.0.as_str(), "scheme": scheme, "messages": count,
        });
        return output.line(&report.to_string());
    }
    let would = format!(
        "{} would be sent to {}, signed as {scheme} does",
        counted(count, "message"),
        webhook.0
    );
    if io::stdout().is_terminal() {
        return output.line(&would);
    }
    eprintln!("{would}");
    Ok(())
}
