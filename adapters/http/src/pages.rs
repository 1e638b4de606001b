//! What a browser loads: the dashboard at `/ui`, Swagger UI at `/docs`, and `/openapi.json`.
//! Everything comes from the binary; nothing is loaded from elsewhere.

use bytes::Bytes;
use poem::{
    Endpoint, IntoResponse, Request, Response, Route,
    endpoint::make_sync,
    get,
    http::{HeaderValue, StatusCode, header},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The routes below, for `Allow` and metrics.
pub const PAGES: [&str; 4] = ["/ui", "/ui/*", "/docs", "/openapi.json"];

/// The built dashboard. Its sources are in `static/src`; the build is committed, so that
/// `cargo build` needs no Node.
#[derive(RustEmbed)]
#[folder = "../../static/dist"]
struct Dashboard;

/// The dashboard loads its own files and talks to its own server, nothing else.
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// Swagger UI comes as one page with script and style inside.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; \
    style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// The pages, and the API at every other path.
///
/// A router around both would match, box and copy every request twice: poem's nested ones do.
pub struct WithPages<E> {
    pages: Route,
    api: E,
}

impl<E> WithPages<E> {
    pub fn new(docs: String, spec: String, api: E) -> Self {
        let pages = routes(docs.into(), spec.into());
        Self { pages, api }
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

fn routes(docs: Bytes, spec: Bytes) -> Route {
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
        .at("/docs", get(make_sync(move |_| page(docs.clone()))))
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

fn page(html: Bytes) -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_SECURITY_POLICY, DOCS_POLICY)
        .header(header::REFERRER_POLICY, "no-referrer")
        .body(html)
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
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|tag| tag.trim().ends_with(&etag)));
    let response = Response::builder()
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, caching)
        .header(header::CONTENT_SECURITY_POLICY, DASHBOARD_POLICY)
        .header(header::REFERRER_POLICY, "no-referrer");
    if known {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let mut response = response.body(Bytes::from(file.data.into_owned()));
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
