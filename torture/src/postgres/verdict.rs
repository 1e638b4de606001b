//! What has to hold in the end, by the rows, and by the API of every instance.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use sea_orm::sqlx::{self, PgConnection};
use tokio::time::sleep;

use super::{Blow, INSTANCES, cluster::Cluster};
use crate::{
    api::Api,
    database::Stored,
    findings::Findings,
    load::{Load, lock},
    message::Content,
};

/// How long the fold may take to catch up: after a failure it rests for five seconds.
const FOLDED: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What was seen.
pub struct Seen {
    /// How long after the load it took until everything was folded.
    pub folded_after: Duration,
    /// The same after a crash in which the last step may have been lost.
    pub again_after: Duration,
}

/// Looks at everything. Nobody sends any more.
pub async fn judge(
    cluster: &Cluster,
    load: &Load,
    findings: &mut Findings,
) -> anyhow::Result<Seen> {
    let mut connection = cluster.connect().await?;
    let before = stored(&mut connection).await?;
    lock(&load.history).check(&before, "the end", findings);
    let folded_after = fold(&mut connection, load, findings).await?;
    // What is derived need not outlive a crash, but is derived again, though nothing arrives.
    cluster.suffer(Blow::Immediate).await?;
    let mut connection = cluster.connect().await?;
    let again_after = fold(&mut connection, load, findings).await?;

    // What had no answer must be taken now, once.
    let unknown = lock(&load.history).unknown();
    for (number, id) in unknown.iter().enumerate() {
        let taken = load.again(number % INSTANCES, id).await;
        findings.check(taken, || format!("{id} was sent again and not taken"));
    }
    let stored = stored(&mut connection).await?;
    lock(&load.history).check(&stored, "sent again", findings);
    for instance in 0..INSTANCES {
        let place = format!("instance {instance}");
        let api = load.api(instance);
        api.check_totals(&stored, &place, findings).await?;
        let all = api.walk().await?;
        findings.check(
            all.messages == stored.messages && all.count == stored.count,
            || {
                format!(
                    "{place}: page by page there are {} messages and {} ids, and {} rows",
                    all.count,
                    all.messages.len(),
                    stored.count
                )
            },
        );
        check_counters(&api, load, instance, findings).await?;
    }
    Ok(Seen {
        folded_after,
        again_after,
    })
}

/// The test is tested: a table that does not outlive a crash loses what was acknowledged, and that
/// is noticed.
pub async fn notices_losses(
    cluster: &Cluster,
    load: &Load,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut connection = cluster.connect().await?;
    sqlx::query("ALTER TABLE messages SET UNLOGGED")
        .execute(&mut connection)
        .await?;
    let sent = load.send(0).await;
    findings.check(sent, || "the last message is not stored".to_owned());
    cluster.suffer(Blow::Immediate).await?;
    let stored = stored(&mut cluster.connect().await?).await?;
    let lost = lock(&load.history).missing(&stored).count();
    findings.check(lost > 0, || {
        "the messages were thrown away, and nobody has noticed".to_owned()
    });
    Ok(())
}

/// All messages.
async fn stored(connection: &mut PgConnection) -> anyhow::Result<Stored> {
    let rows: Vec<(String, String, String, i64, Option<String>)> =
        sqlx::query_as("SELECT message_id, from_msisdn, to_msisdn, ts, text FROM messages")
            .fetch_all(connection)
            .await
            .context("the rows cannot be read")?;
    let count = rows.len() as u64;
    let content = |(id, from, to, ts, text)| (id, Content { from, to, ts, text });
    Ok(Stored {
        messages: rows.into_iter().map(content).collect(),
        count,
    })
}

/// Everything gets folded: the table says so, and one instance at least.
async fn fold(
    connection: &mut PgConnection,
    load: &Load,
    findings: &mut Findings,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    loop {
        let (folded, last): (i64, i64) = sqlx::query_as(
            "SELECT folded, (SELECT coalesce(max(seq), 0) FROM messages) FROM state",
        )
        .fetch_one(&mut *connection)
        .await?;
        let mut lags = Vec::new();
        for instance in 0..INSTANCES {
            let metrics = load.api(instance).metrics().await?;
            let lag = metrics.get("db_fold_lag_messages").copied();
            lags.push(lag.context("db_fold_lag_messages is not there")?);
        }
        if folded >= last && lags.iter().any(|lag| *lag < 1.0) {
            return Ok(began.elapsed());
        }
        if began.elapsed() > FOLDED {
            findings.add(format!(
                "{FOLDED:.0?} after the load {folded} is folded of {last}, and the instances say \
                 that they lag by {lags:?}"
            ));
            return Ok(began.elapsed());
        }
        sleep(PAUSE).await;
    }
}

/// An instance has counted what it has answered.
async fn check_counters(
    api: &Api,
    load: &Load,
    instance: usize,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let metrics = api.metrics().await?;
    let answers = load.answers(instance);
    let sum = |results: &[&str]| -> f64 {
        let name = |result| format!("webhook_requests_total{{result=\"{result}\"}}");
        let counts = results.iter().map(|result| metrics.get(&name(result)));
        counts.flatten().sum()
    };
    let all = metrics
        .iter()
        .filter(|(name, _)| name.starts_with("webhook_requests_total"));
    let all: f64 = all.map(|(_, count)| count).sum();
    for (name, counted, answered) in [
        ("stored", sum(&["created", "duplicate"]), answers.stored),
        ("refused", sum(&["unavailable"]), answers.refused),
        ("all", all, answers.stored + answers.refused),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let same = (counted - answered as f64).abs() < 0.5;
        findings.check(same, || {
            format!(
                "instance {instance}: {name}: it has counted {counted}, and answered {answered}"
            )
        });
    }
    Ok(())
}
