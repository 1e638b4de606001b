//! How much is folded at once, and when.

use std::time::Duration;

use super::FoldLag;

/// How many messages are folded together, if there are so many; more where the lag is large: a
/// page is then written once for more of them.
const STEP: usize = 8_192;
const LARGE_STEP: usize = 65_536;
const LARGE_LAG: u64 = 100_000;

/// How many bytes of texts are folded together, however few messages they are of: taken apart, a
/// text takes a dozen times as much memory.
pub const STEP_BYTES: usize = 4 * 1024 * 1024;

/// So many messages, or one so old, are worth a step.
const WORTHWHILE: u64 = 1_000;
const PATIENCE: Duration = Duration::from_millis(750);

/// Where more messages than this a second arrive, ingest is busy, and the fold rests three times as
/// long as it works: what it does then keeps up with 15,000 messages a second, and more wait until
/// there is time. Unless it lags by more than the last number, which reads would feel.
const BUSY: f64 = 2_000.0;
const REST: u32 = 3;
const TOO_FAR_BEHIND: u64 = 200_000;

/// The pace, and what has been said of it.
#[derive(Debug, Default)]
pub struct Pace {
    far_behind: bool,
}

impl Pace {
    /// How often it is looked whether a step is worthwhile.
    pub const LOOK: Duration = Duration::from_millis(50);

    /// How long nothing is tried after a failure.
    pub const AFTER_FAILURE: Duration = Duration::from_secs(5);

    /// Whether a step is worthwhile.
    pub fn is_worthwhile(lag: FoldLag) -> bool {
        lag.messages >= WORTHWHILE || (lag.messages > 0 && lag.age >= PATIENCE)
    }

    /// How many messages the step takes.
    pub const fn step(lag: FoldLag) -> usize {
        if lag.messages > LARGE_LAG {
            LARGE_STEP
        } else {
            STEP
        }
    }

    /// How long to wait after a step that took so long, while so many messages arrived.
    pub fn rest(lag: FoldLag, took: Duration, arrived: i64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let busy = arrived as f64 > BUSY * took.as_secs_f64();
        if busy && lag.messages < TOO_FAR_BEHIND {
            took * REST
        } else {
            Duration::ZERO
        }
    }

    /// Says it when a large lag begins and ends: the lag before a step, and the one after it.
    pub fn report(&mut self, before: FoldLag, after: FoldLag) {
        match (self.far_behind, before.messages > LARGE_LAG) {
            (false, true) => tracing::info!(
                messages = after.messages,
                "the index is brought up to date; until then, reads are exact, but slower"
            ),
            (true, false) => tracing::info!("the index is up to date"),
            _ => {}
        }
        self.far_behind = before.messages > LARGE_LAG;
    }
}
