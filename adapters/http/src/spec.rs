//! The specification: what poem-openapi derives from the handlers, completed by what it cannot say.

use std::{collections::BTreeMap, sync::Arc};

use poem::http::Method;
use serde_json::{Value, json};

use crate::{access, limits, rejections};

/// Makes the derived document say all that is so.
///
/// poem-openapi has no words for some things: that an operation without security is meant to be
/// without; that an optional member of an *answer* is always there, perhaps as `null`; that a text
/// is a date; and that a bound is a whole number (it writes floats).
pub fn complete(derived: &str) -> Result<Value, serde_json::Error> {
    let mut spec: Value = serde_json::from_str(derived)?;
    spec["security"] = json!([]);
    if let Some(schemas) = spec["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas {
            // A problem's `errors` are really absent where there are none.
            if name != "Problem" {
                complete_object(name, schema);
            }
        }
    }
    for path in ["/paths/~1messages/get", "/paths/~1messages~1live/get"] {
        let parameters = spec.pointer_mut(&format!("{path}/parameters"));
        let parameters = parameters.and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if ["offset", "after_seq", "Last-Event-ID"].contains(&name) {
                parameter["schema"]["maximum"] = json!(i64::MAX);
            }
        }
    }
    // OpenAPI 3.0 has no word for what an event holds.
    for (path, events) in [
        ("/messages/live", &[("message", "Message")][..]),
        (
            "/rejections/live",
            &[("rejection", "Rejection"), ("missed", "MissedRejections")],
        ),
    ] {
        let stream = &mut spec["paths"][path]["get"]["responses"]["200"]["content"];
        let data = &mut stream["text/event-stream"]["x-event-data"];
        for (event, schema) in events {
            data[event] = json!({"$ref": format!("#/components/schemas/{schema}")});
        }
    }
    rejections::describe(&mut spec);
    access::describe(&mut spec);
    limits::describe(&mut spec);
    whole_numbers(&mut spec);
    Ok(spec)
}

/// Writes `1` where poem-openapi wrote `1.0`.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Number(number) => {
            let float = number.as_f64().filter(|_| number.is_f64());
            // Exact: the bounds in this document are small.
            if let Some(whole) = float.and_then(|float| format!("{float}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        _ => {}
    }
}

/// Members of answers that are left out where there is nothing to say, and others are `null`.
fn may_be_absent(schema: &str, member: &str) -> bool {
    ["Message", "MessageDetail", "Conflict"].contains(&schema)
        && ["seq", "source"].contains(&member)
        || (schema, member) == ("CheckResult", "detail")
}

fn complete_object(of: &str, schema: &mut Value) {
    let request = of == "WebhookMessage";
    let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties.iter_mut() {
        // Really absent where there is nothing to say.
        if may_be_absent(of, name) {
            continue;
        }
        if ["ts", "at", "since", "until", "start"].contains(&name.as_str())
            || name.ends_with("_ts")
            || name.ends_with("_at")
        {
            property["format"] = json!("date-time");
        }
        if !required.contains(&json!(name)) {
            property["nullable"] = json!(true);
        }
    }
    if !request {
        let all = properties.keys().filter(|name| !may_be_absent(of, name));
        let all: Vec<Value> = all.map(|name| json!(name)).collect();
        schema["required"] = all.into();
    }
}

/// Where a request's method is none of its route's, or of HTTP's: as OpenTelemetry's semantic conventions name it.
const OTHER: &str = "_OTHER";

/// Which methods each path knows. The paths are shared with what is said of every request.
#[derive(Debug)]
pub struct Methods {
    known: BTreeMap<Arc<str>, Vec<String>>,
    unmatched: Arc<str>,
}

impl Methods {
    /// The paths of the specification, and `pages` (GET) beside them. `*` at the end of a page's
    /// path stands for any rest.
    pub fn new(spec: &Value, pages: &[&str]) -> Self {
        let mut known: BTreeMap<Arc<str>, Vec<String>> = pages
            .iter()
            .map(|page| ((*page).into(), vec!["GET".to_owned()]))
            .collect();
        for (path, item) in spec["paths"].as_object().into_iter().flatten() {
            let methods = item.as_object().into_iter().flatten();
            let methods = methods.map(|(method, _)| method.to_uppercase()).collect();
            known.insert(path.as_str().into(), methods);
        }
        Self {
            known,
            unmatched: "unmatched".into(),
        }
    }

    /// All paths, as the specification writes them.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.known.keys()
    }

    /// What the router calls `/messages/:message_id`, as the specification writes it; anything
    /// that is not among the known paths is `unmatched`.
    pub fn pattern(&self, routed: &str) -> &Arc<str> {
        // Most are spelled alike.
        if let Some((known, _)) = self.known.get_key_value(routed) {
            return known;
        }
        self.known
            .keys()
            .find(|known| {
                let (mut ours, mut theirs) = (known.split('/'), routed.split('/'));
                loop {
                    match (ours.next(), theirs.next()) {
                        (None, None) => return true,
                        (Some("*"), Some(rest)) => return rest.starts_with('*'),
                        (Some(a), Some(b)) if a == b => {}
                        (Some(a), Some(b)) if a.starts_with('{') && b.starts_with(':') => {}
                        _ => return false,
                    }
                }
            })
            .unwrap_or(&self.unmatched)
    }

    /// Where nothing is.
    pub fn unmatched(&self) -> &Arc<str> {
        &self.unmatched
    }

    /// The pattern that this path of a request fits, or `unmatched`.
    pub fn of(&self, path: &str) -> &Arc<str> {
        let known = self.known.keys().find(|known| fits(known, path));
        known.unwrap_or(&self.unmatched)
    }

    /// The value of `Allow` for a request's path. HEAD goes wherever GET goes.
    pub fn allowed(&self, path: &str) -> String {
        let methods = self.known.iter().find(|(known, _)| fits(known, path));
        let mut allowed: Vec<&str> = methods
            .into_iter()
            .flat_map(|(_, methods)| methods)
            .map(String::as_str)
            .collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        allowed.join(", ")
    }

    /// The method of a request to this route if it knows it, and otherwise `_OTHER`: nobody outside can
    /// make series by methods that are refused.
    pub fn label(&self, route: &str, method: &Method) -> &'static str {
        let of_get = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        let known = self.known.get(route);
        if known.is_some_and(|known| known.iter().any(|known| known == of_get)) {
            known_method(method)
        } else {
            OTHER
        }
    }
}

/// The method, if it is one of HTTP's (RFC 9110, RFC 5789); otherwise `_OTHER`, as OpenTelemetry's
/// semantic conventions name it. An invented one may be of any length.
pub fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = [
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT",
    ];
    let mut known = KNOWN.into_iter();
    known
        .find(|known| *known == method.as_str())
        .unwrap_or(OTHER)
}

/// Whether a path of a request fits a pattern, as the specification writes it (or a page's).
pub fn fits(known: &str, path: &str) -> bool {
    let (mut ours, mut theirs) = (known.split('/'), path.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) | (Some("*"), Some(_)) => return true,
            (Some(a), Some(b)) if a == b || a.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods() -> Methods {
        let spec = json!({"paths": {
            "/webhook": {"post": {}},
            "/messages/{message_id}": {"get": {}},
        }});
        Methods::new(&spec, &["/ui", "/ui/*"])
    }

    #[test]
    fn allow_names_the_methods_of_the_path() {
        let methods = methods();
        assert_eq!(methods.allowed("/webhook"), "POST");
        assert_eq!(methods.allowed("/messages/a%2Fb"), "GET, HEAD");
        assert_eq!(methods.allowed("/ui"), "GET, HEAD");
        assert_eq!(methods.allowed("/ui/assets/x.js"), "GET, HEAD");
        assert_eq!(methods.allowed("/nowhere"), "");
    }

    #[test]
    fn methods_that_a_route_refuses_are_one() {
        let methods = methods();
        assert_eq!(methods.label("/webhook", &Method::POST), "POST");
        assert_eq!(
            methods.label("/messages/{message_id}", &Method::HEAD),
            "HEAD"
        );
        for (route, method) in [
            ("/webhook", Method::GET),
            ("/webhook", Method::HEAD),
            ("/ui", Method::POST),
            ("unmatched", Method::GET),
        ] {
            assert_eq!(methods.label(route, &method), "_OTHER", "{method} {route}");
        }
    }

    #[test]
    fn routes_are_named_as_the_specification_names_them() {
        let methods = methods();
        for (routed, named) in [
            ("/webhook", "/webhook"),
            ("/messages/:message_id", "/messages/{message_id}"),
            ("/ui/*path", "/ui/*"),
            ("", "unmatched"),
            ("/nowhere", "unmatched"),
        ] {
            assert_eq!(&**methods.pattern(routed), named, "{routed}");
        }
    }
}
