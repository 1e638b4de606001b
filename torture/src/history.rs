//! What was sent and what was answered, and what must follow from it.

use std::collections::{HashMap, HashSet};

use crate::{
    database::Stored,
    findings::Findings,
    message::{Content, Message},
};

/// What became of the requests with one id.
#[derive(Debug)]
struct Sent {
    content: Content,
    /// One of them was answered 200, or a reader has seen the message: it has to stay.
    owed: bool,
}

/// Every message that was ever sent to one database.
#[derive(Debug, Default)]
pub struct History {
    sent: HashMap<String, Sent>,
    acknowledged: u64,
    /// Ids that a server has logged as newly stored.
    created: HashSet<String>,
}

impl History {
    /// Before it is sent.
    pub fn invoke(&mut self, message: &Message) {
        self.sent.entry(message.id.clone()).or_insert_with(|| Sent {
            content: message.content.clone(),
            owed: false,
        });
    }

    /// It was answered 200.
    pub fn acknowledge(&mut self, id: &str) {
        if let Some(sent) = self.sent.get_mut(id)
            && !sent.owed
        {
            sent.owed = true;
            self.acknowledged += 1;
        }
    }

    /// A server says that it has stored these for the first time.
    pub fn created(&mut self, ids: impl IntoIterator<Item = String>, findings: &mut Findings) {
        for id in ids {
            if let Some(twice) = self.created.replace(id) {
                findings.add(format!("{twice} was answered twice as newly stored"));
            }
        }
    }

    /// How many were sent, whatever became of them.
    pub fn sent(&self) -> usize {
        self.sent.len()
    }

    /// How many were answered 200.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Those of which nobody knows whether they are stored.
    pub fn unknown(&self) -> Vec<String> {
        let open = self.sent.iter().filter(|(_, sent)| !sent.owed);
        open.map(|(id, _)| id.clone()).collect()
    }

    /// What was sent under this id.
    pub fn content(&self, id: &str) -> Option<&Content> {
        self.sent.get(id).map(|sent| &sent.content)
    }

    /// What is owed and not there.
    pub fn missing(&self, stored: &Stored) -> impl Iterator<Item = &str> {
        let owed = self.sent.iter().filter(|(_, sent)| sent.owed);
        owed.map(|(id, _)| id.as_str())
            .filter(|id| !stored.messages.contains_key(*id))
    }

    /// Nothing that is owed is missing, nothing is there twice, and nothing that was not sent.
    /// Whatever is there, is owed from now on.
    pub fn check(&mut self, stored: &Stored, place: &str, findings: &mut Findings) {
        for id in self.missing(stored) {
            findings.add(format!(
                "{place}: {id} was there or acknowledged, and is lost"
            ));
        }
        for (id, content) in &stored.messages {
            match self.sent.get_mut(id) {
                Some(sent) if sent.content == *content => sent.owed = true,
                Some(_) => findings.add(format!("{place}: {id} is not what was sent")),
                None => findings.add(format!("{place}: {id} was never sent")),
            }
        }
        let (count, ids) = (stored.count, stored.messages.len());
        findings.check(count == ids as u64, || {
            format!("{place}: {count} rows have {ids} different ids")
        });
    }
}
