//! The specification: that the committed document is the real one, and that answers keep to it.

use std::{collections::BTreeMap, sync::LazyLock};

use jsonschema::Validator;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::http::app::App;

const COMMITTED: &str = include_str!("../openapi/openapi.json");

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let app = App::on(crate::store::memory().await.expect("always there")).await;
    assert!(
        app.spec() == COMMITTED,
        "openapi/openapi.json is not what the program says; run `just openapi`, read the \
         difference, and commit it"
    );
    let served = app.get("/openapi.json").await;
    assert_eq!(served.text, COMMITTED);
}

/// The schema promises what the domain keeps.
#[test]
fn the_document_states_the_domains_limits() {
    let message = &DOCUMENT["components"]["schemas"]["WebhookMessage"]["properties"];
    assert_eq!(message["message_id"]["minLength"], 1);
    assert_eq!(
        message["message_id"]["maxLength"],
        countersign_core::MessageId::MAX_CHARS
    );
    assert_eq!(
        message["text"]["maxLength"],
        countersign_core::Text::MAX_CHARS
    );
    let schema = schema(&json!({"$ref": "#/components/schemas/WebhookMessage"}));
    for (from, ok) in [
        ("+12", true),
        ("+123456789012345", true),
        ("+1234567890123456", false),
        ("+1", false),
        ("+02", false),
        ("12", false),
        ("+12\n", false),
    ] {
        let body =
            json!({"message_id": "m", "from": from, "to": "+12", "ts": "2025-01-01T00:00:00Z"});
        assert_eq!(schema.is_valid(&body), ok, "{from:?} in the document");
        let checked = countersign_core::Msisdn::check(from);
        assert_eq!(checked.is_ok(), ok, "{from:?} in the domain");
    }
    for (id, ok) in [
        ("a b", true),
        ("a\u{7f}", false),
        ("\u{85}", false),
        ("😀", true),
    ] {
        let body =
            json!({"message_id": id, "from": "+12", "to": "+12", "ts": "2025-01-01T00:00:00Z"});
        assert_eq!(schema.is_valid(&body), ok, "{id:?} in the document");
        let checked = countersign_core::MessageId::check(id);
        assert_eq!(checked.is_ok(), ok, "{id:?} in the domain");
    }
}

/// The committed document, as JSON Schema understands it.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(COMMITTED).expect("openapi.json is JSON");
    nullable_to_type(&mut document);
    document
});

/// OpenAPI 3.0's `nullable: true` is JSON Schema's `type: [T, "null"]`.
fn nullable_to_type(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("nullable") == Some(&json!(true)) {
                let one = members["type"].clone();
                members.insert("type".to_owned(), json!([one, "null"]));
            }
            members.values_mut().for_each(nullable_to_type);
        }
        Value::Array(items) => items.iter_mut().for_each(nullable_to_type),
        _ => {}
    }
}

fn schema(of: &Value) -> Validator {
    let mut schema = of.clone();
    schema["components"] = DOCUMENT["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
}

/// Panics if the specification doesn't know this answer.
pub fn check(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap, body: &str) {
    assert!(
        headers.contains_key("x-request-id"),
        "{method} {path} has no request id"
    );
    let Some(operation) = operation(method, path) else {
        // Pages, and whatever the router refuses: what goes wrong there has the same form.
        if (status.is_client_error() || status.is_server_error()) && *method != Method::HEAD {
            assert_eq!(headers["content-type"], "application/problem+json");
            let problem = serde_json::from_str(body).expect("JSON");
            let schema = schema(&json!({"$ref": "#/components/schemas/Problem"}));
            assert!(
                schema.is_valid(&problem),
                "{method} {path} {status}: {body}"
            );
        }
        return;
    };
    let said = &operation["responses"][status.as_str()];
    assert!(
        !said.is_null(),
        "{method} {path} must not answer {status}: {body}"
    );
    for (name, header) in said["headers"].as_object().into_iter().flatten() {
        let value = headers.get(name);
        let required = header["required"] == json!(true);
        assert!(
            value.is_some() || !required,
            "{method} {path} {status} lacks {name}"
        );
    }
    if *method == Method::HEAD {
        assert_eq!(body, "");
        return;
    }
    if said["content"].is_null() {
        assert_eq!(body, "", "{method} {path} {status}");
        return;
    }
    let content_type = headers["content-type"].to_str().expect("ASCII");
    let media_type = content_type.split(';').next().unwrap_or_default();
    let content = &said["content"][media_type];
    assert!(
        !content.is_null(),
        "{method} {path} {status} must not be {media_type}"
    );
    let value = if media_type.ends_with("json") {
        serde_json::from_str(body).expect("JSON")
    } else {
        json!(body)
    };
    let validator = schema(&content["schema"]);
    let faults: Vec<String> = validator
        .iter_errors(&value)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{method} {path} {status}: {faults:?} in {body}"
    );
}

/// Panics if the specification doesn't know this event of a stream.
pub fn check_event(path: &str, event: &str, data: &Value) {
    static EVENTS: LazyLock<BTreeMap<(&str, &str), Validator>> = LazyLock::new(|| {
        let paths = DOCUMENT["paths"].as_object().expect("paths");
        let streams = paths.iter().flat_map(|(path, item)| {
            let content = &item["get"]["responses"]["200"]["content"];
            let events = content["text/event-stream"]["x-event-data"].as_object();
            let events = events.into_iter().flatten();
            events.map(move |(event, data)| ((path.as_str(), event.as_str()), schema(data)))
        });
        streams.collect()
    });
    let schema = EVENTS.get(&(path, event));
    let schema = schema.unwrap_or_else(|| panic!("{path} has no event {event}"));
    let faults: Vec<String> = schema
        .iter_errors(data)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{event}: {faults:?} in {data}");
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let method = match *method {
        Method::HEAD => "get".to_owned(),
        _ => method.as_str().to_lowercase(),
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let (_, item) = paths.iter().find(|(template, _)| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(t, p)| t == p || t.starts_with('{'))
    })?;
    item.get(&method)
}
