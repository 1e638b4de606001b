//! What must appear in no log line and in no error, over all scenarios: secrets, and the numbers that
//! most messages here have.

use std::{
    io::{self, Write},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_memory::MemoryRepository;
use countersign_telemetry::{
    logs::{self, LogFormat, LogGuard, LogLevel},
    panics,
};

use super::app::{App, PARTNERS_SECRET, SECRET};

const PRIVATE: [&str; 4] = [SECRET, PARTNERS_SECRET, "919876543210", "14155550100"];

/// How many lines have been read.
static LINES: AtomicUsize = AtomicUsize::new(0);

static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// All of this process's log, at its most talkative, goes here.
static LOG: LazyLock<LogGuard> = LazyLock::new(|| {
    // It would say too little of a test that fails.
    let hook = std::panic::take_hook();
    let log =
        logs::init(LogLevel::Debug, LogFormat::Json, Reader).expect("the only log of this process");
    std::panic::set_hook(Box::new(move |info| {
        panics::count_one();
        hook(info);
    }));
    log
});

struct Reader;

impl Write for Reader {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        LINES.fetch_add(text.lines().count(), Ordering::Relaxed);
        let leaks = text.lines().filter(|line| is_private(line));
        let mut found = LEAKS.lock().unwrap_or_else(PoisonError::into_inner);
        found.extend(leaks.map(str::to_owned));
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn is_private(text: &str) -> bool {
    PRIVATE.iter().any(|private| text.contains(private))
}

/// From here on, everything that is logged is read.
pub fn watch_the_log() {
    LazyLock::force(&LOG);
}

/// Panics if something private was logged, by whatever test.
pub fn nothing_was_logged() {
    let leaks = LEAKS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(leaks.is_empty(), "logged: {leaks:#?}");
}

#[tokio::test]
async fn the_log_is_read_and_what_is_private_would_be_found() {
    assert!(is_private(&format!("a line with {SECRET} in it")) && !is_private("a line"));
    let app = App::over(Arc::new(MemoryRepository::new())).await;
    let before = LINES.load(Ordering::Relaxed);
    app.get("/").await;
    // Lines are written a moment later than they are logged.
    while LINES.load(Ordering::Relaxed) == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    nothing_was_logged();
}
