//! A run of the server, of which every system call is kept.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::ensure;

use crate::{
    api::Answer,
    disk::{self, Tree},
    findings::Findings,
    message::{Content, Mint},
    operation::{self, Action, FOLLOWED, Operation},
    server::Launch,
    trace,
};

/// Where the database is, below the root.
pub const DATABASE: &str = "data/app.db";

/// One of so many requests repeats an earlier message.
const REPEAT: usize = 20;

/// What a run did, and what was known before it.
pub struct Recording {
    pub root: PathBuf,
    /// What was below the root before.
    pub before: Tree,
    pub operations: Vec<Operation>,
    /// Which message each request was about.
    pub requests: HashMap<String, String>,
    /// Every message that was ever sent.
    pub sent: HashMap<String, Content>,
    /// What had been acknowledged before.
    pub owed: HashSet<String>,
}

/// What the run starts from.
pub struct Start {
    pub before: Tree,
    pub sent: HashMap<String, Content>,
    pub owed: HashSet<String>,
}

/// Runs the server under strace on what there is, and sends it messages, one after the other.
pub async fn record(
    launch: &Launch,
    folder: &Path,
    start: Start,
    mint: &mut Mint,
    count: usize,
    findings: &mut Findings,
) -> anyhow::Result<Recording> {
    let root = fs::canonicalize(folder)?.join("root");
    disk::write(&start.before, &root)?;
    let trace = folder.join("trace");
    let launch = Launch {
        database: root.join(DATABASE),
        ..launch.clone()
    }
    .under_strace([
        "-f".as_ref(),
        "-y".as_ref(),
        "-xx".as_ref(),
        "-s".as_ref(),
        "1000000".as_ref(),
        "-e".as_ref(),
        format!("trace={FOLLOWED}").as_ref(),
        "-o".as_ref(),
        trace.as_os_str(),
    ]);
    let server = launch.serve()?;
    let api = server.api()?;
    let (mut requests, mut sent) = (HashMap::new(), start.sent);
    let mut messages = Vec::new();
    for number in 0..count {
        if number % REPEAT != REPEAT - 1 {
            messages.push(mint.make());
        }
        // The repeats are of the messages in the middle of all so far.
        let index = if number % REPEAT == REPEAT - 1 {
            messages.len() / 2
        } else {
            messages.len() - 1
        };
        let message = &messages[index];
        let request = format!("request-{number}");
        sent.insert(message.id.clone(), message.content.clone());
        let answer = api.deliver_as(message, &request).await;
        requests.insert(request, message.id.clone());
        ensure!(
            answer == Answer::Stored,
            "{} was answered {answer:?}",
            message.id
        );
    }
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("after the recording, it ended with {}", ended.status)
    });
    ended.log.check("the recording", findings);

    let calls = trace::read(BufReader::new(File::open(&trace)?))?;
    fs::remove_file(&trace)?;
    let operations = calls
        .into_iter()
        .filter_map(|call| operation::from_call(&call, &root).transpose())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let recording = Recording {
        root,
        before: start.before,
        operations,
        requests,
        sent,
        owed: start.owed,
    };
    let answers = recording
        .operations
        .iter()
        .filter_map(|operation| recording.acknowledged(operation))
        .count();
    ensure!(
        answers == count,
        "{count} answers came, but {answers} are in the trace"
    );
    Ok(recording)
}

impl Recording {
    /// The message whose 200 this is.
    pub fn acknowledged(&self, operation: &Operation) -> Option<&str> {
        let Action::Send { data } = &operation.action else {
            return None;
        };
        let answer = String::from_utf8_lossy(data);
        let head = answer.strip_prefix("HTTP/1.1 200 ")?;
        let request = head
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "))?;
        self.requests.get(request.trim()).map(String::as_str)
    }
}
