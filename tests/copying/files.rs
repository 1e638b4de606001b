//! `countersign export` and `countersign import`.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::Stdio,
};

use countersign_core::{Conflict, MessageRepository as _, Text};
use serde_json::{Value, json};

use super::{NOON, Place, adopted, exists, messages, url};
use crate::fixture::{at, key, message};

impl Place {
    fn export(&self, code: i32, more: &[&str]) -> (String, String) {
        let from = url("from.db");
        self.run(code, &[&["export", "--database-url", &from], more].concat())
    }

    fn import(&self, code: i32, more: &[&str]) -> (String, String) {
        let to = url("to.db");
        self.run(code, &[&["import", "--database-url", &to], more].concat())
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }
}

fn line(message_id: &str) -> String {
    json!({
        "message_id": message_id,
        "from_msisdn": "+12",
        "to_msisdn": "+13",
        "ts": NOON,
    })
    .to_string()
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was() {
    for format in ["ndjson", "csv"] {
        let place = Place::new();
        let mut messages = messages();
        messages.extend((0..1500).map(|number| message(&format!("bulk {number}"), NOON, "bulk")));
        place.fill("from.db", &messages, &[]).await;
        // By the file's name, and by what is said.
        let file = format!("messages.{format}");
        let (out, err) = place.export(0, &["--output", &file]);
        assert!(
            out.starts_with(&format!("{} messages are in ", messages.len())),
            "{out}"
        );
        assert_eq!(err, "");
        let mode = fs::metadata(place.path(&file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let (status, piped, err) = place.0.run(&[
            "export",
            "--database-url",
            &url("from.db"),
            "--format",
            format,
        ]);
        assert_eq!((status, err.as_str()), (Some(0), ""));
        assert!(piped == place.read(&file));

        let created = format!("{} created, 0 duplicates, 0 conflicts\n", messages.len());
        assert_eq!(place.import(0, &[&file]).0, created);
        assert_eq!(place.contents("to.db").await, (messages.clone(), vec![]));
        let known = format!("0 created, {} duplicates, 0 conflicts\n", messages.len());
        assert_eq!(place.import(0, &[&file]).0, known);

        // As another program may have saved it, and from standard input.
        let mut importing = place
            .0
            .command(&[
                "import",
                "--database-url",
                "sqlite://piped.db",
                "--format",
                format,
                "-",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut input = importing.stdin.take().expect("piped");
        input.write_all("\u{feff}".as_bytes()).unwrap();
        // (Line ends within quoted texts are of the text.)
        let marked = match format {
            "ndjson" => piped.replace('\n', "\r\n"),
            _ => piped.replacen('\n', "\r\n", 1),
        };
        input.write_all(marked.as_bytes()).unwrap();
        drop(input);
        assert!(importing.wait().unwrap().success());
        assert_eq!(place.contents("piped.db").await.0, messages);
    }
}

#[tokio::test]
async fn an_exported_line_is_the_apis_message() {
    let place = Place::new();
    let mut second = message("m2", NOON, "");
    second.content.text = None;
    place
        .fill("from.db", &[message("m1", NOON, "=1"), second], &[])
        .await;
    let (out, _) = place.export(0, &[]);
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines[0],
        json!({
            "message_id": "m1",
            "from_msisdn": "+14155550100",
            "to_msisdn": "+14155550199",
            "ts": NOON,
            "text": "=1",
            "created_at": "2025-06-01T12:00:00Z",
        })
    );
    assert_eq!(lines[1]["text"], Value::Null);
    let (out, _) = place.export(0, &["--format", "csv"]);
    assert_eq!(
        out,
        "message_id,from_msisdn,to_msisdn,ts,text,created_at\n\
         m1,'+14155550100,'+14155550199,2025-01-01T12:00:00Z,'=1,2025-06-01T12:00:00Z\n\
         m2,'+14155550100,'+14155550199,2025-01-01T12:00:00Z,,2025-06-01T12:00:00Z\n"
    );
}

#[tokio::test]
async fn a_file_is_overwritten_only_if_told_to() {
    let place = Place::new();
    place
        .fill("from.db", &[message("m", NOON, "text")], &[])
        .await;
    place.write("out.csv", "precious");
    let (_, err) = place.export(73, &["--output", "out.csv"]);
    assert!(
        err.contains("is there already") && err.contains("--force"),
        "{err}"
    );
    assert_eq!(place.read("out.csv"), "precious");
    place.export(0, &["--output", "out.csv", "--force"]);
    assert!(place.read("out.csv").starts_with("message_id,"));

    fs::create_dir(place.path("folder")).unwrap();
    let (_, err) = place.export(73, &["--output", "folder", "--force"]);
    assert!(err.contains("no plain file"), "{err}");
    let (_, err) = place.export(73, &["--output", "/dev/null", "--force"]);
    assert!(err.contains("no plain file"), "{err}");
    place.export(73, &["--output", "nowhere/out.csv"]);
    let (_, err) = place.run(66, &["export", "--database-url", "sqlite://none.db"]);
    assert!(err.contains("is not there"), "{err}");
    place.run(78, &["export", "--database-url", "memory:"]);
    assert!(!exists(&place.path("none.db")));
    // Nothing half is left beside.
    let names = fs::read_dir(place.0.folder.path()).unwrap();
    for name in names {
        let name = name.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with(".out"), "{name:?}");
    }
}

#[tokio::test]
async fn whoever_has_read_enough_is_told_nothing() {
    let place = Place::new();
    let messages: Vec<_> = (0..5000)
        .map(|number| message(&format!("{number}"), NOON, &"long ".repeat(50)))
        .collect();
    place.fill("from.db", &messages, &[]).await;
    let mut exporting = place
        .0
        .command(&["export", "--database-url", "sqlite://from.db"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut output = BufReader::new(exporting.stdout.take().expect("piped"));
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    let ended = exporting.wait_with_output().unwrap();
    assert!(
        ended.status.success() && ended.stderr.is_empty(),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_bad_line_ends_an_import_and_what_came_before_is_stored() {
    let bad = |field: &str, value: Value| {
        let mut line: Value = serde_json::from_str(&line("bad")).unwrap();
        line[field] = value;
        line.to_string()
    };
    let many = "CANARY".repeat(1000);
    for (bad, word) in [
        (
            bad("message_id", json!("")),
            "message_id must be 1 to 255 characters long, but has 0",
        ),
        (
            bad("from_msisdn", json!("CANARY")),
            "from_msisdn must be an E.164 number",
        ),
        (
            bad("to_msisdn", json!("CANARY")),
            "(it is 6 characters long)",
        ),
        (
            bad("ts", json!("CANARY")),
            "ts must be an RFC 3339 date and time",
        ),
        (
            bad("created_at", json!("CANARY!")),
            "created_at must be an RFC 3339",
        ),
        (
            bad("text", json!(many)),
            "text must be at most 4096 characters long, but has 6000",
        ),
        (
            bad("text", json!("CANARY\0")),
            "text must not contain U+0000",
        ),
        (
            bad("text", json!(["CANARY"])),
            "text must be a text, but is an array",
        ),
        (bad("ts", Value::Null), "ts is missing"),
        (
            "CANARY".to_owned(),
            "must be a JSON object (the line has 6 bytes)",
        ),
        ("{\"text\":\"CANARY".to_owned(), "is no valid JSON at byte"),
        (
            format!("{{\"text\":\"{}\"}}", "x".repeat(1 << 20)),
            "line 4 is longer than 1048576",
        ),
    ] {
        let place = Place::new();
        let lines = [&line("one"), "", &line("two"), &bad, &line("three")].map(str::to_owned);
        place.write("in.ndjson", &lines.join("\n"));
        let (out, err) = place.import(65, &["in.ndjson"]);
        assert_eq!(out, "2 created, 0 duplicates, 0 conflicts\n");
        assert!(err.contains("line 4") && err.contains(word), "{err}");
        assert_eq!(place.contents("to.db").await.0.len(), 2);
        if err.contains("longer than") {
            continue;
        }
        let (out, err) = place.import(0, &["in.ndjson", "--skip-invalid"]);
        assert_eq!(out, "1 created, 2 duplicates, 0 conflicts, 1 left out\n");
        assert!(
            err.starts_with("line 4 is left out: ") && err.contains(word),
            "{err}"
        );
    }
}

#[tokio::test]
async fn bad_csv_is_refused_with_its_line() {
    let place = Place::new();
    let header = "message_id,from_msisdn,to_msisdn,ts,text\n";
    let good = format!("a,+12,+13,{NOON},\"two\nlines\"\n");
    place.write(
        "in.csv",
        &format!(
            "{header}{good}b,CANARY,+13,{NOON},x\nc\n{}",
            good.replace("a,", "d,")
        ),
    );
    let (out, err) = place.import(65, &["in.csv"]);
    assert_eq!(out, "1 created, 0 duplicates, 0 conflicts\n");
    assert!(err.contains("line 4: from_msisdn must be"), "{err}");
    let (out, err) = place.import(0, &["in.csv", "--skip-invalid"]);
    assert_eq!(out, "1 created, 1 duplicates, 0 conflicts, 2 left out\n");
    assert!(
        err.contains("line 4 is left out: ") && err.contains("line 5 is left out: "),
        "{err}"
    );
    let text = &place.contents("to.db").await.0[1].content.text;
    assert_eq!(text.as_ref().map(Text::as_str), Some("two\nlines"));

    place.write("in.csv", &good);
    let (_, err) = place.import(65, &["in.csv"]);
    assert!(err.contains("line 1 must name the columns"), "{err}");
    place.write("in.csv", &format!("{header}\"{}", "x\n".repeat(1 << 20)));
    let (_, err) = place.import(65, &["in.csv"]);
    assert!(err.contains("line 2 is longer than"), "{err}");
    let mut bytes = format!("{header}e,+12,+13,{NOON},").into_bytes();
    bytes.extend(b"ab\xff\n");
    fs::write(place.path("in.csv"), bytes).unwrap();
    let (_, err) = place.import(65, &["in.csv"]);
    assert!(
        err.contains("text must be UTF-8, but is not from byte 3 of 3 on"),
        "{err}"
    );
    place.import(66, &["none.csv"]);
    place.run(78, &["import", "--database-url", "memory:", "in.csv"]);
}

#[tokio::test]
async fn what_is_imported_is_received_now_unless_it_says_when() {
    let place = Place::new();
    let mut differing: Value = serde_json::from_str(&line("one")).unwrap();
    differing["text"] = json!("CANARY");
    differing["unknown"] = json!({"nested": [1]});
    place.write("in.ndjson", &format!("{}\n{differing}\n", line("one")));
    let (out, _) = place.import(0, &["in.ndjson"]);
    assert_eq!(out, "1 created, 0 duplicates, 1 conflicts\n");
    let (messages, conflicts) = place.contents("to.db").await;
    assert!(messages[0].created_at > at("2025-01-01T00:00:00Z"));
    assert_eq!(messages[0].content.text, None);
    assert!(matches!(&conflicts[..], [Conflict { times: 1, .. }]));
}

#[tokio::test]
async fn what_todays_rules_refuse_is_exported_and_named_when_it_is_imported() {
    let place = Place::new();
    place
        .fill("from.db", &[adopted(), message("m", NOON, "text")], &[])
        .await;
    place.export(0, &["--output", "out.csv"]);
    let (_, err) = place.import(65, &["out.csv"]);
    assert!(
        err.contains("line 2: message_id must not contain control"),
        "{err}"
    );
    place.import(0, &["out.csv", "--skip-invalid"]);
    let store = place.open("to.db").await;
    assert!(store.find(&key("m")).await.unwrap().is_some());
}

#[test]
fn the_help_says_what_one_must_know() {
    let place = Place::new();
    for (arguments, words) in [
        (
            ["--help", ""],
            &["copy", "export", "import", "65 wrong data"][..],
        ),
        (
            ["copy", "--help"],
            &["--resume", "--verify-only", "caught up", "migrate", "65"],
        ),
        (
            ["export", "--help"],
            &["Conflicts", "not exported", "apostrophe", "--force"],
        ),
        (
            ["import", "--help"],
            &["--skip-invalid", "created_at", "running it again"],
        ),
    ] {
        let arguments: Vec<&str> = arguments
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let (out, _) = place.run(0, &arguments);
        let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(out.contains(word), "{word} in {out}");
        }
    }
}
