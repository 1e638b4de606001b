//! `DATABASE_URL`, as an operator writes it.
//!
//! Nothing panics; a file is read the same when it is written plainly; no answer repeats a password.
#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::database_url::{Database, parse};

// The program is no library: these are its own files, as they are.
#[allow(dead_code)]
#[path = "../../adapters/cli/src/database_url.rs"]
mod database_url;
#[allow(dead_code)]
#[path = "../../adapters/cli/src/stop.rs"]
mod stop;

const PASSWORD: &str = "hunter2";

/// What has a meaning in a URL, and blanks, which may be cut off.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

fuzz_target!(|url: &str| {
    let private = has_password(url);
    match parse(url) {
        Ok(Database::Memory) => {}
        Ok(Database::SqliteFile(path)) => {
            let path = path.to_str().expect("UTF-8, as the URL");
            // With three slashes alone, what begins with a dot is relative.
            let slash = if path.starts_with('/') { "/" } else { "" };
            let path_in_url = utf8_percent_encode(path, RESERVED);
            let plain = format!("sqlite://{slash}{path_in_url}");
            let again = parse(&plain);
            assert_eq!(again, Ok(Database::SqliteFile(path.into())), "{plain}");
        }
        Ok(Database::Postgres(postgres)) => {
            if private {
                let shown = format!("{postgres} {postgres:?}");
                assert!(!shown.contains(PASSWORD), "{shown}");
            }
        }
        Err(stop) => {
            if private {
                let shown = format!("{stop} {stop:?}");
                assert!(!shown.contains(PASSWORD), "{shown}");
            }
        }
    }
});

/// Whether the password stands where a URL has it, and nowhere else.
fn has_password(url: &str) -> bool {
    // As it may come out: some readers drop control characters, and all decode.
    let plain: String = url.chars().filter(|c| !c.is_control()).collect();
    let plain = percent_decode_str(&plain).decode_utf8_lossy();
    let authority = plain
        .split_once("://")
        .map_or(&*plain, |(_, behind)| behind);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains(&format!(":{PASSWORD}@")) && plain.matches(PASSWORD).count() == 1
}
