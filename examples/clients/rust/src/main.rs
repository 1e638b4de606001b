//! Signs one message, and sends it until countersign has stored it.
//!
//! `WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] cargo run -- [TEXT]`

use std::{env, error::Error, process::ExitCode, thread::sleep, time::Duration};

use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use ureq::Agent;
use uuid::Uuid;

const ATTEMPTS: u32 = 8;

/// Returns when the message is stored, or when it never will be.
fn send(url: &str, secret: &[u8], body: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)?;
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false)
        .build()
        .into();
    let mut wait = Duration::from_millis(500);
    for attempt in 1.. {
        let mut pause = Duration::ZERO;
        let sent = agent
            .post(url)
            .header("Content-Type", "application/json")
            .header("X-Signature", &signature)
            .send(body);
        let problem: Box<dyn Error> = match sent {
            Ok(mut answer) => {
                let status = answer.status().as_u16();
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                let problem = format!("refused with {status}: {text}").into();
                match status {
                    200 => return Ok(()),
                    // Not now.
                    429 | 500.. => {
                        let header = answer.headers().get("Retry-After");
                        let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok());
                        pause = Duration::from_secs(seconds.unwrap_or(0));
                    }
                    // The request is wrong, and would be again.
                    _ => return Err(problem),
                }
                problem
            }
            // No answer: it may be stored or not. The same bytes again are safe, because the id is
            // in them.
            Err(problem) => problem.into(),
        };
        if attempt == ATTEMPTS {
            return Err(problem);
        }
        sleep(pause.max(wait.mul_f64(0.5 + chance() / 2.0)));
        wait = (2 * wait).min(Duration::from_secs(10));
    }
    unreachable!("the last attempt returns")
}

/// From 0 to 1: enough that not all who were refused together come back together.
fn chance() -> f64 {
    f64::from(Utc::now().timestamp_subsec_micros() % 1000) / 1000.0
}

fn main() -> ExitCode {
    let Ok(secret) = env::var("WEBHOOK_SECRET") else {
        eprintln!("set WEBHOOK_SECRET to what the receiver verifies with");
        return ExitCode::FAILURE;
    };
    let url = env::var("WEBHOOK_URL").unwrap_or("http://127.0.0.1:8000/webhook".into());
    // The id is made once, and so are the bytes.
    let id = Uuid::new_v4().to_string();
    let message = json!({
        "message_id": id,
        "from": "+14155552671",
        "to": "+14155552672",
        "ts": Utc::now().to_rfc3339(),
        "text": env::args().nth(1).unwrap_or("Hello from Rust".into()),
    });
    match send(&url, secret.as_bytes(), message.to_string().as_bytes()) {
        Ok(()) => {
            println!("{id} is stored");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
