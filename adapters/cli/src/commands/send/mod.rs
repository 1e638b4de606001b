//! `countersign send`: signed messages, one to try a set-up or many to measure it.

mod load;
mod messages;
mod report;
mod source;
mod target;

use countersign_core::{SourceName, Text};
use countersign_hmac::Signer;

use self::{messages::Maker, report::Report, source::Source, target::Target};
use crate::{
    args::SendArgs,
    keys::{self, ENVIRONMENT},
    settings,
    stop::Stop,
};

/// Sends, and says how it went.
pub fn run(args: &SendArgs) -> Result<(), Stop> {
    let to = SourceName::try_from(args.source.as_str()).map_err(|rule| {
        Stop::configuration(format!("--source {rule}"), "give the name of a source")
    })?;
    let target = match &args.url {
        Some(url) => Target::parse(url, &to)?,
        None => Target::at(settings::reachable(settings::bind(&args.bind)?), &to),
    };
    let signer = signer(args)?;
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
    print(&report, args.json);
    if report.all_accepted() {
        return Ok(());
    }
    Err(Stop::unavailable(
        "not every message was answered 200",
        "401: another secret or scheme than the server's? 404: another path than /webhook? 503: the server \
         is overloaded or cannot write (its log says why); no answer: is the address right?",
    ))
}

fn signer(args: &SendArgs) -> Result<Signer, Stop> {
    let scheme = keys::scheme("--scheme", &args.scheme)?;
    let secret = keys::to_sign_with(args.secret_file.as_deref(), ENVIRONMENT)?;
    Signer::new(scheme, &secret).map_err(|fault| {
        Stop::configuration(
            fault.to_string(),
            "give the server's secret, and with --scheme the server's scheme",
        )
    })
}

fn print(report: &Report, json: bool) {
    if json {
        println!("{}", report.to_json());
    } else {
        print!("{report}");
    }
}
