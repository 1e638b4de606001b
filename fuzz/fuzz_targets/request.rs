//! Any request, through the whole application: method, target, headers and body.
//!
//! Nothing is answered 5xx; every error is a problem document, or the one that the original service
//! had for signatures; every answer has its id; no answer has a secret in it.
#![no_main]

use std::cell::{Cell, RefCell};

use countersign_fuzz::{Answer, Application, SECRETS, SignedRequest};
use countersign_hmac::Scheme;
use libfuzzer_sys::fuzz_target;
use poem::{
    Request,
    http::{HeaderName, HeaderValue, Method, Uri},
};

/// So many messages may come to be stored before the application is made anew.
const MOST: u32 = 500;

thread_local! {
    static APPLICATION: RefCell<Option<Application>> = const { RefCell::new(None) };
    static STORED: Cell<u32> = const { Cell::new(0) };
    /// The secrets that the fuzzer has put into what it has sent to the application: it sees what its
    /// input is compared with. Refused requests and messages are shown later on.
    static TOLD: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fuzz_target!(|input: &[u8]| {
    let Some((request, method, path)) = read(input) else {
        return;
    };
    if STORED.get() >= MOST {
        STORED.set(0);
        APPLICATION.take();
        TOLD.take();
    }
    note_secrets(input);
    let answer = APPLICATION
        .with_borrow_mut(|application| application.get_or_insert_default().answer(request));
    if method == Method::POST && answer.status == 200 {
        STORED.set(STORED.get() + 1);
    }
    check(&answer, &method, &path);
});

fn secrets() -> impl Iterator<Item = &'static str> {
    SECRETS.into_iter().chain([Application::TOKEN])
}

/// Notes which secrets are in the input, other than where the token belongs.
fn note_secrets(input: &[u8]) {
    let said =
        String::from_utf8_lossy(input).replace(&format!("Bearer {}", Application::TOKEN), "");
    TOLD.with_borrow_mut(|told| {
        for secret in secrets().filter(|secret| said.contains(secret)) {
            if !told.contains(&secret) {
                told.push(secret);
            }
        }
    });
}

/// `METHOD target`, a line each for the headers, an empty line, the body; digests of the generic
/// scheme, or of the one that is named in the path, are put in.
fn read(input: &[u8]) -> Option<(Request, Method, String)> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let (method, target) = str::from_utf8(&input[..end]).ok()?.split_once(' ')?;
    let method: Method = method.parse().ok()?;
    let uri: Uri = target.parse().ok()?;
    let path = uri.path().to_owned();
    let source = path.strip_prefix("/webhook/").unwrap_or_default();
    let scheme: Scheme = source.parse().unwrap_or_default();
    let signed = SignedRequest::read(&input[end + 1..]).signed_as(scheme);
    let mut request = Request::builder().method(method.clone()).uri(uri).finish();
    for (name, value) in signed.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value).ok()?;
        request.headers_mut().append(name, value);
    }
    request.set_body(signed.body);
    Some((request, method, path))
}

fn check(answer: &Answer, method: &Method, path: &str) {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let text = String::from_utf8_lossy(body);
    assert!(*status < 500, "{method} {path}: {status} {text}");
    assert_eq!(headers.get_all("x-request-id").iter().count(), 1);
    for secret in secrets().filter(|secret| !TOLD.with_borrow(|told| told.contains(secret))) {
        assert!(!text.contains(secret), "{method} {path}: {text}");
    }
    if *status >= 400 && *method != Method::HEAD {
        let problem = answer.json();
        assert!(problem["detail"].is_string(), "{text}");
        if problem.get("status").is_some() {
            assert_eq!(problem["status"], *status);
            assert_eq!(headers["content-type"], "application/problem+json");
        } else {
            assert_eq!(problem["detail"], "invalid signature");
        }
    }
}
