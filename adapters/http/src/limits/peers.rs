//! How many requests one client may send: counted.

use std::{
    hash::RandomState,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::StateStore,
};
use hashlink::LruCache;
use poem::{
    Response,
    http::{HeaderName, HeaderValue, header},
};

use super::RateLimit;
use crate::problem::{Kind, Problem};

/// The fields of draft-ietf-httpapi-ratelimit-headers, by which clients can see how much they may
/// send, and slow down in time.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Of how many networks it is known how much they have sent: a few megabytes. The one that was
/// heard of the longest ago is forgotten for a new one, so that it may send as much as a new one.
const NETWORKS: usize = 65_536;

/// Counts requests by where they come from.
pub struct Peers<C: Clock = MonotonicClock> {
    limiter: RateLimiter<Network, Recent, C, StateInformationMiddleware>,
    /// Until one request comes back.
    period: Duration,
    policy: HeaderValue,
}

/// What a client may still send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// At once.
    remaining: u32,
    /// After at most how many seconds it is more.
    more_in: u64,
}

impl Peers {
    pub fn new(rate: RateLimit) -> Self {
        Self::with(rate, NETWORKS, MonotonicClock)
    }
}

impl<C: Clock> Peers<C> {
    fn with(rate: RateLimit, networks: usize, clock: C) -> Self {
        // A token bucket. It has a period, because that is never zero.
        let quota = Quota::with_period(rate.period())
            .unwrap_or(Quota::per_second(rate.requests()))
            .allow_burst(rate.requests());
        let (q, w) = (rate.requests(), rate.seconds());
        Self {
            limiter: RateLimiter::new(quota, Recent::new(networks), clock),
            period: rate.period(),
            policy: value(&format!("\"peer\";q={q};w={w}")),
        }
    }

    /// Counts a request that comes from there.
    ///
    /// # Errors
    /// If it is one too many; it does not count, then.
    pub fn count(&self, address: Option<IpAddr>) -> Result<Allowance, Allowance> {
        match self.limiter.check_key(&Network::of(address)) {
            Ok(left) => Ok(Allowance {
                remaining: left.remaining_burst_capacity(),
                more_in: whole_seconds(self.period),
            }),
            Err(not_yet) => Err(Allowance {
                remaining: 0,
                more_in: whole_seconds(not_yet.wait_time_from(self.limiter.clock().now())),
            }),
        }
    }

    /// Tells the client what it may still send.
    pub fn tell(&self, allowance: Allowance, response: &mut Response) {
        for (name, value) in self.fields(allowance) {
            response.headers_mut().insert(name, value);
        }
    }

    /// The answer to one request too many.
    pub fn refuse(&self, allowance: Allowance) -> Problem {
        let problem = Problem::new(
            Kind::RateLimited,
            "more requests come from this address than this server takes from one; trying again \
             later is safe",
        )
        .with_header(header::RETRY_AFTER, allowance.more_in.into());
        let fields = self.fields(allowance).into_iter();
        fields.fold(problem, |problem, (name, value)| {
            problem.with_header(name, value)
        })
    }

    fn fields(&self, allowance: Allowance) -> [(HeaderName, HeaderValue); 2] {
        let Allowance { remaining, more_in } = allowance;
        let limit = format!("\"peer\";r={remaining};t={more_in}");
        [(POLICY, self.policy.clone()), (LIMIT, value(&limit))]
    }
}

/// Of a text that is ASCII.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Rounded up, so that who waits so long has waited long enough.
fn whole_seconds(time: Duration) -> u64 {
    let begun = u64::from(time.subsec_nanos() > 0);
    (time.as_secs() + begun).max(1)
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    V4(u32),
    /// The first 64 bits: the others, whoever has a network of IPv6 chooses at will.
    V6(u64),
    Unknown,
}

impl Network {
    fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.to_bits()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6(
                    [a, b, c, d]
                        .into_iter()
                        .fold(0, |network, segment| network << 16 | u64::from(segment)),
                )
            }
            None => Self::Unknown,
        }
    }
}

/// The networks that were heard of last. Its hasher has a key of its own at every start: strangers
/// choose their addresses, up to a point.
struct Recent(Mutex<LruCache<Network, Nanos, RandomState>>);

impl Recent {
    fn new(networks: usize) -> Self {
        Self(Mutex::new(LruCache::with_hasher(
            networks,
            RandomState::new(),
        )))
    }
}

impl StateStore for Recent {
    type Key = Network;

    fn measure_and_replace<T, F, E>(&self, network: &Network, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // Nothing panics between two changes that belong together.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Looking is hearing of it, also where it is refused.
        let (measured, until) = measure(kept.get(network).copied())?;
        kept.insert(*network, until);
        Ok(measured)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const CLIENT: &str = "203.0.113.1";
    const OTHER: &str = "203.0.113.2";

    fn peers(rate: &str, networks: usize) -> (Peers<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (
            Peers::with(rate.parse().unwrap(), networks, clock.clone()),
            clock,
        )
    }

    fn count(peers: &Peers<FakeRelativeClock>, address: &str) -> Result<Allowance, Allowance> {
        peers.count(Some(address.parse().unwrap()))
    }

    fn left(remaining: u32, more_in: u64) -> Allowance {
        Allowance { remaining, more_in }
    }

    #[test]
    fn so_many_at_once_and_then_one_by_one() {
        let (peers, clock) = peers("3/60", 10);
        for remaining in [2, 1, 0] {
            assert_eq!(count(&peers, CLIENT), Ok(left(remaining, 20)));
        }
        assert_eq!(count(&peers, CLIENT), Err(left(0, 20)));
        // What is refused does not count.
        clock.advance(Duration::from_millis(19_001));
        assert_eq!(count(&peers, CLIENT), Err(left(0, 1)));
        clock.advance(Duration::from_millis(999));
        assert_eq!(count(&peers, CLIENT), Ok(left(0, 20)));
        assert_eq!(count(&peers, CLIENT), Err(left(0, 20)));
        // What comes back comes back evenly, and never to more than it was.
        clock.advance(Duration::from_secs(40));
        assert_eq!(count(&peers, CLIENT), Ok(left(1, 20)));
        clock.advance(Duration::from_hours(1));
        for remaining in [2, 1, 0] {
            assert_eq!(count(&peers, CLIENT), Ok(left(remaining, 20)));
        }
        assert_eq!(count(&peers, CLIENT), Err(left(0, 20)));
    }

    #[test]
    fn exactly_as_many_as_it_says_and_who_waits_as_told_is_served() {
        let (peers, clock) = peers("600/60", 10);
        let served = (0..1_000).filter(|_| count(&peers, CLIENT).is_ok());
        assert_eq!(served.count(), 600);
        let Err(told) = count(&peers, CLIENT) else {
            panic!("it is served");
        };
        clock.advance(Duration::from_secs(told.more_in));
        let served = (0..1_000).filter(|_| count(&peers, CLIENT).is_ok());
        assert_eq!(served.count(), 10, "ten a second");
    }

    #[test]
    fn each_network_has_its_own() {
        let (peers, _clock) = peers("1/60", 100);
        for (first, same, other) in [
            (CLIENT, CLIENT, OTHER),
            ("198.51.100.1", "::ffff:198.51.100.1", "::ffff:198.51.100.2"),
            (
                "2001:db8::1",
                "2001:db8::ffff:ffff:ffff:ffff",
                "2001:db8:0:1::1",
            ),
            ("::1", "::2", "0:0:0:1::1"),
        ] {
            assert!(count(&peers, first).is_ok(), "{first}");
            assert!(count(&peers, same).is_err(), "{same}");
            assert!(count(&peers, other).is_ok(), "{other}");
        }
        // Those of whom nothing is known have one together.
        assert!(peers.count(None).is_ok());
        assert!(peers.count(None).is_err());
    }

    #[test]
    fn the_one_that_was_heard_of_the_longest_ago_is_forgotten() {
        let (peers, _clock) = peers("1/60", 2);
        assert!(count(&peers, CLIENT).is_ok());
        assert!(count(&peers, OTHER).is_ok());
        // It is heard of, though it is refused.
        assert!(count(&peers, CLIENT).is_err());
        assert!(count(&peers, "203.0.113.3").is_ok());
        assert!(count(&peers, CLIENT).is_err());
        assert!(count(&peers, OTHER).is_ok(), "it was forgotten");
        let kept = peers.limiter.into_state_store().0.into_inner().unwrap();
        assert_eq!(kept.len(), 2);
    }

    #[test]
    fn a_refusal_says_when_to_come_back() {
        let (peers, _clock) = peers("600/60", 10);
        let problem = peers.refuse(left(0, 7));
        let said = |name: &str| {
            let header = problem.headers.iter().find(|(known, _)| known == name);
            header.and_then(|(_, value)| value.to_str().ok())
        };
        assert_eq!(said("retry-after"), Some("7"));
        assert_eq!(said("ratelimit"), Some("\"peer\";r=0;t=7"));
        assert_eq!(said("ratelimit-policy"), Some("\"peer\";q=600;w=60"));
    }
}
