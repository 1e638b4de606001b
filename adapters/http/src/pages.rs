//! What a browser loads: the dashboard at `/ui`, Swagger UI at `/docs`, and `/openapi.json`.
//! Everything comes from the binary; nothing is loaded from elsewhere.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use countersign_core::{Digest, SourceError};
use poem::{
    Endpoint, IntoResponse, Request, Response, Route,
    endpoint::make_sync,
    get,
    http::{HeaderValue, StatusCode, header},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::headers;

/// The routes below, for `Allow` and metrics.
pub const PAGES: [&str; 4] = ["/ui", "/ui/*", "/docs", "/openapi.json"];

/// The built dashboard. Its sources are in `static/src`; the build is committed, so that
/// `cargo build` needs no Node.
#[derive(RustEmbed)]
#[folder = "../../static/dist"]
struct Dashboard;

/// The dashboard loads its own files and talks to its own server, nothing else.
const DASHBOARD_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);

/// Swagger UI comes as one page with script and style inside: exactly those are allowed.
fn docs_policy(html: &str) -> Result<HeaderValue, SourceError> {
    let sources = |tag| {
        let hashes = inline(html, tag).map(|content| {
            let hash = BASE64_STANDARD.encode(Digest::of(content.as_bytes()).as_bytes());
            format!("'sha256-{hash}'")
        });
        hashes.collect::<Vec<_>>().join(" ")
    };
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        sources("script"),
        sources("style"),
    );
    Ok(HeaderValue::from_str(&policy)?)
}

/// The contents of a page's inline scripts, or of its inline styles.
fn inline<'a>(html: &'a str, tag: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        // Either may quote the other's tag, so both are stepped over as a whole.
        loop {
            let next = ["script", "style"].into_iter().filter_map(|name| {
                let start = rest.find(&format!("<{name}"))?;
                Some((start, name))
            });
            let (start, name) = next.min()?;
            let (_, content) = rest[start..].split_once('>')?;
            let (content, after) = content.split_once(&format!("</{name}>"))?;
            rest = after;
            if name == tag {
                return Some(content);
            }
        }
    })
}

/// The pages, and the API at every other path.
///
/// A router around both would match, box and copy every request twice: poem's nested ones do.
pub struct WithPages<E> {
    pages: Route,
    api: E,
}

impl<E> WithPages<E> {
    /// # Errors
    /// If the page of Swagger UI cannot be allowed what is in it.
    pub fn new(docs: String, spec: String, api: E) -> Result<Self, SourceError> {
        let docs = Docs {
            policy: docs_policy(&docs)?,
            etag: format!("\"{}\"", Digest::of(docs.as_bytes())),
            html: docs.into(),
        };
        let pages = routes(docs, spec.into());
        Ok(Self { pages, api })
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for WithPages<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        let page = PAGES.iter().any(|page| match page.strip_suffix('*') {
            Some(folder) => path.starts_with(folder),
            None => path == *page,
        });
        if page {
            self.pages.call(request).await
        } else {
            self.api.call(request).await
        }
    }
}

/// The page at `/docs`.
struct Docs {
    html: Bytes,
    etag: String,
    policy: HeaderValue,
}

fn routes(docs: Docs, spec: Bytes) -> Route {
    Route::new()
        .at(
            "/ui",
            get(make_sync(|request| dashboard(&request, "index.html"))),
        )
        .at(
            "/ui/*path",
            get(make_sync(|request: Request| {
                let path = request
                    .raw_path_param("path")
                    .unwrap_or_default()
                    .to_owned();
                let path = if path.is_empty() { "index.html" } else { &path };
                dashboard(&request, path)
            })),
        )
        .at(
            "/docs",
            get(make_sync(move |request| docs.answer(&request))),
        )
        .at(
            "/openapi.json",
            get(make_sync(move |_| {
                Response::builder()
                    .content_type("application/json")
                    .header(header::CACHE_CONTROL, "no-cache")
                    .body(spec.clone())
            })),
        )
}

impl Docs {
    fn answer(&self, request: &Request) -> Response {
        let mut response = Response::builder()
            .header(header::ETAG, self.etag.as_str())
            .header(header::CACHE_CONTROL, "no-cache")
            .finish();
        headers::hold_page_back(response.headers_mut(), self.policy.clone());
        if is_known(request, &self.etag) {
            response.set_status(StatusCode::NOT_MODIFIED);
            return response;
        }
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        response.set_body(self.html.clone());
        response
    }
}

/// Whether the client has the version with this tag.
fn is_known(request: &Request, etag: &str) -> bool {
    request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim().ends_with(etag)))
}

fn dashboard(request: &Request, path: &str) -> Response {
    match Dashboard::get(path) {
        Some(file) => file_response(request, path, file),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file_response(request: &Request, path: &str, file: EmbeddedFile) -> Response {
    use std::fmt::Write as _;

    let mut etag = String::with_capacity(66);
    etag.push('"');
    for byte in file.metadata.sha256_hash() {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    // Vite names these files after their content.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = is_known(request, &etag);
    let mut response = Response::builder()
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, caching)
        .finish();
    headers::hold_page_back(response.headers_mut(), DASHBOARD_POLICY);
    if known {
        response.set_status(StatusCode::NOT_MODIFIED);
        return response;
    }
    response.set_body(bytes(file.data));
    let content_type = match file.metadata.mimetype() {
        "text/html" => "text/html; charset=utf-8",
        other => other,
    };
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
    }
    response
}

/// What is in the program is not copied: however many load it, it is there once. In debug builds
/// it comes from the disk.
fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cow, bytes, inline};

    #[test]
    fn a_file_of_the_program_is_not_copied() {
        static FILE: [u8; 3] = *b"abc";
        assert_eq!(bytes(Cow::Borrowed(&FILE)).as_ptr(), FILE.as_ptr());
    }

    #[test]
    fn what_is_inside_a_page_is_found_by_its_tag() {
        let page = "<html><style a=\"b\">s1 <script></style><script>j1 '<style>'</script>\n\
            <p>x</p><script>\nj2\n</script></html>";
        let found = |tag| inline(page, tag).collect::<Vec<_>>();
        assert_eq!(found("script"), ["j1 '<style>'", "\nj2\n"]);
        assert_eq!(found("style"), ["s1 <script>"]);
    }
}
