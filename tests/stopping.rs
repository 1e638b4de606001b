//! The program stops, starts again on the socket that is handed over, and runs out of descriptors.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixListener},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Client;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::Value;

use crate::{
    http::{
        app::{body, sign},
        wire::{GET, Wire},
    },
    program::{Server, Setup},
};

/// As systemd starts a service: the socket is descriptor 3.
const HAND_OVER: &str = r#"exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0""#;

fn on_socket(setup: &Setup, socket: impl Into<OwnedFd>) -> Command {
    let mut command = setup.shell(HAND_OVER);
    command.stdin(Stdio::from(socket.into()));
    command
}

fn webhook(id: &str) -> String {
    let body = body(id, "2025-01-01T12:00:00Z", "").to_string();
    format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Signature: {}\r\nContent-Length: {}\r\n\r\n{body}",
        sign(body.as_bytes()),
        body.len(),
    )
}

#[tokio::test]
async fn it_stops_step_by_step_whatever_is_open() {
    let mut setup = Setup::new();
    setup.set("SHUTDOWN_DELAY_SECONDS", "3");
    let mut server = setup.serve();
    let mut kept = Wire::connect(&server.address).await;
    assert_eq!(kept.ask(GET).await.status, 200);
    let mut half_body = Wire::connect(&server.address).await;
    half_body.send(&webhook("half")[..200]).await;
    let mut half_head = Wire::connect(&server.address).await;
    half_head.send(&GET[..10]).await;
    let mut stream = server.get("/messages/live").await;
    assert!(stream.chunk().await.unwrap().is_some());

    server.signal("TERM");
    server.wait_for_line("not ready any more, and still accepting connections");
    let signalled = Instant::now();
    let unready = server.get("/health/ready").await;
    assert_eq!(unready.status(), 503);
    assert_eq!(unready.headers()["connection"], "close");
    let delivered = kept.ask(&webhook("late")).await;
    assert_eq!(delivered.status, 200);
    assert!(delivered.closes());
    let status = server.ended();
    let took = signalled.elapsed();
    assert_eq!(status.code(), Some(0), "{:#?}", server.log);
    assert!(took >= Duration::from_secs(2), "it did not wait: {took:?}");
    assert!(took < Duration::from_secs(13), "it took {took:?}");
    // The stream has an end; it is not broken off.
    while stream.chunk().await.expect("an end").is_some() {}
    half_body.closed().await;
    half_head.closed().await;
    let said: Vec<String> = server
        .log
        .iter()
        .filter_map(|line| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            line["message"].as_str().map(str::to_owned)
        })
        .filter(|message| message != "request")
        .collect();
    let steps = [
        "stopping",
        "not ready any more, and still accepting connections",
        "no longer accepting connections",
        "connections are cut off that did not end in time",
        "closing the database",
        "stopped",
    ];
    assert!(said.ends_with(&steps.map(str::to_owned)), "{said:#?}");
    let wal = setup.folder.path().join("data/app.db-wal");
    assert!(!wal.exists(), "the log was not folded in");
}

/// Keeps others from writing to the database.
async fn lock(setup: &Setup) -> DatabaseConnection {
    let path = setup.folder.path().join("data/app.db");
    let url = format!("sqlite://{}?mode=rw", path.display());
    // One connection, so that the lock is on it.
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1);
    let outside = Database::connect(options).await.unwrap();
    outside.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    outside
}

#[tokio::test]
async fn a_second_signal_ends_it_also_while_it_closes_the_database() {
    let setup = Setup::new();
    let mut server = setup.serve();
    let lock = lock(&setup).await;
    // The writer gives up each after two seconds: it is at the second when the first is answered.
    for id in ["first", "second", "third"] {
        let mut wire = Wire::connect(&server.address).await;
        wire.send(webhook(id)).await;
        assert_eq!(server.get("/health/live").await.status(), 200);
    }
    server.signal("TERM");
    server.wait_for_line("closing the database");
    server.signal("INT");
    let status = server.ended();
    assert_eq!(status.code(), Some(69), "{:#?}", server.log);
    let last = server.log.last().unwrap();
    assert!(last.contains("at a second signal"), "{last}");
    drop(lock);
}

#[tokio::test]
async fn a_database_that_does_not_let_go_keeps_nobody_waiting() {
    let setup = Setup::new();
    let mut server = setup.serve();
    let lock = lock(&setup).await;
    let mut wire = Wire::connect(&server.address).await;
    wire.send(webhook("waits")).await;
    assert_eq!(server.get("/health/live").await.status(), 200);
    drop(wire);
    server.signal("TERM");
    let signalled = Instant::now();
    let status = server.ended();
    let took = signalled.elapsed();
    assert!(took < Duration::from_secs(13), "it took {took:?}");
    assert!(matches!(status.code(), Some(0 | 69)), "{:#?}", server.log);
    drop(lock);
}

#[tokio::test]
async fn it_serves_on_sockets_that_are_handed_over() {
    let mut setup = Setup::new();
    let ours = TcpListener::bind("127.0.0.1:0").unwrap();
    setup.set("BIND", &ours.local_addr().unwrap().to_string());
    let [one, other] = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    let addresses = [&one, &other].map(|socket| socket.local_addr().unwrap().to_string());
    let mut command = setup
        .shell(r#"exec 3<&0 4<&2 0</dev/null 2>/dev/null; LISTEN_FDS=2 LISTEN_PID=$$ exec "$0""#);
    command
        .stdin(Stdio::from(OwnedFd::from(one)))
        .stderr(Stdio::from(OwnedFd::from(other)));
    let mut server = Setup::start(command);
    assert_eq!(server.address, addresses[0]);
    assert_eq!(server.wait_for_line("listening")["address"], addresses[1]);
    for address in &addresses {
        let mut wire = Wire::connect(address).await;
        assert_eq!(wire.ask(GET).await.status, 200);
    }
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);
}

#[test]
fn it_refuses_what_it_cannot_serve_on() {
    let setup = Setup::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connected = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let unix = UnixListener::bind(setup.folder.path().join("socket")).unwrap();
    let file = fs::File::open("/dev/null").unwrap();
    let all: [OwnedFd; 3] = [connected.into(), unix.into(), file.into()];
    for descriptor in all {
        let output = on_socket(&setup, descriptor).output().unwrap();
        let log = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(78), "{log}");
        let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert!(last["message"].as_str().unwrap().contains("LISTEN_FDS"));
        assert!(last["help"].as_str().unwrap().contains("ListenStream"));
    }
    // They are meant for another process.
    let mut command = setup.shell(r#"exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=1 exec "$0""#);
    command.stdin(Stdio::from(OwnedFd::from(listener)));
    let server = Setup::start(command);
    assert!(server.address.starts_with("127.0.0.1:"));
}

/// Clients that keep their connections, and some that do not. Each request must be answered 200.
async fn load(address: &str, stop: &AtomicBool, answered: &AtomicU64, client: usize) {
    let mut wire = Wire::connect(address).await;
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let answer = wire.ask(&webhook(&format!("{client}-{number}"))).await;
        assert_eq!(answer.status, 200);
        answered.fetch_add(1, Ordering::Relaxed);
        if answer.closes() || client.is_multiple_of(4) {
            wire = Wire::connect(address).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_on_a_socket_that_is_handed_over_loses_nothing() {
    let setup = Setup::new();
    // It stays open here, as it does at systemd.
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let start = || Setup::start(on_socket(&setup, socket.try_clone().unwrap()));
    let mut server = start();
    let (stop, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let clients: Vec<_> = (0..16)
        .map(|client| {
            let (address, stop) = (address.clone(), Arc::clone(&stop));
            let answered = Arc::clone(&answered);
            tokio::spawn(async move { load(&address, &stop, &answered, client).await })
        })
        .collect();
    for _ in 0..4 {
        let before = answered.load(Ordering::Relaxed);
        while answered.load(Ordering::Relaxed) < before + 100 {
            assert!(clients.iter().all(|client| !client.is_finished()));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server.signal("TERM");
        server = tokio::task::block_in_place(|| {
            assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);
            start()
        });
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("every request was answered 200");
    }
    let stats: Value = server.get("/stats").await.json().await.unwrap();
    assert_eq!(
        stats["total_messages"].as_u64(),
        Some(answered.load(Ordering::Relaxed))
    );
}

/// The time that a process has had on a processor.
fn cpu(server: &Server) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    // A hundred a second, whatever the machine.
    Duration::from_millis(ticks * 10)
}

#[tokio::test]
async fn it_rests_where_descriptors_run_out_and_recovers() {
    let setup = Setup::new();
    let mut server = Setup::start(setup.shell(r#"ulimit -n 64; exec "$0""#));
    let room = server
        .log
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["message"] == "there is room for connections");
    assert_eq!(room.unwrap()["max_connections"], 16);
    let idle: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(&server.address).unwrap())
        .collect();
    let (before, begun) = (cpu(&server), Instant::now());
    thread::sleep(Duration::from_secs(3));
    let (spent, passed) = (cpu(&server).saturating_sub(before), begun.elapsed());
    // It is a few hundredths; to spin would be all of it.
    assert!(spent < passed / 4, "{spent:?} of {passed:?}");
    // A good client is served meanwhile: those that say nothing make room.
    let client = Client::builder().no_proxy().build().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match server.deliver(&client, "m1", "").await {
            Ok(answer) if answer.status() == 200 => break,
            _ => assert!(Instant::now() < deadline, "no good client is served"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // So are readers, as far as there is room for them: the database lacks nothing.
    let (url, mut read) = (server.url("/messages"), false);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !read {
        assert!(Instant::now() < deadline, "no reader is served");
        let reads = (0..8).map(|_| async {
            let answer = client.get(&url).send().await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.text().await.ok()?))
        });
        for (status, text) in join_all(reads).await.into_iter().flatten() {
            let is_full = text.contains("as many connections");
            assert!(
                status == 200 || status == 503 && is_full,
                "{status}: {text}"
            );
            read |= status == 200;
        }
    }
    drop(idle);
    let deadline = Instant::now() + Duration::from_secs(20);
    for id in ["m2", "m3"] {
        while !server
            .deliver(&client, id, "")
            .await
            .is_ok_and(|answer| answer.status() == 200)
        {
            assert!(Instant::now() < deadline, "it does not recover");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!(server.get("/health/ready").await.status(), 200);
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);
}
