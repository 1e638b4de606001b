//! `countersign send`: signed messages, one to try a set-up or many to measure it.

mod load;
mod messages;
mod report;
mod source;
mod target;

use std::fs;

use countersign_core::Text;
use countersign_hmac::HexHmacSha256;

use self::{messages::Maker, report::Report, source::Source, target::Target};
use crate::{args::SendArgs, settings, stop::Stop};

/// Sends, and says how it went.
pub fn run(args: &SendArgs) -> Result<(), Stop> {
    let target = match &args.url {
        Some(url) => Target::parse(url)?,
        None => Target::at(settings::reachable(settings::bind(&args.bind)?)),
    };
    let scheme = scheme(args)?;
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
    let source = Source::new(Maker::new(scheme, &target, args), prepare)
        .ok_or_else(|| Stop::internal("there is nothing to send"))?;
    let report = runtime.block_on(load::run(&target, source, args))?;
    print(&report, args.json);
    if report.all_accepted() {
        return Ok(());
    }
    Err(Stop::unavailable(
        "not every message was answered 200",
        "401: another secret than the server's? 404: another path than /webhook? 503: the server \
         is overloaded or cannot write (its log says why); no answer: is the address right?",
    ))
}

fn scheme(args: &SendArgs) -> Result<HexHmacSha256, Stop> {
    let help = "set WEBHOOK_SECRET to the server's secret, or name a file with --secret-file";
    let secret = match &args.secret_file {
        Some(file) => {
            let secret = fs::read_to_string(file).map_err(|error| {
                Stop::configuration(format!("{} cannot be read: {error}", file.display()), help)
            })?;
            let line = secret.strip_suffix('\n').unwrap_or(&secret);
            line.strip_suffix('\r').unwrap_or(line).to_owned()
        }
        None => std::env::var("WEBHOOK_SECRET").unwrap_or_default(),
    };
    HexHmacSha256::new(&secret).map_err(|blank| Stop::configuration(blank.to_string(), help))
}

fn print(report: &Report, json: bool) {
    if json {
        println!("{}", report.to_json());
    } else {
        print!("{report}");
    }
}
