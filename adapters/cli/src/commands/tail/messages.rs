//! Messages as they arrive.

use std::collections::HashSet;

use serde_json::value::RawValue;

use super::{TailArgs, follow::Feed};
use crate::{
    api::{Api, Event, Filter, List, Message, Order},
    terminal::{DIM, Halt, Output, WHO, json_line, one_line, to_the_second},
};

/// A stream of messages, that goes on where it was.
pub struct Messages<'a> {
    api: &'a Api,
    output: &'a Output,
    filter: Filter,
    json: bool,
    after_seq: Option<u64>,
    /// How many of those that are there already are still to be shown.
    backlog: u32,
    /// What was shown of them, by source and id: some may come in the stream, too.
    shown: HashSet<(String, String)>,
    /// The last event that was seen.
    place: Option<String>,
}

impl<'a> Messages<'a> {
    pub fn new(api: &'a Api, output: &'a Output, filter: Filter, args: &TailArgs) -> Self {
        Self {
            api,
            output,
            filter,
            json: args.json,
            after_seq: args.after_seq,
            backlog: args.lines,
            shown: HashSet::new(),
            place: None,
        }
    }

    /// Shows the newest that are there already. The stream has begun before they are read, so that
    /// none falls between the two.
    async fn show_backlog(&mut self) -> Result<(), Halt> {
        let wanted = std::mem::take(&mut self.backlog);
        if wanted == 0 {
            return Ok(());
        }
        let mut list = List::new(self.api, &self.filter, Order::Desc, Some(wanted.into()));
        let mut messages = Vec::new();
        while let Some(page) = list.next().await? {
            messages.extend(page);
        }
        for json in messages.iter().rev() {
            let message: Message = self.api.read(json)?;
            self.show(&message, json.get())?;
            self.shown
                .insert((message.source().to_owned(), message.message_id));
        }
        Ok(())
    }

    fn show(&self, message: &Message, json: &str) -> Result<(), Halt> {
        if self.json {
            return self.output.line(&json_line(json));
        }
        self.output.line(&line(message, self.output))
    }
}

impl Feed for Messages<'_> {
    const PATH: [&'static str; 2] = ["messages", "live"];

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = self.filter.0.clone();
        if let Some(seq) = self.after_seq {
            query.push(("after_seq", seq.to_string()));
        }
        query
    }

    fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    async fn opened(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    async fn heard(&mut self, event: Event) -> Result<(), Halt> {
        if event.data.is_empty() {
            // The first says where the stream begins.
            self.place = event.id;
            return self.show_backlog().await;
        }
        if event.name != "message" {
            return Ok(());
        }
        let json: Box<RawValue> = self.api.parse(&event.data)?;
        let message: Message = self.api.read(&json)?;
        let key = (message.source().to_owned(), message.message_id.clone());
        if !self.shown.remove(&key) {
            let seq = event.id.as_deref();
            self.show(&message, &with_seq(json.get(), seq))?;
        }
        // Only now: what could not be shown has not been seen.
        self.place = event.id;
        Ok(())
    }
}

/// The message with its sequence, as the list has it for `after_seq`.
fn with_seq(json: &str, seq: Option<&str>) -> String {
    match (
        json.strip_prefix('{'),
        seq.and_then(|seq| seq.parse::<u64>().ok()),
    ) {
        (Some(members), Some(seq)) => format!("{{\"seq\":{seq},{members}"),
        _ => json.to_owned(),
    }
}

fn line(message: &Message, output: &Output) -> String {
    let id = match &message.source {
        Some(source) => format!("{source}/{}", message.message_id),
        None => message.message_id.clone(),
    };
    let text = match &message.text {
        Some(text) => one_line(text).into_owned(),
        None => output.styled(DIM, "(no text)"),
    };
    format!(
        "{}  {} → {}  {}  {text}",
        output.styled(DIM, &one_line(&to_the_second(&message.created_at))),
        output.styled(WHO, &one_line(&message.from_msisdn)),
        output.styled(WHO, &one_line(&message.to_msisdn)),
        output.styled(DIM, &one_line(&id)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let message = r#"{"message_id":"m\u001b1","from_msisdn":"+1","to_msisdn":"+2","ts":"T","text":"a\nb\u009b2J",
            "created_at":"2026-11-29T19:10:51.25Z","source":"shop"}"#;
        let message: Message = serde_json::from_str(message).expect("a message");
        assert_eq!(
            line(&message, &Output::plain(None)),
            "2026-11-29T19:10:51Z  +1 → +2  shop/m\\u{1b}1  a\\nb\\u{9b}2J"
        );
    }

    #[test]
    fn json_has_the_sequence() {
        assert_eq!(with_seq(r#"{"a":1}"#, Some("7")), r#"{"seq":7,"a":1}"#);
        assert_eq!(with_seq(r#"{"a":1}"#, Some("x")), r#"{"a":1}"#);
        assert_eq!(with_seq(r#"{"a":1}"#, None), r#"{"a":1}"#);
    }
}
