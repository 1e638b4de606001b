//! Sending one message after the other and judging each answer.

use reqwest::StatusCode;

use crate::{
    api::{Answer, Api},
    findings::Findings,
    history::History,
    message::Mint,
};

/// Sends a new message. Says whether it was stored.
///
/// Anything but 200 and 503 with `Retry-After` is wrong, and so is no answer: the message is right,
/// and the server is there.
pub async fn send(
    api: &Api,
    mint: &mut Mint,
    history: &mut History,
    place: &str,
    findings: &mut Findings,
) -> bool {
    let message = mint.make();
    history.invoke(&message);
    match api.deliver(&message).await {
        Answer::Stored => {
            history.acknowledge(&message.id);
            true
        }
        Answer::Unavailable { retry_after } => {
            findings.check(retry_after, || {
                format!("{place}: a 503 without Retry-After")
            });
            false
        }
        other => {
            findings.add(format!("{place}: {} was answered {other:?}", message.id));
            false
        }
    }
}

/// Reading goes on, whatever becomes of writing.
pub async fn check_reads(api: &Api, place: &str, findings: &mut Findings) -> anyhow::Result<()> {
    for path in ["/messages?limit=3", "/stats", "/health/live"] {
        let status = api.status(path).await?;
        findings.check(status == StatusCode::OK, || {
            format!("{place}: {path} is answered {status}")
        });
    }
    Ok(())
}
