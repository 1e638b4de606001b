//! `countersign tail`: messages, or refused requests, as they come to a running server.

mod follow;
mod messages;
mod reasons;
mod refused;

use std::time::Duration;

use clap::Args as ClapArgs;
use tokio::{signal, time};

use self::{messages::Messages, refused::Refused};
use crate::{
    api::{self, Api, Filter, FilterArgs, ServerArgs},
    stop::Stop,
    terminal::{Halt, Output},
};

/// How often to see whether anybody still reads what is written.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "When the connection ends, it is made again, and nothing is missing or comes \
    twice; of refused\nrequests, up to the last hundred of each such time.\n\n\
    Examples:\n  \
    countersign tail -n 10\n  \
    countersign tail --from +14155550100 --json | jq -r .text\n  \
    countersign tail --refused --url https://inbox.example.com\n\n\
    Exit codes: 0 interrupted, or nobody reads the output any more, 69 the server is not there, 77 \
    it\nwants a token, 78 configuration."
)]
pub struct TailArgs {
    /// Begin with the newest N, by when they were sent.
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub lines: u32,
    /// Begin behind this sequence (`seq` of --json): 0 for all that there is, in order of arrival.
    #[arg(long, value_name = "SEQ", conflicts_with_all = ["lines", "refused"])]
    pub after_seq: Option<u64>,
    /// Follow refused requests instead, and say why; of the filters, it knows --source.
    #[arg(
        long,
        conflicts_with_all = ["from", "to", "since", "until", "q", "verified_by", "received_since", "received_before"]
    )]
    pub refused: bool,
    /// With --refused, only those of this reason, such as `signature_mismatch`.
    #[arg(long, value_name = "REASON", requires = "refused")]
    pub reason: Option<String>,
    /// One JSON object a line, as the API has it.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only messages to this number.
    #[arg(long, value_name = "NUMBER", help_heading = "Filters")]
    pub to: Option<String>,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Follows until it is interrupted.
pub fn run(args: &TailArgs) -> Result<(), Stop> {
    Halt::settle(start(args))
}

fn start(args: &TailArgs) -> Result<(), Halt> {
    let mut filter = Filter::new(&args.filter, ("--to", args.to.as_ref()))?;
    let api = Api::new(&args.server)?;
    let output = Output::new();
    api::run(async {
        if args.refused {
            if let Some(reason) = &args.reason {
                filter.0.push(("reason", reason.clone()));
            }
            let feed = Refused::new(&api, &output, filter, args.lines, args.json);
            return until_it_ends(follow::follow(&api, feed), &output).await;
        }
        let feed = Messages::new(&api, &output, filter, args);
        until_it_ends(follow::follow(&api, feed), &output).await
    })
}

/// Until it fails, a signal comes, or nobody reads any more.
async fn until_it_ends(
    following: impl Future<Output = Result<(), Halt>>,
    output: &Output,
) -> Result<(), Halt> {
    let cannot = |error: std::io::Error| Stop::internal(format!("no signals: {error}"));
    let mut terminated =
        signal::unix::signal(signal::unix::SignalKind::terminate()).map_err(cannot)?;
    let unread = async {
        while !output.is_unread() {
            time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        biased;
        _ = signal::ctrl_c() => Ok(()),
        _ = terminated.recv() => Ok(()),
        () = unread => Err(Halt::ReaderGone),
        ended = following => ended,
    }
}
