//! The pages of refusals and of error answers.

use std::fmt::Write as _;

use countersign_core::NearMissCause;
use countersign_http::reference;

use super::cell;

pub fn refusals() -> String {
    let mut page = String::from(
        "# Refusals\n\n\
         Every request that is refused has a reason, from a closed list: in `GET /rejections`, in the \
         log (`reason`), in the metric `rejections_total{reason}`, and on the dashboard. The one who \
         sent it is not told which of the signature's reasons it is.\n\n\
         | reason | status | what has happened | what to do |\n| --- | --- | --- | --- |\n",
    );
    for entry in reference::refusals() {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            entry.reason,
            entry.status,
            cell(entry.meaning),
            cell(entry.remedy)
        );
    }
    page.push_str(
        "\n## Near misses\n\n\
         For a signature that does not fit (`signature_mismatch`, `malformed_signature`, \
         `missing_signature`), the mistakes that people make are tried. If it is one of them, \
         `near_miss` names it and `mend` says what to do, with the names of keys and sources; so does \
         `countersign verify` for a request that you have saved. Metric: \
         `signature_near_misses_total{cause}`.\n\n\
         | near miss | what it is | what to do |\n| --- | --- | --- |\n",
    );
    for cause in NearMissCause::ALL {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            cause.label(),
            cell(cause.meaning()),
            cell(&countersign_hmac::typical_mend(cause))
        );
    }
    page
}

pub fn problems() -> String {
    let mut page = String::from(
        "# Error answers\n\n\
         Every error is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, \
         `status`, `detail` and `instance`; a `422` also has `errors`, and what is not ready has \
         `checks`. There are two exceptions. The `401` of a webhook is \
         `{\"detail\":\"invalid signature\"}`, whatever is wrong. What cannot be read as HTTP at all is \
         refused by the HTTP library: `400`, or `431` for more than 64 fields or 16 KiB of them, without a \
         body, an id or a line in the log. `about:blank` as the type says: no \
         more than the status says.\n\n\
         | status | title | type | when | `Retry-After` | `result` of a webhook |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for entry in reference::problems() {
        let _ = writeln!(
            page,
            "| {} | {} | `{}` | {} | {} | `{}` |",
            entry.status,
            entry.title,
            entry.type_uri,
            cell(entry.when),
            if entry.retry_after { "yes" } else { "" },
            entry.result
        );
    }
    page
}
