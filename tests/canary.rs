//! Something private is sent to the program in every way that there is, and appears nowhere but where
//! it is asked for.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    http::app::sign_with,
    program::{Server, Setup},
    traces::Collector,
};

const SECRET: &str = "canary-secret-4711-0815";
const PREVIOUS: &str = "canary-previous-4711-0815";
const TOKEN: &str = "canary-token-4711-0815";
const NUMBER: &str = "+4915550471108";
/// As a number stands in a query.
const BARE_NUMBER: &str = "4915550471108";
const TEXT: &str = "canary text, of the fourth kind";
const WORD: &str = "canary";

fn message(id: &str) -> Value {
    json!({
        "message_id": id,
        "from": NUMBER,
        "to": NUMBER,
        "ts": "2025-01-15T10:00:00Z",
        "text": TEXT,
    })
}

/// What a client can send, right and wrong.
fn requests(server: &Server) -> Vec<RequestBuilder> {
    let client = Client::builder().no_proxy().build().unwrap();
    let post = |body: &[u8], signature: &str| {
        client
            .post(server.url("/webhook"))
            .header("X-Signature", signature)
            .body(body.to_vec())
    };
    let signed = |body: &[u8]| post(body, &sign_with(SECRET, body));
    let whole = serde_json::to_vec(&message("m1")).unwrap();
    let other = serde_json::to_vec(&json!({
        "message_id": "m1", "from": NUMBER, "to": NUMBER, "ts": "2025-01-15T10:00:00Z",
        "text": format!("{TEXT} and another"),
    }))
    .unwrap();
    let second = serde_json::to_vec(&message("m2")).unwrap();
    let newline = [&whole[..], b"\n"].concat();
    let good = sign_with(SECRET, &whole);
    let mut requests = vec![
        signed(&whole),
        signed(&whole),
        signed(&other),
        post(&second, &sign_with(PREVIOUS, &second)),
        // Near misses, and others.
        post(&newline, &good),
        post(&whole, &sign_with(&format!("{SECRET}\n"), &whole)),
        post(&whole, &sign_with(&format!("\"{SECRET}\""), &whole)),
        post(&whole, SECRET),
        post(&whole, TEXT),
        post(&whole, ""),
        client.post(server.url("/webhook")).body(whole.clone()),
        client
            .post(server.url("/webhook/partner"))
            .header("X-Signature", &good)
            .body(whole.clone()),
        signed(&whole).header("Content-Encoding", "gzip"),
        signed(&whole).header("Content-Type", TEXT),
        signed(&TEXT.repeat(2200).into_bytes()),
    ];
    // Every field wrong, in several ways.
    for field in ["message_id", "from", "to", "ts", "text", TEXT] {
        for wrong in [
            json!(TEXT),
            json!(format!("{TEXT}\0")),
            json!([TEXT]),
            json!({TEXT: TEXT}),
        ] {
            // An id may be whatever its provider likes, and is logged.
            if field == "message_id" && wrong == TEXT {
                continue;
            }
            let mut body = message("m3");
            body[field] = wrong;
            requests.push(signed(&serde_json::to_vec(&body).unwrap()));
        }
    }
    for broken in [
        format!("{{\"{TEXT}\""),
        format!("[\"{TEXT}\"]"),
        format!("\"{TEXT}\""),
        format!("{{\"from\":\"{NUMBER}\",\"from\":\"{NUMBER}\"}}"),
        TEXT.to_owned(),
    ] {
        requests.push(signed(broken.as_bytes()));
    }
    for path in [
        format!("/messages?from=%2B{BARE_NUMBER}&q={WORD}"),
        format!("/messages?limit={WORD}&since={WORD}&cursor={WORD}&order={WORD}&after_seq={WORD}"),
        format!("/messages?token={TOKEN}"),
        format!("/rejections?reason={WORD}&source={WORD}!"),
        format!("/stats?{WORD}"),
        format!("/sources?{WORD}"),
        format!("/stats/server?width={WORD}"),
        format!("/nowhere?{WORD}"),
    ] {
        requests.push(client.get(server.url(&path)).bearer_auth(TOKEN));
        requests.push(client.get(server.url(&path)).bearer_auth(SECRET));
        requests.push(
            client
                .get(server.url(&path))
                .basic_auth(NUMBER, Some(TOKEN)),
        );
        requests.push(client.get(server.url(&path)));
    }
    for token in [TOKEN, SECRET, TEXT] {
        let session = client.post(server.url("/session"));
        requests.push(session.json(&json!({"token": token})));
    }
    requests.push(client.post(server.url("/session")).body(TEXT));
    requests.push(client.request(Method::from_bytes(b"CANARY").unwrap(), server.url("/")));
    requests
}

fn is_private(text: &str) -> bool {
    let private = [SECRET, PREVIOUS, TOKEN, BARE_NUMBER, "fourth kind"];
    private.iter().any(|private| text.contains(private))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_private_appears_in_no_log_metric_span_or_error() {
    let collector = Collector::start().await;
    let mut setup = collector.setup_without_secret();
    for (name, value) in [
        ("WEBHOOK_SECRET", SECRET),
        ("WEBHOOK_SECRET_PREVIOUS", PREVIOUS),
        ("READ_TOKEN", TOKEN),
        ("LOG_LEVEL", "DEBUG"),
        ("REFUSE_CONFLICTS", "true"),
        ("RETENTION_DAYS", "30"),
    ] {
        setup.set(name, value);
    }
    let mut server = setup.serve();
    let mut statuses = Vec::new();
    for request in requests(&server) {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        statuses.push(status.as_u16());
        let head = format!("{:?}", answer.headers());
        let body = answer.text().await.unwrap();
        assert!(
            status.is_success() || !is_private(&body),
            "{status}: {body}"
        );
        assert!(!is_private(&head), "{status}: {head}");
    }
    // They were of all kinds.
    for status in [200, 204, 401, 404, 405, 409, 413, 415, 422] {
        assert!(
            statuses.contains(&status),
            "{status} is not in {statuses:?}"
        );
    }
    let read = async |path: &str| {
        let request = Client::new().get(server.url(path)).bearer_auth(TOKEN);
        request.send().await.unwrap().text().await.unwrap()
    };
    // The message is there, so that it could have been elsewhere.
    assert!(is_private(&read("/messages").await));
    for path in [
        "/metrics",
        "/rejections?limit=100",
        "/sources",
        "/stats/server",
        "/openapi.json",
        "/",
    ] {
        let text = read(path).await;
        assert!(!text.contains(WORD) && !is_private(&text), "{path}: {text}");
    }
    server.signal("HUP");
    server.wait_for_line("the keys were read again");
    server.signal("TERM");
    server.ended();
    assert!(server.log.len() > statuses.len());
    for line in &server.log {
        assert!(!is_private(line), "{line}");
    }
    let spans = collector.spans();
    assert!(spans.len() > statuses.len());
    for span in spans {
        let said = format!("{span:?}");
        assert!(!said.contains(WORD) && !is_private(&said), "{said}");
    }

    // Nor where it cannot start.
    for (name, value) in [
        ("SIGNATURE_SCHEME", SECRET),
        ("READ_TOKEN_FILE", TOKEN),
        ("ALLOWED_HOSTS", "a b"),
        ("CONFIG_FILE", "/nowhere"),
    ] {
        let mut setup = Setup::without_secret();
        setup.set("WEBHOOK_SECRET", SECRET);
        setup.set("READ_TOKEN", TOKEN);
        setup.set(name, value);
        let (code, output, errors) = setup.run(&[]);
        assert_eq!(code, Some(78), "{name}: {output}{errors}");
        // What is no secret by its name may be quoted.
        let quoted = output.replace(value, "");
        assert!(
            !is_private(&quoted) && !is_private(&errors),
            "{name}: {output}{errors}"
        );
    }
}
