//! Where reads wait their turn at the store.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{self, Instant},
};

use super::RequestLimits;
use crate::problem::Problem;

/// Lets so many reads at the store at once, and each for so long.
pub struct Desk {
    places: Semaphore,
    polls: Semaphore,
    patience: Duration,
    deadline: Duration,
}

impl Desk {
    pub fn new(limits: &RequestLimits) -> Self {
        let places = |wanted: usize| Semaphore::new(wanted.min(Semaphore::MAX_PERMITS));
        Self {
            places: places(limits.max_reads),
            polls: places(limits.max_polls),
            patience: limits.read_patience,
            deadline: limits.read_deadline,
        }
    }

    /// What the read answers, if there is a place for it soon, and it is done in time.
    ///
    /// # Errors
    /// The read's own, or 503.
    pub async fn read<T>(
        &self,
        read: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let until = Instant::now() + self.deadline;
        let _place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => match time::timeout(self.patience, self.place()).await {
                Ok(place) => place?,
                Err(_) => return Err(busy()),
            },
        };
        match time::timeout_at(until, read).await {
            Ok(read) => read,
            Err(_) => Err(late()),
        }
    }

    /// What a long poll answers that was asked to wait for so long. It has no place at the store: it
    /// takes one whenever it looks ([`Self::place`]).
    ///
    /// # Errors
    /// The poll's own, or 503.
    pub async fn poll<T>(
        &self,
        wait: Duration,
        poll: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let Ok(_waiting) = self.polls.try_acquire() else {
            return Err(crowded());
        };
        match time::timeout(wait + self.deadline, poll).await {
            Ok(polled) => polled,
            Err(_) => Err(late()),
        }
    }

    /// A place at the store, as soon as there is one.
    ///
    /// # Errors
    /// None that happens: the desk is never closed.
    pub async fn place(&self) -> Result<SemaphorePermit<'_>, Problem> {
        let place = self.places.acquire().await;
        place.map_err(|error| Problem::internal(error.to_string()))
    }
}

fn busy() -> Problem {
    Problem::overloaded(
        "as many reads are being answered as this server answers at once; trying again later is \
         safe",
        "there was no place for another read".to_owned(),
    )
}

fn crowded() -> Problem {
    Problem::overloaded(
        "as many long polls are waiting as this server keeps; trying again later may succeed",
        "there is no place for another long poll".to_owned(),
    )
}

fn late() -> Problem {
    Problem::unavailable(
        "the message store did not answer in time; trying again later is safe",
        "the read's deadline has passed".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::timeout;

    use super::*;
    use crate::problem::Kind;

    fn desk(max_reads: usize, max_polls: usize) -> Desk {
        Desk::new(&RequestLimits {
            max_reads,
            max_polls,
            ..RequestLimits::default()
        })
    }

    fn kind(read: Result<(), Problem>) -> Result<(), Kind> {
        read.map_err(|problem| problem.kind)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_waits_a_moment_for_its_place_and_no_longer() {
        let desk = desk(1, 0);
        let begun = Instant::now();
        let first = desk.read(async {
            time::sleep(Duration::from_millis(900)).await;
            Ok(())
        });
        let (first, second) = tokio::join!(first, desk.read(async { Ok(()) }));
        assert_eq!((kind(first), kind(second)), (Ok(()), Ok(())));
        assert_eq!(begun.elapsed(), Duration::from_millis(900));

        let hanging = desk.read(pending());
        let late = async {
            time::sleep(Duration::from_millis(1)).await;
            let begun = Instant::now();
            let refused = kind(desk.read(async { Ok(()) }).await);
            (refused, begun.elapsed())
        };
        let (hung, (refused, waited)) = tokio::join!(hanging, late);
        assert_eq!(refused, Err(Kind::Overload));
        assert_eq!(waited, Duration::from_secs(1));
        assert_eq!(kind(hung), Err(Kind::Unavailable));
        assert_eq!(kind(desk.read(async { Ok(()) }).await), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_has_its_time_and_a_poll_its_wait_beside() {
        let desk = desk(1, 1);
        let begun = Instant::now();
        assert_eq!(kind(desk.read(pending()).await), Err(Kind::Unavailable));
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
        let begun = Instant::now();
        let poll = desk.poll(Duration::from_secs(30), pending());
        assert_eq!(kind(poll.await), Err(Kind::Unavailable));
        assert_eq!(begun.elapsed(), Duration::from_secs(40));
    }

    #[tokio::test(start_paused = true)]
    async fn one_poll_too_many_is_refused_at_once_and_polls_do_not_keep_reads_away() {
        let desk = desk(1, 1);
        let waiting = desk.poll(Duration::from_secs(1), pending::<Result<(), Problem>>());
        let others = async {
            let poll = desk.poll(Duration::ZERO, async { Ok(()) });
            let begun = Instant::now();
            assert_eq!(kind(poll.await), Err(Kind::Overload));
            assert_eq!(begun.elapsed(), Duration::ZERO);
            assert_eq!(kind(desk.read(async { Ok(()) }).await), Ok(()));
        };
        let both = async { tokio::join!(waiting, others) };
        assert!(timeout(Duration::from_secs(1), both).await.is_err());
        let free = desk.poll(Duration::ZERO, async { Ok(()) });
        assert_eq!(kind(free.await), Ok(()));
    }
}
