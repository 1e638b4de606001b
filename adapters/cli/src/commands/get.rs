//! `countersign get`: one message of a running server.

use std::fmt::Write as _;

use clap::Args as ClapArgs;

use crate::{
    api::{self, Api, Conflict, Delivery, MessageDetail, ServerArgs},
    stop::Stop,
    terminal::{BOLD, DIM, Halt, Output, counted, json_line, number, one_line},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign get 018f3c6e-7d2a-7b1c-9a54-2f6f0f6d2c11\n  \
    countersign get evt_42 --source stripe --json\n\n\
    Exit codes: 0 done, 66 there is no such message, 69 the server is not there, 77 it wants a \
    token,\n78 configuration.")]
pub struct GetArgs {
    /// The message's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The source that the message came from.
    #[arg(long, value_name = "NAME", default_value = countersign_core::SourceName::DEFAULT)]
    pub source: String,
    /// One JSON object, as the API has it.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Shows the message with all that is known of it.
pub fn run(args: &GetArgs) -> Result<(), Stop> {
    Halt::settle(start(args))
}

fn start(args: &GetArgs) -> Result<(), Halt> {
    let api = Api::new(&args.server)?;
    api::run(get(args, &api))
}

async fn get(args: &GetArgs, api: &Api) -> Result<(), Halt> {
    let json = api.message(&args.id, &args.source).await?;
    let output = Output::new();
    if args.json {
        return output.line(&json_line(json.get()));
    }
    let detail: MessageDetail = api.read(&json)?;
    output.text(&shown(&detail, &output))
}

fn shown(detail: &MessageDetail, output: &Output) -> String {
    let message = &detail.message;
    let mut shown = String::new();
    let mut line = |name: &str, value: &str| {
        let name = output.styled(DIM, &format!("{name:<12}"));
        // A String takes everything.
        let _ = writeln!(shown, "{name}{}", one_line(value));
    };
    line("id", &message.message_id);
    line("source", message.source());
    line("from", &message.from_msisdn);
    line("to", &message.to_msisdn);
    line("sent", &message.ts);
    line("received", &message.created_at);
    line(
        "verified by",
        detail
            .verified_by
            .as_deref()
            .unwrap_or("(no key: it was imported)"),
    );
    line("sha-256", &detail.content_sha256);
    let duplicates = &detail.duplicates;
    let again = match &duplicates.last_seen_at {
        Some(at) => format!("{}, the last at {at}", number(duplicates.count)),
        None => "none".to_owned(),
    };
    line("duplicates", &again);
    match &message.text {
        None => line("text", "(no text)"),
        Some(text) => {
            for (index, part) in text.split('\n').enumerate() {
                line(if index == 0 { "text" } else { "" }, part);
            }
        }
    }
    if !detail.conflicts.is_empty() {
        let heading = counted(detail.conflicts.len() as u64, "other message");
        let heading = format!("{heading} under this id");
        let _ = writeln!(shown, "\n{}", output.styled(BOLD, &heading));
        for conflict in &detail.conflicts {
            let _ = writeln!(shown, "{}", one_conflict(conflict));
        }
    }
    if !detail.deliveries.is_empty() {
        let heading = "deliveries that the server remembers since its start";
        let _ = writeln!(shown, "\n{}", output.styled(BOLD, heading));
        for delivery in &detail.deliveries {
            let _ = writeln!(shown, "{}", one_delivery(delivery));
        }
    }
    shown
}

fn one_conflict(conflict: &Conflict) -> String {
    let times = match conflict.times {
        1 => format!("came once, at {}", conflict.first_seen_at),
        times => format!(
            "came {} times, from {} to {}",
            number(times),
            conflict.first_seen_at,
            conflict.last_seen_at
        ),
    };
    let text = conflict.text.as_deref().unwrap_or("(no text)");
    let lines = [
        times,
        format!(
            "{} → {}, sent {}",
            conflict.from_msisdn, conflict.to_msisdn, conflict.ts
        ),
        text.to_owned(),
    ];
    let lines = lines.map(|line| one_line(&line).into_owned());
    format!("  {}\n    {}\n    {}", lines[0], lines[1], lines[2])
}

fn one_delivery(delivery: &Delivery) -> String {
    let key = match &delivery.key {
        Some(key) => format!(", key {key}"),
        None => String::new(),
    };
    let line = format!(
        "{}  {:<9}  in {:.1} ms, {}{key}, from {}, request {}",
        delivery.at,
        delivery.outcome,
        delivery.acknowledged_in_ms,
        delivery.scheme,
        delivery.peer.as_deref().unwrap_or("an unknown address"),
        delivery.request_id,
    );
    format!("  {}", one_line(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_known_is_shown_and_nothing_obeyed() {
        let detail = r#"{"message_id":"m1","from_msisdn":"+1","to_msisdn":"+2","ts":"T1","text":"a\n\u001b[2Jb",
            "created_at":"T2","verified_by":"k1","content_sha256":"00ff",
            "duplicates":{"count":2,"last_seen_at":"T3"},
            "conflicts":[{"message_id":"m1","from_msisdn":"+3","to_msisdn":"+4","ts":"T4","text":null,
              "first_seen_at":"T5","last_seen_at":"T6","times":3,"content_sha256":"11"}],
            "deliveries":[{"at":"T7","outcome":"created","acknowledged_in_ms":1.26,"scheme":"generic",
              "key":"k1","peer":null,"request_id":"r1"}]}"#;
        let detail: MessageDetail = serde_json::from_str(detail).expect("a message");
        let text = shown(&detail, &Output::plain(None));
        for part in [
            "id          m1\n",
            "source      default\n",
            "duplicates  2, the last at T3\n",
            "text        a\n            \\u{1b}[2Jb\n",
            "1 other message under this id\n  came 3 times, from T5 to T6\n    +3 → +4, sent T4\n    (no text)\n",
            "T7  created    in 1.3 ms, generic, key k1, from an unknown address, request r1\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
}
