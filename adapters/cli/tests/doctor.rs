//! `countersign doctor` beside a server, and at databases that no server starts with.
#![expect(clippy::expect_used, reason = "a test ends where it cannot go on")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{self, Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of its own, away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("doctor-{name}-{}", process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(arguments)
            .env_clear()
            .env("WEBHOOK_SECRET", "sixteen-bytes-xy")
            .env("DATABASE_URL", "sqlite://app.db")
            .env("BIND", "127.0.0.1:0")
            .current_dir(&self.0);
        command
    }

    /// A database that was closed.
    fn with_database(self) -> Self {
        // The first may leave a write-ahead log behind, which the second tidies up.
        for _ in 0..2 {
            let migrated = self.command(&["migrate"]).output().expect("it runs");
            assert!(migrated.status.success(), "{}", said(&migrated));
        }
        assert!(!self.0.join("app.db-wal").exists(), "it was not closed");
        self
    }

    fn database(&self) -> PathBuf {
        self.0.join("app.db")
    }

    /// What is in it, byte for byte.
    fn content(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(&self.0).expect("it is there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .map(|path| (path.clone(), fs::read(path).expect("a file")))
            .collect()
    }

    /// What doctor says and how it ends; it changes nothing.
    fn doctor(&self, variables: &[(&str, &str)]) -> (String, Option<i32>) {
        let before = self.content();
        let mut doctor = self.command(&["doctor"]);
        let output = doctor.envs(variables.iter().copied()).output();
        let output = output.expect("it runs");
        assert!(self.content() == before, "doctor changed the folder");
        (said(&output), output.status.code())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).expect("UTF-8")
}

fn line<'a>(text: &'a str, name: &str) -> &'a str {
    let found = text
        .lines()
        .find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(name)));
    found.unwrap_or_else(|| panic!("no line {name} in {text}"))
}

#[test]
fn beside_a_server_it_sees_it_and_changes_nothing() {
    let folder = Folder::new("beside");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let mut server = folder.command(&["serve"]);
    let server = server.env("BIND", &address).stdout(Stdio::null()).spawn();
    let _server = Running(server.expect("it runs"));
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut health = folder.command(&["health"]);
        let ready = health.env("BIND", &address).output().expect("it runs");
        if ready.status.success() {
            break;
        }
        assert!(Instant::now() < deadline, "{}", said(&ready));
        thread::sleep(Duration::from_millis(50));
    }
    let (text, code) = folder.doctor(&[("BIND", &address)]);
    assert!(line(&text, "address").contains("answers at"), "{text}");
    assert!(line(&text, "readiness").starts_with("OK"), "{text}");
    assert!(
        line(&text, "database").contains("journal_mode=wal"),
        "{text}"
    );
    assert!(line(&text, "migrations").starts_with("OK"), "{text}");
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_database_that_was_closed_is_looked_at_also_through_a_link() {
    let folder = Folder::new("closed").with_database();
    let (text, code) = folder.doctor(&[]);
    assert!(
        line(&text, "database").contains("journal_mode=wal"),
        "{text}"
    );
    assert_eq!(code, Some(0), "{text}");
    std::os::unix::fs::symlink("app.db", folder.0.join("link.db")).expect("a link");
    let (text, code) = folder.doctor(&[("DATABASE_URL", "sqlite://link.db")]);
    assert!(line(&text, "migrations").starts_with("OK"), "{text}");
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_database_that_was_not_closed_is_left_to_the_next_start() {
    for suffix in ["-wal", "-journal"] {
        let folder = Folder::new(suffix).with_database();
        fs::write(folder.0.join(format!("app.db{suffix}")), [0; 32]).expect("a file");
        let (text, code) = folder.doctor(&[]);
        assert!(line(&text, "database").contains("was not closed"), "{text}");
        assert_eq!(code, Some(0), "{text}");
    }
}

#[test]
fn what_serve_refuses_fails() {
    let folder = Folder::new("newer").with_database();
    let database = rusqlite::Connection::open(folder.database()).expect("a database");
    database
        .execute(
            "INSERT INTO seaql_migrations VALUES ('m9999_future', 0)",
            [],
        )
        .expect("a row");
    drop(database);
    let (text, code) = folder.doctor(&[]);
    let found = line(&text, "database");
    assert!(
        found.starts_with("FAIL") && found.contains("m9999_future"),
        "{text}"
    );
    assert!(text.contains("1 check fails"), "{text}");
    assert_eq!(code, Some(69), "{text}");

    fs::create_dir(folder.0.join("folder")).expect("a folder");
    let output = folder
        .command(&["doctor", "--database-url", "sqlite://folder"])
        .output()
        .expect("it runs");
    assert!(line(&said(&output), "database").contains("is a folder"));
    assert_eq!(output.status.code(), Some(69));
}

#[test]
fn a_file_beside_the_database_that_may_only_be_read_fails() {
    for suffix in ["", "-index"] {
        let folder = Folder::new(&format!("read-only{suffix}")).with_database();
        let file = folder.0.join(format!("app.db{suffix}"));
        let mut permissions = fs::metadata(&file).expect("it is there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).expect("it is ours");
        // Whoever may write to everything, may also to this one.
        let writable = fs::File::options().write(true).open(&file).is_ok();
        let (text, code) = folder.doctor(&[]);
        assert_eq!(
            line(&text, "database").starts_with("OK"),
            writable,
            "{text}"
        );
        assert_eq!(code, Some(if writable { 0 } else { 69 }), "{text}");
    }
}

#[test]
fn a_server_that_is_silent_fails_in_time() {
    let folder = Folder::new("silent");
    // It takes connections, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("an address");
    let url = format!("postgres://user:hunter2@{address}/inbox");
    let began = Instant::now();
    let (text, code) = folder.doctor(&[("DATABASE_URL", &url)]);
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert!(line(&text, "database").starts_with("FAIL"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(code, Some(69), "{text}");
}

/// A pipe can be read only once.
#[test]
fn the_sources_of_a_file_that_is_a_pipe_are_seen() {
    let folder = Folder::new("pipe");
    let mut shown = folder.command(&["config", "show", "--config", "/dev/stdin"]);
    let shown = shown.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut shown = Running(shown.expect("it runs"));
    let file = b"retention_days = 30\n[[source]]\nname = \"shop\"\nscheme = \"shopify\"\n\
        secrets = [{ label = \"one\", secret = \"sixteen-bytes-xy\" }]\n";
    let mut input = shown.0.stdin.take().expect("piped");
    input.write_all(file).expect("it reads");
    drop(input);
    let mut text = String::new();
    let mut output = shown.0.stdout.take().expect("piped");
    output.read_to_string(&mut text).expect("UTF-8");
    assert!(text.contains("/dev/stdin, line 1"), "{text}");
    assert!(
        text.contains("shop ") && text.contains("keys: one"),
        "{text}"
    );
}
