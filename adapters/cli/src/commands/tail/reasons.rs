//! Why requests are refused, in plain words.

/// A reason of the API, for people; one of a newer server as it is.
pub fn words(reason: &str) -> &str {
    match reason {
        "missing_signature" => "it has no signature",
        "malformed_signature" => "its signature cannot be read",
        "several_signatures" => "its signature came more than once",
        "signature_mismatch" => {
            "its signature does not fit the body: another secret, or a changed body"
        }
        "stale_timestamp" => "its timestamp is too far from the server's clock",
        "unknown_source" => "there is no source of this name",
        "body_too_large" => "its body is too large",
        "body_timeout" => "its body did not come in time",
        "body_unreadable" => "it could not be read",
        "invalid_host" => "its Host header is missing or wrong",
        "uri_too_long" => "its address is too long",
        "unsupported_media_type" => "it does not call itself JSON",
        "invalid_json" => "its body is not valid JSON",
        "validation_error" => "fields of the message are missing or wrong",
        "conflict" => "another message has its id",
        "rate_limited" => "too many requests came from one address",
        "overload" => "more came than can be taken at once",
        "unavailable" => "the storage could not take it",
        "error" => "the server failed",
        "method_not_allowed" => "it was not a POST",
        "protected_read" => "somebody from outside wanted to read",
        "read_unauthorized" => "somebody wanted to read without the token",
        "foreign_origin" => "a page of another site wanted to read",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::words;

    #[test]
    fn every_reason_of_the_specification_has_words() {
        let spec = include_str!("../../../../../openapi/openapi.json");
        let spec: Value = serde_json::from_str(spec).expect("the specification");
        let parameters = spec["paths"]["/rejections/live"]["get"]["parameters"]
            .as_array()
            .expect("parameters");
        let reason = parameters.iter().find(|one| one["name"] == "reason");
        let labels = reason.expect("reason")["schema"]["enum"]
            .as_array()
            .expect("labels");
        let labels: Vec<_> = labels
            .iter()
            .filter_map(Value::as_str)
            .filter(|one| !one.is_empty())
            .collect();
        assert!(labels.len() > 20);
        for label in labels {
            assert_ne!(words(label), label, "{label}");
        }
        assert_eq!(words("from_the_future"), "from_the_future");
    }
}
