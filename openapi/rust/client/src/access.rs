//! What a request shows of who sends it.

use std::{convert::Infallible, fmt, sync::Arc};

use reqwest::{
    Request,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue},
};

type Sign = dyn Fn(&[u8]) -> HeaderMap + Send + Sync;

/// What reads and webhooks need: a token, and a signature over the bytes that are sent.
#[derive(Clone, Default)]
pub struct Access {
    token: Option<HeaderValue>,
    sign: Option<Arc<Sign>>,
}

impl Access {
    /// Nothing of both.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For reads: the server's `READ_TOKEN`.
    ///
    /// # Errors
    /// If it has what no header may have.
    pub fn token(mut self, token: &str) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(self)
    }

    /// For webhooks: the headers that the source's scheme has for a body, byte for byte as it is sent.
    #[must_use]
    pub fn sign(mut self, sign: impl Fn(&[u8]) -> HeaderMap + Send + Sync + 'static) -> Self {
        self.sign = Some(Arc::new(sign));
        self
    }
}

/// Nothing that is secret.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("token", &self.token.is_some())
            .field("sign", &self.sign.is_some())
            .finish()
    }
}

/// Completes a request that is about to be sent.
pub(crate) async fn prepare(access: &Access, request: &mut Request) -> Result<(), Infallible> {
    if let Some(token) = &access.token {
        request.headers_mut().insert(AUTHORIZATION, token.clone());
    }
    let mut path = request.url().path_segments().into_iter().flatten();
    if path.any(|part| part == "webhook")
        && let Some(sign) = &access.sign
        && let Some(body) = request.body().and_then(reqwest::Body::as_bytes)
    {
        let headers = sign(body);
        request.headers_mut().extend(headers);
    }
    Ok(())
}
