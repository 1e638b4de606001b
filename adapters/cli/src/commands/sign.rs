//! `countersign sign`: the headers that a provider would send with a body.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use clap::Args as ClapArgs;
use countersign_core::{Clock as _, SourceName, Timestamp};
use countersign_hmac::{Scheme, Signer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api::Webhook,
    clock::SystemClock,
    keys::SigningArgs,
    settings,
    stop::Stop,
    terminal::{Halt, Output},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign sign body.json\n  \
    printf %s \"$BODY\" | countersign sign --scheme stripe --secret-file stripe.secret\n  \
    sh -c \"$(countersign sign body.json --curl --url https://inbox.example.com/webhook)\"\n\n\
    Exit codes: 0 done, 65 the body cannot be written into a command, 66 it cannot be read,\n\
    78 configuration.")]
pub struct SignArgs {
    /// The file with the body, byte for byte as it is sent; without it, or if it is `-`, standard input.
    #[arg(value_name = "FILE")]
    pub body: Option<PathBuf>,
    #[command(flatten)]
    pub signing: SigningArgs,
    /// When it is signed, for schemes that say so: seconds since 1970, or RFC 3339; without it, now.
    #[arg(long, value_name = "INSTANT")]
    pub timestamp: Option<String>,
    /// The id that standard-webhooks signs; without it, a new one.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Print a whole curl command instead: the headers, and the body as it is.
    #[arg(long, conflicts_with = "json")]
    pub curl: bool,
    /// Print the headers as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// With --curl, the webhook; by default, the one of the server at BIND on this machine.
    #[arg(long, value_name = "URL", requires = "curl")]
    pub url: Option<String>,
    /// The source that it is sent to; with --curl, at /webhook/NAME.
    #[arg(long, value_name = "NAME", default_value = SourceName::DEFAULT)]
    pub source: String,
    /// With --curl, the address that the server listens on, if there is no `--url`.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = settings::DEFAULT_BIND)]
    pub bind: String,
}

/// Prints what belongs to the body.
pub fn run(args: &SignArgs) -> Result<(), Stop> {
    let source = SourceName::try_from(args.source.as_str()).map_err(|rule| {
        Stop::configuration(format!("--source {rule}"), "give the name of a source")
    })?;
    let webhook = args.curl.then(|| webhook(args, &source)).transpose()?;
    let to = webhook.as_ref().map_or(source, Webhook::source);
    let (scheme, signer) = args.signing.signer(&to)?;
    let signed_at = match &args.timestamp {
        Some(text) => timestamp(text)?,
        None => SystemClock.now(),
    };
    let id = match &args.id {
        Some(id) => checked_id(id)?.to_owned(),
        None => format!("msg_{}", Uuid::now_v7().simple()),
    };
    let body = read(args.body.as_deref())?;
    let headers = headers(scheme, &signer, &id, signed_at, &body);
    let text = if let Some(webhook) = webhook {
        curl(&webhook, &headers, args.body.as_deref(), &body)?
    } else if args.json {
        let object: serde_json::Map<_, _> = headers
            .into_iter()
            .map(|(name, value)| (name, json!(value)))
            .collect();
        Value::Object(object).to_string()
    } else {
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    Halt::settle(Output::new().line(&text))
}

/// The headers, as the providers' documentation writes them.
fn headers(
    scheme: Scheme,
    signer: &Signer,
    id: &str,
    signed_at: Timestamp,
    body: &[u8],
) -> Vec<(String, String)> {
    let headers = signer.headers(id, signed_at, body).into_iter();
    headers
        .map(|(name, value)| {
            let written = scheme.signature_header();
            if name.eq_ignore_ascii_case(written) {
                return (written.to_owned(), value);
            }
            let parts = name.split('-').map(|part| match part.split_at_checked(1) {
                Some((first, rest)) if name.starts_with("x-") => first.to_ascii_uppercase() + rest,
                _ => part.to_owned(),
            });
            (parts.collect::<Vec<_>>().join("-"), value)
        })
        .collect()
}

fn timestamp(text: &str) -> Result<Timestamp, Stop> {
    let seconds = text.parse::<i64>().ok();
    let instant =
        seconds.and_then(|seconds| Timestamp::from_micros(seconds.checked_mul(1_000_000)?));
    instant.map_or_else(
        || {
            Timestamp::parse_rfc3339(text).map_err(|rule| {
                Stop::configuration(
                    format!("--timestamp {rule}"),
                    "give seconds since 1970, or an instant such as 2026-11-25T10:30:00Z",
                )
            })
        },
        Ok,
    )
}

/// What a header can carry, and the preamble of what is signed is unambiguous with.
fn checked_id(id: &str) -> Result<&str, Stop> {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'.';
    if !id.is_empty() && id.bytes().all(fits) {
        return Ok(id);
    }
    Err(Stop::configuration(
        format!(
            "--id must be of visible ASCII characters and have no dot (it has {} characters)",
            id.chars().count()
        ),
        "the dot separates the id from the time in what standard-webhooks signs",
    ))
}

fn webhook(args: &SignArgs, source: &SourceName) -> Result<Webhook, Stop> {
    match &args.url {
        Some(url) => Webhook::parse("--url", url, source),
        None => Webhook::local(settings::reachable(settings::bind(&args.bind)?), source),
    }
}

fn read(path: Option<&Path>) -> Result<Vec<u8>, Stop> {
    let failed = |name: &str, error: &io::Error| {
        Stop::no_input(
            format!("{name} cannot be read: {error}"),
            "give the file with the body as it is sent, or - for standard input",
        )
    };
    if let Some(path) = file(path) {
        return fs::read(path).map_err(|error| failed(&path.display().to_string(), &error));
    }
    let mut stdin = io::stdin();
    if stdin.is_terminal() {
        eprintln!("the body is read from this terminal; end it with Ctrl-D");
    }
    let mut body = Vec::new();
    let read = stdin.read_to_end(&mut body);
    read.map_err(|error| failed("standard input", &error))?;
    Ok(body)
}

fn file(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.as_os_str() != "-")
}

/// A command that sends the body byte for byte, for a shell.
fn curl(
    Webhook(url): &Webhook,
    headers: &[(String, String)],
    path: Option<&Path>,
    body: &[u8],
) -> Result<String, Stop> {
    let cannot = |what: &str| {
        Stop::data(
            format!("the body cannot be written into a command: {what}"),
            "put it into a file, and give that: countersign sign FILE --curl",
        )
    };
    let quoted = |text: &str| {
        shlex::try_quote(text)
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| cannot("it has a NUL"))
    };
    // Of a file curl strips nothing, and of what stands in the command neither; but what begins with
    // an @ would be the name of a file.
    let data = if let Some(path) = file(path) {
        let path = path
            .to_str()
            .ok_or_else(|| cannot("the file's name is not UTF-8"))?;
        format!("--data-binary {}", quoted(&format!("@{path}"))?)
    } else {
        let text = str::from_utf8(body).map_err(|_| cannot("it is not UTF-8"))?;
        let flag = if text.starts_with('@') {
            "--data-raw"
        } else {
            "--data-binary"
        };
        format!("{flag} {}", quoted(text)?)
    };
    let mut lines = vec![format!(
        "curl --silent --show-error --fail-with-body {}",
        quoted(url.as_str())?
    )];
    let content_type = ("Content-Type".to_owned(), "application/json".to_owned());
    for (name, value) in [&content_type].into_iter().chain(headers) {
        lines.push(format!("--header {}", quoted(&format!("{name}: {value}"))?));
    }
    lines.push(data);
    Ok(lines.join(" \\\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"a\":\"it's\"}";

    fn signed(scheme: Scheme) -> Vec<(String, String)> {
        let secret = match scheme {
            Scheme::StandardWebhooks => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            _ => "secret",
        };
        let signer = Signer::new(scheme, secret).expect("a secret");
        let at = timestamp("1614265330").expect("an instant");
        headers(scheme, &signer, "msg_1", at, b"{}")
    }

    #[test]
    fn headers_are_written_as_their_providers_do() {
        let names = |scheme| {
            let headers = signed(scheme).into_iter();
            headers.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(Scheme::Generic), ["X-Signature"]);
        assert_eq!(
            names(Scheme::Slack),
            ["X-Slack-Signature", "X-Slack-Request-Timestamp"]
        );
        assert_eq!(names(Scheme::Shopify), ["X-Shopify-Hmac-SHA256"]);
        assert_eq!(names(Scheme::GitHub), ["X-Hub-Signature-256"]);
        assert_eq!(names(Scheme::Stripe), ["Stripe-Signature"]);
        assert_eq!(
            names(Scheme::StandardWebhooks),
            ["webhook-signature", "webhook-timestamp", "webhook-id"]
        );
        let stripe = &signed(Scheme::Stripe)[0].1;
        assert!(stripe.starts_with("t=1614265330,v1="), "{stripe}");
    }

    #[test]
    fn a_command_holds_the_body_as_it_is() {
        let webhook = Webhook::parse("--url", "http://h:1", &SourceName::default()).expect("a URL");
        let headers = [("X-Signature".to_owned(), "00".to_owned())];
        let command = curl(&webhook, &headers, None, BODY).expect("a command");
        let words = shlex::split(&command.replace("\\\n", "")).expect("words");
        assert_eq!(
            words,
            [
                "curl",
                "--silent",
                "--show-error",
                "--fail-with-body",
                "http://h:1/webhook",
                "--header",
                "Content-Type: application/json",
                "--header",
                "X-Signature: 00",
                "--data-binary",
                "{\"a\":\"it's\"}"
            ]
        );
        let at = curl(&webhook, &[], None, b"@x").expect("a command");
        assert!(
            at.ends_with("--data-raw @x") || at.ends_with("--data-raw '@x'"),
            "{at}"
        );
        let file = curl(&webhook, &[], Some(Path::new("a b.json")), &[0xff, 0]).expect("a command");
        assert!(file.ends_with("--data-binary '@a b.json'"), "{file}");
        for body in [&b"\xff"[..], b"\0"] {
            assert!(curl(&webhook, &[], None, body).is_err());
        }
    }

    #[test]
    fn instants_and_ids() {
        let of = |text| timestamp(text).map(|instant| instant.to_string());
        assert_eq!(of("1614265330"), Ok("2021-02-25T15:02:10Z".to_owned()));
        assert_eq!(
            of("2026-11-25T10:30:00Z"),
            Ok("2026-11-25T10:30:00Z".to_owned())
        );
        assert!(of("soon").is_err() && of("9223372036854775807").is_err());
        assert!(checked_id("msg_1").is_ok());
        for id in ["", "a.b", "a b", "ü", "a\n"] {
            assert!(checked_id(id).is_err(), "{id:?}");
        }
    }
}
