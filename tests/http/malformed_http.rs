//! What is no HTTP, or HTTP that two readers may understand differently: answered 4xx or, where RFC
//! 9112 allows it, served; never a 5xx, never a hang, and after an error of framing the connection
//! ends.

use std::{sync::Arc, time::Duration};

use countersign_memory::MemoryRepository;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::app::{App, body, sign};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Closed,
    /// It may be kept or closed.
    Either,
}

struct Case {
    name: &'static str,
    sent: Vec<u8>,
    /// One of these is the answer's status; 0 stands for no answer at all.
    statuses: &'static [u16],
    then: Then,
}

fn case(
    name: &'static str,
    sent: impl Into<Vec<u8>>,
    statuses: &'static [u16],
    then: Then,
) -> Case {
    Case {
        name,
        sent: sent.into(),
        statuses,
        then,
    }
}

/// A webhook with these fields beside `Host` and its signature, and what follows the head.
fn post(message: &str, fields: &str, rest: impl AsRef<[u8]>) -> Vec<u8> {
    let signature = sign(message.as_bytes());
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Signature: {signature}\r\n{fields}\r\n"
    );
    [head.as_bytes(), rest.as_ref()].concat()
}

fn get(fields: &str) -> Vec<u8> {
    format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn lengths() -> Vec<Case> {
    use Then::{Closed, Either};
    let m = body("m", "2025-06-01T12:00:00Z", "").to_string();
    let n = m.len();
    let chunked = format!("{n:x}\r\n{m}\r\n0\r\n\r\n");
    let te = "Transfer-Encoding: chunked\r\n";
    vec![
        // Transfer-Encoding wins, and the connection ends (RFC 9112, 6.3).
        case(
            "both",
            post(&m, &format!("Content-Length: 5\r\n{te}"), &chunked),
            &[200, 400],
            Closed,
        ),
        case(
            "both, the other way round",
            post(&m, &format!("{te}Content-Length: 5\r\n"), &chunked),
            &[200, 400],
            Closed,
        ),
        case(
            "two equal lengths",
            post(
                &m,
                &format!("Content-Length: {n}\r\nContent-Length: {n}\r\n"),
                &m,
            ),
            &[200, 400],
            Either,
        ),
        case(
            "two lengths",
            post(
                &m,
                &format!("Content-Length: {n}\r\nContent-Length: 5\r\n"),
                &m,
            ),
            &[400],
            Closed,
        ),
        case(
            "+5",
            post(&m, &format!("Content-Length: +{n}\r\n"), &m),
            &[400],
            Closed,
        ),
        case("-5", post(&m, "Content-Length: -5\r\n", &m), &[400], Closed),
        case(
            "5, 5",
            post(&m, &format!("Content-Length: {n}, {n}\r\n"), &m),
            &[400],
            Closed,
        ),
        case(
            "0x5",
            post(&m, "Content-Length: 0x5\r\n", &m),
            &[400],
            Closed,
        ),
        case(
            "no number",
            post(&m, "Content-Length: five\r\n", &m),
            &[400],
            Closed,
        ),
        case(
            "2^64",
            post(&m, "Content-Length: 18446744073709551616\r\n", &m),
            &[400, 413],
            Closed,
        ),
        case(
            "10^12",
            post(&m, "Content-Length: 1000000000000\r\n", &m),
            &[413],
            Closed,
        ),
        case(
            "too short",
            post(&m, &format!("Content-Length: {}\r\n", n + 10), &m),
            &[408],
            Closed,
        ),
        // What is left of it is no request.
        case(
            "too long",
            post(&m, &format!("Content-Length: {}\r\n", n - 10), &m),
            &[401],
            Closed,
        ),
        case(
            "empty",
            post("", "Content-Length: 0\r\n", ""),
            &[422],
            Either,
        ),
        case("no length", post("", "", ""), &[422], Either),
        case(
            "xchunked",
            post(&m, "Transfer-Encoding: xchunked\r\n", &chunked),
            &[400],
            Closed,
        ),
        case(
            "chunked, identity",
            post(&m, "Transfer-Encoding: chunked, identity\r\n", &chunked),
            &[400],
            Closed,
        ),
        case(
            "gzip, chunked",
            post(&m, "Transfer-Encoding: gzip, chunked\r\n", &chunked),
            &[400],
            Closed,
        ),
        case(
            "chunked, chunked",
            post(&m, "Transfer-Encoding: chunked, chunked\r\n", &chunked),
            &[400],
            Closed,
        ),
        case(
            "chunked twice",
            post(&m, &te.repeat(2), &chunked),
            &[400],
            Closed,
        ),
        case(
            "CHUNKED",
            post(&m, "Transfer-Encoding: CHUNKED\r\n", &chunked),
            &[200],
            Either,
        ),
        case("good chunks", post(&m, te, &chunked), &[200], Either),
        case(
            "chunks of a byte",
            post(
                &m,
                te,
                m.chars()
                    .flat_map(|c| ['1', '\r', '\n', c, '\r', '\n'])
                    .collect::<String>()
                    + "0\r\n\r\n",
            ),
            &[200],
            Either,
        ),
        case("bad chunk size", post(&m, te, "zz\r\n"), &[400], Closed),
        case("negative chunk", post(&m, te, "-1\r\n"), &[400], Closed),
        case(
            "huge chunk",
            post(&m, te, format!("fffffffffffffffff\r\n{m}")),
            &[400, 413],
            Closed,
        ),
        case(
            "large chunk",
            post(&m, te, format!("ffffffff\r\n{}", "x".repeat(70_000))),
            &[400, 413],
            Closed,
        ),
        case(
            "extension",
            post(
                &m,
                te,
                format!("{n:x};{}\r\n{m}\r\n0\r\n\r\n", "x".repeat(1 << 20)),
            ),
            &[400, 413],
            Closed,
        ),
        case(
            "endless chunks",
            post(
                &m,
                te,
                format!("400\r\n{}\r\n", "x".repeat(1024)).repeat(80),
            ),
            &[413],
            Closed,
        ),
        case(
            "no last chunk",
            post(&m, te, format!("{n:x}\r\n{m}\r\n")),
            &[408],
            Closed,
        ),
        case(
            "gzip",
            post(
                &m,
                &format!("Content-Encoding: gzip\r\nContent-Length: {n}\r\n"),
                &m,
            ),
            &[415],
            Either,
        ),
        case(
            "expect",
            post(
                &m,
                &format!("Expect: 100-continue\r\nContent-Length: {n}\r\n"),
                &m,
            ),
            &[100, 200],
            Either,
        ),
        case(
            "expect too much",
            post(
                &m,
                "Expect: 100-continue\r\nContent-Length: 1000000\r\n",
                "",
            ),
            &[413],
            Closed,
        ),
        case(
            "two signatures",
            post(
                &m,
                &format!(
                    "X-Signature: {}\r\nContent-Length: {n}\r\n",
                    sign(m.as_bytes())
                ),
                &m,
            ),
            &[401],
            Either,
        ),
    ]
}

fn heads() -> Vec<Case> {
    use Then::{Closed, Either};
    let latin = [b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: \xe4\xff\r\n\r\n".as_slice()];
    vec![
        case("good", get(""), &[200], Either),
        case("blank before colon", get("X-A : b\r\n"), &[400], Closed),
        case("folded", get("X-A: b\r\n c\r\n"), &[400], Closed),
        case("NUL", get("X-A: b\0c\r\n"), &[400], Closed),
        case("no name", get(": b\r\n"), &[400], Closed),
        case("no colon", get("X-A\r\n"), &[400], Closed),
        case("bare CR", get("X-A: b\rc\r\n"), &[400], Closed),
        // Allowed (RFC 9112, 2.2), and harmless without a proxy that sees it differently.
        case(
            "bare LF",
            "GET /health HTTP/1.1\nHost: localhost\n\n",
            &[200, 400],
            Either,
        ),
        case("not ASCII", latin.concat(), &[200], Either),
        case("no Host", "GET /health HTTP/1.1\r\n\r\n", &[400], Closed),
        case("two Hosts", get("Host: localhost\r\n"), &[400], Closed),
        case(
            "bad Host",
            "GET /health HTTP/1.1\r\nHost: a b\r\n\r\n",
            &[400],
            Closed,
        ),
        case(
            "absolute",
            "GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            &[200],
            Either,
        ),
        case("0.9", "GET /health\r\n", &[400], Closed),
        case("1.0", "GET /health HTTP/1.0\r\n\r\n", &[200], Closed),
        case(
            "1.2",
            "GET /health HTTP/1.2\r\nHost: localhost\r\n\r\n",
            &[400, 505],
            Closed,
        ),
        case(
            "2.0",
            "GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n",
            &[400, 505],
            Closed,
        ),
        case(
            "h2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            &[400, 505, 0],
            Closed,
        ),
        case(
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
            &[400],
            Closed,
        ),
        case(
            "no method",
            " /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            &[400],
            Closed,
        ),
        case(
            "bad target",
            "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
            &[400],
            Closed,
        ),
        case("65 fields", get(&"X-A: b\r\n".repeat(65)), &[431], Closed),
        case(
            "long field",
            get(&format!("X-A: {}\r\n", "b".repeat(500_000))),
            &[431],
            Closed,
        ),
        case(
            "long target",
            format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "a".repeat(70_000)
            ),
            &[414, 431],
            Closed,
        ),
        case(
            "target of 10 KiB",
            format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "a".repeat(10_240)
            ),
            &[414],
            Closed,
        ),
    ]
}

/// The answer's status, 0 if there is none, and whether the connection ended.
async fn outcome(address: &str, case: &Case) -> (u16, bool) {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut reading, mut writing) = stream.into_split();
    let sent = case.sent.clone();
    // What is refused early is not all read.
    let write = tokio::spawn(async move {
        let _ = writing.write_all(&sent).await;
        writing
    });
    let mut answer = Vec::new();
    let (mut ended, mut buffer) = (false, [0; 4096]);
    loop {
        let has_head = answer.windows(4).any(|four| four == b"\r\n\r\n");
        if has_head && case.then == Then::Either {
            break;
        }
        let read = timeout(LONG, reading.read(&mut buffer)).await;
        match read.unwrap_or_else(|_| panic!("{}: it hangs", case.name)) {
            Ok(count) if count > 0 => answer.extend_from_slice(&buffer[..count]),
            _ => {
                ended = true;
                break;
            }
        }
    }
    write.abort();
    let text = String::from_utf8_lossy(&answer);
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), ended)
}

async fn play(cases: Vec<Case>) {
    let app = App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        config.limits.body_timeout = Duration::from_secs(1);
    })
    .await;
    let mut wrong = Vec::new();
    for case in cases {
        let (status, ended) = outcome(&app.address, &case).await;
        let closes = case.then == Then::Either || ended;
        if !case.statuses.contains(&status) || !closes {
            wrong.push(format!("{}: {status}, ended: {ended}", case.name));
        }
        // And the next one is served.
        assert_eq!(app.get("/health").await.status, 200, "{}", case.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn malformed_lengths_and_bodies_are_refused() {
    play(lengths()).await;
}

#[tokio::test]
async fn malformed_heads_are_refused() {
    play(heads()).await;
}

#[tokio::test]
async fn thousands_of_paths_methods_hosts_and_queries_add_two_series_at_most() {
    let app = App::over_configured(Arc::new(MemoryRepository::new()), |_, _| {}).await;
    let series = async || {
        app.get("/metrics")
            .await
            .text
            .lines()
            .filter(|line| line.starts_with("http_requests_total"))
            .count()
    };
    let before = series().await;
    let mut stream = TcpStream::connect(&app.address)
        .await
        .expect("a connection");
    let mut buffer = vec![0; 64 * 1024];
    for n in 0..3_000 {
        let request = format!(
            "M{n} /p{n}/x?q{n}={n} HTTP/1.1\r\nHost: h{n}.example\r\nX-{n}: {n}\r\nContent-Length: 0\r\n\r\n"
        );
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is taken");
        let count = timeout(LONG, stream.read(&mut buffer)).await;
        let count = count.expect("an answer").expect("no reset");
        assert!(buffer[..count].starts_with(b"HTTP/1.1 4"), "{n}");
    }
    let after = series().await;
    assert!(after <= before + 2, "{before} became {after}");
}
