#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///`{"status":"ok"}`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Acknowledgement {
        pub status: AcknowledgementStatus,
    }
    impl Acknowledgement {
        pub fn builder() -> builder::Acknowledgement {
            Default::default()
        }
    }
    /**How long it took from a webhook's beginning to its acknowledgement (200), in milliseconds, to
within 3 %.*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct AcknowledgementLatency {
        ///How many there were.
        pub count: u64,
        ///Half of them took no longer. `null` if there were none, and so are the others.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub p50_ms: ::std::option::Option<f64>,
        ///Of 95 in a hundred.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub p95_ms: ::std::option::Option<f64>,
        ///Of 99 in a hundred.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub p99_ms: ::std::option::Option<f64>,
        ///Of the last so many seconds, to within a minute.
        pub window_seconds: ::std::num::NonZeroU64,
    }
    impl AcknowledgementLatency {
        pub fn builder() -> builder::AcknowledgementLatency {
            Default::default()
        }
    }
    ///`AcknowledgementStatus`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum AcknowledgementStatus {
        #[serde(rename = "ok")]
        Ok,
    }
    impl ::std::fmt::Display for AcknowledgementStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Ok => f.write_str("ok"),
            }
        }
    }
    impl ::std::str::FromStr for AcknowledgementStatus {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "ok" => Ok(Self::Ok),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for AcknowledgementStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for AcknowledgementStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///How many messages were sent at `start` or later, and before the next bucket's.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Bucket {
        /**The `total` of the list with the same `from` or `to`, and the bucket's ends as `since` and
`until`.*/
        pub count: u64,
        pub start: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl Bucket {
        pub fn builder() -> builder::Bucket {
            Default::default()
        }
    }
    ///What one check has found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct CheckResult {
        ///Of one that failed: what is wrong. The server's log has more.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        pub status: CheckStatus,
    }
    impl CheckResult {
        pub fn builder() -> builder::CheckResult {
            Default::default()
        }
    }
    ///`CheckStatus`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum CheckStatus {
        #[serde(rename = "ok")]
        Ok,
        #[serde(rename = "failed")]
        Failed,
        #[serde(rename = "unknown")]
        Unknown,
    }
    impl ::std::fmt::Display for CheckStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Ok => f.write_str("ok"),
                Self::Failed => f.write_str("failed"),
                Self::Unknown => f.write_str("unknown"),
            }
        }
    }
    impl ::std::str::FromStr for CheckStatus {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "ok" => Ok(Self::Ok),
                "failed" => Ok(Self::Failed),
                "unknown" => Ok(Self::Unknown),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for CheckStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for CheckStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///What the readiness check has looked at, and what it found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Checks {
        pub database: CheckResult,
        pub disk: CheckResult,
        pub schema: CheckResult,
        pub server: CheckResult,
        pub writer: CheckResult,
    }
    impl Checks {
        pub fn builder() -> builder::Checks {
            Default::default()
        }
    }
    ///A message that came under an id that another message already had. The first was kept.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Conflict {
        ///The SHA-256 of its content in hex.
        pub content_sha256: ConflictContentSha256,
        ///When it first came, in UTC.
        pub first_seen_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The sender's number.
        pub from_msisdn: ::std::string::String,
        ///When it last came, in UTC.
        pub last_seen_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The id that was taken.
        pub message_id: ::std::string::String,
        ///Where it came from; absent for the source `default`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///What it says; `null` if it was sent without a text.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub text: ::std::option::Option<::std::string::String>,
        ///How often it came.
        pub times: ::std::num::NonZeroU64,
        ///The receiver's number.
        pub to_msisdn: ::std::string::String,
        ///When the provider says that it was sent, in UTC.
        pub ts: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl Conflict {
        pub fn builder() -> builder::Conflict {
            Default::default()
        }
    }
    ///The SHA-256 of its content in hex.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ConflictContentSha256(::std::string::String);
    impl ::std::ops::Deref for ConflictContentSha256 {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ConflictContentSha256> for ::std::string::String {
        fn from(value: ConflictContentSha256) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ConflictContentSha256 {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[0-9a-f]{64}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[0-9a-f]{64}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ConflictContentSha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ConflictContentSha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ConflictContentSha256 {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///The newest conflicts.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ConflictPage {
        pub data: ::std::vec::Vec<Conflict>,
        ///How many conflicts there are in all.
        pub total: u64,
    }
    impl ConflictPage {
        pub fn builder() -> builder::ConflictPage {
            Default::default()
        }
    }
    ///One time that a message came and was acknowledged.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Delivery {
        ///How long it took to acknowledge it, in milliseconds.
        pub acknowledged_in_ms: f64,
        ///When it had come, in UTC.
        pub at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The label of the key that vouched for it.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub key: ::std::option::Option<::std::string::String>,
        pub outcome: Outcome,
        ///The address that it came from.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub peer: ::std::option::Option<::std::string::String>,
        ///The `X-Request-Id` of its answer, under which the log has it.
        pub request_id: ::std::string::String,
        ///How it was signed, by the name that the configuration has for it.
        pub scheme: ::std::string::String,
    }
    impl Delivery {
        pub fn builder() -> builder::Delivery {
            Default::default()
        }
    }
    ///How often the message came again.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Duplicates {
        ///How often.
        pub count: u64,
        ///When it last did, in UTC; `null` if it never did.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub last_seen_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
    }
    impl Duplicates {
        pub fn builder() -> builder::Duplicates {
            Default::default()
        }
    }
    ///One fault of a request.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct FieldError {
        ///Which rule is broken. Names lengths and positions, not the value.
        pub detail: ::std::string::String,
        /**Where: a JSON Pointer (RFC 6901) as a URI fragment. A parameter of the query or the path is
pointed at as if the parameters were the members of one object; `#` is the whole.*/
        pub pointer: ::std::string::String,
    }
    impl FieldError {
        pub fn builder() -> builder::FieldError {
            Default::default()
        }
    }
    ///`FollowMessagesFrom`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesFrom(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesFrom {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesFrom> for ::std::string::String {
        fn from(value: FollowMessagesFrom) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesFrom {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesFrom {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesQ`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesQ(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesQ {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesQ> for ::std::string::String {
        fn from(value: FollowMessagesQ) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesQ {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesQ {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesQ {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesQ {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesReceivedBefore`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum FollowMessagesReceivedBefore {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(FollowMessagesReceivedBeforeString),
    }
    impl ::std::fmt::Display for FollowMessagesReceivedBefore {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for FollowMessagesReceivedBefore {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesReceivedBefore {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for FollowMessagesReceivedBefore {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for FollowMessagesReceivedBefore {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<FollowMessagesReceivedBeforeString>
    for FollowMessagesReceivedBefore {
        fn from(value: FollowMessagesReceivedBeforeString) -> Self {
            Self::String(value)
        }
    }
    ///`FollowMessagesReceivedBeforeString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesReceivedBeforeString(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesReceivedBeforeString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesReceivedBeforeString>
    for ::std::string::String {
        fn from(value: FollowMessagesReceivedBeforeString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesReceivedBeforeString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesReceivedBeforeString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for FollowMessagesReceivedBeforeString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesReceivedBeforeString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesReceivedSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum FollowMessagesReceivedSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(FollowMessagesReceivedSinceString),
    }
    impl ::std::fmt::Display for FollowMessagesReceivedSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for FollowMessagesReceivedSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesReceivedSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesReceivedSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for FollowMessagesReceivedSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<FollowMessagesReceivedSinceString>
    for FollowMessagesReceivedSince {
        fn from(value: FollowMessagesReceivedSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`FollowMessagesReceivedSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesReceivedSinceString(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesReceivedSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesReceivedSinceString>
    for ::std::string::String {
        fn from(value: FollowMessagesReceivedSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesReceivedSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesReceivedSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for FollowMessagesReceivedSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesReceivedSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum FollowMessagesSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(FollowMessagesSinceString),
    }
    impl ::std::fmt::Display for FollowMessagesSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for FollowMessagesSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for FollowMessagesSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<FollowMessagesSinceString> for FollowMessagesSince {
        fn from(value: FollowMessagesSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`FollowMessagesSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesSinceString(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesSinceString> for ::std::string::String {
        fn from(value: FollowMessagesSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesSource`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesSource(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesSource {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesSource> for ::std::string::String {
        fn from(value: FollowMessagesSource) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesSource {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^([a-z0-9][a-z0-9_-]{0,31})?$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^([a-z0-9][a-z0-9_-]{0,31})?$\"".into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesSource {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesTo`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesTo(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesTo {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesTo> for ::std::string::String {
        fn from(value: FollowMessagesTo) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesTo {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesTo {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesUntil`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum FollowMessagesUntil {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(FollowMessagesUntilString),
    }
    impl ::std::fmt::Display for FollowMessagesUntil {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for FollowMessagesUntil {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for FollowMessagesUntil {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<FollowMessagesUntilString> for FollowMessagesUntil {
        fn from(value: FollowMessagesUntilString) -> Self {
            Self::String(value)
        }
    }
    ///`FollowMessagesUntilString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesUntilString(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesUntilString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesUntilString> for ::std::string::String {
        fn from(value: FollowMessagesUntilString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesUntilString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesUntilString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowMessagesVerifiedBy`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowMessagesVerifiedBy(::std::string::String);
    impl ::std::ops::Deref for FollowMessagesVerifiedBy {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowMessagesVerifiedBy> for ::std::string::String {
        fn from(value: FollowMessagesVerifiedBy) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowMessagesVerifiedBy {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[A-Za-z0-9._-]{0,64}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[A-Za-z0-9._-]{0,64}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowMessagesVerifiedBy {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowMessagesVerifiedBy {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowMessagesVerifiedBy {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`FollowRejectionsReason`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum FollowRejectionsReason {
        #[serde(rename = "missing_signature")]
        MissingSignature,
        #[serde(rename = "malformed_signature")]
        MalformedSignature,
        #[serde(rename = "several_signatures")]
        SeveralSignatures,
        #[serde(rename = "signature_mismatch")]
        SignatureMismatch,
        #[serde(rename = "stale_timestamp")]
        StaleTimestamp,
        #[serde(rename = "unknown_source")]
        UnknownSource,
        #[serde(rename = "body_too_large")]
        BodyTooLarge,
        #[serde(rename = "body_timeout")]
        BodyTimeout,
        #[serde(rename = "body_unreadable")]
        BodyUnreadable,
        #[serde(rename = "invalid_host")]
        InvalidHost,
        #[serde(rename = "uri_too_long")]
        UriTooLong,
        #[serde(rename = "unsupported_media_type")]
        UnsupportedMediaType,
        #[serde(rename = "invalid_json")]
        InvalidJson,
        #[serde(rename = "validation_error")]
        ValidationError,
        #[serde(rename = "conflict")]
        Conflict,
        #[serde(rename = "rate_limited")]
        RateLimited,
        #[serde(rename = "overload")]
        Overload,
        #[serde(rename = "unavailable")]
        Unavailable,
        #[serde(rename = "error")]
        Error,
        #[serde(rename = "method_not_allowed")]
        MethodNotAllowed,
        #[serde(rename = "protected_read")]
        ProtectedRead,
        #[serde(rename = "read_unauthorized")]
        ReadUnauthorized,
        #[serde(rename = "foreign_origin")]
        ForeignOrigin,
        #[serde(rename = "")]
        X,
    }
    impl ::std::fmt::Display for FollowRejectionsReason {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::MissingSignature => f.write_str("missing_signature"),
                Self::MalformedSignature => f.write_str("malformed_signature"),
                Self::SeveralSignatures => f.write_str("several_signatures"),
                Self::SignatureMismatch => f.write_str("signature_mismatch"),
                Self::StaleTimestamp => f.write_str("stale_timestamp"),
                Self::UnknownSource => f.write_str("unknown_source"),
                Self::BodyTooLarge => f.write_str("body_too_large"),
                Self::BodyTimeout => f.write_str("body_timeout"),
                Self::BodyUnreadable => f.write_str("body_unreadable"),
                Self::InvalidHost => f.write_str("invalid_host"),
                Self::UriTooLong => f.write_str("uri_too_long"),
                Self::UnsupportedMediaType => f.write_str("unsupported_media_type"),
                Self::InvalidJson => f.write_str("invalid_json"),
                Self::ValidationError => f.write_str("validation_error"),
                Self::Conflict => f.write_str("conflict"),
                Self::RateLimited => f.write_str("rate_limited"),
                Self::Overload => f.write_str("overload"),
                Self::Unavailable => f.write_str("unavailable"),
                Self::Error => f.write_str("error"),
                Self::MethodNotAllowed => f.write_str("method_not_allowed"),
                Self::ProtectedRead => f.write_str("protected_read"),
                Self::ReadUnauthorized => f.write_str("read_unauthorized"),
                Self::ForeignOrigin => f.write_str("foreign_origin"),
                Self::X => f.write_str(""),
            }
        }
    }
    impl ::std::str::FromStr for FollowRejectionsReason {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "missing_signature" => Ok(Self::MissingSignature),
                "malformed_signature" => Ok(Self::MalformedSignature),
                "several_signatures" => Ok(Self::SeveralSignatures),
                "signature_mismatch" => Ok(Self::SignatureMismatch),
                "stale_timestamp" => Ok(Self::StaleTimestamp),
                "unknown_source" => Ok(Self::UnknownSource),
                "body_too_large" => Ok(Self::BodyTooLarge),
                "body_timeout" => Ok(Self::BodyTimeout),
                "body_unreadable" => Ok(Self::BodyUnreadable),
                "invalid_host" => Ok(Self::InvalidHost),
                "uri_too_long" => Ok(Self::UriTooLong),
                "unsupported_media_type" => Ok(Self::UnsupportedMediaType),
                "invalid_json" => Ok(Self::InvalidJson),
                "validation_error" => Ok(Self::ValidationError),
                "conflict" => Ok(Self::Conflict),
                "rate_limited" => Ok(Self::RateLimited),
                "overload" => Ok(Self::Overload),
                "unavailable" => Ok(Self::Unavailable),
                "error" => Ok(Self::Error),
                "method_not_allowed" => Ok(Self::MethodNotAllowed),
                "protected_read" => Ok(Self::ProtectedRead),
                "read_unauthorized" => Ok(Self::ReadUnauthorized),
                "foreign_origin" => Ok(Self::ForeignOrigin),
                "" => Ok(Self::X),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowRejectionsReason {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowRejectionsReason {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///`FollowRejectionsSource`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct FollowRejectionsSource(::std::string::String);
    impl ::std::ops::Deref for FollowRejectionsSource {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<FollowRejectionsSource> for ::std::string::String {
        fn from(value: FollowRejectionsSource) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for FollowRejectionsSource {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^([a-z0-9][a-z0-9_-]{0,31})?$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^([a-z0-9][a-z0-9_-]{0,31})?$\"".into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for FollowRejectionsSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for FollowRejectionsSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for FollowRejectionsSource {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///How the service is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Health {
        pub status: HealthStatus,
    }
    impl Health {
        pub fn builder() -> builder::Health {
            Default::default()
        }
    }
    ///`HealthStatus`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum HealthStatus {
        #[serde(rename = "alive")]
        Alive,
        #[serde(rename = "ready")]
        Ready,
        #[serde(rename = "healthy")]
        Healthy,
    }
    impl ::std::fmt::Display for HealthStatus {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Alive => f.write_str("alive"),
                Self::Ready => f.write_str("ready"),
                Self::Healthy => f.write_str("healthy"),
            }
        }
    }
    impl ::std::str::FromStr for HealthStatus {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "alive" => Ok(Self::Alive),
                "ready" => Ok(Self::Ready),
                "healthy" => Ok(Self::Healthy),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for HealthStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for HealthStatus {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///The answer to a missing or wrong signature, exactly as the original service gave it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct InvalidSignature {
        pub detail: InvalidSignatureDetail,
    }
    impl InvalidSignature {
        pub fn builder() -> builder::InvalidSignature {
            Default::default()
        }
    }
    ///`InvalidSignatureDetail`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum InvalidSignatureDetail {
        #[serde(rename = "invalid signature")]
        InvalidSignature,
    }
    impl ::std::fmt::Display for InvalidSignatureDetail {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::InvalidSignature => f.write_str("invalid signature"),
            }
        }
    }
    impl ::std::str::FromStr for InvalidSignatureDetail {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "invalid signature" => Ok(Self::InvalidSignature),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for InvalidSignatureDetail {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for InvalidSignatureDetail {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///A key by its label.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Key {
        ///What the key is called; also in `verified_by` of the messages that it vouched for.
        pub label: ::std::string::String,
        pub state: KeyState,
        ///From this instant on it vouches for nothing, in UTC; `null` if it does not end.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub until: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
    }
    impl Key {
        pub fn builder() -> builder::Key {
            Default::default()
        }
    }
    ///Whether a key vouches for anything now.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum KeyState {
        #[serde(rename = "active")]
        Active,
        #[serde(rename = "expired")]
        Expired,
    }
    impl ::std::fmt::Display for KeyState {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Active => f.write_str("active"),
                Self::Expired => f.write_str("expired"),
            }
        }
    }
    impl ::std::str::FromStr for KeyState {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "active" => Ok(Self::Active),
                "expired" => Ok(Self::Expired),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for KeyState {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for KeyState {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///`ListMessagesFrom`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesFrom(::std::string::String);
    impl ::std::ops::Deref for ListMessagesFrom {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesFrom> for ::std::string::String {
        fn from(value: ListMessagesFrom) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesFrom {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesFrom {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesOrder`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum ListMessagesOrder {
        #[serde(rename = "asc")]
        Asc,
        #[serde(rename = "desc")]
        Desc,
    }
    impl ::std::fmt::Display for ListMessagesOrder {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Asc => f.write_str("asc"),
                Self::Desc => f.write_str("desc"),
            }
        }
    }
    impl ::std::str::FromStr for ListMessagesOrder {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "asc" => Ok(Self::Asc),
                "desc" => Ok(Self::Desc),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesOrder {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesOrder {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::default::Default for ListMessagesOrder {
        fn default() -> Self {
            ListMessagesOrder::Asc
        }
    }
    ///`ListMessagesQ`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesQ(::std::string::String);
    impl ::std::ops::Deref for ListMessagesQ {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesQ> for ::std::string::String {
        fn from(value: ListMessagesQ) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesQ {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesQ {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesQ {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesQ {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesReceivedBefore`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ListMessagesReceivedBefore {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ListMessagesReceivedBeforeString),
    }
    impl ::std::fmt::Display for ListMessagesReceivedBefore {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ListMessagesReceivedBefore {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesReceivedBefore {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesReceivedBefore {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ListMessagesReceivedBefore {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ListMessagesReceivedBeforeString>
    for ListMessagesReceivedBefore {
        fn from(value: ListMessagesReceivedBeforeString) -> Self {
            Self::String(value)
        }
    }
    ///`ListMessagesReceivedBeforeString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesReceivedBeforeString(::std::string::String);
    impl ::std::ops::Deref for ListMessagesReceivedBeforeString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesReceivedBeforeString>
    for ::std::string::String {
        fn from(value: ListMessagesReceivedBeforeString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesReceivedBeforeString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesReceivedBeforeString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for ListMessagesReceivedBeforeString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesReceivedBeforeString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesReceivedSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ListMessagesReceivedSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ListMessagesReceivedSinceString),
    }
    impl ::std::fmt::Display for ListMessagesReceivedSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ListMessagesReceivedSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesReceivedSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesReceivedSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ListMessagesReceivedSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ListMessagesReceivedSinceString>
    for ListMessagesReceivedSince {
        fn from(value: ListMessagesReceivedSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`ListMessagesReceivedSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesReceivedSinceString(::std::string::String);
    impl ::std::ops::Deref for ListMessagesReceivedSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesReceivedSinceString>
    for ::std::string::String {
        fn from(value: ListMessagesReceivedSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesReceivedSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesReceivedSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for ListMessagesReceivedSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesReceivedSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ListMessagesSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ListMessagesSinceString),
    }
    impl ::std::fmt::Display for ListMessagesSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ListMessagesSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ListMessagesSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ListMessagesSinceString> for ListMessagesSince {
        fn from(value: ListMessagesSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`ListMessagesSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesSinceString(::std::string::String);
    impl ::std::ops::Deref for ListMessagesSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesSinceString> for ::std::string::String {
        fn from(value: ListMessagesSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesSource`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesSource(::std::string::String);
    impl ::std::ops::Deref for ListMessagesSource {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesSource> for ::std::string::String {
        fn from(value: ListMessagesSource) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesSource {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^([a-z0-9][a-z0-9_-]{0,31})?$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^([a-z0-9][a-z0-9_-]{0,31})?$\"".into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesSource {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesTo`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesTo(::std::string::String);
    impl ::std::ops::Deref for ListMessagesTo {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesTo> for ::std::string::String {
        fn from(value: ListMessagesTo) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesTo {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesTo {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesUntil`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ListMessagesUntil {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ListMessagesUntilString),
    }
    impl ::std::fmt::Display for ListMessagesUntil {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ListMessagesUntil {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ListMessagesUntil {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ListMessagesUntilString> for ListMessagesUntil {
        fn from(value: ListMessagesUntilString) -> Self {
            Self::String(value)
        }
    }
    ///`ListMessagesUntilString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesUntilString(::std::string::String);
    impl ::std::ops::Deref for ListMessagesUntilString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesUntilString> for ::std::string::String {
        fn from(value: ListMessagesUntilString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesUntilString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesUntilString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListMessagesVerifiedBy`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListMessagesVerifiedBy(::std::string::String);
    impl ::std::ops::Deref for ListMessagesVerifiedBy {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListMessagesVerifiedBy> for ::std::string::String {
        fn from(value: ListMessagesVerifiedBy) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListMessagesVerifiedBy {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[A-Za-z0-9._-]{0,64}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[A-Za-z0-9._-]{0,64}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListMessagesVerifiedBy {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListMessagesVerifiedBy {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListMessagesVerifiedBy {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListRejectionsReason`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum ListRejectionsReason {
        #[serde(rename = "missing_signature")]
        MissingSignature,
        #[serde(rename = "malformed_signature")]
        MalformedSignature,
        #[serde(rename = "several_signatures")]
        SeveralSignatures,
        #[serde(rename = "signature_mismatch")]
        SignatureMismatch,
        #[serde(rename = "stale_timestamp")]
        StaleTimestamp,
        #[serde(rename = "unknown_source")]
        UnknownSource,
        #[serde(rename = "body_too_large")]
        BodyTooLarge,
        #[serde(rename = "body_timeout")]
        BodyTimeout,
        #[serde(rename = "body_unreadable")]
        BodyUnreadable,
        #[serde(rename = "invalid_host")]
        InvalidHost,
        #[serde(rename = "uri_too_long")]
        UriTooLong,
        #[serde(rename = "unsupported_media_type")]
        UnsupportedMediaType,
        #[serde(rename = "invalid_json")]
        InvalidJson,
        #[serde(rename = "validation_error")]
        ValidationError,
        #[serde(rename = "conflict")]
        Conflict,
        #[serde(rename = "rate_limited")]
        RateLimited,
        #[serde(rename = "overload")]
        Overload,
        #[serde(rename = "unavailable")]
        Unavailable,
        #[serde(rename = "error")]
        Error,
        #[serde(rename = "method_not_allowed")]
        MethodNotAllowed,
        #[serde(rename = "protected_read")]
        ProtectedRead,
        #[serde(rename = "read_unauthorized")]
        ReadUnauthorized,
        #[serde(rename = "foreign_origin")]
        ForeignOrigin,
        #[serde(rename = "")]
        X,
    }
    impl ::std::fmt::Display for ListRejectionsReason {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::MissingSignature => f.write_str("missing_signature"),
                Self::MalformedSignature => f.write_str("malformed_signature"),
                Self::SeveralSignatures => f.write_str("several_signatures"),
                Self::SignatureMismatch => f.write_str("signature_mismatch"),
                Self::StaleTimestamp => f.write_str("stale_timestamp"),
                Self::UnknownSource => f.write_str("unknown_source"),
                Self::BodyTooLarge => f.write_str("body_too_large"),
                Self::BodyTimeout => f.write_str("body_timeout"),
                Self::BodyUnreadable => f.write_str("body_unreadable"),
                Self::InvalidHost => f.write_str("invalid_host"),
                Self::UriTooLong => f.write_str("uri_too_long"),
                Self::UnsupportedMediaType => f.write_str("unsupported_media_type"),
                Self::InvalidJson => f.write_str("invalid_json"),
                Self::ValidationError => f.write_str("validation_error"),
                Self::Conflict => f.write_str("conflict"),
                Self::RateLimited => f.write_str("rate_limited"),
                Self::Overload => f.write_str("overload"),
                Self::Unavailable => f.write_str("unavailable"),
                Self::Error => f.write_str("error"),
                Self::MethodNotAllowed => f.write_str("method_not_allowed"),
                Self::ProtectedRead => f.write_str("protected_read"),
                Self::ReadUnauthorized => f.write_str("read_unauthorized"),
                Self::ForeignOrigin => f.write_str("foreign_origin"),
                Self::X => f.write_str(""),
            }
        }
    }
    impl ::std::str::FromStr for ListRejectionsReason {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "missing_signature" => Ok(Self::MissingSignature),
                "malformed_signature" => Ok(Self::MalformedSignature),
                "several_signatures" => Ok(Self::SeveralSignatures),
                "signature_mismatch" => Ok(Self::SignatureMismatch),
                "stale_timestamp" => Ok(Self::StaleTimestamp),
                "unknown_source" => Ok(Self::UnknownSource),
                "body_too_large" => Ok(Self::BodyTooLarge),
                "body_timeout" => Ok(Self::BodyTimeout),
                "body_unreadable" => Ok(Self::BodyUnreadable),
                "invalid_host" => Ok(Self::InvalidHost),
                "uri_too_long" => Ok(Self::UriTooLong),
                "unsupported_media_type" => Ok(Self::UnsupportedMediaType),
                "invalid_json" => Ok(Self::InvalidJson),
                "validation_error" => Ok(Self::ValidationError),
                "conflict" => Ok(Self::Conflict),
                "rate_limited" => Ok(Self::RateLimited),
                "overload" => Ok(Self::Overload),
                "unavailable" => Ok(Self::Unavailable),
                "error" => Ok(Self::Error),
                "method_not_allowed" => Ok(Self::MethodNotAllowed),
                "protected_read" => Ok(Self::ProtectedRead),
                "read_unauthorized" => Ok(Self::ReadUnauthorized),
                "foreign_origin" => Ok(Self::ForeignOrigin),
                "" => Ok(Self::X),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListRejectionsReason {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListRejectionsReason {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///`ListRejectionsSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ListRejectionsSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ListRejectionsSinceString),
    }
    impl ::std::fmt::Display for ListRejectionsSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ListRejectionsSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ListRejectionsSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListRejectionsSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ListRejectionsSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ListRejectionsSinceString> for ListRejectionsSince {
        fn from(value: ListRejectionsSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`ListRejectionsSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListRejectionsSinceString(::std::string::String);
    impl ::std::ops::Deref for ListRejectionsSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListRejectionsSinceString> for ::std::string::String {
        fn from(value: ListRejectionsSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListRejectionsSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListRejectionsSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListRejectionsSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListRejectionsSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ListRejectionsSource`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ListRejectionsSource(::std::string::String);
    impl ::std::ops::Deref for ListRejectionsSource {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ListRejectionsSource> for ::std::string::String {
        fn from(value: ListRejectionsSource) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ListRejectionsSource {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^([a-z0-9][a-z0-9_-]{0,31})?$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^([a-z0-9][a-z0-9_-]{0,31})?$\"".into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ListRejectionsSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ListRejectionsSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ListRejectionsSource {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///A stored message.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Message {
        ///When countersign received it, in UTC.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The sender's number.
        pub from_msisdn: ::std::string::String,
        ///The provider's id.
        pub message_id: ::std::string::String,
        /**Its sequence: its place in the order in which messages arrived. Only in a list that was
asked for with `after_seq`.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub seq: ::std::option::Option<::std::num::NonZeroU64>,
        ///Where it came from; absent for the source `default`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///What the message says; `null` if it was sent without a text.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub text: ::std::option::Option<::std::string::String>,
        ///The receiver's number.
        pub to_msisdn: ::std::string::String,
        ///When the provider says that the message was sent, in UTC.
        pub ts: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl Message {
        pub fn builder() -> builder::Message {
            Default::default()
        }
    }
    ///A stored message, and what else came under its id.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct MessageDetail {
        ///Different messages that came under the same id, the last seen first; at most 100.
        pub conflicts: ::std::vec::Vec<Conflict>,
        ///The SHA-256 of its content in hex, by which it can be told from a conflict.
        pub content_sha256: MessageDetailContentSha256,
        ///When countersign received it, in UTC.
        pub created_at: ::chrono::DateTime<::chrono::offset::Utc>,
        /**How it was delivered, the newest first; at most 20. That is what this process remembers of the
last 10,000 webhooks that it has acknowledged, whatever their messages: it is not durable, and
other instances remember others.*/
        pub deliveries: ::std::vec::Vec<Delivery>,
        pub duplicates: Duplicates,
        ///The sender's number.
        pub from_msisdn: ::std::string::String,
        ///The provider's id.
        pub message_id: ::std::string::String,
        /**Its sequence: its place in the order in which messages arrived. Only in a list that was
asked for with `after_seq`.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub seq: ::std::option::Option<::std::num::NonZeroU64>,
        ///Where it came from; absent for the source `default`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///What the message says; `null` if it was sent without a text.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub text: ::std::option::Option<::std::string::String>,
        ///The receiver's number.
        pub to_msisdn: ::std::string::String,
        ///When the provider says that the message was sent, in UTC.
        pub ts: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The label of the key that vouched for it; `null` if none did, as with an import.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub verified_by: ::std::option::Option<::std::string::String>,
    }
    impl MessageDetail {
        pub fn builder() -> builder::MessageDetail {
            Default::default()
        }
    }
    ///The SHA-256 of its content in hex, by which it can be told from a conflict.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct MessageDetailContentSha256(::std::string::String);
    impl ::std::ops::Deref for MessageDetailContentSha256 {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<MessageDetailContentSha256> for ::std::string::String {
        fn from(value: MessageDetailContentSha256) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for MessageDetailContentSha256 {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[0-9a-f]{64}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[0-9a-f]{64}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for MessageDetailContentSha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for MessageDetailContentSha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for MessageDetailContentSha256 {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///One page of the messages that match.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct MessagePage {
        pub data: ::std::vec::Vec<Message>,
        ///The page's size as asked for.
        pub limit: ::std::num::NonZeroU64,
        /**Where to go on in the order in which messages arrived, as `after_seq`; `null` where that
was not given.*/
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub next_after_seq: ::std::option::Option<i64>,
        ///Asks for the page behind this one, as `cursor`; `null` where the list ends.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub next_cursor: ::std::option::Option<::std::string::String>,
        ///How many messages were passed over.
        pub offset: u64,
        ///How many messages match in all.
        pub total: u64,
    }
    impl MessagePage {
        pub fn builder() -> builder::MessagePage {
            Default::default()
        }
    }
    ///Some refused requests were not sent: more came than are, or the client was too slow.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct MissedRejections {
        ///How many events are missing here.
        pub count: ::std::num::NonZeroU64,
    }
    impl MissedRejections {
        pub fn builder() -> builder::MissedRejections {
            Default::default()
        }
    }
    ///What became of a delivery.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    pub enum Outcome {
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "duplicate")]
        Duplicate,
        #[serde(rename = "conflict")]
        Conflict,
    }
    impl ::std::fmt::Display for Outcome {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Created => f.write_str("created"),
                Self::Duplicate => f.write_str("duplicate"),
                Self::Conflict => f.write_str("conflict"),
            }
        }
    }
    impl ::std::str::FromStr for Outcome {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "created" => Ok(Self::Created),
                "duplicate" => Ok(Self::Duplicate),
                "conflict" => Ok(Self::Conflict),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for Outcome {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for Outcome {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///What became of the webhooks that were answered within a bucket.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct OutcomeBucket {
        ///Came with other content under an id that was taken, however they were answered.
        pub conflict: u64,
        ///Stored.
        pub created: u64,
        ///Were there already.
        pub duplicate: u64,
        ///Answered otherwise than with 200.
        pub refused: u64,
        ///When it begins, in UTC; a multiple of its width since 1970.
        pub start: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl OutcomeBucket {
        pub fn builder() -> builder::OutcomeBucket {
            Default::default()
        }
    }
    ///What became of webhooks, by when they were answered.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Outcomes {
        /**Every bucket up to now, also where nothing came, the oldest first: sixty minutes, or 48 hours.
The last one is not over yet.*/
        pub data: ::std::vec::Vec<OutcomeBucket>,
        ///How long each bucket is.
        pub width_seconds: u32,
    }
    impl Outcomes {
        pub fn builder() -> builder::Outcomes {
            Default::default()
        }
    }
    ///An error answer (RFC 9457).
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Problem {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub checks: ::std::option::Option<Checks>,
        ///What is wrong with this request.
        pub detail: ::std::string::String,
        ///With 422: every fault that was found.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub errors: ::std::vec::Vec<FieldError>,
        ///The path of the request; the header `X-Request-Id` names the single request.
        pub instance: ::std::string::String,
        ///The HTTP status.
        pub status: u16,
        ///The status in words.
        pub title: ::std::string::String,
        ///What kind of problem; `about:blank` where the status says it all.
        #[serde(rename = "type")]
        pub type_: ::std::string::String,
    }
    impl Problem {
        pub fn builder() -> builder::Problem {
            Default::default()
        }
    }
    ///`ReadMessageSource`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ReadMessageSource(::std::string::String);
    impl ::std::ops::Deref for ReadMessageSource {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ReadMessageSource> for ::std::string::String {
        fn from(value: ReadMessageSource) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ReadMessageSource {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^([a-z0-9][a-z0-9_-]{0,31})?$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^([a-z0-9][a-z0-9_-]{0,31})?$\"".into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadMessageSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadMessageSource {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadMessageSource {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ReadServerStatsWidth`
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct ReadServerStatsWidth(i32);
    impl ::std::ops::Deref for ReadServerStatsWidth {
        type Target = i32;
        fn deref(&self) -> &i32 {
            &self.0
        }
    }
    impl ::std::convert::From<ReadServerStatsWidth> for i32 {
        fn from(value: ReadServerStatsWidth) -> Self {
            value.0
        }
    }
    impl ::std::default::Default for ReadServerStatsWidth {
        fn default() -> Self {
            ReadServerStatsWidth(60_i32)
        }
    }
    impl ::std::convert::TryFrom<i32> for ReadServerStatsWidth {
        type Error = self::error::ConversionError;
        fn try_from(
            value: i32,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if ![60_i32, 3600_i32].contains(&value) {
                Err("invalid value".into())
            } else {
                Ok(Self(value))
            }
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadServerStatsWidth {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            Self::try_from(<i32>::deserialize(deserializer)?)
                .map_err(|e| { <D::Error as ::serde::de::Error>::custom(e.to_string()) })
        }
    }
    ///`ReadTimelineFrom`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ReadTimelineFrom(::std::string::String);
    impl ::std::ops::Deref for ReadTimelineFrom {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ReadTimelineFrom> for ::std::string::String {
        fn from(value: ReadTimelineFrom) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ReadTimelineFrom {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadTimelineFrom {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ReadTimelineSince`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ReadTimelineSince {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ReadTimelineSinceString),
    }
    impl ::std::fmt::Display for ReadTimelineSince {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ReadTimelineSince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineSince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ReadTimelineSince {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ReadTimelineSinceString> for ReadTimelineSince {
        fn from(value: ReadTimelineSinceString) -> Self {
            Self::String(value)
        }
    }
    ///`ReadTimelineSinceString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ReadTimelineSinceString(::std::string::String);
    impl ::std::ops::Deref for ReadTimelineSinceString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ReadTimelineSinceString> for ::std::string::String {
        fn from(value: ReadTimelineSinceString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ReadTimelineSinceString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineSinceString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadTimelineSinceString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ReadTimelineTo`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ReadTimelineTo(::std::string::String);
    impl ::std::ops::Deref for ReadTimelineTo {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ReadTimelineTo> for ::std::string::String {
        fn from(value: ReadTimelineTo) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ReadTimelineTo {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadTimelineTo {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///`ReadTimelineUntil`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ReadTimelineUntil {
        DateTime(::chrono::DateTime<::chrono::offset::Utc>),
        String(ReadTimelineUntilString),
    }
    impl ::std::fmt::Display for ReadTimelineUntil {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match self {
                Self::DateTime(x) => x.fmt(f),
                Self::String(x) => x.fmt(f),
            }
        }
    }
    impl ::std::str::FromStr for ReadTimelineUntil {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if let Ok(v) = value.parse() {
                Ok(Self::DateTime(v))
            } else if let Ok(v) = value.parse() {
                Ok(Self::String(v))
            } else {
                Err("string conversion failed for all variants".into())
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineUntil {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::From<::chrono::DateTime<::chrono::offset::Utc>>
    for ReadTimelineUntil {
        fn from(value: ::chrono::DateTime<::chrono::offset::Utc>) -> Self {
            Self::DateTime(value)
        }
    }
    impl ::std::convert::From<ReadTimelineUntilString> for ReadTimelineUntil {
        fn from(value: ReadTimelineUntilString) -> Self {
            Self::String(value)
        }
    }
    ///`ReadTimelineUntilString`
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct ReadTimelineUntilString(::std::string::String);
    impl ::std::ops::Deref for ReadTimelineUntilString {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ReadTimelineUntilString> for ::std::string::String {
        fn from(value: ReadTimelineUntilString) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ReadTimelineUntilString {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 0usize {
                return Err("longer than 0 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ReadTimelineUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ReadTimelineUntilString {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ReadTimelineUntilString {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///That the service can take in messages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Ready {
        pub checks: Checks,
        pub status: HealthStatus,
    }
    impl Ready {
        pub fn builder() -> builder::Ready {
            Default::default()
        }
    }
    ///How many requests were refused for a reason.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ReasonCount {
        pub count: ::std::num::NonZeroU64,
        pub reason: ::std::string::String,
    }
    impl ReasonCount {
        pub fn builder() -> builder::ReasonCount {
            Default::default()
        }
    }
    ///A refused request: what it was, never what was in it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Rejection {
        ///The length of its body in bytes, if it was read to its end.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub body_bytes: ::std::option::Option<u64>,
        /**The body's SHA-256 in hex, if it was read to its end: by it one can tell whether two are the
same, or which of the provider's it is.*/
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub body_sha256: ::std::option::Option<RejectionBodySha256>,
        ///Of an invalid body: every fault.
        pub errors: ::std::vec::Vec<FieldError>,
        ///How to mend that mistake.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub mend: ::std::option::Option<::std::string::String>,
        /**The mistake behind a refused signature, if it is a known one. It is looked for a moment after
the answer, and where very many are refused, only in some.*/
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub near_miss: ::std::option::Option<::std::string::String>,
        ///The route, as this document writes it.
        pub path: ::std::string::String,
        ///The address that it came from.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub peer: ::std::option::Option<::std::string::String>,
        ///Why, from a closed list.
        pub reason: ::std::string::String,
        ///When it was refused, in UTC.
        pub refused_at: ::chrono::DateTime<::chrono::offset::Utc>,
        ///The `X-Request-Id` of its answer, under which the log has it.
        pub request_id: ::std::string::String,
        ///Of a timestamp outside the tolerance: how many seconds it was off. Negative: in the past.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub skew_seconds: ::std::option::Option<i64>,
        ///The source that it was sent to, if there is one of that name, or the name could be one.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub source: ::std::option::Option<::std::string::String>,
        ///The answer's status.
        pub status: u16,
    }
    impl Rejection {
        pub fn builder() -> builder::Rejection {
            Default::default()
        }
    }
    /**The body's SHA-256 in hex, if it was read to its end: by it one can tell whether two are the
same, or which of the provider's it is.*/
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct RejectionBodySha256(::std::string::String);
    impl ::std::ops::Deref for RejectionBodySha256 {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<RejectionBodySha256> for ::std::string::String {
        fn from(value: RejectionBodySha256) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for RejectionBodySha256 {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[0-9a-f]{64}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[0-9a-f]{64}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for RejectionBodySha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for RejectionBodySha256 {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for RejectionBodySha256 {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///The newest refused requests.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct RejectionPage {
        ///When this process began to count, in UTC.
        pub counted_since: ::std::string::String,
        /**How many were refused since `counted_since`, by reason; all of them, whether they are kept
or not, and whatever was asked for.*/
        pub counts: ::std::vec::Vec<ReasonCount>,
        pub data: ::std::vec::Vec<Rejection>,
        ///How many of those that are kept match.
        pub total: u64,
    }
    impl RejectionPage {
        pub fn builder() -> builder::RejectionPage {
            Default::default()
        }
    }
    ///How many messages a sender sent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SenderCount {
        pub count: ::std::num::NonZeroU64,
        pub from_msisdn: ::std::string::String,
    }
    impl SenderCount {
        pub fn builder() -> builder::SenderCount {
            Default::default()
        }
    }
    ///What this process has done since it started. Another process on the same database has its own.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ServerStats {
        pub acknowledgement: AcknowledgementLatency,
        pub outcomes: Outcomes,
        ///By the clock, when it started, in UTC.
        pub started_at: ::chrono::DateTime<::chrono::offset::Utc>,
        pub storage: Storage,
        ///For how long it has run; measured, whatever the clock has done meanwhile.
        pub uptime_seconds: u64,
        pub version: ::std::string::String,
    }
    impl ServerStats {
        pub fn builder() -> builder::ServerStats {
            Default::default()
        }
    }
    ///What answers here.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ServiceInfo {
        ///The program.
        pub name: ::std::string::String,
        ///`ok` whenever it answers.
        pub status: ::std::string::String,
        ///Its version (Semantic Versioning).
        pub version: ::std::string::String,
    }
    impl ServiceInfo {
        pub fn builder() -> builder::ServiceInfo {
            Default::default()
        }
    }
    ///What reading needs here.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Session {
        ///Whether this request has shown a session.
        pub signed_in: bool,
        ///Whether the server was started with a token; without one there is nothing to sign in to.
        pub token_required: bool,
    }
    impl Session {
        pub fn builder() -> builder::Session {
            Default::default()
        }
    }
    ///The token that the server was started with.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SessionRequest {
        ///`READ_TOKEN`.
        pub token: SessionRequestToken,
    }
    impl SessionRequest {
        pub fn builder() -> builder::SessionRequest {
            Default::default()
        }
    }
    ///`READ_TOKEN`.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct SessionRequestToken(::std::string::String);
    impl ::std::ops::Deref for SessionRequestToken {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<SessionRequestToken> for ::std::string::String {
        fn from(value: SessionRequestToken) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for SessionRequestToken {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 4096usize {
                return Err("longer than 4096 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for SessionRequestToken {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for SessionRequestToken {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for SessionRequestToken {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Where messages come from, and how they are signed: never a secret.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Source {
        ///Every key that is configured for it now.
        pub keys: ::std::vec::Vec<Key>,
        pub name: ::std::string::String,
        ///Where its webhooks are posted to.
        pub path: ::std::string::String,
        ///How it signs, by the name that the configuration has for it.
        pub scheme: ::std::string::String,
        ///The header that carries the signature.
        pub signature_header: ::std::string::String,
        ///By how many seconds the signature's timestamp may be off; `null` if its scheme signs none.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub tolerance_seconds: ::std::option::Option<::std::num::NonZeroU32>,
    }
    impl Source {
        pub fn builder() -> builder::Source {
            Default::default()
        }
    }
    ///All sources.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct SourceList {
        ///The source `default` first, if there is one, and then by name.
        pub data: ::std::vec::Vec<Source>,
    }
    impl SourceList {
        pub fn builder() -> builder::SourceList {
            Default::default()
        }
    }
    ///A summary of all messages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Stats {
        ///The smallest `ts`; `null` without messages.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub first_message_ts: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        ///The largest `ts`; `null` without messages.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub last_message_ts: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        ///The ten busiest senders: by count, descending, then by number.
        pub messages_per_sender: ::std::vec::Vec<SenderCount>,
        ///How many different senders they have.
        pub senders_count: u64,
        ///How many messages there are.
        pub total_messages: u64,
    }
    impl Stats {
        pub fn builder() -> builder::Stats {
            Default::default()
        }
    }
    /**What messages are kept on; `null` is what could not be found out now, or is not this server's to
know.*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Storage {
        ///The size of the database.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub database_bytes: ::std::option::Option<u64>,
        ///What it does before a message is acknowledged.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub durability: ::std::option::Option<::std::string::String>,
        ///Whether what was acknowledged survives a power cut.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub durable: ::std::option::Option<bool>,
        ///What it is: a name and a version.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub engine: ::std::option::Option<::std::string::String>,
        ///What may still be written to the file system that it is on.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub free_bytes: ::std::option::Option<u64>,
        ///The size of what is derived from it, where that is a file of its own.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub index_bytes: ::std::option::Option<u64>,
        ///The size of the write-ahead logs of both, where they are files beside them.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub wal_bytes: ::std::option::Option<u64>,
    }
    impl Storage {
        pub fn builder() -> builder::Storage {
            Default::default()
        }
    }
    ///How many messages were sent in each of a row of buckets of time.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Timeline {
        ///Every bucket, the empty ones too, the oldest first.
        pub data: ::std::vec::Vec<Bucket>,
        ///Where the first bucket begins.
        pub since: ::chrono::DateTime<::chrono::offset::Utc>,
        ///How many messages all buckets have.
        pub total: u64,
        ///Where the last bucket ends; it is in none.
        pub until: ::chrono::DateTime<::chrono::offset::Utc>,
        ///How wide each bucket is, in seconds.
        pub width: i64,
    }
    impl Timeline {
        pub fn builder() -> builder::Timeline {
            Default::default()
        }
    }
    ///A message, as a provider sends it. Unknown members are ignored.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct WebhookMessage {
        ///The sender's number in E.164 format.
        pub from: WebhookMessageFrom,
        /**The provider's id of the message: 1 to 255 characters, no control characters. Sending the
same id again stores nothing.*/
        pub message_id: WebhookMessageMessageId,
        ///What the message says: at most 4096 characters, no NUL.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub text: ::std::option::Option<WebhookMessageText>,
        ///The receiver's number in E.164 format.
        pub to: WebhookMessageTo,
        ///When the message was sent: RFC 3339 with an offset, kept to the microsecond.
        pub ts: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    impl WebhookMessage {
        pub fn builder() -> builder::WebhookMessage {
            Default::default()
        }
    }
    ///The sender's number in E.164 format.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct WebhookMessageFrom(::std::string::String);
    impl ::std::ops::Deref for WebhookMessageFrom {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<WebhookMessageFrom> for ::std::string::String {
        fn from(value: WebhookMessageFrom) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for WebhookMessageFrom {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^\\+[1-9][0-9]{1,14}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^\\+[1-9][0-9]{1,14}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for WebhookMessageFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for WebhookMessageFrom {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for WebhookMessageFrom {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    /**The provider's id of the message: 1 to 255 characters, no control characters. Sending the
same id again stores nothing.*/
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct WebhookMessageMessageId(::std::string::String);
    impl ::std::ops::Deref for WebhookMessageMessageId {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<WebhookMessageMessageId> for ::std::string::String {
        fn from(value: WebhookMessageMessageId) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for WebhookMessageMessageId {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 255usize {
                return Err("longer than 255 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000-\\u001f\\u007f-\\u009f]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^[^\\u0000-\\u001f\\u007f-\\u009f]*$\""
                        .into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for WebhookMessageMessageId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for WebhookMessageMessageId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for WebhookMessageMessageId {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///What the message says: at most 4096 characters, no NUL.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct WebhookMessageText(::std::string::String);
    impl ::std::ops::Deref for WebhookMessageText {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<WebhookMessageText> for ::std::string::String {
        fn from(value: WebhookMessageText) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for WebhookMessageText {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 4096usize {
                return Err("longer than 4096 characters".into());
            }
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[^\\u0000]*$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[^\\u0000]*$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for WebhookMessageText {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for WebhookMessageText {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for WebhookMessageText {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///The receiver's number in E.164 format.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct WebhookMessageTo(::std::string::String);
    impl ::std::ops::Deref for WebhookMessageTo {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<WebhookMessageTo> for ::std::string::String {
        fn from(value: WebhookMessageTo) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for WebhookMessageTo {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^\\+[1-9][0-9]{1,14}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^\\+[1-9][0-9]{1,14}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for WebhookMessageTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for WebhookMessageTo {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for WebhookMessageTo {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct Acknowledgement {
            status: ::std::result::Result<
                super::AcknowledgementStatus,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Acknowledgement {
            fn default() -> Self {
                Self {
                    status: Err("no value supplied for status".to_string()),
                }
            }
        }
        impl Acknowledgement {
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::AcknowledgementStatus>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Acknowledgement> for super::Acknowledgement {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Acknowledgement,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { status: value.status? })
            }
        }
        impl ::std::convert::From<super::Acknowledgement> for Acknowledgement {
            fn from(value: super::Acknowledgement) -> Self {
                Self { status: Ok(value.status) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct AcknowledgementLatency {
            count: ::std::result::Result<u64, ::std::string::String>,
            p50_ms: ::std::result::Result<
                ::std::option::Option<f64>,
                ::std::string::String,
            >,
            p95_ms: ::std::result::Result<
                ::std::option::Option<f64>,
                ::std::string::String,
            >,
            p99_ms: ::std::result::Result<
                ::std::option::Option<f64>,
                ::std::string::String,
            >,
            window_seconds: ::std::result::Result<
                ::std::num::NonZeroU64,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for AcknowledgementLatency {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                    p50_ms: Err("no value supplied for p50_ms".to_string()),
                    p95_ms: Err("no value supplied for p95_ms".to_string()),
                    p99_ms: Err("no value supplied for p99_ms".to_string()),
                    window_seconds: Err(
                        "no value supplied for window_seconds".to_string(),
                    ),
                }
            }
        }
        impl AcknowledgementLatency {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn p50_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<f64>>,
                T::Error: ::std::fmt::Display,
            {
                self.p50_ms = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for p50_ms: {e}")
                    });
                self
            }
            pub fn p95_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<f64>>,
                T::Error: ::std::fmt::Display,
            {
                self.p95_ms = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for p95_ms: {e}")
                    });
                self
            }
            pub fn p99_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<f64>>,
                T::Error: ::std::fmt::Display,
            {
                self.p99_ms = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for p99_ms: {e}")
                    });
                self
            }
            pub fn window_seconds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.window_seconds = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for window_seconds: {e}"
                        )
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<AcknowledgementLatency>
        for super::AcknowledgementLatency {
            type Error = super::error::ConversionError;
            fn try_from(
                value: AcknowledgementLatency,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    p50_ms: value.p50_ms?,
                    p95_ms: value.p95_ms?,
                    p99_ms: value.p99_ms?,
                    window_seconds: value.window_seconds?,
                })
            }
        }
        impl ::std::convert::From<super::AcknowledgementLatency>
        for AcknowledgementLatency {
            fn from(value: super::AcknowledgementLatency) -> Self {
                Self {
                    count: Ok(value.count),
                    p50_ms: Ok(value.p50_ms),
                    p95_ms: Ok(value.p95_ms),
                    p99_ms: Ok(value.p99_ms),
                    window_seconds: Ok(value.window_seconds),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Bucket {
            count: ::std::result::Result<u64, ::std::string::String>,
            start: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Bucket {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                    start: Err("no value supplied for start".to_string()),
                }
            }
        }
        impl Bucket {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn start<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.start = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for start: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Bucket> for super::Bucket {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Bucket,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    start: value.start?,
                })
            }
        }
        impl ::std::convert::From<super::Bucket> for Bucket {
            fn from(value: super::Bucket) -> Self {
                Self {
                    count: Ok(value.count),
                    start: Ok(value.start),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct CheckResult {
            detail: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            status: ::std::result::Result<super::CheckStatus, ::std::string::String>,
        }
        impl ::std::default::Default for CheckResult {
            fn default() -> Self {
                Self {
                    detail: Ok(Default::default()),
                    status: Err("no value supplied for status".to_string()),
                }
            }
        }
        impl CheckResult {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.detail = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for detail: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckStatus>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<CheckResult> for super::CheckResult {
            type Error = super::error::ConversionError;
            fn try_from(
                value: CheckResult,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    detail: value.detail?,
                    status: value.status?,
                })
            }
        }
        impl ::std::convert::From<super::CheckResult> for CheckResult {
            fn from(value: super::CheckResult) -> Self {
                Self {
                    detail: Ok(value.detail),
                    status: Ok(value.status),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Checks {
            database: ::std::result::Result<super::CheckResult, ::std::string::String>,
            disk: ::std::result::Result<super::CheckResult, ::std::string::String>,
            schema: ::std::result::Result<super::CheckResult, ::std::string::String>,
            server: ::std::result::Result<super::CheckResult, ::std::string::String>,
            writer: ::std::result::Result<super::CheckResult, ::std::string::String>,
        }
        impl ::std::default::Default for Checks {
            fn default() -> Self {
                Self {
                    database: Err("no value supplied for database".to_string()),
                    disk: Err("no value supplied for disk".to_string()),
                    schema: Err("no value supplied for schema".to_string()),
                    server: Err("no value supplied for server".to_string()),
                    writer: Err("no value supplied for writer".to_string()),
                }
            }
        }
        impl Checks {
            pub fn database<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckResult>,
                T::Error: ::std::fmt::Display,
            {
                self.database = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for database: {e}")
                    });
                self
            }
            pub fn disk<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckResult>,
                T::Error: ::std::fmt::Display,
            {
                self.disk = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for disk: {e}")
                    });
                self
            }
            pub fn schema<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckResult>,
                T::Error: ::std::fmt::Display,
            {
                self.schema = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for schema: {e}")
                    });
                self
            }
            pub fn server<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckResult>,
                T::Error: ::std::fmt::Display,
            {
                self.server = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for server: {e}")
                    });
                self
            }
            pub fn writer<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::CheckResult>,
                T::Error: ::std::fmt::Display,
            {
                self.writer = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for writer: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Checks> for super::Checks {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Checks,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    database: value.database?,
                    disk: value.disk?,
                    schema: value.schema?,
                    server: value.server?,
                    writer: value.writer?,
                })
            }
        }
        impl ::std::convert::From<super::Checks> for Checks {
            fn from(value: super::Checks) -> Self {
                Self {
                    database: Ok(value.database),
                    disk: Ok(value.disk),
                    schema: Ok(value.schema),
                    server: Ok(value.server),
                    writer: Ok(value.writer),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Conflict {
            content_sha256: ::std::result::Result<
                super::ConflictContentSha256,
                ::std::string::String,
            >,
            first_seen_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            from_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            last_seen_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            message_id: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            source: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            text: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            times: ::std::result::Result<::std::num::NonZeroU64, ::std::string::String>,
            to_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            ts: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Conflict {
            fn default() -> Self {
                Self {
                    content_sha256: Err(
                        "no value supplied for content_sha256".to_string(),
                    ),
                    first_seen_at: Err(
                        "no value supplied for first_seen_at".to_string(),
                    ),
                    from_msisdn: Err("no value supplied for from_msisdn".to_string()),
                    last_seen_at: Err("no value supplied for last_seen_at".to_string()),
                    message_id: Err("no value supplied for message_id".to_string()),
                    source: Ok(Default::default()),
                    text: Err("no value supplied for text".to_string()),
                    times: Err("no value supplied for times".to_string()),
                    to_msisdn: Err("no value supplied for to_msisdn".to_string()),
                    ts: Err("no value supplied for ts".to_string()),
                }
            }
        }
        impl Conflict {
            pub fn content_sha256<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::ConflictContentSha256>,
                T::Error: ::std::fmt::Display,
            {
                self.content_sha256 = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for content_sha256: {e}"
                        )
                    });
                self
            }
            pub fn first_seen_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.first_seen_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for first_seen_at: {e}")
                    });
                self
            }
            pub fn from_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.from_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for from_msisdn: {e}")
                    });
                self
            }
            pub fn last_seen_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.last_seen_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for last_seen_at: {e}")
                    });
                self
            }
            pub fn message_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for message_id: {e}")
                    });
                self
            }
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.source = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for source: {e}")
                    });
                self
            }
            pub fn text<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.text = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for text: {e}")
                    });
                self
            }
            pub fn times<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.times = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for times: {e}")
                    });
                self
            }
            pub fn to_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.to_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for to_msisdn: {e}")
                    });
                self
            }
            pub fn ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.ts = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ts: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Conflict> for super::Conflict {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Conflict,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    content_sha256: value.content_sha256?,
                    first_seen_at: value.first_seen_at?,
                    from_msisdn: value.from_msisdn?,
                    last_seen_at: value.last_seen_at?,
                    message_id: value.message_id?,
                    source: value.source?,
                    text: value.text?,
                    times: value.times?,
                    to_msisdn: value.to_msisdn?,
                    ts: value.ts?,
                })
            }
        }
        impl ::std::convert::From<super::Conflict> for Conflict {
            fn from(value: super::Conflict) -> Self {
                Self {
                    content_sha256: Ok(value.content_sha256),
                    first_seen_at: Ok(value.first_seen_at),
                    from_msisdn: Ok(value.from_msisdn),
                    last_seen_at: Ok(value.last_seen_at),
                    message_id: Ok(value.message_id),
                    source: Ok(value.source),
                    text: Ok(value.text),
                    times: Ok(value.times),
                    to_msisdn: Ok(value.to_msisdn),
                    ts: Ok(value.ts),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ConflictPage {
            data: ::std::result::Result<
                ::std::vec::Vec<super::Conflict>,
                ::std::string::String,
            >,
            total: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for ConflictPage {
            fn default() -> Self {
                Self {
                    data: Err("no value supplied for data".to_string()),
                    total: Err("no value supplied for total".to_string()),
                }
            }
        }
        impl ConflictPage {
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Conflict>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
            pub fn total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for total: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ConflictPage> for super::ConflictPage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ConflictPage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    data: value.data?,
                    total: value.total?,
                })
            }
        }
        impl ::std::convert::From<super::ConflictPage> for ConflictPage {
            fn from(value: super::ConflictPage) -> Self {
                Self {
                    data: Ok(value.data),
                    total: Ok(value.total),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Delivery {
            acknowledged_in_ms: ::std::result::Result<f64, ::std::string::String>,
            at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            key: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            outcome: ::std::result::Result<super::Outcome, ::std::string::String>,
            peer: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            request_id: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            scheme: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Delivery {
            fn default() -> Self {
                Self {
                    acknowledged_in_ms: Err(
                        "no value supplied for acknowledged_in_ms".to_string(),
                    ),
                    at: Err("no value supplied for at".to_string()),
                    key: Err("no value supplied for key".to_string()),
                    outcome: Err("no value supplied for outcome".to_string()),
                    peer: Err("no value supplied for peer".to_string()),
                    request_id: Err("no value supplied for request_id".to_string()),
                    scheme: Err("no value supplied for scheme".to_string()),
                }
            }
        }
        impl Delivery {
            pub fn acknowledged_in_ms<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<f64>,
                T::Error: ::std::fmt::Display,
            {
                self.acknowledged_in_ms = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for acknowledged_in_ms: {e}"
                        )
                    });
                self
            }
            pub fn at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.at = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for at: {e}"));
                self
            }
            pub fn key<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.key = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for key: {e}")
                    });
                self
            }
            pub fn outcome<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Outcome>,
                T::Error: ::std::fmt::Display,
            {
                self.outcome = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for outcome: {e}")
                    });
                self
            }
            pub fn peer<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.peer = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for peer: {e}")
                    });
                self
            }
            pub fn request_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.request_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for request_id: {e}")
                    });
                self
            }
            pub fn scheme<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.scheme = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for scheme: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Delivery> for super::Delivery {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Delivery,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    acknowledged_in_ms: value.acknowledged_in_ms?,
                    at: value.at?,
                    key: value.key?,
                    outcome: value.outcome?,
                    peer: value.peer?,
                    request_id: value.request_id?,
                    scheme: value.scheme?,
                })
            }
        }
        impl ::std::convert::From<super::Delivery> for Delivery {
            fn from(value: super::Delivery) -> Self {
                Self {
                    acknowledged_in_ms: Ok(value.acknowledged_in_ms),
                    at: Ok(value.at),
                    key: Ok(value.key),
                    outcome: Ok(value.outcome),
                    peer: Ok(value.peer),
                    request_id: Ok(value.request_id),
                    scheme: Ok(value.scheme),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Duplicates {
            count: ::std::result::Result<u64, ::std::string::String>,
            last_seen_at: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Duplicates {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                    last_seen_at: Err("no value supplied for last_seen_at".to_string()),
                }
            }
        }
        impl Duplicates {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn last_seen_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.last_seen_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for last_seen_at: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Duplicates> for super::Duplicates {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Duplicates,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    last_seen_at: value.last_seen_at?,
                })
            }
        }
        impl ::std::convert::From<super::Duplicates> for Duplicates {
            fn from(value: super::Duplicates) -> Self {
                Self {
                    count: Ok(value.count),
                    last_seen_at: Ok(value.last_seen_at),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct FieldError {
            detail: ::std::result::Result<::std::string::String, ::std::string::String>,
            pointer: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for FieldError {
            fn default() -> Self {
                Self {
                    detail: Err("no value supplied for detail".to_string()),
                    pointer: Err("no value supplied for pointer".to_string()),
                }
            }
        }
        impl FieldError {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.detail = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for detail: {e}")
                    });
                self
            }
            pub fn pointer<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.pointer = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for pointer: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<FieldError> for super::FieldError {
            type Error = super::error::ConversionError;
            fn try_from(
                value: FieldError,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    detail: value.detail?,
                    pointer: value.pointer?,
                })
            }
        }
        impl ::std::convert::From<super::FieldError> for FieldError {
            fn from(value: super::FieldError) -> Self {
                Self {
                    detail: Ok(value.detail),
                    pointer: Ok(value.pointer),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Health {
            status: ::std::result::Result<super::HealthStatus, ::std::string::String>,
        }
        impl ::std::default::Default for Health {
            fn default() -> Self {
                Self {
                    status: Err("no value supplied for status".to_string()),
                }
            }
        }
        impl Health {
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::HealthStatus>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Health> for super::Health {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Health,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { status: value.status? })
            }
        }
        impl ::std::convert::From<super::Health> for Health {
            fn from(value: super::Health) -> Self {
                Self { status: Ok(value.status) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct InvalidSignature {
            detail: ::std::result::Result<
                super::InvalidSignatureDetail,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for InvalidSignature {
            fn default() -> Self {
                Self {
                    detail: Err("no value supplied for detail".to_string()),
                }
            }
        }
        impl InvalidSignature {
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::InvalidSignatureDetail>,
                T::Error: ::std::fmt::Display,
            {
                self.detail = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for detail: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<InvalidSignature> for super::InvalidSignature {
            type Error = super::error::ConversionError;
            fn try_from(
                value: InvalidSignature,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { detail: value.detail? })
            }
        }
        impl ::std::convert::From<super::InvalidSignature> for InvalidSignature {
            fn from(value: super::InvalidSignature) -> Self {
                Self { detail: Ok(value.detail) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Key {
            label: ::std::result::Result<::std::string::String, ::std::string::String>,
            state: ::std::result::Result<super::KeyState, ::std::string::String>,
            until: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Key {
            fn default() -> Self {
                Self {
                    label: Err("no value supplied for label".to_string()),
                    state: Err("no value supplied for state".to_string()),
                    until: Err("no value supplied for until".to_string()),
                }
            }
        }
        impl Key {
            pub fn label<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.label = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for label: {e}")
                    });
                self
            }
            pub fn state<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::KeyState>,
                T::Error: ::std::fmt::Display,
            {
                self.state = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for state: {e}")
                    });
                self
            }
            pub fn until<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.until = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for until: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Key> for super::Key {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Key,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    label: value.label?,
                    state: value.state?,
                    until: value.until?,
                })
            }
        }
        impl ::std::convert::From<super::Key> for Key {
            fn from(value: super::Key) -> Self {
                Self {
                    label: Ok(value.label),
                    state: Ok(value.state),
                    until: Ok(value.until),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Message {
            created_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            from_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            message_id: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            seq: ::std::result::Result<
                ::std::option::Option<::std::num::NonZeroU64>,
                ::std::string::String,
            >,
            source: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            text: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            to_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            ts: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Message {
            fn default() -> Self {
                Self {
                    created_at: Err("no value supplied for created_at".to_string()),
                    from_msisdn: Err("no value supplied for from_msisdn".to_string()),
                    message_id: Err("no value supplied for message_id".to_string()),
                    seq: Ok(Default::default()),
                    source: Ok(Default::default()),
                    text: Err("no value supplied for text".to_string()),
                    to_msisdn: Err("no value supplied for to_msisdn".to_string()),
                    ts: Err("no value supplied for ts".to_string()),
                }
            }
        }
        impl Message {
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for created_at: {e}")
                    });
                self
            }
            pub fn from_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.from_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for from_msisdn: {e}")
                    });
                self
            }
            pub fn message_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for message_id: {e}")
                    });
                self
            }
            pub fn seq<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::std::num::NonZeroU64>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.seq = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for seq: {e}")
                    });
                self
            }
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.source = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for source: {e}")
                    });
                self
            }
            pub fn text<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.text = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for text: {e}")
                    });
                self
            }
            pub fn to_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.to_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for to_msisdn: {e}")
                    });
                self
            }
            pub fn ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.ts = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ts: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<Message> for super::Message {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Message,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    created_at: value.created_at?,
                    from_msisdn: value.from_msisdn?,
                    message_id: value.message_id?,
                    seq: value.seq?,
                    source: value.source?,
                    text: value.text?,
                    to_msisdn: value.to_msisdn?,
                    ts: value.ts?,
                })
            }
        }
        impl ::std::convert::From<super::Message> for Message {
            fn from(value: super::Message) -> Self {
                Self {
                    created_at: Ok(value.created_at),
                    from_msisdn: Ok(value.from_msisdn),
                    message_id: Ok(value.message_id),
                    seq: Ok(value.seq),
                    source: Ok(value.source),
                    text: Ok(value.text),
                    to_msisdn: Ok(value.to_msisdn),
                    ts: Ok(value.ts),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct MessageDetail {
            conflicts: ::std::result::Result<
                ::std::vec::Vec<super::Conflict>,
                ::std::string::String,
            >,
            content_sha256: ::std::result::Result<
                super::MessageDetailContentSha256,
                ::std::string::String,
            >,
            created_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            deliveries: ::std::result::Result<
                ::std::vec::Vec<super::Delivery>,
                ::std::string::String,
            >,
            duplicates: ::std::result::Result<super::Duplicates, ::std::string::String>,
            from_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            message_id: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            seq: ::std::result::Result<
                ::std::option::Option<::std::num::NonZeroU64>,
                ::std::string::String,
            >,
            source: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            text: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            to_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            ts: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            verified_by: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for MessageDetail {
            fn default() -> Self {
                Self {
                    conflicts: Err("no value supplied for conflicts".to_string()),
                    content_sha256: Err(
                        "no value supplied for content_sha256".to_string(),
                    ),
                    created_at: Err("no value supplied for created_at".to_string()),
                    deliveries: Err("no value supplied for deliveries".to_string()),
                    duplicates: Err("no value supplied for duplicates".to_string()),
                    from_msisdn: Err("no value supplied for from_msisdn".to_string()),
                    message_id: Err("no value supplied for message_id".to_string()),
                    seq: Ok(Default::default()),
                    source: Ok(Default::default()),
                    text: Err("no value supplied for text".to_string()),
                    to_msisdn: Err("no value supplied for to_msisdn".to_string()),
                    ts: Err("no value supplied for ts".to_string()),
                    verified_by: Err("no value supplied for verified_by".to_string()),
                }
            }
        }
        impl MessageDetail {
            pub fn conflicts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Conflict>>,
                T::Error: ::std::fmt::Display,
            {
                self.conflicts = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for conflicts: {e}")
                    });
                self
            }
            pub fn content_sha256<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::MessageDetailContentSha256>,
                T::Error: ::std::fmt::Display,
            {
                self.content_sha256 = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for content_sha256: {e}"
                        )
                    });
                self
            }
            pub fn created_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.created_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for created_at: {e}")
                    });
                self
            }
            pub fn deliveries<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Delivery>>,
                T::Error: ::std::fmt::Display,
            {
                self.deliveries = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for deliveries: {e}")
                    });
                self
            }
            pub fn duplicates<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Duplicates>,
                T::Error: ::std::fmt::Display,
            {
                self.duplicates = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for duplicates: {e}")
                    });
                self
            }
            pub fn from_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.from_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for from_msisdn: {e}")
                    });
                self
            }
            pub fn message_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.message_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for message_id: {e}")
                    });
                self
            }
            pub fn seq<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::std::num::NonZeroU64>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.seq = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for seq: {e}")
                    });
                self
            }
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.source = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for source: {e}")
                    });
                self
            }
            pub fn text<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.text = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for text: {e}")
                    });
                self
            }
            pub fn to_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.to_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for to_msisdn: {e}")
                    });
                self
            }
            pub fn ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.ts = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ts: {e}"));
                self
            }
            pub fn verified_by<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.verified_by = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for verified_by: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<MessageDetail> for super::MessageDetail {
            type Error = super::error::ConversionError;
            fn try_from(
                value: MessageDetail,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    conflicts: value.conflicts?,
                    content_sha256: value.content_sha256?,
                    created_at: value.created_at?,
                    deliveries: value.deliveries?,
                    duplicates: value.duplicates?,
                    from_msisdn: value.from_msisdn?,
                    message_id: value.message_id?,
                    seq: value.seq?,
                    source: value.source?,
                    text: value.text?,
                    to_msisdn: value.to_msisdn?,
                    ts: value.ts?,
                    verified_by: value.verified_by?,
                })
            }
        }
        impl ::std::convert::From<super::MessageDetail> for MessageDetail {
            fn from(value: super::MessageDetail) -> Self {
                Self {
                    conflicts: Ok(value.conflicts),
                    content_sha256: Ok(value.content_sha256),
                    created_at: Ok(value.created_at),
                    deliveries: Ok(value.deliveries),
                    duplicates: Ok(value.duplicates),
                    from_msisdn: Ok(value.from_msisdn),
                    message_id: Ok(value.message_id),
                    seq: Ok(value.seq),
                    source: Ok(value.source),
                    text: Ok(value.text),
                    to_msisdn: Ok(value.to_msisdn),
                    ts: Ok(value.ts),
                    verified_by: Ok(value.verified_by),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct MessagePage {
            data: ::std::result::Result<
                ::std::vec::Vec<super::Message>,
                ::std::string::String,
            >,
            limit: ::std::result::Result<::std::num::NonZeroU64, ::std::string::String>,
            next_after_seq: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            next_cursor: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            offset: ::std::result::Result<u64, ::std::string::String>,
            total: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for MessagePage {
            fn default() -> Self {
                Self {
                    data: Err("no value supplied for data".to_string()),
                    limit: Err("no value supplied for limit".to_string()),
                    next_after_seq: Err(
                        "no value supplied for next_after_seq".to_string(),
                    ),
                    next_cursor: Err("no value supplied for next_cursor".to_string()),
                    offset: Err("no value supplied for offset".to_string()),
                    total: Err("no value supplied for total".to_string()),
                }
            }
        }
        impl MessagePage {
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Message>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
            pub fn limit<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.limit = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for limit: {e}")
                    });
                self
            }
            pub fn next_after_seq<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_after_seq = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for next_after_seq: {e}"
                        )
                    });
                self
            }
            pub fn next_cursor<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next_cursor = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for next_cursor: {e}")
                    });
                self
            }
            pub fn offset<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.offset = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for offset: {e}")
                    });
                self
            }
            pub fn total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for total: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<MessagePage> for super::MessagePage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: MessagePage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    data: value.data?,
                    limit: value.limit?,
                    next_after_seq: value.next_after_seq?,
                    next_cursor: value.next_cursor?,
                    offset: value.offset?,
                    total: value.total?,
                })
            }
        }
        impl ::std::convert::From<super::MessagePage> for MessagePage {
            fn from(value: super::MessagePage) -> Self {
                Self {
                    data: Ok(value.data),
                    limit: Ok(value.limit),
                    next_after_seq: Ok(value.next_after_seq),
                    next_cursor: Ok(value.next_cursor),
                    offset: Ok(value.offset),
                    total: Ok(value.total),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct MissedRejections {
            count: ::std::result::Result<::std::num::NonZeroU64, ::std::string::String>,
        }
        impl ::std::default::Default for MissedRejections {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                }
            }
        }
        impl MissedRejections {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<MissedRejections> for super::MissedRejections {
            type Error = super::error::ConversionError;
            fn try_from(
                value: MissedRejections,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { count: value.count? })
            }
        }
        impl ::std::convert::From<super::MissedRejections> for MissedRejections {
            fn from(value: super::MissedRejections) -> Self {
                Self { count: Ok(value.count) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct OutcomeBucket {
            conflict: ::std::result::Result<u64, ::std::string::String>,
            created: ::std::result::Result<u64, ::std::string::String>,
            duplicate: ::std::result::Result<u64, ::std::string::String>,
            refused: ::std::result::Result<u64, ::std::string::String>,
            start: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for OutcomeBucket {
            fn default() -> Self {
                Self {
                    conflict: Err("no value supplied for conflict".to_string()),
                    created: Err("no value supplied for created".to_string()),
                    duplicate: Err("no value supplied for duplicate".to_string()),
                    refused: Err("no value supplied for refused".to_string()),
                    start: Err("no value supplied for start".to_string()),
                }
            }
        }
        impl OutcomeBucket {
            pub fn conflict<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.conflict = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for conflict: {e}")
                    });
                self
            }
            pub fn created<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.created = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for created: {e}")
                    });
                self
            }
            pub fn duplicate<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.duplicate = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for duplicate: {e}")
                    });
                self
            }
            pub fn refused<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.refused = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for refused: {e}")
                    });
                self
            }
            pub fn start<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.start = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for start: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<OutcomeBucket> for super::OutcomeBucket {
            type Error = super::error::ConversionError;
            fn try_from(
                value: OutcomeBucket,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    conflict: value.conflict?,
                    created: value.created?,
                    duplicate: value.duplicate?,
                    refused: value.refused?,
                    start: value.start?,
                })
            }
        }
        impl ::std::convert::From<super::OutcomeBucket> for OutcomeBucket {
            fn from(value: super::OutcomeBucket) -> Self {
                Self {
                    conflict: Ok(value.conflict),
                    created: Ok(value.created),
                    duplicate: Ok(value.duplicate),
                    refused: Ok(value.refused),
                    start: Ok(value.start),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Outcomes {
            data: ::std::result::Result<
                ::std::vec::Vec<super::OutcomeBucket>,
                ::std::string::String,
            >,
            width_seconds: ::std::result::Result<u32, ::std::string::String>,
        }
        impl ::std::default::Default for Outcomes {
            fn default() -> Self {
                Self {
                    data: Err("no value supplied for data".to_string()),
                    width_seconds: Err("no value supplied for width_seconds".to_string()),
                }
            }
        }
        impl Outcomes {
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::OutcomeBucket>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
            pub fn width_seconds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u32>,
                T::Error: ::std::fmt::Display,
            {
                self.width_seconds = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for width_seconds: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Outcomes> for super::Outcomes {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Outcomes,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    data: value.data?,
                    width_seconds: value.width_seconds?,
                })
            }
        }
        impl ::std::convert::From<super::Outcomes> for Outcomes {
            fn from(value: super::Outcomes) -> Self {
                Self {
                    data: Ok(value.data),
                    width_seconds: Ok(value.width_seconds),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Problem {
            checks: ::std::result::Result<
                ::std::option::Option<super::Checks>,
                ::std::string::String,
            >,
            detail: ::std::result::Result<::std::string::String, ::std::string::String>,
            errors: ::std::result::Result<
                ::std::vec::Vec<super::FieldError>,
                ::std::string::String,
            >,
            instance: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            status: ::std::result::Result<u16, ::std::string::String>,
            title: ::std::result::Result<::std::string::String, ::std::string::String>,
            type_: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for Problem {
            fn default() -> Self {
                Self {
                    checks: Ok(Default::default()),
                    detail: Err("no value supplied for detail".to_string()),
                    errors: Ok(Default::default()),
                    instance: Err("no value supplied for instance".to_string()),
                    status: Err("no value supplied for status".to_string()),
                    title: Err("no value supplied for title".to_string()),
                    type_: Err("no value supplied for type_".to_string()),
                }
            }
        }
        impl Problem {
            pub fn checks<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<super::Checks>>,
                T::Error: ::std::fmt::Display,
            {
                self.checks = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for checks: {e}")
                    });
                self
            }
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.detail = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for detail: {e}")
                    });
                self
            }
            pub fn errors<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::FieldError>>,
                T::Error: ::std::fmt::Display,
            {
                self.errors = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for errors: {e}")
                    });
                self
            }
            pub fn instance<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.instance = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for instance: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u16>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
            pub fn title<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.title = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for title: {e}")
                    });
                self
            }
            pub fn type_<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.type_ = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for type_: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Problem> for super::Problem {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Problem,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    checks: value.checks?,
                    detail: value.detail?,
                    errors: value.errors?,
                    instance: value.instance?,
                    status: value.status?,
                    title: value.title?,
                    type_: value.type_?,
                })
            }
        }
        impl ::std::convert::From<super::Problem> for Problem {
            fn from(value: super::Problem) -> Self {
                Self {
                    checks: Ok(value.checks),
                    detail: Ok(value.detail),
                    errors: Ok(value.errors),
                    instance: Ok(value.instance),
                    status: Ok(value.status),
                    title: Ok(value.title),
                    type_: Ok(value.type_),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Ready {
            checks: ::std::result::Result<super::Checks, ::std::string::String>,
            status: ::std::result::Result<super::HealthStatus, ::std::string::String>,
        }
        impl ::std::default::Default for Ready {
            fn default() -> Self {
                Self {
                    checks: Err("no value supplied for checks".to_string()),
                    status: Err("no value supplied for status".to_string()),
                }
            }
        }
        impl Ready {
            pub fn checks<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Checks>,
                T::Error: ::std::fmt::Display,
            {
                self.checks = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for checks: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::HealthStatus>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Ready> for super::Ready {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Ready,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    checks: value.checks?,
                    status: value.status?,
                })
            }
        }
        impl ::std::convert::From<super::Ready> for Ready {
            fn from(value: super::Ready) -> Self {
                Self {
                    checks: Ok(value.checks),
                    status: Ok(value.status),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ReasonCount {
            count: ::std::result::Result<::std::num::NonZeroU64, ::std::string::String>,
            reason: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for ReasonCount {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                    reason: Err("no value supplied for reason".to_string()),
                }
            }
        }
        impl ReasonCount {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn reason<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.reason = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for reason: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ReasonCount> for super::ReasonCount {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ReasonCount,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    reason: value.reason?,
                })
            }
        }
        impl ::std::convert::From<super::ReasonCount> for ReasonCount {
            fn from(value: super::ReasonCount) -> Self {
                Self {
                    count: Ok(value.count),
                    reason: Ok(value.reason),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Rejection {
            body_bytes: ::std::result::Result<
                ::std::option::Option<u64>,
                ::std::string::String,
            >,
            body_sha256: ::std::result::Result<
                ::std::option::Option<super::RejectionBodySha256>,
                ::std::string::String,
            >,
            errors: ::std::result::Result<
                ::std::vec::Vec<super::FieldError>,
                ::std::string::String,
            >,
            mend: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            near_miss: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            path: ::std::result::Result<::std::string::String, ::std::string::String>,
            peer: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            reason: ::std::result::Result<::std::string::String, ::std::string::String>,
            refused_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            request_id: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            skew_seconds: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            source: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            status: ::std::result::Result<u16, ::std::string::String>,
        }
        impl ::std::default::Default for Rejection {
            fn default() -> Self {
                Self {
                    body_bytes: Err("no value supplied for body_bytes".to_string()),
                    body_sha256: Err("no value supplied for body_sha256".to_string()),
                    errors: Err("no value supplied for errors".to_string()),
                    mend: Err("no value supplied for mend".to_string()),
                    near_miss: Err("no value supplied for near_miss".to_string()),
                    path: Err("no value supplied for path".to_string()),
                    peer: Err("no value supplied for peer".to_string()),
                    reason: Err("no value supplied for reason".to_string()),
                    refused_at: Err("no value supplied for refused_at".to_string()),
                    request_id: Err("no value supplied for request_id".to_string()),
                    skew_seconds: Err("no value supplied for skew_seconds".to_string()),
                    source: Err("no value supplied for source".to_string()),
                    status: Err("no value supplied for status".to_string()),
                }
            }
        }
        impl Rejection {
            pub fn body_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.body_bytes = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for body_bytes: {e}")
                    });
                self
            }
            pub fn body_sha256<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<super::RejectionBodySha256>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.body_sha256 = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for body_sha256: {e}")
                    });
                self
            }
            pub fn errors<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::FieldError>>,
                T::Error: ::std::fmt::Display,
            {
                self.errors = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for errors: {e}")
                    });
                self
            }
            pub fn mend<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.mend = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for mend: {e}")
                    });
                self
            }
            pub fn near_miss<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.near_miss = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for near_miss: {e}")
                    });
                self
            }
            pub fn path<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.path = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for path: {e}")
                    });
                self
            }
            pub fn peer<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.peer = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for peer: {e}")
                    });
                self
            }
            pub fn reason<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.reason = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for reason: {e}")
                    });
                self
            }
            pub fn refused_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.refused_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for refused_at: {e}")
                    });
                self
            }
            pub fn request_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.request_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for request_id: {e}")
                    });
                self
            }
            pub fn skew_seconds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.skew_seconds = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for skew_seconds: {e}")
                    });
                self
            }
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.source = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for source: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u16>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Rejection> for super::Rejection {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Rejection,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    body_bytes: value.body_bytes?,
                    body_sha256: value.body_sha256?,
                    errors: value.errors?,
                    mend: value.mend?,
                    near_miss: value.near_miss?,
                    path: value.path?,
                    peer: value.peer?,
                    reason: value.reason?,
                    refused_at: value.refused_at?,
                    request_id: value.request_id?,
                    skew_seconds: value.skew_seconds?,
                    source: value.source?,
                    status: value.status?,
                })
            }
        }
        impl ::std::convert::From<super::Rejection> for Rejection {
            fn from(value: super::Rejection) -> Self {
                Self {
                    body_bytes: Ok(value.body_bytes),
                    body_sha256: Ok(value.body_sha256),
                    errors: Ok(value.errors),
                    mend: Ok(value.mend),
                    near_miss: Ok(value.near_miss),
                    path: Ok(value.path),
                    peer: Ok(value.peer),
                    reason: Ok(value.reason),
                    refused_at: Ok(value.refused_at),
                    request_id: Ok(value.request_id),
                    skew_seconds: Ok(value.skew_seconds),
                    source: Ok(value.source),
                    status: Ok(value.status),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct RejectionPage {
            counted_since: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            counts: ::std::result::Result<
                ::std::vec::Vec<super::ReasonCount>,
                ::std::string::String,
            >,
            data: ::std::result::Result<
                ::std::vec::Vec<super::Rejection>,
                ::std::string::String,
            >,
            total: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for RejectionPage {
            fn default() -> Self {
                Self {
                    counted_since: Err(
                        "no value supplied for counted_since".to_string(),
                    ),
                    counts: Err("no value supplied for counts".to_string()),
                    data: Err("no value supplied for data".to_string()),
                    total: Err("no value supplied for total".to_string()),
                }
            }
        }
        impl RejectionPage {
            pub fn counted_since<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.counted_since = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for counted_since: {e}")
                    });
                self
            }
            pub fn counts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::ReasonCount>>,
                T::Error: ::std::fmt::Display,
            {
                self.counts = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for counts: {e}")
                    });
                self
            }
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Rejection>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
            pub fn total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for total: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<RejectionPage> for super::RejectionPage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: RejectionPage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    counted_since: value.counted_since?,
                    counts: value.counts?,
                    data: value.data?,
                    total: value.total?,
                })
            }
        }
        impl ::std::convert::From<super::RejectionPage> for RejectionPage {
            fn from(value: super::RejectionPage) -> Self {
                Self {
                    counted_since: Ok(value.counted_since),
                    counts: Ok(value.counts),
                    data: Ok(value.data),
                    total: Ok(value.total),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SenderCount {
            count: ::std::result::Result<::std::num::NonZeroU64, ::std::string::String>,
            from_msisdn: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for SenderCount {
            fn default() -> Self {
                Self {
                    count: Err("no value supplied for count".to_string()),
                    from_msisdn: Err("no value supplied for from_msisdn".to_string()),
                }
            }
        }
        impl SenderCount {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::num::NonZeroU64>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn from_msisdn<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.from_msisdn = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for from_msisdn: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<SenderCount> for super::SenderCount {
            type Error = super::error::ConversionError;
            fn try_from(
                value: SenderCount,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    from_msisdn: value.from_msisdn?,
                })
            }
        }
        impl ::std::convert::From<super::SenderCount> for SenderCount {
            fn from(value: super::SenderCount) -> Self {
                Self {
                    count: Ok(value.count),
                    from_msisdn: Ok(value.from_msisdn),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ServerStats {
            acknowledgement: ::std::result::Result<
                super::AcknowledgementLatency,
                ::std::string::String,
            >,
            outcomes: ::std::result::Result<super::Outcomes, ::std::string::String>,
            started_at: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            storage: ::std::result::Result<super::Storage, ::std::string::String>,
            uptime_seconds: ::std::result::Result<u64, ::std::string::String>,
            version: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for ServerStats {
            fn default() -> Self {
                Self {
                    acknowledgement: Err(
                        "no value supplied for acknowledgement".to_string(),
                    ),
                    outcomes: Err("no value supplied for outcomes".to_string()),
                    started_at: Err("no value supplied for started_at".to_string()),
                    storage: Err("no value supplied for storage".to_string()),
                    uptime_seconds: Err(
                        "no value supplied for uptime_seconds".to_string(),
                    ),
                    version: Err("no value supplied for version".to_string()),
                }
            }
        }
        impl ServerStats {
            pub fn acknowledgement<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::AcknowledgementLatency>,
                T::Error: ::std::fmt::Display,
            {
                self.acknowledgement = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for acknowledgement: {e}"
                        )
                    });
                self
            }
            pub fn outcomes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Outcomes>,
                T::Error: ::std::fmt::Display,
            {
                self.outcomes = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for outcomes: {e}")
                    });
                self
            }
            pub fn started_at<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.started_at = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for started_at: {e}")
                    });
                self
            }
            pub fn storage<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::Storage>,
                T::Error: ::std::fmt::Display,
            {
                self.storage = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for storage: {e}")
                    });
                self
            }
            pub fn uptime_seconds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.uptime_seconds = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for uptime_seconds: {e}"
                        )
                    });
                self
            }
            pub fn version<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.version = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for version: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ServerStats> for super::ServerStats {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ServerStats,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    acknowledgement: value.acknowledgement?,
                    outcomes: value.outcomes?,
                    started_at: value.started_at?,
                    storage: value.storage?,
                    uptime_seconds: value.uptime_seconds?,
                    version: value.version?,
                })
            }
        }
        impl ::std::convert::From<super::ServerStats> for ServerStats {
            fn from(value: super::ServerStats) -> Self {
                Self {
                    acknowledgement: Ok(value.acknowledgement),
                    outcomes: Ok(value.outcomes),
                    started_at: Ok(value.started_at),
                    storage: Ok(value.storage),
                    uptime_seconds: Ok(value.uptime_seconds),
                    version: Ok(value.version),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ServiceInfo {
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
            status: ::std::result::Result<::std::string::String, ::std::string::String>,
            version: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for ServiceInfo {
            fn default() -> Self {
                Self {
                    name: Err("no value supplied for name".to_string()),
                    status: Err("no value supplied for status".to_string()),
                    version: Err("no value supplied for version".to_string()),
                }
            }
        }
        impl ServiceInfo {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
            pub fn version<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.version = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for version: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ServiceInfo> for super::ServiceInfo {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ServiceInfo,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    name: value.name?,
                    status: value.status?,
                    version: value.version?,
                })
            }
        }
        impl ::std::convert::From<super::ServiceInfo> for ServiceInfo {
            fn from(value: super::ServiceInfo) -> Self {
                Self {
                    name: Ok(value.name),
                    status: Ok(value.status),
                    version: Ok(value.version),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Session {
            signed_in: ::std::result::Result<bool, ::std::string::String>,
            token_required: ::std::result::Result<bool, ::std::string::String>,
        }
        impl ::std::default::Default for Session {
            fn default() -> Self {
                Self {
                    signed_in: Err("no value supplied for signed_in".to_string()),
                    token_required: Err(
                        "no value supplied for token_required".to_string(),
                    ),
                }
            }
        }
        impl Session {
            pub fn signed_in<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.signed_in = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for signed_in: {e}")
                    });
                self
            }
            pub fn token_required<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<bool>,
                T::Error: ::std::fmt::Display,
            {
                self.token_required = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for token_required: {e}"
                        )
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Session> for super::Session {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Session,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    signed_in: value.signed_in?,
                    token_required: value.token_required?,
                })
            }
        }
        impl ::std::convert::From<super::Session> for Session {
            fn from(value: super::Session) -> Self {
                Self {
                    signed_in: Ok(value.signed_in),
                    token_required: Ok(value.token_required),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SessionRequest {
            token: ::std::result::Result<
                super::SessionRequestToken,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for SessionRequest {
            fn default() -> Self {
                Self {
                    token: Err("no value supplied for token".to_string()),
                }
            }
        }
        impl SessionRequest {
            pub fn token<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::SessionRequestToken>,
                T::Error: ::std::fmt::Display,
            {
                self.token = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for token: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<SessionRequest> for super::SessionRequest {
            type Error = super::error::ConversionError;
            fn try_from(
                value: SessionRequest,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { token: value.token? })
            }
        }
        impl ::std::convert::From<super::SessionRequest> for SessionRequest {
            fn from(value: super::SessionRequest) -> Self {
                Self { token: Ok(value.token) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Source {
            keys: ::std::result::Result<
                ::std::vec::Vec<super::Key>,
                ::std::string::String,
            >,
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
            path: ::std::result::Result<::std::string::String, ::std::string::String>,
            scheme: ::std::result::Result<::std::string::String, ::std::string::String>,
            signature_header: ::std::result::Result<
                ::std::string::String,
                ::std::string::String,
            >,
            tolerance_seconds: ::std::result::Result<
                ::std::option::Option<::std::num::NonZeroU32>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Source {
            fn default() -> Self {
                Self {
                    keys: Err("no value supplied for keys".to_string()),
                    name: Err("no value supplied for name".to_string()),
                    path: Err("no value supplied for path".to_string()),
                    scheme: Err("no value supplied for scheme".to_string()),
                    signature_header: Err(
                        "no value supplied for signature_header".to_string(),
                    ),
                    tolerance_seconds: Err(
                        "no value supplied for tolerance_seconds".to_string(),
                    ),
                }
            }
        }
        impl Source {
            pub fn keys<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Key>>,
                T::Error: ::std::fmt::Display,
            {
                self.keys = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for keys: {e}")
                    });
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
            pub fn path<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.path = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for path: {e}")
                    });
                self
            }
            pub fn scheme<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.scheme = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for scheme: {e}")
                    });
                self
            }
            pub fn signature_header<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.signature_header = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for signature_header: {e}"
                        )
                    });
                self
            }
            pub fn tolerance_seconds<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::std::num::NonZeroU32>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.tolerance_seconds = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for tolerance_seconds: {e}"
                        )
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Source> for super::Source {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Source,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    keys: value.keys?,
                    name: value.name?,
                    path: value.path?,
                    scheme: value.scheme?,
                    signature_header: value.signature_header?,
                    tolerance_seconds: value.tolerance_seconds?,
                })
            }
        }
        impl ::std::convert::From<super::Source> for Source {
            fn from(value: super::Source) -> Self {
                Self {
                    keys: Ok(value.keys),
                    name: Ok(value.name),
                    path: Ok(value.path),
                    scheme: Ok(value.scheme),
                    signature_header: Ok(value.signature_header),
                    tolerance_seconds: Ok(value.tolerance_seconds),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct SourceList {
            data: ::std::result::Result<
                ::std::vec::Vec<super::Source>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for SourceList {
            fn default() -> Self {
                Self {
                    data: Err("no value supplied for data".to_string()),
                }
            }
        }
        impl SourceList {
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Source>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<SourceList> for super::SourceList {
            type Error = super::error::ConversionError;
            fn try_from(
                value: SourceList,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { data: value.data? })
            }
        }
        impl ::std::convert::From<super::SourceList> for SourceList {
            fn from(value: super::SourceList) -> Self {
                Self { data: Ok(value.data) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Stats {
            first_message_ts: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            last_message_ts: ::std::result::Result<
                ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                ::std::string::String,
            >,
            messages_per_sender: ::std::result::Result<
                ::std::vec::Vec<super::SenderCount>,
                ::std::string::String,
            >,
            senders_count: ::std::result::Result<u64, ::std::string::String>,
            total_messages: ::std::result::Result<u64, ::std::string::String>,
        }
        impl ::std::default::Default for Stats {
            fn default() -> Self {
                Self {
                    first_message_ts: Err(
                        "no value supplied for first_message_ts".to_string(),
                    ),
                    last_message_ts: Err(
                        "no value supplied for last_message_ts".to_string(),
                    ),
                    messages_per_sender: Err(
                        "no value supplied for messages_per_sender".to_string(),
                    ),
                    senders_count: Err(
                        "no value supplied for senders_count".to_string(),
                    ),
                    total_messages: Err(
                        "no value supplied for total_messages".to_string(),
                    ),
                }
            }
        }
        impl Stats {
            pub fn first_message_ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.first_message_ts = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for first_message_ts: {e}"
                        )
                    });
                self
            }
            pub fn last_message_ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.last_message_ts = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for last_message_ts: {e}"
                        )
                    });
                self
            }
            pub fn messages_per_sender<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::SenderCount>>,
                T::Error: ::std::fmt::Display,
            {
                self.messages_per_sender = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for messages_per_sender: {e}"
                        )
                    });
                self
            }
            pub fn senders_count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.senders_count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for senders_count: {e}")
                    });
                self
            }
            pub fn total_messages<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total_messages = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for total_messages: {e}"
                        )
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Stats> for super::Stats {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Stats,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    first_message_ts: value.first_message_ts?,
                    last_message_ts: value.last_message_ts?,
                    messages_per_sender: value.messages_per_sender?,
                    senders_count: value.senders_count?,
                    total_messages: value.total_messages?,
                })
            }
        }
        impl ::std::convert::From<super::Stats> for Stats {
            fn from(value: super::Stats) -> Self {
                Self {
                    first_message_ts: Ok(value.first_message_ts),
                    last_message_ts: Ok(value.last_message_ts),
                    messages_per_sender: Ok(value.messages_per_sender),
                    senders_count: Ok(value.senders_count),
                    total_messages: Ok(value.total_messages),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Storage {
            database_bytes: ::std::result::Result<
                ::std::option::Option<u64>,
                ::std::string::String,
            >,
            durability: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            durable: ::std::result::Result<
                ::std::option::Option<bool>,
                ::std::string::String,
            >,
            engine: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            free_bytes: ::std::result::Result<
                ::std::option::Option<u64>,
                ::std::string::String,
            >,
            index_bytes: ::std::result::Result<
                ::std::option::Option<u64>,
                ::std::string::String,
            >,
            wal_bytes: ::std::result::Result<
                ::std::option::Option<u64>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Storage {
            fn default() -> Self {
                Self {
                    database_bytes: Err(
                        "no value supplied for database_bytes".to_string(),
                    ),
                    durability: Err("no value supplied for durability".to_string()),
                    durable: Err("no value supplied for durable".to_string()),
                    engine: Err("no value supplied for engine".to_string()),
                    free_bytes: Err("no value supplied for free_bytes".to_string()),
                    index_bytes: Err("no value supplied for index_bytes".to_string()),
                    wal_bytes: Err("no value supplied for wal_bytes".to_string()),
                }
            }
        }
        impl Storage {
            pub fn database_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.database_bytes = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for database_bytes: {e}"
                        )
                    });
                self
            }
            pub fn durability<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.durability = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for durability: {e}")
                    });
                self
            }
            pub fn durable<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<bool>>,
                T::Error: ::std::fmt::Display,
            {
                self.durable = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for durable: {e}")
                    });
                self
            }
            pub fn engine<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.engine = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for engine: {e}")
                    });
                self
            }
            pub fn free_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.free_bytes = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for free_bytes: {e}")
                    });
                self
            }
            pub fn index_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.index_bytes = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for index_bytes: {e}")
                    });
                self
            }
            pub fn wal_bytes<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<u64>>,
                T::Error: ::std::fmt::Display,
            {
                self.wal_bytes = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for wal_bytes: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Storage> for super::Storage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Storage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    database_bytes: value.database_bytes?,
                    durability: value.durability?,
                    durable: value.durable?,
                    engine: value.engine?,
                    free_bytes: value.free_bytes?,
                    index_bytes: value.index_bytes?,
                    wal_bytes: value.wal_bytes?,
                })
            }
        }
        impl ::std::convert::From<super::Storage> for Storage {
            fn from(value: super::Storage) -> Self {
                Self {
                    database_bytes: Ok(value.database_bytes),
                    durability: Ok(value.durability),
                    durable: Ok(value.durable),
                    engine: Ok(value.engine),
                    free_bytes: Ok(value.free_bytes),
                    index_bytes: Ok(value.index_bytes),
                    wal_bytes: Ok(value.wal_bytes),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Timeline {
            data: ::std::result::Result<
                ::std::vec::Vec<super::Bucket>,
                ::std::string::String,
            >,
            since: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            total: ::std::result::Result<u64, ::std::string::String>,
            until: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
            width: ::std::result::Result<i64, ::std::string::String>,
        }
        impl ::std::default::Default for Timeline {
            fn default() -> Self {
                Self {
                    data: Err("no value supplied for data".to_string()),
                    since: Err("no value supplied for since".to_string()),
                    total: Err("no value supplied for total".to_string()),
                    until: Err("no value supplied for until".to_string()),
                    width: Err("no value supplied for width".to_string()),
                }
            }
        }
        impl Timeline {
            pub fn data<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Bucket>>,
                T::Error: ::std::fmt::Display,
            {
                self.data = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for data: {e}")
                    });
                self
            }
            pub fn since<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.since = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for since: {e}")
                    });
                self
            }
            pub fn total<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<u64>,
                T::Error: ::std::fmt::Display,
            {
                self.total = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for total: {e}")
                    });
                self
            }
            pub fn until<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.until = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for until: {e}")
                    });
                self
            }
            pub fn width<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.width = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for width: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Timeline> for super::Timeline {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Timeline,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    data: value.data?,
                    since: value.since?,
                    total: value.total?,
                    until: value.until?,
                    width: value.width?,
                })
            }
        }
        impl ::std::convert::From<super::Timeline> for Timeline {
            fn from(value: super::Timeline) -> Self {
                Self {
                    data: Ok(value.data),
                    since: Ok(value.since),
                    total: Ok(value.total),
                    until: Ok(value.until),
                    width: Ok(value.width),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct WebhookMessage {
            from: ::std::result::Result<
                super::WebhookMessageFrom,
                ::std::string::String,
            >,
            message_id: ::std::result::Result<
                super::WebhookMessageMessageId,
                ::std::string::String,
            >,
            text: ::std::result::Result<
                ::std::option::Option<super::WebhookMessageText>,
                ::std::string::String,
            >,
            to: ::std::result::Result<super::WebhookMessageTo, ::std::string::String>,
            ts: ::std::result::Result<
                ::chrono::DateTime<::chrono::offset::Utc>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for WebhookMessage {
            fn default() -> Self {
                Self {
                    from: Err("no value supplied for from".to_string()),
                    message_id: Err("no value supplied for message_id".to_string()),
                    text: Ok(Default::default()),
                    to: Err("no value supplied for to".to_string()),
                    ts: Err("no value supplied for ts".to_string()),
                }
            }
        }
        impl WebhookMessage {
            pub fn from<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::WebhookMessageFrom>,
                T::Error: ::std::fmt::Display,
            {
                self.from = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for from: {e}")
                    });
                self
            }
            pub fn message_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::WebhookMessageMessageId>,
                T::Error: ::std::fmt::Display,
            {
                self.message_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for message_id: {e}")
                    });
                self
            }
            pub fn text<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<super::WebhookMessageText>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.text = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for text: {e}")
                    });
                self
            }
            pub fn to<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::WebhookMessageTo>,
                T::Error: ::std::fmt::Display,
            {
                self.to = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for to: {e}"));
                self
            }
            pub fn ts<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::chrono::DateTime<::chrono::offset::Utc>>,
                T::Error: ::std::fmt::Display,
            {
                self.ts = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for ts: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<WebhookMessage> for super::WebhookMessage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: WebhookMessage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    from: value.from?,
                    message_id: value.message_id?,
                    text: value.text?,
                    to: value.to?,
                    ts: value.ts?,
                })
            }
        }
        impl ::std::convert::From<super::WebhookMessage> for WebhookMessage {
            fn from(value: super::WebhookMessage) -> Self {
                Self {
                    from: Ok(value.from),
                    message_id: Ok(value.message_id),
                    text: Ok(value.text),
                    to: Ok(value.to),
                    ts: Ok(value.ts),
                }
            }
        }
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for countersign

The inbox for signed webhooks. Verifies the signature over the raw bytes, validates the message, stores it exactly once, and only then answers. Every error is a problem document (RFC 9457).

Version: 0.1.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::Access,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::Access) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::Access,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::Access> for Client {
    fn api_version() -> &'static str {
        "0.1.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::Access {
        &self.inner
    }
}
impl ClientHooks<crate::Access> for &Client {}
impl Client {
    /**What is this?

Sends a `GET` request to `/`

```ignore
let response = client.read_service()
    .send()
    .await;
```*/
    pub fn read_service(&self) -> builder::ReadService<'_> {
        builder::ReadService::new(self)
    }
    /**List conflicts

Messages that came under an id that was already taken by a different message, the last
seen first.

Sends a `GET` request to `/conflicts`

Arguments:
- `limit`: How many conflicts at the most.
```ignore
let response = client.list_conflicts()
    .limit(limit)
    .send()
    .await;
```*/
    pub fn list_conflicts(&self) -> builder::ListConflicts<'_> {
        builder::ListConflicts::new(self)
    }
    /**Is the process there? (the original service's third way to ask)

Sends a `GET` request to `/health`

```ignore
let response = client.read_health()
    .send()
    .await;
```*/
    pub fn read_health(&self) -> builder::ReadHealth<'_> {
        builder::ReadHealth::new(self)
    }
    /**Is the process there?

Sends a `GET` request to `/health/live`

```ignore
let response = client.read_liveness()
    .send()
    .await;
```*/
    pub fn read_liveness(&self) -> builder::ReadLiveness<'_> {
        builder::ReadLiveness::new(self)
    }
    /**Can it take in messages?

503 unless the database answers, has its schema and can be written to, its disk has room, and
the server is not about to stop. `checks` says what of that was found.

Sends a `GET` request to `/health/ready`

```ignore
let response = client.read_readiness()
    .send()
    .await;
```*/
    pub fn read_readiness(&self) -> builder::ReadReadiness<'_> {
        builder::ReadReadiness::new(self)
    }
    /**List messages

Ordered by `ts`, then by `message_id` (bytes). An empty filter is no filter, an empty
`cursor` is none; unknown parameters are ignored.

To read the whole list, give each page's `next_cursor` back as `cursor` until it is `null`,
or follow the header `Link`, which is absent then. Whatever arrives meanwhile, no message is
skipped or repeated so, as can happen with `offset`.

With `after_seq` the list is in the order in which messages arrived, each with its `seq`.
Give each page's `next_after_seq` back, and every message comes once, those that arrive
later too. With `wait` the answer comes as soon as there is something (a long poll); after
that time the page is empty, and `next_after_seq` may nevertheless have moved on. Neither
`order` nor `cursor` goes with it. `Link` is there if more is known to be there already.

Sends a `GET` request to `/messages`

Arguments:
- `after_seq`: Only messages that arrived behind this sequence, in the order in which they arrived; 0
for all. One beyond the end is read as the end.
- `cursor`: The `next_cursor` of an earlier page: only what comes behind that page. It is a place
in the order and goes with any filters; it narrows the page, not `total`.
- `from`: Only messages from this number. A `+` that was not percent-encoded is understood.
- `limit`: How many messages at the most.
- `offset`: How many messages to pass over first; 0 together with a cursor.
- `order`: `asc`: oldest first. `desc`: newest first.
- `q`: Only messages whose text contains this, in upper or lower case (Unicode case folding).
No character is a wildcard.
- `received_before`: Only messages received before this instant (RFC 3339).
- `received_since`: Only messages received at this instant or later (RFC 3339), whatever their own `ts` says.
- `since`: Only messages sent at this instant or later (RFC 3339).
- `source`: Only messages of this source.
- `to`: Only messages to this number, read as `from` is.
- `until`: Only messages sent before this instant (RFC 3339), so that spans can join without
overlap.
- `verified_by`: Only messages that the key of this label vouched for.
- `wait`: With `after_seq`: how many seconds to wait for a message at the most.
```ignore
let response = client.list_messages()
    .after_seq(after_seq)
    .cursor(cursor)
    .from(from)
    .limit(limit)
    .offset(offset)
    .order(order)
    .q(q)
    .received_before(received_before)
    .received_since(received_since)
    .since(since)
    .source(source)
    .to(to)
    .until(until)
    .verified_by(verified_by)
    .wait(wait)
    .send()
    .await;
```*/
    pub fn list_messages(&self) -> builder::ListMessages<'_> {
        builder::ListMessages::new(self)
    }
    /**Follow messages

Server-sent events: every message that matches, in the order in which they arrive. The
stream begins behind the sequence in `Last-Event-ID`, or else in `after_seq`, or else with
what arrives from now on. A client that is disconnected and comes back with the last `id`
that it has seen, as an `EventSource` does by itself, misses nothing and gets nothing twice.

A client that takes too little for too long, or nothing for ten seconds, is disconnected.
There are streams for so many clients; the next one is answered 503.

The single message whose id is `live` cannot be read at `/messages/live`; it is in the list.

Sends a `GET` request to `/messages/live`

Arguments:
- `after_seq`: Only messages that arrived behind this sequence: an `id` of this stream, a `seq` or
`next_after_seq` of the list, or 0 for all. For clients that cannot set headers.
- `from`: Only messages from this number. A `+` that was not percent-encoded is understood.
- `q`: Only messages whose text contains this, in upper or lower case (Unicode case folding).
- `received_before`: Only messages received before this instant (RFC 3339).
- `received_since`: Only messages received at this instant or later (RFC 3339), whatever their own `ts` says.
- `since`: Only messages sent at this instant or later (RFC 3339).
- `source`: Only messages of this source.
- `to`: Only messages to this number, read as `from` is.
- `until`: Only messages sent before this instant (RFC 3339).
- `verified_by`: Only messages that the key of this label vouched for.
- `last_event_id`: As `after_seq`, and before it: the last `id` that the client has seen.
```ignore
let response = client.follow_messages()
    .after_seq(after_seq)
    .from(from)
    .q(q)
    .received_before(received_before)
    .received_since(received_since)
    .since(since)
    .source(source)
    .to(to)
    .until(until)
    .verified_by(verified_by)
    .last_event_id(last_event_id)
    .send()
    .await;
```*/
    pub fn follow_messages(&self) -> builder::FollowMessages<'_> {
        builder::FollowMessages::new(self)
    }
    /**Read one message

With everything else that came under its id, and how it was delivered lately.

Sends a `GET` request to `/messages/{message_id}`

Arguments:
- `message_id`: The provider's id, percent-encoded.
- `source`: Whose id it is; `default` if it is not said.
```ignore
let response = client.read_message()
    .message_id(message_id)
    .source(source)
    .send()
    .await;
```*/
    pub fn read_message(&self) -> builder::ReadMessage<'_> {
        builder::ReadMessage::new(self)
    }
    /**Metrics

In Prometheus' text format.

Sends a `GET` request to `/metrics`

```ignore
let response = client.read_metrics()
    .send()
    .await;
```*/
    pub fn read_metrics(&self) -> builder::ReadMetrics<'_> {
        builder::ReadMetrics::new(self)
    }
    /**List refused requests

The newest first. They are kept in memory, a thousand refused webhooks, a thousand refused
reads and a thousand requests beyond `RATE_LIMIT`, and are gone when the process ends;
`counts` and the log go on from there.

Sends a `GET` request to `/rejections`

Arguments:
- `limit`: How many at the most.
- `reason`: Only those refused for this reason.
- `since`: Only those refused at this instant or later (RFC 3339).
- `source`: Only those sent to this source.
```ignore
let response = client.list_rejections()
    .limit(limit)
    .reason(reason)
    .since(since)
    .source(source)
    .send()
    .await;
```*/
    pub fn list_rejections(&self) -> builder::ListRejections<'_> {
        builder::ListRejections::new(self)
    }
    /**Follow refused requests

Server-sent events: every request that matches, as it is refused, from now on. When the
mistake behind a refused signature is found, a moment later, the same one is sent again (by
its `request_id`), now with `near_miss` and `mend`.

A stream cannot be resumed: whoever wants to show those before, too, reads `GET /rejections`
when the stream has opened, and again whenever it says that some are `missed`. They are where
more are refused than it sends (100 of a kind, fifty times a second), or the client takes
less.

A client that takes nothing for ten seconds is disconnected. There are streams for so many
clients, together with those of messages; the next one is answered 503.

Sends a `GET` request to `/rejections/live`

Arguments:
- `reason`: Only those refused for this reason.
- `source`: Only those sent to this source.
```ignore
let response = client.follow_rejections()
    .reason(reason)
    .source(source)
    .send()
    .await;
```*/
    pub fn follow_rejections(&self) -> builder::FollowRejections<'_> {
        builder::FollowRejections::new(self)
    }
    /**Does reading need a token?

And is this browser signed in? The dashboard asks, because its scripts cannot see the cookie.

Sends a `GET` request to `/session`

```ignore
let response = client.read_session()
    .send()
    .await;
```*/
    pub fn read_session(&self) -> builder::ReadSession<'_> {
        builder::ReadSession::new(self)
    }
    /**Sign in

Takes the token once, and answers with a cookie that lets this browser read for a week.
Programs need none: they send the token with every request.

Sends a `POST` request to `/session`

Arguments:
- `body`: The token, which no answer and no log repeats.
```ignore
let response = client.open_session()
    .body(body)
    .send()
    .await;
```*/
    pub fn open_session(&self) -> builder::OpenSession<'_> {
        builder::OpenSession::new(self)
    }
    /**Sign out

Takes the cookie away.

Sends a `DELETE` request to `/session`

```ignore
let response = client.close_session()
    .send()
    .await;
```*/
    pub fn close_session(&self) -> builder::CloseSession<'_> {
        builder::CloseSession::new(self)
    }
    /**List the sources

Which sources this server takes webhooks from, how each signs, and by which keys it is known,
as it is now: after a reload (`SIGHUP`), what was read again.

Sends a `GET` request to `/sources`

```ignore
let response = client.list_sources()
    .send()
    .await;
```*/
    pub fn list_sources(&self) -> builder::ListSources<'_> {
        builder::ListSources::new(self)
    }
    /**Summarise all messages

Sends a `GET` request to `/stats`

```ignore
let response = client.read_stats()
    .send()
    .await;
```*/
    pub fn read_stats(&self) -> builder::ReadStats<'_> {
        builder::ReadStats::new(self)
    }
    /**What has this process done?

Since it started: webhooks by outcome and time, how long acknowledgements took, and what
messages are kept on. Where the store does not answer, the rest is answered all the same.

Sends a `GET` request to `/stats/server`

Arguments:
- `width`: How many seconds a bucket of `outcomes` has: a minute, for the last sixty, or an hour, for
the last 48.
```ignore
let response = client.read_server_stats()
    .width(width)
    .send()
    .await;
```*/
    pub fn read_server_stats(&self) -> builder::ReadServerStats<'_> {
        builder::ReadServerStats::new(self)
    }
    /**Count messages by time

By their `ts`, in at most 1000 buckets of the same width, without gaps. An empty filter is no
filter; unknown parameters are ignored.

Without `since` there are 48 buckets, which begin at multiples of their width since 1970.

Sends a `GET` request to `/stats/timeline`

Arguments:
- `from`: Only messages from this number. A `+` that was not percent-encoded is understood. It
cannot be combined with `to`.
- `since`: Where the first bucket begins (RFC 3339), rounded down to the minute.
- `to`: Only messages to this number, read as `from` is.
- `until`: Where the last bucket ends (RFC 3339), rounded up to its end. Without it, the last bucket
is that which holds the present.
- `width`: How wide each bucket is, in seconds: a multiple of 60.
```ignore
let response = client.read_timeline()
    .from(from)
    .since(since)
    .to(to)
    .until(until)
    .width(width)
    .send()
    .await;
```*/
    pub fn read_timeline(&self) -> builder::ReadTimeline<'_> {
        builder::ReadTimeline::new(self)
    }
    /**Deliver a message

Stores the message exactly once and answers when it is durable. The same `message_id`
again is answered 200 as well and stores nothing; if its content differs, the first is
kept and the difference is recorded as a conflict (and answered 409, if this server is set
up so). After any other answer, or none, sending the message again is safe.

Sends a `POST` request to `/webhook`

Arguments:
- `body`: The message. The signature is over exactly these bytes.
```ignore
let response = client.receive_message()
    .body(body)
    .send()
    .await;
```*/
    pub fn receive_message(&self) -> builder::ReceiveMessage<'_> {
        builder::ReceiveMessage::new(self)
    }
    /**Deliver a message of a named source

As `POST /webhook`, which is the source `default`. Another source signs with its own secrets,
in the way of its own scheme, and its ids are its own: the same `message_id` of two sources
is two messages.

Sends a `POST` request to `/webhook/{source}`

Arguments:
- `source`: The source's name, as it is configured.
- `body`: The message. The signature is over exactly these bytes.
```ignore
let response = client.receive_message_of_source()
    .source(source)
    .body(body)
    .send()
    .await;
```*/
    pub fn receive_message_of_source(&self) -> builder::ReceiveMessageOfSource<'_> {
        builder::ReceiveMessageOfSource::new(self)
    }
}
/// Types for composing operation parameters.
#[allow(clippy::all)]
pub mod builder {
    use super::types;
    #[allow(unused_imports)]
    use super::{
        encode_path, ByteStream, ClientInfo, ClientHooks, Error, OperationInfo,
        RequestBuilderExt, ResponseValue,
    };
    /**Builder for [`Client::read_service`]

[`Client::read_service`]: super::Client::read_service*/
    #[derive(Debug, Clone)]
    pub struct ReadService<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadService<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::ServiceInfo>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_service",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::list_conflicts`]

[`Client::list_conflicts`]: super::Client::list_conflicts*/
    #[derive(Debug, Clone)]
    pub struct ListConflicts<'a> {
        client: &'a super::Client,
        limit: Result<Option<::std::num::NonZeroU64>, String>,
    }
    impl<'a> ListConflicts<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                limit: Ok(None),
            }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.limit = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for limit failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/conflicts`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::ConflictPage>, Error<ByteStream>> {
            let Self { client, limit } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let url = format!("{}/conflicts", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_conflicts",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_health`]

[`Client::read_health`]: super::Client::read_health*/
    #[derive(Debug, Clone)]
    pub struct ReadHealth<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadHealth<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/health`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Health>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/health", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_health",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_liveness`]

[`Client::read_liveness`]: super::Client::read_liveness*/
    #[derive(Debug, Clone)]
    pub struct ReadLiveness<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadLiveness<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/health/live`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Health>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/health/live", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_liveness",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_readiness`]

[`Client::read_readiness`]: super::Client::read_readiness*/
    #[derive(Debug, Clone)]
    pub struct ReadReadiness<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadReadiness<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/health/ready`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Ready>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/health/ready", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_readiness",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::list_messages`]

[`Client::list_messages`]: super::Client::list_messages*/
    #[derive(Debug, Clone)]
    pub struct ListMessages<'a> {
        client: &'a super::Client,
        after_seq: Result<Option<i64>, String>,
        cursor: Result<Option<::std::string::String>, String>,
        from: Result<Option<types::ListMessagesFrom>, String>,
        limit: Result<Option<::std::num::NonZeroU64>, String>,
        offset: Result<Option<i64>, String>,
        order: Result<Option<types::ListMessagesOrder>, String>,
        q: Result<Option<types::ListMessagesQ>, String>,
        received_before: Result<Option<types::ListMessagesReceivedBefore>, String>,
        received_since: Result<Option<types::ListMessagesReceivedSince>, String>,
        since: Result<Option<types::ListMessagesSince>, String>,
        source: Result<Option<types::ListMessagesSource>, String>,
        to: Result<Option<types::ListMessagesTo>, String>,
        until: Result<Option<types::ListMessagesUntil>, String>,
        verified_by: Result<Option<types::ListMessagesVerifiedBy>, String>,
        wait: Result<Option<i32>, String>,
    }
    impl<'a> ListMessages<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                after_seq: Ok(None),
                cursor: Ok(None),
                from: Ok(None),
                limit: Ok(None),
                offset: Ok(None),
                order: Ok(None),
                q: Ok(None),
                received_before: Ok(None),
                received_since: Ok(None),
                since: Ok(None),
                source: Ok(None),
                to: Ok(None),
                until: Ok(None),
                verified_by: Ok(None),
                wait: Ok(None),
            }
        }
        pub fn after_seq<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.after_seq = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for after_seq failed".to_string());
            self
        }
        pub fn cursor<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.cursor = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for cursor failed"
                        .to_string()
                });
            self
        }
        pub fn from<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesFrom>,
        {
            self.from = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesFrom` for from failed".to_string()
                });
            self
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.limit = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for limit failed"
                        .to_string()
                });
            self
        }
        pub fn offset<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.offset = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for offset failed".to_string());
            self
        }
        pub fn order<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesOrder>,
        {
            self.order = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesOrder` for order failed".to_string()
                });
            self
        }
        pub fn q<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesQ>,
        {
            self.q = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `ListMessagesQ` for q failed".to_string());
            self
        }
        pub fn received_before<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesReceivedBefore>,
        {
            self.received_before = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesReceivedBefore` for received_before failed"
                        .to_string()
                });
            self
        }
        pub fn received_since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesReceivedSince>,
        {
            self.received_since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesReceivedSince` for received_since failed"
                        .to_string()
                });
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesSince>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesSince` for since failed".to_string()
                });
            self
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesSource>,
        {
            self.source = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesSource` for source failed".to_string()
                });
            self
        }
        pub fn to<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesTo>,
        {
            self.to = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `ListMessagesTo` for to failed".to_string());
            self
        }
        pub fn until<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesUntil>,
        {
            self.until = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesUntil` for until failed".to_string()
                });
            self
        }
        pub fn verified_by<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListMessagesVerifiedBy>,
        {
            self.verified_by = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListMessagesVerifiedBy` for verified_by failed"
                        .to_string()
                });
            self
        }
        pub fn wait<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i32>,
        {
            self.wait = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i32` for wait failed".to_string());
            self
        }
        ///Sends a `GET` request to `/messages`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::MessagePage>, Error<ByteStream>> {
            let Self {
                client,
                after_seq,
                cursor,
                from,
                limit,
                offset,
                order,
                q,
                received_before,
                received_since,
                since,
                source,
                to,
                until,
                verified_by,
                wait,
            } = self;
            let after_seq = after_seq.map_err(Error::InvalidRequest)?;
            let cursor = cursor.map_err(Error::InvalidRequest)?;
            let from = from.map_err(Error::InvalidRequest)?;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let offset = offset.map_err(Error::InvalidRequest)?;
            let order = order.map_err(Error::InvalidRequest)?;
            let q = q.map_err(Error::InvalidRequest)?;
            let received_before = received_before.map_err(Error::InvalidRequest)?;
            let received_since = received_since.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let source = source.map_err(Error::InvalidRequest)?;
            let to = to.map_err(Error::InvalidRequest)?;
            let until = until.map_err(Error::InvalidRequest)?;
            let verified_by = verified_by.map_err(Error::InvalidRequest)?;
            let wait = wait.map_err(Error::InvalidRequest)?;
            let url = format!("{}/messages", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("after_seq", &after_seq))
                .query(&progenitor_client::QueryParam::new("cursor", &cursor))
                .query(&progenitor_client::QueryParam::new("from", &from))
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("offset", &offset))
                .query(&progenitor_client::QueryParam::new("order", &order))
                .query(&progenitor_client::QueryParam::new("q", &q))
                .query(
                    &progenitor_client::QueryParam::new(
                        "received_before",
                        &received_before,
                    ),
                )
                .query(
                    &progenitor_client::QueryParam::new(
                        "received_since",
                        &received_since,
                    ),
                )
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("source", &source))
                .query(&progenitor_client::QueryParam::new("to", &to))
                .query(&progenitor_client::QueryParam::new("until", &until))
                .query(&progenitor_client::QueryParam::new("verified_by", &verified_by))
                .query(&progenitor_client::QueryParam::new("wait", &wait))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_messages",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::follow_messages`]

[`Client::follow_messages`]: super::Client::follow_messages*/
    #[derive(Debug, Clone)]
    pub struct FollowMessages<'a> {
        client: &'a super::Client,
        after_seq: Result<Option<i64>, String>,
        from: Result<Option<types::FollowMessagesFrom>, String>,
        q: Result<Option<types::FollowMessagesQ>, String>,
        received_before: Result<Option<types::FollowMessagesReceivedBefore>, String>,
        received_since: Result<Option<types::FollowMessagesReceivedSince>, String>,
        since: Result<Option<types::FollowMessagesSince>, String>,
        source: Result<Option<types::FollowMessagesSource>, String>,
        to: Result<Option<types::FollowMessagesTo>, String>,
        until: Result<Option<types::FollowMessagesUntil>, String>,
        verified_by: Result<Option<types::FollowMessagesVerifiedBy>, String>,
        last_event_id: Result<Option<i64>, String>,
    }
    impl<'a> FollowMessages<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                after_seq: Ok(None),
                from: Ok(None),
                q: Ok(None),
                received_before: Ok(None),
                received_since: Ok(None),
                since: Ok(None),
                source: Ok(None),
                to: Ok(None),
                until: Ok(None),
                verified_by: Ok(None),
                last_event_id: Ok(None),
            }
        }
        pub fn after_seq<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.after_seq = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for after_seq failed".to_string());
            self
        }
        pub fn from<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesFrom>,
        {
            self.from = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesFrom` for from failed".to_string()
                });
            self
        }
        pub fn q<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesQ>,
        {
            self.q = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `FollowMessagesQ` for q failed".to_string());
            self
        }
        pub fn received_before<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesReceivedBefore>,
        {
            self.received_before = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesReceivedBefore` for received_before failed"
                        .to_string()
                });
            self
        }
        pub fn received_since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesReceivedSince>,
        {
            self.received_since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesReceivedSince` for received_since failed"
                        .to_string()
                });
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesSince>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesSince` for since failed".to_string()
                });
            self
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesSource>,
        {
            self.source = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesSource` for source failed".to_string()
                });
            self
        }
        pub fn to<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesTo>,
        {
            self.to = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesTo` for to failed".to_string()
                });
            self
        }
        pub fn until<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesUntil>,
        {
            self.until = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesUntil` for until failed".to_string()
                });
            self
        }
        pub fn verified_by<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowMessagesVerifiedBy>,
        {
            self.verified_by = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowMessagesVerifiedBy` for verified_by failed"
                        .to_string()
                });
            self
        }
        pub fn last_event_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.last_event_id = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for last_event_id failed".to_string());
            self
        }
        ///Sends a `GET` request to `/messages/live`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self {
                client,
                after_seq,
                from,
                q,
                received_before,
                received_since,
                since,
                source,
                to,
                until,
                verified_by,
                last_event_id,
            } = self;
            let after_seq = after_seq.map_err(Error::InvalidRequest)?;
            let from = from.map_err(Error::InvalidRequest)?;
            let q = q.map_err(Error::InvalidRequest)?;
            let received_before = received_before.map_err(Error::InvalidRequest)?;
            let received_since = received_since.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let source = source.map_err(Error::InvalidRequest)?;
            let to = to.map_err(Error::InvalidRequest)?;
            let until = until.map_err(Error::InvalidRequest)?;
            let verified_by = verified_by.map_err(Error::InvalidRequest)?;
            let last_event_id = last_event_id.map_err(Error::InvalidRequest)?;
            let url = format!("{}/messages/live", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            if let Some(value) = last_event_id {
                header_map.append("Last-Event-ID", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("after_seq", &after_seq))
                .query(&progenitor_client::QueryParam::new("from", &from))
                .query(&progenitor_client::QueryParam::new("q", &q))
                .query(
                    &progenitor_client::QueryParam::new(
                        "received_before",
                        &received_before,
                    ),
                )
                .query(
                    &progenitor_client::QueryParam::new(
                        "received_since",
                        &received_since,
                    ),
                )
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("source", &source))
                .query(&progenitor_client::QueryParam::new("to", &to))
                .query(&progenitor_client::QueryParam::new("until", &until))
                .query(&progenitor_client::QueryParam::new("verified_by", &verified_by))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "follow_messages",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => Ok(ResponseValue::stream(response)),
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_message`]

[`Client::read_message`]: super::Client::read_message*/
    #[derive(Debug, Clone)]
    pub struct ReadMessage<'a> {
        client: &'a super::Client,
        message_id: Result<::std::string::String, String>,
        source: Result<Option<types::ReadMessageSource>, String>,
    }
    impl<'a> ReadMessage<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                message_id: Err("message_id was not initialized".to_string()),
                source: Ok(None),
            }
        }
        pub fn message_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.message_id = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for message_id failed"
                        .to_string()
                });
            self
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadMessageSource>,
        {
            self.source = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ReadMessageSource` for source failed".to_string()
                });
            self
        }
        ///Sends a `GET` request to `/messages/{message_id}`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::MessageDetail>, Error<ByteStream>> {
            let Self { client, message_id, source } = self;
            let message_id = message_id.map_err(Error::InvalidRequest)?;
            let source = source.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/messages/{}", client.baseurl, encode_path(& message_id.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("source", &source))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_message",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                404u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_metrics`]

[`Client::read_metrics`]: super::Client::read_metrics*/
    #[derive(Debug, Clone)]
    pub struct ReadMetrics<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadMetrics<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/metrics`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/metrics", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client.client.get(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "read_metrics",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => Ok(ResponseValue::stream(response)),
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::list_rejections`]

[`Client::list_rejections`]: super::Client::list_rejections*/
    #[derive(Debug, Clone)]
    pub struct ListRejections<'a> {
        client: &'a super::Client,
        limit: Result<Option<::std::num::NonZeroU64>, String>,
        reason: Result<Option<types::ListRejectionsReason>, String>,
        since: Result<Option<types::ListRejectionsSince>, String>,
        source: Result<Option<types::ListRejectionsSource>, String>,
    }
    impl<'a> ListRejections<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                limit: Ok(None),
                reason: Ok(None),
                since: Ok(None),
                source: Ok(None),
            }
        }
        pub fn limit<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.limit = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for limit failed"
                        .to_string()
                });
            self
        }
        pub fn reason<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListRejectionsReason>,
        {
            self.reason = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListRejectionsReason` for reason failed".to_string()
                });
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListRejectionsSince>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListRejectionsSince` for since failed".to_string()
                });
            self
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ListRejectionsSource>,
        {
            self.source = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ListRejectionsSource` for source failed".to_string()
                });
            self
        }
        ///Sends a `GET` request to `/rejections`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::RejectionPage>, Error<ByteStream>> {
            let Self { client, limit, reason, since, source } = self;
            let limit = limit.map_err(Error::InvalidRequest)?;
            let reason = reason.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let source = source.map_err(Error::InvalidRequest)?;
            let url = format!("{}/rejections", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("limit", &limit))
                .query(&progenitor_client::QueryParam::new("reason", &reason))
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("source", &source))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_rejections",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::follow_rejections`]

[`Client::follow_rejections`]: super::Client::follow_rejections*/
    #[derive(Debug, Clone)]
    pub struct FollowRejections<'a> {
        client: &'a super::Client,
        reason: Result<Option<types::FollowRejectionsReason>, String>,
        source: Result<Option<types::FollowRejectionsSource>, String>,
    }
    impl<'a> FollowRejections<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                reason: Ok(None),
                source: Ok(None),
            }
        }
        pub fn reason<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowRejectionsReason>,
        {
            self.reason = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowRejectionsReason` for reason failed"
                        .to_string()
                });
            self
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::FollowRejectionsSource>,
        {
            self.source = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `FollowRejectionsSource` for source failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/rejections/live`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, reason, source } = self;
            let reason = reason.map_err(Error::InvalidRequest)?;
            let source = source.map_err(Error::InvalidRequest)?;
            let url = format!("{}/rejections/live", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("reason", &reason))
                .query(&progenitor_client::QueryParam::new("source", &source))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "follow_rejections",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => Ok(ResponseValue::stream(response)),
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_session`]

[`Client::read_session`]: super::Client::read_session*/
    #[derive(Debug, Clone)]
    pub struct ReadSession<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadSession<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/session`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Session>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/session", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_session",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::open_session`]

[`Client::open_session`]: super::Client::open_session*/
    #[derive(Debug, Clone)]
    pub struct OpenSession<'a> {
        client: &'a super::Client,
        body: Result<types::builder::SessionRequest, String>,
    }
    impl<'a> OpenSession<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::SessionRequest>,
            <V as std::convert::TryInto<
                types::SessionRequest,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `SessionRequest` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::SessionRequest,
            ) -> types::builder::SessionRequest,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/session`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<ByteStream>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::SessionRequest::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/session", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "open_session",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                404u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                408u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                413u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                415u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::close_session`]

[`Client::close_session`]: super::Client::close_session*/
    #[derive(Debug, Clone)]
    pub struct CloseSession<'a> {
        client: &'a super::Client,
    }
    impl<'a> CloseSession<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `DELETE` request to `/session`
        pub async fn send(self) -> Result<ResponseValue<()>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/session", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client.client.delete(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "close_session",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                204u16 => Ok(ResponseValue::empty(response)),
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::list_sources`]

[`Client::list_sources`]: super::Client::list_sources*/
    #[derive(Debug, Clone)]
    pub struct ListSources<'a> {
        client: &'a super::Client,
    }
    impl<'a> ListSources<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/sources`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::SourceList>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/sources", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_sources",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_stats`]

[`Client::read_stats`]: super::Client::read_stats*/
    #[derive(Debug, Clone)]
    pub struct ReadStats<'a> {
        client: &'a super::Client,
    }
    impl<'a> ReadStats<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `GET` request to `/stats`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Stats>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/stats", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_stats",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_server_stats`]

[`Client::read_server_stats`]: super::Client::read_server_stats*/
    #[derive(Debug, Clone)]
    pub struct ReadServerStats<'a> {
        client: &'a super::Client,
        width: Result<Option<types::ReadServerStatsWidth>, String>,
    }
    impl<'a> ReadServerStats<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                width: Ok(None),
            }
        }
        pub fn width<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadServerStatsWidth>,
        {
            self.width = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ReadServerStatsWidth` for width failed".to_string()
                });
            self
        }
        ///Sends a `GET` request to `/stats/server`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::ServerStats>, Error<ByteStream>> {
            let Self { client, width } = self;
            let width = width.map_err(Error::InvalidRequest)?;
            let url = format!("{}/stats/server", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("width", &width))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_server_stats",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::read_timeline`]

[`Client::read_timeline`]: super::Client::read_timeline*/
    #[derive(Debug, Clone)]
    pub struct ReadTimeline<'a> {
        client: &'a super::Client,
        from: Result<Option<types::ReadTimelineFrom>, String>,
        since: Result<Option<types::ReadTimelineSince>, String>,
        to: Result<Option<types::ReadTimelineTo>, String>,
        until: Result<Option<types::ReadTimelineUntil>, String>,
        width: Result<Option<i64>, String>,
    }
    impl<'a> ReadTimeline<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                from: Ok(None),
                since: Ok(None),
                to: Ok(None),
                until: Ok(None),
                width: Ok(None),
            }
        }
        pub fn from<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadTimelineFrom>,
        {
            self.from = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ReadTimelineFrom` for from failed".to_string()
                });
            self
        }
        pub fn since<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadTimelineSince>,
        {
            self.since = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ReadTimelineSince` for since failed".to_string()
                });
            self
        }
        pub fn to<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadTimelineTo>,
        {
            self.to = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `ReadTimelineTo` for to failed".to_string());
            self
        }
        pub fn until<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ReadTimelineUntil>,
        {
            self.until = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `ReadTimelineUntil` for until failed".to_string()
                });
            self
        }
        pub fn width<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.width = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for width failed".to_string());
            self
        }
        ///Sends a `GET` request to `/stats/timeline`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Timeline>, Error<ByteStream>> {
            let Self { client, from, since, to, until, width } = self;
            let from = from.map_err(Error::InvalidRequest)?;
            let since = since.map_err(Error::InvalidRequest)?;
            let to = to.map_err(Error::InvalidRequest)?;
            let until = until.map_err(Error::InvalidRequest)?;
            let width = width.map_err(Error::InvalidRequest)?;
            let url = format!("{}/stats/timeline", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("from", &from))
                .query(&progenitor_client::QueryParam::new("since", &since))
                .query(&progenitor_client::QueryParam::new("to", &to))
                .query(&progenitor_client::QueryParam::new("until", &until))
                .query(&progenitor_client::QueryParam::new("width", &width))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "read_timeline",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                403u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::receive_message`]

[`Client::receive_message`]: super::Client::receive_message*/
    #[derive(Debug, Clone)]
    pub struct ReceiveMessage<'a> {
        client: &'a super::Client,
        body: Result<types::builder::WebhookMessage, String>,
    }
    impl<'a> ReceiveMessage<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::WebhookMessage>,
            <V as std::convert::TryInto<
                types::WebhookMessage,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `WebhookMessage` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::WebhookMessage,
            ) -> types::builder::WebhookMessage,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/webhook`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Acknowledgement>, Error<ByteStream>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::WebhookMessage::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/webhook", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "receive_message",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                404u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                408u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                409u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                413u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                415u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
    /**Builder for [`Client::receive_message_of_source`]

[`Client::receive_message_of_source`]: super::Client::receive_message_of_source*/
    #[derive(Debug, Clone)]
    pub struct ReceiveMessageOfSource<'a> {
        client: &'a super::Client,
        source: Result<::std::string::String, String>,
        body: Result<types::builder::WebhookMessage, String>,
    }
    impl<'a> ReceiveMessageOfSource<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                source: Err("source was not initialized".to_string()),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn source<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.source = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for source failed"
                        .to_string()
                });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::WebhookMessage>,
            <V as std::convert::TryInto<
                types::WebhookMessage,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `WebhookMessage` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::WebhookMessage,
            ) -> types::builder::WebhookMessage,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/webhook/{source}`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Acknowledgement>, Error<ByteStream>> {
            let Self { client, source, body } = self;
            let source = source.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| {
                    types::WebhookMessage::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/webhook/{}", client.baseurl, encode_path(& source.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "receive_message_of_source",
            };
            match (crate::access::prepare)(&client.inner, &mut request).await {
                Ok(_) => {}
                Err(e) => return Err(Error::Custom(e.to_string())),
            }
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                401u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                404u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                408u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                409u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                413u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                414u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                415u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                422u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                429u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                500u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                503u16 => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    pub use self::super::Client;
}
