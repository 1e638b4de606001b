//! What the specification says of limits that hold for every operation, whatever it does.

use serde_json::{Value, json};

use super::head::PROBES;
use crate::problem::{Kind, PROBLEM_JSON};

/// Adds the answers to requests whose head is refused, and to too many.
pub fn describe(spec: &mut Value) {
    heads(spec);
    rates(spec);
}

fn heads(spec: &mut Value) {
    let paths = spec["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            // What every answer has, the one that every operation may give has, too.
            let headers = operation["responses"]["500"]["headers"].clone();
            for kind in [Kind::InvalidHost, Kind::UriTooLong] {
                let status = kind.status().as_u16().to_string();
                let response = &mut operation["responses"][status];
                if response.is_null() {
                    *response = json!({
                        "description": kind.description(),
                        "headers": headers,
                        "content": {
                            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}},
                        },
                    });
                }
            }
        }
    }
}

fn rates(spec: &mut Value) {
    spec["components"]["headers"] = json!({
        "RateLimit-Policy": {
            "description": "How many requests one address may send at once (`q`), and within how \
                many seconds as many come back (`w`), evenly; only where the server was told so \
                (`RATE_LIMIT`). Addresses of IPv6 that share their first 64 bits are one.",
            "schema": {"type": "string"},
            "example": "\"peer\";q=600;w=60",
        },
        "RateLimit": {
            "description": "How many more this one may send now (`r`), and after how many seconds \
                it is more, at the latest (`t`).",
            "schema": {"type": "string"},
            "example": "\"peer\";r=599;t=1",
        },
    });
    let paths = spec["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths.filter(|(path, _)| !PROBES.contains(&path.as_str())) {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let mut headers = operation["responses"]["500"]["headers"].clone();
            headers["Retry-After"] = json!({
                "description": "Seconds to wait.",
                "required": true,
                "schema": {"type": "string"},
            });
            operation["responses"]["429"] = json!({
                "description": Kind::RateLimited.description(),
                "headers": headers,
                "content": {
                    PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}},
                },
            });
            let responses = operation["responses"].as_object_mut().into_iter().flatten();
            for (_, response) in responses {
                for name in ["RateLimit-Policy", "RateLimit"] {
                    let reference = format!("#/components/headers/{name}");
                    response["headers"][name] = json!({"$ref": reference});
                }
            }
        }
    }
}
