//! Requests as they are refused.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
};

use serde_json::value::RawValue;

use super::{follow::Feed, reasons};
use crate::{
    api::{Api, Event, Filter, Missed, Rejection, RejectionPage},
    terminal::{BAD, DIM, Halt, Output, json_line, number, one_line, to_the_second},
};

/// The most that the API lists.
const PAGE: u32 = 100;

/// How many are remembered, lest one is shown twice.
const REMEMBERED: usize = 4096;

/// A stream of refused requests. It cannot be resumed, so what may be missing is looked up.
pub struct Refused<'a> {
    api: &'a Api,
    output: &'a Output,
    filter: Filter,
    json: bool,
    /// How many to begin with.
    backlog: u32,
    /// When the last that was shown was refused; before the first stream, none.
    since: Option<String>,
    begun: bool,
    seen: Seen,
}

impl<'a> Refused<'a> {
    pub fn new(api: &'a Api, output: &'a Output, filter: Filter, lines: u32, json: bool) -> Self {
        Self {
            api,
            output,
            filter,
            json,
            backlog: lines.min(PAGE),
            since: None,
            begun: false,
            seen: Seen::default(),
        }
    }

    /// Shows what is listed and was not shown, at most `limit`, the oldest first. Where nothing is to
    /// be shown, it is only learnt where to go on.
    async fn look_up(&mut self, limit: u32) -> Result<(), Halt> {
        let mut query = self.filter.0.clone();
        query.push(("limit", limit.max(1).to_string()));
        if let Some(since) = &self.since {
            query.push(("since", since.clone()));
        }
        let page = self.api.get(&["rejections"], &query).await?;
        let page: RejectionPage = self.api.read(&page)?;
        for json in page.data.iter().rev() {
            let rejection: Rejection = self.api.read(json)?;
            self.show(&rejection, json.get(), limit > 0)?;
        }
        Ok(())
    }

    fn show(&mut self, rejection: &Rejection, json: &str, aloud: bool) -> Result<(), Halt> {
        if self.since.as_ref() < Some(&rejection.refused_at) {
            self.since = Some(rejection.refused_at.clone());
        }
        let told = self
            .seen
            .tell(&rejection.request_id, rejection.near_miss.is_some());
        if !aloud || told == Told::Before {
            return Ok(());
        }
        if self.json {
            return self.output.line(&json_line(json));
        }
        self.output.text(&lines(rejection, told, self.output))
    }
}

impl Feed for Refused<'_> {
    const PATH: [&'static str; 2] = ["rejections", "live"];

    fn query(&self) -> Vec<(&'static str, String)> {
        self.filter.0.clone()
    }

    fn place(&self) -> Option<&str> {
        None
    }

    async fn opened(&mut self) -> Result<(), Halt> {
        if std::mem::replace(&mut self.begun, true) {
            return self.look_up(PAGE).await;
        }
        self.look_up(self.backlog).await
    }

    async fn heard(&mut self, event: Event) -> Result<(), Halt> {
        match event.name.as_str() {
            "rejection" => {
                let json: Box<RawValue> = self.api.parse(&event.data)?;
                let rejection: Rejection = self.api.read(&json)?;
                self.show(&rejection, json.get(), true)
            }
            "missed" => {
                let json: Box<RawValue> = self.api.parse(&event.data)?;
                let missed: Missed = self.api.read(&json)?;
                eprintln!(
                    "countersign: {} events were not sent, because more came than are; what is \
                     listed of them follows",
                    number(missed.count)
                );
                self.look_up(PAGE).await
            }
            _ => Ok(()),
        }
    }
}

/// What was told of a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Nothing is known of it yet.
    New,
    /// It was told, and not by what mistake.
    WithoutMistake,
    /// All of it.
    Before,
}

#[derive(Default)]
struct Seen {
    /// By request, whether the mistake was told.
    told: HashMap<String, bool>,
    order: VecDeque<String>,
}

impl Seen {
    /// What was told of it before; now it is told, and the mistake if that is known.
    fn tell(&mut self, id: &str, mistake: bool) -> Told {
        if let Some(told) = self.told.get_mut(id) {
            if *told || !mistake {
                return Told::Before;
            }
            *told = true;
            return Told::WithoutMistake;
        }
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.told.remove(&oldest);
        }
        self.order.push_back(id.to_owned());
        self.told.insert(id.to_owned(), mistake);
        Told::New
    }
}

/// What is said of it, with a line end.
fn lines(rejection: &Rejection, told: Told, output: &Output) -> String {
    let mut lines = String::new();
    let id = one_line(&rejection.request_id);
    if told == Told::New {
        // A String takes everything.
        let _ = writeln!(
            lines,
            "{}  {}  {}  {}",
            output.styled(DIM, &one_line(&to_the_second(&rejection.refused_at))),
            output.styled(BAD, &rejection.status.to_string()),
            one_line(reasons::words(&rejection.reason)),
            output.styled(DIM, &format!("({}, request {id})", place(rejection))),
        );
        let mut more = |text: String| {
            let _ = writeln!(lines, "    {}", one_line(&text));
        };
        if let Some(skew) = rejection.skew_seconds {
            let side = if skew < 0 { "behind" } else { "ahead of" };
            more(format!(
                "its time is {} s {side} this server's",
                skew.unsigned_abs()
            ));
        }
        for fault in &rejection.errors {
            more(format!("{} {}", fault.pointer, fault.detail));
        }
    }
    if let Some(near_miss) = &rejection.near_miss {
        let of = if told == Told::New {
            String::new()
        } else {
            format!("request {id}: ")
        };
        let mend = rejection.mend.as_deref().unwrap_or_default();
        let _ = writeln!(lines, "    {of}{}: {}", one_line(near_miss), one_line(mend));
    }
    lines
}

/// Where it came to, and from.
fn place(rejection: &Rejection) -> String {
    let path = match &rejection.source {
        Some(source) => rejection.path.replace("{source}", source),
        None => rejection.path.clone(),
    };
    let peer = rejection.peer.as_deref().unwrap_or("an unknown address");
    let bytes = match rejection.body_bytes {
        Some(bytes) => format!(", {} bytes", number(bytes)),
        None => String::new(),
    };
    one_line(&format!("{path} from {peer}{bytes}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(near_miss: bool) -> Rejection {
        let json = r#"{"request_id":"r1","refused_at":"2026-11-29T19:10:51.5Z","reason":"stale_timestamp","status":401,
            "path":"/webhook/{source}","source":"shop","peer":"10.0.0.1","near_miss":null,"mend":null,
            "skew_seconds":-400,"body_bytes":1200,"body_sha256":null,
            "errors":[{"pointer":"/ts","detail":"must be x\u001b"}]}"#;
        let mut rejection: Rejection = serde_json::from_str(json).expect("a rejection");
        if near_miss {
            rejection.near_miss = Some("old_clock".to_owned());
            rejection.mend = Some("set it".to_owned());
        }
        rejection
    }

    #[test]
    fn a_refusal_is_said_in_plain_words() {
        let output = Output::plain(None);
        assert_eq!(
            lines(&rejection(false), Told::New, &output),
            "2026-11-29T19:10:51Z  401  its timestamp is too far from the server's clock  \
             (/webhook/shop from 10.0.0.1, 1,200 bytes, request r1)\n    \
             its time is 400 s behind this server's\n    /ts must be x\\u{1b}\n"
        );
        assert_eq!(
            lines(&rejection(true), Told::WithoutMistake, &output),
            "    request r1: old_clock: set it\n"
        );
    }

    #[test]
    fn each_is_told_once_and_its_mistake_when_it_is_known() {
        let mut seen = Seen::default();
        assert_eq!(seen.tell("a", false), Told::New);
        assert_eq!(seen.tell("a", false), Told::Before);
        assert_eq!(seen.tell("a", true), Told::WithoutMistake);
        assert_eq!(seen.tell("a", true), Told::Before);
        for number in 0..REMEMBERED {
            assert_eq!(seen.tell(&number.to_string(), true), Told::New);
        }
        assert_eq!(seen.told.len(), REMEMBERED);
        assert_eq!(seen.tell("a", true), Told::New, "it is long forgotten");
    }
}
