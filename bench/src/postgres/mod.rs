//! `countersign-bench postgres`: the same on PostgreSQL, the database on the same machine.

mod database;
mod feed;
mod ingest;
mod processor;
mod reads;
mod streams;

use std::{fs, path::PathBuf};

use serde_json::{Map, Value, json};

use self::database::Postgres;
use crate::{Outcome, process::Place};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// A server where databases may be created; by default, the one on this machine that lets this
    /// user in.
    #[arg(
        long,
        env = "TEST_POSTGRES_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    url: Option<String>,
    /// How often each is measured.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each time.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many connections, one after the other; of two instances, each has half of them.
    #[arg(long, default_values_t = [64, 256], value_delimiter = ',', value_name = "N")]
    connections: Vec<u16>,
    /// Leave out the comparison of ingest.
    #[arg(long)]
    no_ingest: bool,
    /// Also read from a database of `--rows` messages.
    #[arg(long)]
    reads: bool,
    /// How many messages that database has.
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// How often each read is asked.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    requests: u64,
    /// Also measure how long a message takes from its acknowledgement on one instance to a reader on
    /// the other. Needs servers that have `GET /messages/live`.
    #[arg(long)]
    feed: bool,
    /// How many messages that is measured with.
    #[arg(long, default_value_t = 2_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    messages: u32,
    /// How many of them a second are sent to both instances together.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Also measure ingest over 64 connections while so many live streams are open, on SQLite and on
    /// PostgreSQL. Needs servers that have `GET /messages/live`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    streams: Option<u32>,
    /// Write every single figure to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub fn run(args: &Args) -> Outcome {
    let postgres = Postgres::find(args.url.as_deref())?;
    let mut figures = Map::new();
    let mut broken = 0;
    if !args.no_ingest {
        let runs = ingest::measure(args, &postgres)?;
        println!("{}\n", ingest::summary(&runs));
        broken += runs.iter().filter(|run| run.broken()).count();
        figures.insert("ingest".to_owned(), json!(runs));
    }
    if args.reads {
        let times = reads::measure(args, &postgres)?;
        println!(
            "Milliseconds, {} messages\n{}\n",
            args.rows,
            reads::summary(&times)
        );
        figures.insert("reads".to_owned(), reads::figures(&times));
    }
    if args.feed {
        let latency = feed::measure(args, &postgres)?;
        println!("{}\n", latency.summary());
        broken += usize::from(latency.broken());
        figures.insert("feed".to_owned(), json!(latency));
    }
    if let Some(streams) = args.streams {
        let runs = streams::measure(args, &postgres, streams)?;
        println!("{streams} streams\n{}\n", streams::summary(&runs));
        broken += runs.iter().filter(|run| run.missing > 0).count();
        figures.insert("streams".to_owned(), json!(runs));
    }
    if let Some(file) = &args.json {
        fs::write(file, format!("{:#}\n", Value::from(figures)))?;
    }
    if broken > 0 {
        return Err(format!("in {broken} runs, messages were missing or there twice").into());
    }
    Ok(())
}
