//! Messages from one database into another, and into files and back.

mod databases;
mod files;

use std::{num::NonZeroUsize, path::Path, path::PathBuf};

use countersign_core::{
    ArrivalQuery, Conflict, Message, MessageFilter, MessageId, MessageRepository as _, Msisdn,
    NewMessage, Repeat, Sequence, SourceName, Text, Timestamp,
};
use countersign_sea_orm::SqlRepository;

use crate::{
    fixture::{at, message},
    program::Setup,
    store::open_unfolded,
};

const NOON: &str = "2025-01-01T12:00:00Z";
const ALL: NonZeroUsize = NonZeroUsize::MAX;

/// A folder with databases and files in it.
struct Place(Setup);

impl Place {
    fn new() -> Self {
        Self(Setup::without_secret())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.folder.path().join(name)
    }

    async fn open(&self, database: &str) -> SqlRepository {
        open_unfolded(&self.path(database)).await
    }

    /// Adds messages and conflicts to a database.
    async fn fill(&self, database: &str, messages: &[Message], conflicts: &[Conflict]) {
        let repository = self.open(database).await;
        for batch in messages.chunks(1000) {
            repository.append(batch).await.unwrap();
        }
        repository.keep_conflicts(conflicts).await.unwrap();
        repository.close().await.unwrap();
    }

    /// Says of a database how often messages came again.
    async fn repeat(&self, database: &str, repeats: &[Repeat]) {
        let repository = self.open(database).await;
        repository.note_repeats(repeats).await.unwrap();
        repository.close().await.unwrap();
    }

    /// How often messages came again, in the order of arrival.
    async fn repeats(&self, database: &str) -> Vec<Repeat> {
        let repository = self.open(database).await;
        let repeats = repository.repeats_behind(Sequence::START, ALL).await;
        repository.close().await.unwrap();
        let repeats = repeats.unwrap().into_iter();
        repeats.map(|(_, repeat)| repeat).collect()
    }

    /// All messages in the order of arrival, and all conflicts.
    async fn contents(&self, database: &str) -> (Vec<Message>, Vec<Conflict>) {
        let repository = self.open(database).await;
        let query = ArrivalQuery {
            after: Sequence::START,
            filter: MessageFilter::default(),
            limit: ALL,
        };
        let arrivals = repository.arrivals(&query).await.unwrap();
        let messages = arrivals.items.into_iter().map(|arrival| arrival.message);
        let conflicts = repository.conflicts_behind(0, ALL).await.unwrap();
        repository.close().await.unwrap();
        let conflicts = conflicts.into_iter().map(|(_, conflict)| conflict);
        (messages.collect(), conflicts.collect())
    }

    /// Runs a command that must end with this exit code: what it wrote, to standard output and to
    /// standard error.
    fn run(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let (status, out, err) = self.0.run(arguments);
        assert_eq!(status, Some(code), "{arguments:?}: {out}{err}");
        // Whatever goes wrong, it says how to mend it, and nothing private.
        assert!(code == 0 || err.contains("\nhelp: "), "{err}");
        assert!(
            !out.contains("CANARY") && !err.contains("CANARY"),
            "{out}{err}"
        );
        (out, err)
    }
}

/// Texts of every kind; in each, `CANARY` stands for what is private.
fn texts() -> Vec<Option<String>> {
    let texts = [
        "",
        "CANARY",
        "'",
        "''CANARY'",
        "=1+CANARY",
        "+1",
        "-CANARY",
        "@CANARY",
        "\tCANARY",
        "\rCANARY",
        "CANARY \"quoted\", and, commas",
        "CANARY\nlines\r\nand lines\n",
        "💬 Ünïcödé \u{feff}\u{202e}\u{2028} CANARY",
        "null",
        "\\u0041 \\n CANARY",
    ];
    let longest = "😀".repeat(Text::MAX_CHARS);
    let texts = texts.into_iter().map(str::to_owned).chain([longest]);
    std::iter::once(None).chain(texts.map(Some)).collect()
}

/// Messages with these texts, with ids and instants of every kind, not in the order of time.
fn messages() -> Vec<Message> {
    let mut messages: Vec<Message> = texts()
        .into_iter()
        .zip(0..)
        .map(|(text, number)| {
            let mut message = message(&format!("m{number}"), NOON, "");
            message.content.ts = at(&format!(
                "2025-01-01T12:00:{:02}.00000{number}Z",
                59 - number
            ));
            message.content.text = text.map(|text| Text::try_from(text).unwrap());
            message
        })
        .collect();
    for id in ["=id", "'id", "a,b", "\"", " ", "é💬"] {
        messages.push(message(id, NOON, "CANARY"));
    }
    messages[0].content.ts = Timestamp::MIN;
    messages[1].created_at = Timestamp::MAX;
    messages
}

/// A message that today's rules refuse, as the original service may have left it.
fn adopted() -> Message {
    NewMessage {
        source: SourceName::default(),
        id: MessageId::from_store("line\nfeed".to_owned()),
        from: Msisdn::from_store("CANARY".to_owned()),
        to: Msisdn::from_store(String::new()),
        ts: at(NOON),
        text: Some(Text::from_store("x".repeat(5000))),
    }
    .received_at(at(NOON))
}

fn conflict(message_id: &str, text: &str) -> Conflict {
    Conflict {
        content: message(message_id, NOON, text).content,
        first_seen_at: at("2025-01-02T12:00:00Z"),
        last_seen_at: at("2025-01-03T12:00:00Z"),
        times: 7,
    }
}

fn url(name: &str) -> String {
    format!("sqlite://{name}")
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
