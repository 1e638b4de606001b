//! Where a header is missing: what else is there.

use countersign_core::{NearMiss, NearMissCause};

use super::{
    Request, near_miss,
    search::Search,
    seen::{self, Seen},
};
use crate::scheme::{Scheme, is_there};

/// Names that people give to the header of a signature of their own making.
const HOME_MADE: [&str; 9] = [
    "x-signature",
    "x-webhook-signature",
    "x-signature-256",
    "x-signature-sha256",
    "x-webhook-signature-256",
    "x-hmac-signature",
    "x-hmac-sha256",
    "x-hook-signature",
    "signature",
];

impl Request<'_> {
    /// A request without all of its headers.
    pub(super) fn missing(&self) -> Option<NearMiss> {
        if let Some(seen) = Seen::new(self.own.scheme, self.headers) {
            // The signature is there, and what it signs beside the body is not.
            let search = Search::new(seen, self.body);
            return self
                .other_preambles(&search)
                .or_else(|| self.as_another_scheme(&search))
                .or_else(|| self.other_sources(&search, None));
        }
        let search = Search::new(Seen::none(), self.body);
        self.as_another_scheme(&search)
            .or_else(|| self.other_sources(&search, None))
            .or_else(|| self.of_another_scheme())
            .or_else(|| self.of_no_scheme())
            .or_else(|| self.in_another_header())
    }

    /// Another scheme's header, though it is not right by that scheme.
    fn of_another_scheme(&self) -> Option<NearMiss> {
        let others = Scheme::ALL
            .into_iter()
            .filter(|other| *other != self.own.scheme);
        for other in others {
            let names = [other.headers().first(), other.other_headers().first()];
            let mut names = names.into_iter().flatten();
            // In that header, an own signature may stand: then the name is all that is wrong.
            if let Some(name) = names.find(|name| is_there(self.headers, name)) {
                return self.own_signature_in(name).or_else(|| {
                    near_miss(
                        NearMissCause::OtherScheme,
                        format!(
                            "There is no {}, but {name}, which {other} sends: post it to a source of \
                             that scheme, or set the scheme of source {} to {other}.",
                            self.expected(),
                            self.own.name
                        ),
                    )
                });
            }
        }
        None
    }

    /// Headers of signatures that countersign does not verify.
    fn of_no_scheme(&self) -> Option<NearMiss> {
        if is_there(self.headers, "x-hub-signature") {
            return near_miss(
                NearMissCause::Sha1,
                "There is only X-Hub-Signature, which is SHA-1: let the provider send \
                 X-Hub-Signature-256, which is HMAC-SHA256.",
            );
        }
        is_there(self.headers, "x-twilio-signature").then(|| NearMiss {
            cause: NearMissCause::OtherScheme,
            mend:
                "It is signed as Twilio signs, over the URL and with SHA-1, which is not supported."
                    .into(),
        })
    }

    /// Headers that are nobody's in particular.
    fn in_another_header(&self) -> Option<NearMiss> {
        let mut names = HOME_MADE.into_iter();
        let name = names.find(|name| is_there(self.headers, name))?;
        self.own_signature_in(name).or_else(|| {
            near_miss(
                NearMissCause::OtherScheme,
                format!(
                    "There is no {}, but {name}: send the signature in the header that the scheme {} \
                     has.",
                    self.expected(),
                    self.own.scheme
                ),
            )
        })
    }

    /// The scheme's own signature in the wrong header.
    fn own_signature_in(&self, name: &str) -> Option<NearMiss> {
        let value = seen::header(self.headers, name)?;
        let seen = Seen {
            digests: seen::digests(self.own.scheme, value),
            ..Seen::none()
        };
        let search = Search::new(seen, self.body);
        let preamble = search.seen.preamble(self.own.scheme)?;
        self.signed_by_live(&search, &preamble, self.body)
            .then(|| NearMiss {
                cause: NearMissCause::OtherScheme,
                mend: format!(
                    "The digest is right, but stands in {name}: send {} in {}.",
                    self.own.scheme.form(),
                    self.expected()
                )
                .into(),
            })
    }

    /// The header that the signature is expected in.
    fn expected(&self) -> &'static str {
        self.own
            .scheme
            .headers()
            .first()
            .copied()
            .unwrap_or_default()
    }
}
