//! `descriptors`: more connections than the process may have open files.

use std::{net::SocketAddr, time::Duration};

use countersign_load::HttpClient;
use tokio::{
    net::TcpStream,
    time::{self, Instant},
};

use super::{request, visitor::Visitor};
use crate::{
    context::Context,
    findings::{Findings, Outcome},
    server::Launch,
};

/// How many files it may have open, and how many connections there are.
const FILES: u32 = 64;
const CONNECTIONS: usize = 200;

/// For how long it is watched, and how much of a processor it may use then.
const WATCH: Duration = Duration::from_secs(4);
const BUSY: f64 = 0.05;

/// How soon good clients are answered when the others are gone.
const RECOVERY: Duration = Duration::from_secs(5);

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let server = Launch::new(&context.program, &database)
        .after(&format!("ulimit -n {FILES}"))
        .serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    drop(api);
    let process = server.process();
    let address: SocketAddr = server.address.parse()?;
    let mut findings = Findings::default();

    let mut crowd = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        // The system takes them into its queue, whether the process does or not.
        crowd.push(TcpStream::connect(address).await?);
    }
    time::sleep(Duration::from_millis(500)).await;
    let before = process.processor()?;
    time::sleep(WATCH).await;
    let busy = process.processor()?.saturating_sub(before).as_secs_f64() / WATCH.as_secs_f64();
    findings.check(busy < BUSY, || {
        format!(
            "without descriptors it uses {:.0} % of a processor",
            busy * 100.0
        )
    });
    let open = process.descriptors()?;
    drop(crowd);

    let began = Instant::now();
    let answered = loop {
        let asked = async {
            let mut client = HttpClient::connect(&server.address).await?;
            client
                .exchange(&request::get("/health/ready"))
                .await
                .map(|answer| answer.status)
        };
        match time::timeout(RECOVERY, asked).await {
            Ok(Ok(200)) => break Some(began.elapsed()),
            _ if began.elapsed() > RECOVERY => break None,
            _ => time::sleep(Duration::from_millis(50)).await,
        }
    };
    findings.check(answered.is_some(), || {
        format!("the crowd is gone for {RECOVERY:.0?}, and nobody is answered")
    });
    let visitor = Visitor::begin(&server.address, "descriptors", context.seed)?;
    time::sleep(Duration::from_secs(1)).await;
    visitor.end().await?.check("afterwards", &mut findings);
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("SIGTERM: it ended with {}", ended.status)
    });
    ended.log.check("the end", &mut findings);
    findings.check(ended.log.errors < 10, || {
        format!("it logged {} errors about it", ended.log.errors)
    });
    let summary = format!(
        "{CONNECTIONS} connections and {FILES} files: {open} open, {:.1} % of a processor; answered {:.1?} after the crowd had \
         gone",
        busy * 100.0,
        answered.unwrap_or_default(),
    );
    Ok(Outcome { summary, findings })
}
