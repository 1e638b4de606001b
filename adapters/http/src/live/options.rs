use std::time::Duration;

/// How streams of messages are kept.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// How many streams may be open at once; the next one is answered 503.
    pub max_streams: usize,
    /// How many bytes of messages are kept for all streams together, until their clients have taken
    /// them, beside 16 KiB for each stream: half of it rendered once for all, half for those that
    /// catch up or have a filter. Where it is used up, streams send less at a time.
    pub memory: usize,
    /// After how long without a message a stream says that it is alive.
    pub ping: Duration,
    /// After how long a client that lost its stream should ask for it again.
    pub retry: Duration,
}

impl Default for LiveOptions {
    /// 1,000 streams, 48 MiB, and a sign of life every 15 s: the usual proxies close what is quiet for 60.
    fn default() -> Self {
        Self {
            max_streams: 1000,
            memory: 48 * 1024 * 1024,
            ping: Duration::from_secs(15),
            retry: Duration::from_secs(2),
        }
    }
}
