//! File descriptors: every connection takes one, and so does everything else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many are kept for the database, logs, timers, and connections that are being refused.
const RESERVE: u64 = 64;

/// Raises the limit as far as it may be raised, and says how many connections there can be, of as
/// many as are wanted.
///
/// A low soft limit is kept for programs that use `select`, which this one does not.
pub fn room_for_connections(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    // Without it, what there is must do.
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(_) => current,
    };
    let room = limit.map_or(wanted, |limit| room(limit, wanted));
    tracing::info!(
        max_connections = room,
        open_files_limit = limit,
        "there is room for connections"
    );
    if room < wanted {
        tracing::warn!(
            wanted,
            help = "raise the limit of open files (ulimit -n, LimitNOFILE), or set \
                    MAX_CONNECTIONS to no more",
            "the limit of open files allows fewer connections than MAX_CONNECTIONS"
        );
    }
    room
}

/// The limit that a server would have, if there is one, and how many connections that allows, of as
/// many as are wanted.
pub fn look(wanted: usize) -> (Option<u64>, usize) {
    let limit = getrlimit(Resource::Nofile).maximum;
    (limit, limit.map_or(wanted, |limit| room(limit, wanted)))
}

fn room(limit: u64, wanted: usize) -> usize {
    // Of a tiny limit, a quarter is for connections: the database, its readers, the log and the
    // runtime take about forty.
    let room = (limit - RESERVE.min(limit - limit / 4)).max(1);
    usize::try_from(room).map_or(wanted, |room| room.min(wanted))
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn something_is_left_for_everything_else() {
        assert_eq!(room(1_048_576, 10_000), 10_000);
        assert_eq!(room(1024, 10_000), 960);
        assert_eq!(room(100, 10_000), 36);
        assert_eq!(room(64, 10_000), 16);
        assert_eq!(room(4, 10_000), 1);
        assert_eq!(room(1024, 8), 8);
    }
}
