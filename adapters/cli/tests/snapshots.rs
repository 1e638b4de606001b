//! What the program prints for help, and for the mistakes that are made most often.
//!
//! To write it anew: `just snapshots`; read the difference like code.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

#[test]
fn an_address_that_is_taken_is_said_and_where_to_mend_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("serve")
        .env_clear()
        .env("WEBHOOK_SECRET", "sixteen-bytes-xy")
        .env("DATABASE_URL", "memory:")
        .env("BIND", &address)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(69));
    let log = String::from_utf8(output.stdout).expect("UTF-8");
    let last = log.lines().last().unwrap_or_default();
    for said in [address.as_str(), "cannot listen on", "set BIND or --bind"] {
        assert!(last.contains(said), "{said} is not in {last}");
    }
}

/// What the tests of the command line need of the environment. Everything else (settings, the width of
/// the terminal, colours) may change what is printed.
fn is_needed(variable: &str) -> bool {
    ["PATH", "HOME", "TMPDIR", "TRYCMD", CHILD].contains(&variable)
        || ["CARGO", "LD_", "LLVM_"]
            .iter()
            .any(|start| variable.starts_with(start))
}

/// Set in the process that has only what it needs.
const CHILD: &str = "COUNTERSIGN_SNAPSHOTS";

#[test]
fn help_and_mistakes() {
    if env::var_os(CHILD).is_none() {
        let test = env::current_exe().expect("a test");
        let variables = env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_needed));
        let output = Command::new(test)
            .args(["--exact", "help_and_mistakes", "--nocapture"])
            .env_clear()
            .envs(variables)
            .env(CHILD, "1")
            .output()
            .expect("the test runs again");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .timeout(Duration::from_secs(20))
        .run();
}

/// A server, away in the end.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Of the file's settings, those that need a restart are named when they change under a server.
#[test]
fn a_setting_that_changes_under_a_server_is_named_at_sighup() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hangup-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let write = |days: u32| {
        let text = format!("bind = \"127.0.0.1:0\"\nretention_days = {days}\n");
        fs::write(folder.join("settings.toml"), text).expect("it can be written");
    };
    write(30);
    let server = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["serve", "--config", "settings.toml"])
        .env_clear()
        .env("WEBHOOK_SECRET", "sixteen-bytes-xy")
        .env("DATABASE_URL", "memory:")
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut server = Server(server);
    let log = BufReader::new(server.0.stdout.take().expect("piped")).lines();
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in log {
            if sender.send(line.expect("UTF-8")).is_err() {
                break;
            }
        }
    });
    let deadline = Instant::now() + Duration::from_secs(30);
    let line_with = |words: &str| {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("no line with {words}"));
            if line.contains(words) {
                return line;
            }
        }
    };
    // By the file's address: the default would not be port 0.
    let listening = line_with("\"listening\"");
    assert!(!listening.contains(":8000"), "{listening}");
    write(60);
    let hangup = Command::new("kill")
        .args(["-HUP", &server.0.id().to_string()])
        .status();
    assert!(hangup.expect("kill runs").success());
    let line = line_with("needs a restart");
    assert!(
        line.contains("retention_days") && !line.contains("bind"),
        "{line}"
    );
    line_with("the keys were read again");
    drop(server);
    fs::remove_dir_all(&folder).expect("it is there");
}
