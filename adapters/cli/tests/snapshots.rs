//! What the program prints for help, and for the mistakes that are made most often.
//!
//! To write it anew: `just snapshots`; read the difference like code.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{self, Command, Stdio},
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

#[test]
fn help_and_mistakes() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .timeout(std::time::Duration::from_secs(20))
        .run();
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
    let mut server = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["serve", "--config", "settings.toml"])
        .env_clear()
        .env("WEBHOOK_SECRET", "sixteen-bytes-xy")
        .env("DATABASE_URL", "memory:")
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut log = BufReader::new(server.stdout.take().expect("piped")).lines();
    let mut line_with = |words: &str| {
        let found = log.find(|line| line.as_ref().is_ok_and(|line| line.contains(words)));
        found
            .unwrap_or_else(|| panic!("no line with {words}"))
            .expect("UTF-8")
    };
    // By the file's address: the default would not be port 0.
    let listening = line_with("\"listening\"");
    assert!(!listening.contains(":8000"), "{listening}");
    write(60);
    let hangup = Command::new("kill")
        .args(["-HUP", &server.id().to_string()])
        .status();
    assert!(hangup.expect("kill runs").success());
    let line = line_with("needs a restart");
    assert!(
        line.contains("retention_days") && !line.contains("bind"),
        "{line}"
    );
    line_with("the keys were read again");
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    fs::remove_dir_all(&folder).expect("it is there");
}
