//! The parameters of `GET /messages`, through the whole application.
//!
//! The answer is a page or names every fault, and never repeats a value; a page keeps its limits and
//! can be gone on from.
#![no_main]

use std::cell::OnceCell;

use countersign_fuzz::Application;
use libfuzzer_sys::fuzz_target;
use poem::http::Uri;

/// Stands for what is private in a query.
const CANARY: &str = "CANARY";

const PARAMETERS: [&str; 15] = [
    "limit",
    "offset",
    "from",
    "to",
    "since",
    "until",
    "q",
    "source",
    "verified_by",
    "received_since",
    "received_before",
    "order",
    "cursor",
    "after_seq",
    "wait",
];

thread_local! {
    static APPLICATION: OnceCell<Application> = const { OnceCell::new() };
}

fuzz_target!(|query: &str| {
    APPLICATION.with(|application| check(application.get_or_init(Application::new), query));
});

fn check(application: &Application, query: &str) {
    let Ok(target) = format!("/messages?{query}").parse::<Uri>() else {
        return;
    };
    // A fragment is no part of it.
    let query = target.query().unwrap_or_default().to_owned();
    let answer = application.get(target);
    let body = answer.json();
    if answer.status == 422 {
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains(CANARY), "a value is repeated: {text}");
        let errors = body["errors"].as_array().expect("errors");
        assert!(!errors.is_empty());
        for error in errors {
            let pointer = error["pointer"].as_str().expect("a pointer");
            let name = pointer.strip_prefix("#/").expect("a member");
            assert!(PARAMETERS.contains(&name), "{pointer}");
        }
        return;
    }
    assert_eq!(answer.status, 200, "{body}");
    let limit = body["limit"].as_u64().expect("a limit");
    let shown = body["data"].as_array().expect("messages").len() as u64;
    assert!((1..=100).contains(&limit) && shown <= limit);
    assert!(body["total"].as_u64().is_some_and(|total| shown <= total));
    let asked: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    if let Some((_, asked)) = asked.iter().find(|(name, _)| name == "limit") {
        assert_eq!(asked.parse(), Ok(limit));
    }
    if let Some(link) = answer.headers.get("link") {
        let link = link.to_str().expect("ASCII");
        let next = link.strip_prefix('<').and_then(|link| link.split_once('>'));
        let (next, _) = next.expect("a target");
        let next = application.get(next.parse().expect("a target"));
        assert_eq!(next.status, 200, "the next page of {query} is refused");
    }
}
