//! `countersign verify`: is the signature of a saved request right, and if not, why?

mod request;

use std::{path::PathBuf, sync::Arc};

use clap::Args as ClapArgs;
use countersign_core::{Clock, NearMiss, Refusal, SourceName, Timestamp};

use self::request::Request;
use crate::{
    clock::SystemClock,
    keys::{KeyArgs, Keys},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign verify body.json --header 'X-Signature: 87e3…'\n  \
    countersign verify body.json --headers-file headers.txt --source partner --at 2026-11-25T10:30:00Z\n\n\
    Exit codes: 0 the signature is right, 65 it is not, 66 a file cannot be read, 78 configuration.")]
pub struct VerifyArgs {
    /// The file with the body, byte for byte; without it, or if it is `-`, standard input.
    #[arg(value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// A header of the request; may be given several times.
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// A file with the headers, one a line. The request's first line may stand before them.
    #[arg(long, value_name = "FILE")]
    pub headers_file: Option<PathBuf>,
    /// The source that it was sent to.
    #[arg(long, value_name = "NAME", default_value = SourceName::DEFAULT)]
    pub source: String,
    /// When it came, in RFC 3339, for schemes that sign the time; without it, now.
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// A clock that stands still.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Says whether it is right. Neither a secret nor a signature is shown.
pub fn run(args: &VerifyArgs) -> Result<(), Stop> {
    let clock: Arc<dyn Clock> = match &args.at {
        None => Arc::new(SystemClock),
        Some(text) => Arc::new(Stopped(Timestamp::parse_rfc3339(text).map_err(|rule| {
            Stop::configuration(
                format!("--at {rule}"),
                "give the instant at which the request came, such as 2026-11-25T10:30:00Z",
            )
        })?)),
    };
    let sources = Keys::at_start(&args.keys, &clock)?.verifiers();
    let name = SourceName::try_from(args.source.as_str()).map_err(|rule| {
        Stop::configuration(format!("--source {rule}"), "give the name of a source")
    })?;
    let verifier = sources.get(&name).ok_or_else(|| {
        let known: Vec<_> = sources.keys().map(SourceName::as_str).collect();
        Stop::configuration(
            format!("no source is called {name}"),
            format!("those that are configured: {}", known.join(", ")),
        )
    })?;
    let request = Request::read(args)?;
    match verifier.verify(&request, &request.body) {
        Ok(key) => stop::print(&format!(
            "source {name}: the signature is right, key {key}\n"
        )),
        Err(refusal) => {
            let near_miss = verifier.diagnose(&request, &request.body);
            Err(refused(&name, refusal, near_miss))
        }
    }
}

fn refused(name: &SourceName, refusal: Refusal, near_miss: Option<NearMiss>) -> Stop {
    if let Some(near_miss) = near_miss {
        let cause = near_miss.cause.label();
        return Stop::data(
            format!("source {name}: {refusal} ({cause})"),
            near_miss.mend,
        );
    }
    let help = match refusal {
        Refusal::Missing => {
            "give all headers that the scheme has, with --header or --headers-file; docs/reference/signatures.md \
             lists them"
        }
        Refusal::Repeated => "a request must have each of the scheme's headers once",
        Refusal::Malformed => {
            "see docs/reference/signatures.md for the form that the scheme's signatures have, and whether the \
             header was saved whole"
        }
        Refusal::Stale { .. } => {
            "for a request that came earlier, give --at; otherwise set the clocks of both machines, or \
             it is a replay"
        }
        Refusal::Mismatch | Refusal::UnknownSource => {
            "it is none of the mistakes that countersign knows: compare the secrets of both sides, and \
             see whether the body was saved byte for byte (curl: --data-binary)"
        }
    };
    Stop::data(format!("source {name}: {refusal}"), help)
}
