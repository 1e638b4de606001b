//! A look at reads of a database of many messages.

use countersign_sea_orm::{Folding, PostgresOptions, SqlRepository};
use serde_json::{Value, json};

use super::{Args, database::Postgres};
use crate::{
    Outcome, generate,
    process::Server,
    reads::{ALL, Side, Times, WARM_UP},
    send::Ids,
    table::{figure, table},
};

/// How many messages a transaction has: what a server of average speed stores in a fraction of the
/// time that there is for it.
const BATCH: u64 = 1_000;

pub fn measure(args: &Args, postgres: &Postgres) -> Outcome<Vec<Times>> {
    let folder = args.place.folder()?;
    let database = postgres.database()?;
    tokio::runtime::Runtime::new()?.block_on(fill(args, &database.url))?;
    // A server does so by itself, a minute later.
    database.run("VACUUM (ANALYZE)")?;
    database.settle();
    let server = Server::serve(&args.place, &database.url, folder.path())?;
    let mut side = Side::of(server, Ids::Random)?;
    let mut times = vec![Times::default(); ALL.len()];
    for n in 0..WARM_UP + args.requests {
        for ((read, _), times) in ALL.into_iter().zip(&mut times) {
            let took = side.ask(read, n)?;
            if n >= WARM_UP {
                times.0.extend(took);
            }
        }
    }
    side.server.stop()?;
    Ok(times)
}

async fn fill(args: &Args, url: &str) -> Outcome {
    let options = PostgresOptions {
        folding: Folding::OnDemand,
        ..PostgresOptions::default()
    };
    let repository = SqlRepository::open_postgres_with(&url.parse()?, options).await?;
    generate::fill(&repository, args.rows, Ids::Random, BATCH).await?;
    repository.close().await?;
    Ok(())
}

pub fn summary(times: &[Times]) -> comfy_table::Table {
    let rows = ALL.iter().zip(times).map(|((_, name), times)| {
        vec![
            (*name).to_owned(),
            figure(times.quantile(0.5), 3),
            figure(times.quantile(1.0), 3),
            times.0.len().to_string(),
        ]
    });
    table(&["", "p50", "max", "requests"], 1, rows)
}

/// For a file.
pub fn figures(times: &[Times]) -> Value {
    let reads = ALL.iter().zip(times);
    reads
        .map(|((read, _), times)| {
            json!({ "read": read, "p50": times.quantile(0.5), "all": times.0 })
        })
        .collect()
}
