//! `noise`: what scanners send. None of it may stay, as memory or as a series of the metrics.

use countersign_load::HttpClient;

use crate::{
    context::Context,
    findings::{Findings, Outcome},
    server::Launch,
};

/// Before it is measured: whatever is made once, and lists that are kept up to a length.
const BEFORE: usize = 5_000;

/// How many connections there are, one after the other.
const PER_CONNECTION: usize = 1_000;

/// What may stay of it.
const SERIES: usize = 2;
const MEMORY: u64 = 5 << 20;

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let requests = context.size(30_000, 100_000);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let server = Launch::new(&context.program, &database).serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let process = server.process();
    let mut random = context.random("noise");
    let mut findings = Findings::default();

    // By chance, a route is met once in a million: there is a known number of them, and they are no noise.
    let mut routes = routes().into_iter();
    let count = routes.len();
    send(&server.address, count, || routes.next(), &mut findings).await?;
    let mut noise = || Some(noise(&mut random));
    send(&server.address, BEFORE, &mut noise, &mut findings).await?;
    // The first that asks for them is a series itself.
    api.metrics().await?;
    let series = api.metrics().await?;
    let memory = process.memory()?;
    send(&server.address, requests, &mut noise, &mut findings).await?;
    let new = api.metrics().await?;
    let mut new = new
        .keys()
        .filter(|name| !series.contains_key(*name))
        .collect::<Vec<_>>();
    new.sort_unstable();
    let more = process.memory()?.saturating_sub(memory);
    findings.check(new.len() <= SERIES, || {
        format!("{} new series: {new:?}", new.len())
    });
    findings.check(more <= MEMORY, || format!("{} KiB more memory", more >> 10));
    let ended = server.terminate()?;
    ended.log.check("the end", &mut findings);
    let summary = format!(
        "{requests} requests with random paths, methods, hosts and queries: {} new series, {} KiB more memory",
        new.len(),
        more >> 10
    );
    Ok(Outcome { summary, findings })
}

async fn send(
    address: &str,
    requests: usize,
    mut next: impl FnMut() -> Option<String>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut client = None;
    for (number, request) in std::iter::from_fn(&mut next).take(requests).enumerate() {
        let mut own = match client.take() {
            Some(client) => client,
            None => HttpClient::connect(address).await?,
        };
        match own.exchange(request.as_bytes()).await {
            Ok(answer) if answer.status < 500 => {}
            Ok(answer) => findings.add(format!("{} for {request:?}", answer.status)),
            Err(error) => findings.add(format!("{error} for {request:?}")),
        }
        client = Some(own).filter(|own| !own.must_close() && number % PER_CONNECTION != 0);
    }
    Ok(())
}

const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "X",
];

fn request(method: &str, target: &str, host: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")
}

/// Every route, asked in every way for which there is a series.
fn routes() -> Vec<String> {
    const ROUTES: [&str; 20] = [
        "/",
        "/conflicts",
        "/docs",
        "/health",
        "/health/live",
        "/health/ready",
        "/messages",
        "/messages/x",
        "/metrics",
        "/openapi.json",
        "/rejections",
        "/session",
        "/sources",
        "/stats",
        "/stats/server",
        "/stats/timeline",
        "/ui",
        "/ui/x",
        "/webhook",
        "/webhook/x",
    ];
    let mut requests = Vec::new();
    for route in ROUTES {
        for method in METHODS {
            for host in ["127.0.0.1", "elsewhere"] {
                requests.push(request(method, route, host));
                requests.push(request(method, &format!("{route}?x=y"), host));
            }
        }
    }
    requests
}

/// A request that is well-formed, and seldom means anything here.
fn noise(random: &mut fastrand::Rng) -> String {
    const PLACES: [&str; 10] = [
        "",
        "messages/",
        "messages",
        "webhook",
        "webhook/",
        "ui/",
        "wp-admin/",
        "health/",
        "stats",
        "docs",
    ];
    let mut word = |most: usize| {
        let length = random.usize(1..=most);
        (0..length)
            .map(|_| random.alphanumeric())
            .collect::<String>()
    };
    let (path, key, value, host, own) = (word(40), word(10), word(60), word(30), word(12));
    let method = match random.u8(..10) {
        // An invented one.
        0 => own.to_uppercase(),
        _ => METHODS[random.usize(..METHODS.len())].to_owned(),
    };
    let place = PLACES[random.usize(..PLACES.len())];
    let path = if random.bool() { path } else { String::new() };
    let query = if random.bool() {
        format!("?{key}={value}")
    } else {
        String::new()
    };
    let host = if random.bool() {
        host
    } else {
        "127.0.0.1".to_owned()
    };
    request(&method, &format!("/{place}{path}{query}"), &host)
}
