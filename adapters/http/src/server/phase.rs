//! What a connection is at, since when, and what it may be told to do.

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nothing has come yet.
    New,
    /// A part of a request's head has come.
    Head,
    /// The head of a request was whole, and its body is not yet.
    Body,
    /// A request is being handled or answered.
    Handling,
    /// A request was answered, and nothing has come since.
    Idle,
    /// All is said, and the client has not closed yet.
    Closing,
}

impl Phase {
    const ALL: [Self; 6] = [
        Self::New,
        Self::Head,
        Self::Body,
        Self::Handling,
        Self::Idle,
        Self::Closing,
    ];

    /// Whether it is the client's turn: nothing that this server has taken on is lost if the
    /// connection ends.
    pub fn is_waiting(self) -> bool {
        self != Self::Handling
    }

    /// Whether there is a request that waits for its answer, or for the end of it.
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Body | Self::Handling)
    }
}

/// A phase, and since when: milliseconds of the server's [`Ticks`](super::ticks::Ticks).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    pub phase: Phase,
    pub since: u64,
}

const PHASE_BITS: u32 = 3;

impl Since {
    pub const fn pack(self) -> u64 {
        self.since << PHASE_BITS | self.phase as u64
    }

    pub fn unpack(packed: u64) -> Self {
        let phase = packed & ((1 << PHASE_BITS) - 1);
        Self {
            // Nothing else is ever packed.
            phase: usize::try_from(phase)
                .ok()
                .and_then(|index| Phase::ALL.get(index).copied())
                .unwrap_or(Phase::Handling),
            since: packed >> PHASE_BITS,
        }
    }
}

/// What a connection is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Order {
    /// To end with the answer that it is at: the server stops.
    Finish = 1,
    /// To end, because nothing has come for as long as there is time at the stop.
    Quiet,
    /// To end, because a head was not whole in time.
    HeaderTimeout,
    /// To end, because it was idle for too long.
    KeepAliveTimeout,
    /// To end, to make room for another one.
    Evict,
    /// To end, because its client has been told all and does not close.
    Lingered,
    /// To end, because its client takes nothing, or too little.
    Stalled,
    /// To end, whatever it is at.
    Cut,
}

impl Order {
    pub const ALL: [Self; 8] = [
        Self::Finish,
        Self::Quiet,
        Self::HeaderTimeout,
        Self::KeepAliveTimeout,
        Self::Evict,
        Self::Lingered,
        Self::Stalled,
        Self::Cut,
    ];

    /// Whether it holds only as long as nothing comes.
    pub fn is_for_the_waiting(self) -> bool {
        !matches!(self, Self::Finish | Self::Stalled | Self::Cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_is_packed_and_unpacked() {
        for phase in Phase::ALL {
            for since in [0, 1, 1 << 40] {
                let at = Since { phase, since };
                assert_eq!(Since::unpack(at.pack()), at);
            }
        }
    }
}
