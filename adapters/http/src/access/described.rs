//! What the specification says of all this: it holds for routes, not for single handlers, so
//! poem-openapi cannot know of it.

use serde_json::{Value, json};

use super::{Class, session::COOKIE};
use crate::{
    problem::{Kind, PROBLEM_JSON},
    reply::CHALLENGE,
};

/// Adds the ways to be let in, and the answers to those who are not, to every route that is a read.
pub fn describe(spec: &mut Value) {
    spec["components"]["securitySchemes"]["ReadToken"] = json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The token that the server was started with (`READ_TOKEN`). Without one, \
            reads are answered only to this machine and private networks.",
    });
    spec["components"]["securitySchemes"]["ReadPassword"] = json!({
        "type": "http",
        "scheme": "basic",
        "description": "The same token as the password, of any user.",
    });
    spec["components"]["securitySchemes"]["ReadSession"] = json!({
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A session that began with the token: `POST /session`.",
    });
    let paths = spec["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths.filter(|(path, _)| Class::of(path) != Class::Open) {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            // The first: none is needed where the server has no token.
            operation["security"] = json!([
                {}, {"ReadToken": []}, {"ReadPassword": []}, {"ReadSession": []},
            ]);
            // What every answer has, the one that every operation may give has, too.
            let mut protected = answer(Kind::ProtectedRead);
            protected["headers"] = operation["responses"]["500"]["headers"].clone();
            let mut unauthorized = answer(Kind::ReadUnauthorized);
            unauthorized["headers"] = protected["headers"].clone();
            unauthorized["headers"]["WWW-Authenticate"] = json!({
                "description": CHALLENGE,
                "required": true,
                "schema": {"type": "string"},
            });
            operation["responses"]["401"] = unauthorized;
            operation["responses"]["403"] = protected;
        }
    }
}

fn answer(kind: Kind) -> Value {
    json!({
        "description": kind.description(),
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}
