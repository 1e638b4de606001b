//! What the program prints for help, and for the mistakes that are made most often.
//!
//! To write it anew: `just snapshots`; read the difference like code.

use std::{net::TcpListener, process::Command};

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
