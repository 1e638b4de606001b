//! `countersign send`: signed messages, one to try a set-up or many to measure it.

mod load;
mod messages;
mod report;
mod source;
mod target;

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use countersign_core::{SourceName, Text};

use self::{messages::Maker, report::Report, source::Source, target::Target};
use crate::{
    keys::SigningArgs,
    settings,
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign send --text \"Hello\"\n  \
    countersign send --source partner --scheme standard-webhooks --secret-file partner.secret\n  \
    countersign send --count 100000 --connections 64 --senders 1000 --duplicates 5\n  \
    countersign send --duration 60 --rate 500 --connections 16 --json\n\n\
    Exit codes: 0 every message was answered 200, 69 one was not, 78 configuration.")]
pub struct SendArgs {
    /// Where to send to; by default, the server at BIND on this machine.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The address that the server listens on, if there is no `--url`.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = crate::settings::DEFAULT_BIND)]
    pub bind: String,
    /// The source to send to, at /webhook/NAME.
    #[arg(long, value_name = "NAME", default_value = countersign_core::SourceName::DEFAULT)]
    pub source: String,
    #[command(flatten)]
    pub signing: SigningArgs,
    /// How many messages.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
    /// For how many seconds to send, instead of a number of messages.
    #[arg(long, value_name = "SECONDS", conflicts_with = "count", value_parser = clap::value_parser!(u32).range(1..))]
    pub duration: Option<u32>,
    /// How many messages a second at the most; without it, as fast as answers come.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// How many connections at once, each with one message at a time.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub connections: u16,
    /// How many different senders.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub senders: u32,
    /// How many of a hundred messages are repeats of an earlier one.
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=99))]
    pub duplicates: u8,
    /// How ids are made: in order of time (UUID version 7) or at random (version 4).
    #[arg(long, default_value = "ordered", value_name = "ORDER")]
    pub ids: IdOrder,
    /// What every message says; without it, each says something else: a few made-up words, some of
    /// them common and some rare, and a reference such as `ref-8f3a9c12` that no other one has.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// How many messages to make and sign before the clock starts, at about half a kilobyte each;
    /// what is sent beyond that is made while it runs. With `--rate`, at most what a second takes.
    #[arg(long, default_value_t = 200_000, value_name = "N", value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    pub prepare: u64,
    /// A file to write the ids to that were answered 200, one a line: what the server has promised
    /// to keep.
    #[arg(long, value_name = "FILE")]
    pub acknowledged: Option<PathBuf>,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl SendArgs {
    /// How many messages there are to send at the most.
    pub fn messages(&self) -> u64 {
        match self.duration {
            Some(_) => u64::MAX,
            None => self.count,
        }
    }
}

/// How `send` makes ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdOrder {
    // UUID version 7.
    Ordered,
    // UUID version 4.
    Random,
}

/// Sends, and says how it went.
pub fn run(args: &SendArgs) -> Result<(), Stop> {
    let to = SourceName::try_from(args.source.as_str()).map_err(|rule| {
        Stop::configuration(format!("--source {rule}"), "give the name of a source")
    })?;
    let target = match &args.url {
        Some(url) => Target::parse(url, &to)?,
        None => Target::at(settings::reachable(settings::bind(&args.bind)?), &to),
    };
    let (_, signer) = args.signing.signer(&target.source())?;
    if let Some(text) = &args.text {
        Text::check(text).map_err(|rule| {
            Stop::configuration(format!("--text {rule}"), "the server would refuse it")
        })?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    // With a rate there is time enough while it runs.
    let prepare = args
        .rate
        .map_or(args.prepare, |rate| args.prepare.min(rate.into()));
    let source = Source::new(Maker::new(signer, &target, args), prepare)
        .ok_or_else(|| Stop::internal("there is nothing to send"))?;
    let report = runtime.block_on(load::run(&target, source, args))?;
    print(&report, args.json)?;
    if report.all_accepted() {
        return Ok(());
    }
    Err(Stop::unavailable(
        "not every message was answered 200",
        "401: another secret or scheme than the server's? 404: another path than /webhook? 503: the server \
         is overloaded or cannot write (its log says why); no answer: is the address right?",
    ))
}

fn print(report: &Report, json: bool) -> Result<(), Stop> {
    if json {
        stop::print(&format!("{}\n", report.to_json()))
    } else {
        stop::print(&report.to_string())
    }
}
