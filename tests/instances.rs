//! Several processes on one PostgreSQL, as their operator meets them.

use reqwest::{Client, Response};
use serde_json::Value;

use crate::{
    program::{Server, Setup},
    store::server::Database,
};

/// A place to run in, with the database. Whoever is let in by trust may have any password, and it
/// must not be seen anywhere.
async fn setup() -> Option<(Database, Setup)> {
    let database = Database::new().await?;
    let mut setup = Setup::new();
    let url = reqwest::Url::parse(&database.url).map(|mut url| {
        if url.password().is_none() {
            url.set_password(Some("hunter2")).expect("a user");
        }
        url
    });
    setup.set("DATABASE_URL", url.expect("a URL").as_str());
    Some((database, setup))
}

async fn json(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

async fn total(server: &Server) -> Value {
    json(server.get("/messages").await).await["total"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_are_one_inbox() {
    let Some((_database, setup)) = setup().await else {
        return;
    };
    let (mut one, mut other) = (setup.serve(), setup.serve());
    let client = Client::builder().no_proxy().build().expect("a client");
    // Both wait before anything is there.
    let url = other.url("/messages?after_seq=0&wait=30");
    let polling = tokio::spawn(client.get(url).send());
    let stream = other.get("/messages/live?after_seq=0").await;

    let replayed = |answer: Response| {
        assert_eq!(answer.status(), 200);
        answer.headers().contains_key("idempotent-replayed")
    };
    let answer = one
        .deliver(&client, "m1", "hello")
        .await
        .expect("an answer");
    assert!(!replayed(answer));
    let polled = json(polling.await.expect("it ends").expect("an answer")).await;
    assert_eq!(polled["data"][0]["message_id"], "m1");
    let streamed = first_event(stream).await;
    assert_eq!(streamed["message_id"], "m1");
    let found = json(other.get("/messages/m1").await).await;
    assert_eq!(found["text"], "hello");

    // The same to both at once is stored once, and something else under its id is recorded.
    for n in 0..20 {
        let id = format!("both-{n}");
        let (here, there) = tokio::join!(
            one.deliver(&client, &id, "x"),
            other.deliver(&client, &id, "x"),
        );
        let here = replayed(here.expect("an answer"));
        assert_ne!(here, replayed(there.expect("an answer")), "one created it");
    }
    let answer = other.deliver(&client, "m1", "goodbye").await;
    assert!(replayed(answer.expect("an answer")));
    assert_eq!(json(one.get("/conflicts").await).await["total"], 1);
    assert_eq!(total(&one).await, 21);
    assert_eq!(total(&other).await, 21);

    // One is gone, and the other goes on.
    one.signal("KILL");
    one.ended();
    let answer = other.deliver(&client, "m2", "").await.expect("an answer");
    assert!(!replayed(answer));
    assert_eq!(total(&other).await, 22);
    assert_eq!(other.get("/health/ready").await.status(), 200);
    other.signal("TERM");
    assert!(other.ended().success());
    for line in one.log.iter().chain(&other.log) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}

/// What the first event with data says.
async fn first_event(mut stream: Response) -> Value {
    assert_eq!(stream.status(), 200);
    let mut text = String::new();
    loop {
        let chunk = stream
            .chunk()
            .await
            .expect("it goes on")
            .expect("it goes on");
        text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        let data = text
            .split_once("data: ")
            .and_then(|(_, rest)| rest.split_once('\n'));
        if let Some((data, _)) = data {
            return serde_json::from_str(data).expect("JSON");
        }
    }
}

#[tokio::test]
async fn migrations_can_be_asked_for_and_run_apart() {
    let Some((database, setup)) = setup().await else {
        return;
    };
    let (code, out, err) = setup.run(&["migrate", "--status"]);
    assert_eq!(code, Some(69), "{err}");
    assert_eq!(
        out,
        "pending: p0001_messages\npending: p0002_sources\npending: p0003_minutes\npending: p0004_repeats\n"
    );
    assert!(err.contains("help: run countersign migrate"), "{err}");
    let (code, out, _) = setup.run(&["migrate"]);
    assert_eq!(code, Some(0));
    assert!(out.ends_with("is up to date: 0 messages\n"), "{out}");
    let (code, out, _) = setup.run(&["migrate", "--status"]);
    assert_eq!(code, Some(0));
    assert!(out.ends_with(": every migration is applied\n"), "{out}");

    let newer = "INSERT INTO seaql_migrations VALUES ('p9999_future', 0)";
    database.run(newer).await;
    for arguments in [&["migrate"][..], &["migrate", "--status"], &["serve"]] {
        let (code, out, err) = setup.run(arguments);
        assert_eq!(code, Some(78), "{arguments:?}: {out}{err}");
        let said = out + &err;
        assert!(
            said.contains("newer version of countersign (p9999_future)"),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named_with_a_remedy() {
    let Some((database, mut setup)) = setup().await else {
        return;
    };
    let missing = database
        .url
        .replacen(database.name(), "no_such_database", 1);
    setup.set("DATABASE_URL", &missing);
    let (code, out, _) = setup.run(&["serve"]);
    assert_eq!(code, Some(69), "{out}");
    assert!(out.contains("CREATE DATABASE"), "{out}");
}
