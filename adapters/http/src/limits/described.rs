//! What the specification says of limits that hold for every operation, whatever it does.

use serde_json::{Value, json};

use crate::problem::{Kind, PROBLEM_JSON};

/// Adds the answers to requests whose head is refused.
pub fn describe(spec: &mut Value) {
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
