//! Who answers at the address.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;

use super::Check;
use crate::{commands::health::failed_checks, settings::reachable};

pub const NAME: &str = "address";

/// How long an answer may take; there are two.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn look(bind: SocketAddr) -> Vec<Check> {
    if bind.port() == 0 {
        return vec![Check::ok(NAME, format!("{bind}: any port that is free"))];
    }
    let url = format!("http://{}", reachable(bind));
    let client = reqwest::Client::builder()
        // Straight to this machine, whatever the environment says of proxies.
        .no_proxy()
        // Nor to where another program sends it.
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build();
    let Ok(client) = client else {
        return vec![free(bind)];
    };
    let Ok(answer) = client.get(&url).send().await else {
        return vec![free(bind)];
    };
    let service: Value = answer.json().await.unwrap_or_default();
    if service["name"] != "countersign" {
        return vec![Check::fail(
            NAME,
            format!("another program answers at {bind}"),
            "stop it, or set BIND to another address",
        )];
    }
    let theirs = service["version"].as_str().unwrap_or("unknown");
    let ours = env!("CARGO_PKG_VERSION");
    let found = format!("countersign {theirs} answers at {bind}");
    let version = if theirs == ours {
        Check::ok(NAME, found)
    } else {
        Check::warn(
            NAME,
            format!("{found}, and this is {ours}"),
            "restart the server, or run the doctor of its version",
        )
    };
    vec![version, readiness(&client, &url).await]
}

async fn readiness(client: &reqwest::Client, url: &str) -> Check {
    const NAME: &str = "readiness";
    let see = "its log has a line \"not ready\", whose cause says what is wrong";
    match client.get(format!("{url}/health/ready")).send().await {
        Ok(answer) if answer.status().is_success() => Check::ok(NAME, "it can store messages"),
        Ok(answer) => {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            let said = failed_checks(&body).unwrap_or_default();
            Check::fail(NAME, format!("it answers {status} ({said})"), see)
        }
        Err(error) => Check::fail(NAME, format!("it does not answer: {error}"), see),
    }
}

/// Nobody answers; whether one could listen there.
fn free(bind: SocketAddr) -> Check {
    match std::net::TcpListener::bind(bind) {
        Ok(_) => Check::ok(NAME, format!("{bind} is free")),
        Err(error) => Check::fail(
            NAME,
            format!("nobody can listen on {bind}: {error}"),
            "stop what has this address, or set BIND to another one",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[tokio::test]
    async fn an_address_is_free_or_it_is_not() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        // It accepts, and says nothing: the connection ends with the thread.
        let silent = std::thread::spawn(move || drop(taken.accept()));
        let checks = look(address).await;
        silent.join().unwrap();
        assert_ne!(checks[0].level, Level::Warn, "{checks:?}");
        assert_eq!(free(address).level, Level::Ok);
        let taken = std::net::TcpListener::bind(address).unwrap();
        assert_eq!(free(address).level, Level::Fail);
        drop(taken);
    }
}
