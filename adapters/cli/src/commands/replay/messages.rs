//! The messages to send, from a server or a file.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal as _},
    path::Path,
};

use countersign_core::{Clock as _, Text};
use indicatif::ProgressBar;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::{
    api::{Api, Filter, List, Message, Order},
    clock::SystemClock,
    record::{Format, Numbered, Reader},
    stop::Stop,
    terminal::Halt,
};

/// Which messages.
pub enum Which {
    /// All of a server that match.
    Listed {
        api: Api,
        filter: Filter,
        limit: Option<u64>,
    },
    /// Those of a server that have these ids.
    Named {
        api: Api,
        source: Option<String>,
        ids: Vec<String>,
    },
    /// Those of a file.
    File {
        name: String,
        input: Box<dyn BufRead + Send>,
        format: Format,
    },
}

/// A message as it is sent.
#[derive(Debug)]
pub struct Outgoing {
    pub message: Message,
    /// As the wire has it.
    pub body: String,
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        let wire = Wire {
            message_id: &message.message_id,
            from: &message.from_msisdn,
            to: &message.to_msisdn,
            ts: &message.ts,
            text: message.text.as_deref(),
        };
        // Texts alone: nothing in it could fail.
        let body = serde_json::to_string(&wire).unwrap_or_default();
        Self { message, body }
    }
}

impl Outgoing {
    /// The id to sign with, for the scheme that signs one: the message's, or a digest of it where it
    /// has what a header or the scheme cannot carry.
    pub fn signing_id(&self) -> String {
        let id = &self.message.message_id;
        let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'.';
        if id.bytes().all(fits) {
            return id.clone();
        }
        let digest = Sha256::digest(id.as_bytes());
        let hex = digest.iter().map(|byte| format!("{byte:02x}"));
        format!("msg_{}", hex.collect::<String>())
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    message_id: &'a str,
    from: &'a str,
    to: &'a str,
    ts: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

type Sender = mpsc::Sender<Result<Outgoing, Halt>>;

impl Which {
    /// # Errors
    /// If the file cannot be read.
    pub fn in_file(path: &Path, format: Format) -> Result<Self, Stop> {
        let name = path.display().to_string();
        let input: Box<dyn BufRead + Send> = if path.as_os_str() == "-" {
            if io::stdin().is_terminal() {
                eprintln!("messages are read from this terminal; end them with Ctrl-D");
            }
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(
                File::open(path).map_err(|error| cannot_read(&name, &error))?,
            ))
        };
        Ok(Self::File {
            name,
            input,
            format,
        })
    }

    /// Sends all of them, or what is wrong, until nobody takes them any more. The bar learns how many
    /// there are.
    pub async fn read(self, sender: Sender, bar: ProgressBar) {
        match self {
            Self::Listed { api, filter, limit } => {
                let mut list = List::new(&api, &filter, Order::Asc, limit);
                loop {
                    let page = match list.next().await {
                        Ok(Some(page)) => page,
                        Ok(None) => return,
                        Err(refusal) => {
                            let _ = sender.send(Err(refusal.into())).await;
                            return;
                        }
                    };
                    bar.set_length(limit.unwrap_or(u64::MAX).min(list.total));
                    for json in page {
                        let message = api.read::<Message>(&json);
                        let message = message.map(Outgoing::from).map_err(Halt::from);
                        if sender.send(message).await.is_err() {
                            return;
                        }
                    }
                }
            }
            Self::Named { api, source, ids } => {
                bar.set_length(ids.len() as u64);
                let source = source.as_deref().unwrap_or("default");
                for id in ids {
                    let message = match api.message(&id, source).await {
                        Ok(json) => api.read::<Message>(&json).map_err(Halt::from),
                        Err(halt) => Err(halt),
                    };
                    if sender.send(message.map(Outgoing::from)).await.is_err() {
                        return;
                    }
                }
            }
            Self::File {
                name,
                input,
                format,
            } => {
                // Whoever waits for it, waits for the channel.
                tokio::task::spawn_blocking(move || read_file(&name, input, format, &sender, &bar));
            }
        }
    }
}

fn cannot_read(name: &str, error: &io::Error) -> Stop {
    Stop::no_input(
        format!("{name} cannot be read: {error}"),
        "name a file that is there and that this user may read, or - for standard input",
    )
}

fn read_file(
    name: &str,
    input: Box<dyn BufRead + Send>,
    format: Format,
    sender: &Sender,
    bar: &ProgressBar,
) {
    let mut reader = match Reader::new(input, format) {
        Ok(reader) => reader,
        Err(error) => {
            let _ = sender.blocking_send(Err(cannot_read(name, &error).into()));
            return;
        }
    };
    let refused = |line: u64, what: String| {
        Stop::data(
            format!("{name}, line {line}: {what}"),
            "what came before it was sent: mend the line and run the same again, or go on with the \
             lines behind it",
        )
    };
    loop {
        let message = match reader.next() {
            Ok(None) => return,
            Ok(Some(Numbered { line, record })) => record
                .and_then(|record| record.message(|| SystemClock.now()))
                .map(|message| Outgoing::from(as_the_api_has_it(&message)))
                .map_err(|invalid| refused(line, invalid.to_string()).into()),
            Err(error) => Err(Stop::data(
                format!("{name}: {error}"),
                "is this a file that export or ls --json has written?",
            )
            .into()),
        };
        bar.inc_length(1);
        let failed = message.is_err();
        if sender.blocking_send(message).is_err() || failed {
            return;
        }
    }
}

fn as_the_api_has_it(message: &countersign_core::Message) -> Message {
    let content = &message.content;
    Message {
        message_id: content.id.as_str().to_owned(),
        from_msisdn: content.from.as_str().to_owned(),
        to_msisdn: content.to.as_str().to_owned(),
        ts: content.ts.to_string(),
        text: content
            .text
            .as_ref()
            .map(|text| Text::as_str(text).to_owned()),
        created_at: message.created_at.to_string(),
        source: (!content.source.is_default()).then(|| content.source.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(id: &str, text: Option<&str>) -> Outgoing {
        Message {
            message_id: id.to_owned(),
            from_msisdn: "+1".to_owned(),
            to_msisdn: "+2".to_owned(),
            ts: "T".to_owned(),
            text: text.map(str::to_owned),
            created_at: "C".to_owned(),
            source: Some("shop".to_owned()),
        }
        .into()
    }

    #[test]
    fn the_body_is_what_a_provider_sends() {
        assert_eq!(
            outgoing("m\"1", Some("ü\n")).body,
            r#"{"message_id":"m\"1","from":"+1","to":"+2","ts":"T","text":"ü\n"}"#
        );
        assert_eq!(
            outgoing("m1", None).body,
            r#"{"message_id":"m1","from":"+1","to":"+2","ts":"T"}"#
        );
    }

    #[test]
    fn every_id_can_be_signed() {
        assert_eq!(outgoing("m-1", None).signing_id(), "m-1");
        for id in ["a.b", "a b", "ü", "a\u{85}"] {
            let signed = outgoing(id, None).signing_id();
            assert_eq!(signed, outgoing(id, None).signing_id());
            assert_eq!(signed.len(), 68);
            assert!(!signed.contains('.'), "{signed}");
        }
    }
}
