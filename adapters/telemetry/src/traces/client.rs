//! What sends spans: on the thread that gathers them, which nobody else waits for.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use super::variables::Variables;

/// How much of an answer is read: it says how many spans were refused, if any.
const ANSWER: u64 = 64 * 1024;

/// See the module's documentation.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    /// The last that was sent did not arrive. It is said once, and once when it does again.
    failing: AtomicBool,
}

impl Client {
    pub fn new(variables: &Variables) -> Self {
        let authorities = variables.authorities.clone();
        let tls = TlsConfig::builder().root_certs(
            authorities.map_or(RootCerts::WebPki, |certificates| {
                RootCerts::Specific(Arc::new(certificates))
            }),
        );
        let config = Agent::config_builder()
            .timeout_global(Some(variables.timeout))
            .http_status_as_error(false)
            // The headers may have a token in them, which is for this collector.
            .max_redirects(0)
            .tls_config(tls.build())
            .build();
        Self {
            agent: config.into(),
            failing: AtomicBool::new(false),
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let answer = self.agent.run(request.map(Vec::from))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }

    fn tell(&self, cause: Option<&dyn std::fmt::Display>) {
        let before = self.failing.swap(cause.is_some(), Ordering::Relaxed);
        match cause {
            Some(cause) if !before => tracing::warn!(
                cause = %cause,
                "traces cannot be sent; they are dropped until they can"
            ),
            None if before => tracing::info!("traces are sent again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Client {
    /// It blocks its thread.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        match self.send(request) {
            Ok(answer) => {
                let status = answer.status();
                let refused = format_args!("the collector answers {status}");
                self.tell((!status.is_success()).then_some(&refused));
                Ok(answer)
            }
            Err(error) => {
                self.tell(Some(&error));
                Err(Box::<dyn Error + Send + Sync>::from(error))
            }
        }
    }
}
