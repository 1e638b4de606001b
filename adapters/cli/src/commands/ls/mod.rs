//! `countersign ls`: the messages of a running server.

mod table;

use std::io::{self, IsTerminal as _};

use clap::Args as ClapArgs;

pub use self::table::Table;
use crate::{
    api::{self, Api, Filter, FilterArgs, List, Message, Order, ServerArgs},
    stop::Stop,
    terminal::{Halt, Output, counted, json_line},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign ls --since 2h --q invoice\n  \
    countersign ls --url https://inbox.example.com --from +14155550100 --limit 500\n  \
    countersign ls --all --json | jq -r .text\n\n\
    Exit codes: 0 done, 69 the server is not there, 77 it wants a token, 78 configuration.")]
pub struct LsArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only messages to this number.
    #[arg(long, value_name = "NUMBER", help_heading = "Filters")]
    pub to: Option<String>,
    /// By when they were sent: the newest first (desc) or the oldest (asc).
    #[arg(long, value_name = "ORDER", default_value = "desc")]
    pub order: Order,
    /// How many messages at the most.
    #[arg(long, value_name = "N", default_value_t = 50, conflicts_with = "all", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// All of them, however many there are.
    #[arg(long)]
    pub all: bool,
    /// One JSON object a line, as the API has it; import and replay take them.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Lists.
pub fn run(args: &LsArgs) -> Result<(), Stop> {
    Halt::settle(start(args))
}

fn start(args: &LsArgs) -> Result<(), Halt> {
    let filter = Filter::new(&args.filter, ("--to", args.to.as_ref()))?;
    let api = Api::new(&args.server)?;
    api::run(list(args, &api, &filter))
}

async fn list(args: &LsArgs, api: &Api, filter: &Filter) -> Result<(), Halt> {
    let output = Output::new();
    let limit = (!args.all).then_some(args.limit);
    let mut list = List::new(api, filter, args.order, limit);
    let mut table = Table::new(&output);
    let mut shown = 0;
    while let Some(page) = list.next().await? {
        shown += page.len() as u64;
        if args.json {
            for message in &page {
                output.line(&json_line(message.get()))?;
            }
        } else {
            let messages = page.iter().map(|message| api.read(message));
            let messages = messages.collect::<Result<Vec<Message>, _>>()?;
            output.text(&table.page(&messages))?;
        }
    }
    // For people only, who might take the part for the whole.
    if !args.json && io::stderr().is_terminal() {
        let total = counted(list.total, "message");
        if shown < list.total && !args.all {
            eprintln!("{shown} of {total}; for more: --limit N, or --all");
        } else {
            eprintln!("{total}");
        }
    }
    Ok(())
}
