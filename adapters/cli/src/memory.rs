//! How much memory there is: what bounds connections, bodies and caches where it is little.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use countersign_core::RepeatLimits;
use countersign_group_commit::Limits;
use countersign_http::{LiveOptions, RequestLimits};

/// The memory that this process may use, in bytes, where something (a container, a systemd unit)
/// limits it: the least of what the control groups that it is in allow.
///
/// The machine's own memory is no such limit: others use it, too, and where it is all that there is
/// the defaults fit.
pub fn limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    files(&groups)
        .iter()
        .filter_map(|file| allowed(&fs::read_to_string(file).ok()?))
        .min()
}

/// Which files may say so. Of version 2 there is one line, `0::/PATH`, and of version 1 one for each
/// controller, `N:memory:/PATH`. In a container the path may be the host's, and the container's own
/// group is what is mounted; a group above may allow less.
fn files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for group in groups.lines() {
        let mut fields = group.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (mount, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|name| name == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let path = Path::new(path.trim_start_matches('/'));
        // The last of them is the empty path: what is mounted itself.
        files.extend(
            path.ancestors()
                .map(|path| Path::new(mount).join(path).join(file)),
        );
    }
    files
}

/// `None` if there is no limit, which version 2 says as `max`, and version 1 as a number beyond all
/// memory.
fn allowed(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < 1 << 50)
}

/// As much as `wanted`, and no more than one part in `parts` of the memory that there is.
fn share(limit: Option<u64>, wanted: usize, parts: u64) -> usize {
    let part = limit.and_then(|limit| usize::try_from(limit / parts).ok());
    part.map_or(wanted, |part| part.min(wanted))
}

/// What is kept in memory, by what bounds it.
///
/// The defaults fit where there is enough; where there is little, each is a part of what there is,
/// so that all of them together, at their worst, leave room for everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Connections, each of which may hold the head of a request and the beginning of its body.
    pub connections: usize,
    /// Bytes of bodies that are being received.
    pub bodies: usize,
    /// Bytes of answers that wait for their clients.
    pub answers: usize,
    /// Bytes of messages that are sent to streams.
    pub streams: usize,
    /// Bytes of messages that wait to be written.
    pub queue: usize,
    /// Bytes of what is remembered of messages that came again, until that is written.
    pub repeats: usize,
    /// Bytes of messages in one transaction.
    pub batch: usize,
    /// Bytes that SQLite may take; without it, as many as its caches hold.
    pub sqlite: Option<NonZeroUsize>,
}

/// What a connection takes while a message comes by it: its buffers, and the request at what it is
/// at. An idle one takes a quarter.
const CONNECTION: usize = 48 * 1024;

impl Budget {
    /// With as many connections as are wanted, if there is room.
    pub fn new(limit: Option<u64>, connections: usize) -> Self {
        let (request, queue) = (RequestLimits::default(), Limits::default());
        let connections_bytes = connections.saturating_mul(CONNECTION);
        let budget = Self {
            connections: share(limit, connections_bytes, 4).div_ceil(CONNECTION),
            bodies: share(limit, request.body_memory, 8),
            answers: share(limit, request.answer_memory, 8),
            streams: share(limit, LiveOptions::default().memory, 16),
            queue: share(limit, queue.queue_bytes.get(), 8),
            repeats: share(limit, RepeatLimits::default().bytes, 64),
            batch: share(limit, queue.batch_bytes.get(), 32),
            sqlite: limit
                .and_then(|limit| NonZeroUsize::new(usize::try_from(limit / 8).ok()?))
                .filter(|bytes| *bytes < SQLITE),
        };
        if let Some(limit) = limit {
            tracing::info!(
                memory_limit_mib = limit >> 20,
                max_connections = budget.connections,
                "memory is limited"
            );
        }
        budget
    }
}

/// What SQLite's caches hold at the most, by themselves.
const SQLITE: NonZeroUsize = const { NonZeroUsize::new(160 * 1024 * 1024).unwrap() };

#[cfg(test)]
mod tests {
    use super::*;

    fn names(groups: &str) -> Vec<String> {
        let files = files(groups);
        files
            .iter()
            .map(|file| file.display().to_string())
            .collect()
    }

    #[test]
    fn both_versions_are_looked_for_where_they_are() {
        assert_eq!(names("0::/"), ["/sys/fs/cgroup/memory.max"]);
        assert_eq!(
            names("0::/system.slice/countersign.service\n"),
            [
                "/sys/fs/cgroup/system.slice/countersign.service/memory.max",
                "/sys/fs/cgroup/system.slice/memory.max",
                "/sys/fs/cgroup/memory.max",
            ]
        );
        assert_eq!(
            names("9:name=systemd:/x\n5:cpu,memory:/docker/1:2\n1:cpu:/\nnonsense"),
            [
                "/sys/fs/cgroup/memory/docker/1:2/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        );
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn a_limit_that_is_none_is_none() {
        for (text, limit) in [
            ("max\n", None),
            ("9223372036854771712\n", None),
            ("134217728\n", Some(134_217_728)),
        ] {
            assert_eq!(allowed(text), limit, "{text}");
        }
    }

    #[test]
    fn where_there_is_enough_everything_is_as_it_is_by_default() {
        let usual = Budget::new(None, 10_000);
        assert_eq!(usual.connections, 10_000);
        assert_eq!(usual.sqlite, None);
        assert_eq!(Budget::new(Some(8 << 30), 10_000), usual);
    }

    #[test]
    fn where_there_is_little_all_together_leaves_room() {
        for limit in [64 << 20, 128 << 20, 512 << 20, 1 << 30] {
            let budget = Budget::new(Some(limit), 10_000);
            let all = budget.connections * CONNECTION
                + budget.bodies
                + budget.answers
                + budget.streams
                + budget.queue
                + budget.repeats
                + budget.batch
                + budget.sqlite.map_or(SQLITE, |bytes| bytes).get();
            assert!(all as u64 <= limit * 7 / 8, "{limit}: {budget:?}");
            assert!(budget.connections >= 300, "{limit}: {budget:?}");
        }
    }

    #[test]
    fn a_share_is_no_more_than_is_wanted() {
        assert_eq!(share(None, 100, 4), 100);
        assert_eq!(share(Some(1000), 100, 4), 100);
        assert_eq!(share(Some(100), 100, 4), 25);
    }
}
