//! A reader of what arrives, by sequence: it has to meet every message once, in an order that does
//! not go back.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::Value;
use tokio::{task::JoinHandle, time::sleep};

use crate::{database::Stored, findings::Findings, load::Load};

/// After a question that was not answered: the instance may be away, or refuse.
const PAUSE: Duration = Duration::from_millis(50);

/// How long it may take to meet the last message.
const PATIENCE: Duration = Duration::from_secs(20);

/// A reader that follows an instance until it is told to end.
pub struct Follower {
    instance: usize,
    over: Arc<AtomicBool>,
    task: JoinHandle<Met>,
}

/// What a reader has met.
#[derive(Default)]
struct Met {
    at: i64,
    ids: HashSet<String>,
    wrong: Vec<String>,
}

impl Follower {
    /// Begins with the first message there is.
    pub fn begin(load: &Arc<Load>, instance: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(follow(Arc::clone(load), instance, Arc::clone(&over)));
        Self {
            instance,
            over,
            task,
        }
    }

    /// Ends at the last message, which is stored and stays it; says what was wrong.
    pub async fn end(self, stored: &Stored, findings: &mut Findings) -> anyhow::Result<()> {
        self.over.store(true, Ordering::SeqCst);
        let Met { ids, wrong, .. } = self.task.await.context("the reader panicked")?;
        let place = format!("a reader by way of instance {}", self.instance);
        for wrong in wrong {
            findings.add(format!("{place}: {wrong}"));
        }
        let missed: Vec<_> = stored
            .messages
            .keys()
            .filter(|id| !ids.contains(*id))
            .collect();
        findings.check(missed.is_empty(), || {
            format!("{place} has not met {}: {:?}", missed.len(), missed[0])
        });
        Ok(())
    }
}

async fn follow(load: Arc<Load>, instance: usize, over: Arc<AtomicBool>) -> Met {
    let mut met = Met::default();
    let mut last_look = None;
    loop {
        let ending = over.load(Ordering::SeqCst);
        let path = format!("/messages?limit=100&wait=1&after_seq={}", met.at);
        let page = load.api(instance).get(&path).await;
        let arrived = match &page {
            Ok(page) => met.page(page),
            Err(_) => None,
        };
        match arrived {
            // A whole second in which nothing has come.
            Some(0) if ending => return met,
            Some(_) => {}
            None => sleep(PAUSE).await,
        }
        if ending && last_look.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            met.wrong
                .push(format!("it does not come to an end: {page:?}"));
            return met;
        }
    }
}

impl Met {
    /// Says how many there were, if it is a page at all.
    fn page(&mut self, page: &Value) -> Option<usize> {
        let data = page["data"].as_array()?;
        for message in data {
            let seq = message["seq"].as_i64()?;
            let id = message["message_id"].as_str()?;
            if seq <= self.at {
                let before = self.at;
                self.wrong.push(format!("{id} has {seq}, behind {before}"));
            }
            self.at = seq;
            if !self.ids.insert(id.to_owned()) {
                self.wrong.push(format!("{id} has come twice"));
            }
        }
        let next = page["next_after_seq"].as_i64()?;
        if next < self.at {
            self.wrong
                .push(format!("it is sent back from {} to {next}", self.at));
        }
        self.at = next;
        Some(data.len())
    }
}
