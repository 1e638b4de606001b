//! A running server, as its API's client sees it.

mod address;
mod body;
mod filter;
pub mod instant;
mod list;
mod refusal;
mod sse;

use std::{fmt, path::PathBuf, time::Duration};

use clap::{
    Args as ClapArgs,
    builder::{OsStringValueParser, TypedValueParser as _},
};
use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
    redirect,
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use self::{
    address::{Webhook, is_same_server, local, server, source_at, webhook_path},
    body::{
        Conflict, Delivery, Message, MessageDetail, Missed, Problem, Rejection, RejectionPage,
        ServerStats, Stats, Timeline,
    },
    filter::{Filter, FilterArgs},
    list::{List, Order},
    refusal::{Refusal, chain, retry_after, unreachable},
    sse::{Event, Parser},
};
use crate::{
    settings,
    stop::Stop,
    terminal::{Halt, one_line},
};

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(10);

/// A stream says something every 15 s; one that says nothing for so long is dead.
pub const SILENCE: Duration = Duration::from_secs(45);

/// Which server, and what it is shown.
#[derive(Debug, Clone, ClapArgs)]
pub struct ServerArgs {
    /// The server, such as `https://inbox.example.com`; by default, the one at BIND on this machine.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The address that the server listens on, if there is no `--url`.
    #[arg(long, env = "BIND", value_name = "HOST:PORT", default_value = settings::DEFAULT_BIND)]
    pub bind: String,
    /// A file with the token that the server wants to see, instead of the environment variable
    /// `READ_TOKEN`.
    // clap's own parser of paths refuses a blank one, which is not set.
    #[arg(
        long,
        env = "READ_TOKEN_FILE",
        value_name = "FILE",
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub read_token_file: Option<PathBuf>,
    /// How many seconds an answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
}

/// A server that can be asked.
pub struct Api {
    base: Url,
    client: Client,
    token: Option<HeaderValue>,
    patience: Duration,
}

/// Without the token.
impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Api {
    /// # Errors
    /// If the address or the token cannot be used.
    pub fn new(args: &ServerArgs) -> Result<Self, Stop> {
        let base = match &args.url {
            Some(url) => server("--url", url)?,
            None => local(settings::reachable(settings::bind(&args.bind)?))?,
        };
        let token = crate::reads::token_to_show(args.read_token_file.as_ref())?;
        let token = token.map(|token| {
            let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
                Stop::configuration(
                    format!(
                        "the token of READ_TOKEN has a control character (it is {} bytes long)",
                        token.len()
                    ),
                    "set it to what the server has as READ_TOKEN, without a newline within",
                )
            })?;
            value.set_sensitive(true);
            Ok::<_, Stop>(value)
        });
        Ok(Self {
            client: client(&base)?,
            base,
            token: token.transpose()?,
            patience: Duration::from_secs(args.timeout.into()),
        })
    }

    /// Where it is, for people.
    pub fn name(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Where it is.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether a token is shown.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The address of what is at this path, each part of which is encoded.
    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Asks for what is at this path, as long as it takes.
    pub fn ask(&self, path: &[&str], query: &[(&str, String)]) -> RequestBuilder {
        let request = self.client.get(self.at(path)).header(ACCEPT, "*/*");
        let request = if query.is_empty() {
            request
        } else {
            request.query(query)
        };
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token),
            None => request,
        }
    }

    /// The answer to a request, if it is a good one.
    pub async fn answer(&self, request: RequestBuilder) -> Result<Response, Refusal> {
        let response = request
            .send()
            .await
            .map_err(|error| unreachable(self.name(), &error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(Refusal::read(self, response).await)
    }

    /// What is at this path, as the server writes it.
    pub async fn get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Box<RawValue>, Refusal> {
        let request = self.ask(path, query).timeout(self.patience);
        let response = self.answer(request).await?;
        let text = response
            .text()
            .await
            .map_err(|error| unreachable(self.name(), &error))?;
        self.parse(&text)
    }

    /// The message of this id and source, with all that is known of it.
    ///
    /// # Errors
    /// If there is none, besides all that is wrong with a server.
    pub async fn message(&self, id: &str, source: &str) -> Result<Box<RawValue>, Halt> {
        let query = [("source", source.to_owned())];
        // Those would be other places of the API, or steps in its path.
        if matches!(id, "" | "." | ".." | "live") {
            return Err(Stop::configuration(
                format!("the API has no message of the id {id:?}"),
                "find it with: countersign ls --all --json",
            )
            .into());
        }
        let found = self.get(&["messages", id], &query).await;
        found.map_err(|refusal| {
            if !refusal.is_not_found() {
                return refusal.into();
            }
            let length = id.chars().count();
            Halt::Stopped(Stop::no_input(
                format!(
                    "{} has no message of this id ({length} characters) from the source {}",
                    self.name(),
                    one_line(source)
                ),
                "see the ids with countersign ls; a message that was purged is gone; one of \
                 another source needs --source NAME",
            ))
        })
    }

    /// A text of an answer as JSON.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(&self, text: &str) -> Result<Box<RawValue>, Refusal> {
        serde_json::from_str(text).map_err(|_| refusal::no_countersign(self.name(), "no JSON"))
    }

    /// What a part of an answer says.
    ///
    /// # Errors
    /// If it says something else.
    pub fn read<T: DeserializeOwned>(&self, json: &RawValue) -> Result<T, Refusal> {
        serde_json::from_str(json.get())
            .map_err(|_| refusal::no_countersign(self.name(), "other JSON than expected"))
    }
}

/// A client for this server, with what all of them have in common.
///
/// # Errors
/// If the system has no TLS to offer.
pub fn client(server: &Url) -> Result<Client, Stop> {
    let mut builder = Client::builder()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECTING)
        .read_timeout(SILENCE)
        // To follow one would show the token to somebody else.
        .redirect(redirect::Policy::none());
    if server.scheme() == "http" {
        // To read the system's authorities takes longer than a probe.
        builder = builder.tls_built_in_root_certs(false);
    }
    if address::is_this_machine(server) {
        // Straight there, whatever the environment says of proxies.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Stop::unavailable(
            format!("HTTPS cannot be set up: {}", chain(&error)),
            "install the system's certificate authorities (ca-certificates), or name a file with \
             them in SSL_CERT_FILE",
        )
    })
}

/// Runs what talks to a server.
///
/// # Errors
/// What it stops with.
pub fn run<T>(talk: impl Future<Output = Result<T, Halt>>) -> Result<T, Halt> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    let outcome = runtime.block_on(talk);
    // What reads standard input cannot be waited for.
    runtime.shutdown_background();
    outcome
}
