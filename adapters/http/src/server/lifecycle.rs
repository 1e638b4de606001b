//! How far a server is on its way to its end.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    Serving,
    /// It still accepts connections and answers, and says that it stops.
    Draining,
    /// It accepts no connection any more, and ends those that there are.
    Finishing,
}

/// Known to whoever has to say it.
pub struct Lifecycle {
    /// The same as in the channel, which takes a lock: this is asked at every answer.
    stage: AtomicU8,
    entered: watch::Sender<Stage>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            stage: AtomicU8::new(Stage::Serving as u8),
            entered: watch::Sender::new(Stage::Serving),
        }
    }
}

impl Lifecycle {
    /// Whether the server is about to end, so that nothing new should be begun with it.
    pub fn is_stopping(&self) -> bool {
        self.stage.load(Ordering::Relaxed) >= Stage::Draining as u8
    }

    pub(super) fn is_finishing(&self) -> bool {
        self.stage.load(Ordering::Relaxed) >= Stage::Finishing as u8
    }

    pub(super) fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
        self.entered.send_replace(stage);
    }

    /// Waits for a stage, or one behind it.
    pub(super) async fn reaches(&self, stage: Stage) {
        // The sender lives as long as `self`.
        let _ = self.entered.subscribe().wait_for(|now| *now >= stage).await;
    }
}
