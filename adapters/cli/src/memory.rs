//! How much memory there is: what bounds connections, bodies and caches where it is little.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The memory that this process may use, in bytes, where something (a container, a systemd unit)
/// limits it: the least of what the control groups that it is in allow.
///
/// The machine's own memory is no such limit: others use it, too, and where it is all that there is
/// the defaults fit.
pub fn limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    files(&groups)
        .iter()
        .filter_map(|file| read(file).ok().flatten())
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
        files.extend(path.ancestors().map(|path| Path::new(mount).join(path).join(file)));
    }
    files
}

/// `None` if it sets no limit.
fn read(file: &Path) -> io::Result<Option<u64>> {
    let text = fs::read_to_string(file)?;
    // Version 2 says `max` where there is no limit; version 1, a number beyond all memory.
    Ok(text.trim().parse().ok().filter(|bytes| *bytes < 1 << 50))
}

/// As much as `wanted`, and no more than one part in `parts` of the memory that there is.
pub fn share(limit: Option<u64>, wanted: usize, parts: u64) -> usize {
    let part = limit.and_then(|limit| usize::try_from(limit / parts).ok());
    part.map_or(wanted, |part| part.min(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(groups: &str) -> Vec<String> {
        let files = files(groups);
        files.iter().map(|file| file.display().to_string()).collect()
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
    fn a_limit_that_is_none_is_none() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("memory.max");
        for (text, limit) in [
            ("max\n", None),
            ("9223372036854771712\n", None),
            ("134217728\n", Some(134_217_728)),
        ] {
            fs::write(&file, text)?;
            assert_eq!(read(&file)?, limit, "{text}");
        }
        Ok(())
    }

    #[test]
    fn a_share_is_no_more_than_is_wanted() {
        assert_eq!(share(None, 100, 4), 100);
        assert_eq!(share(Some(1000), 100, 4), 100);
        assert_eq!(share(Some(100), 100, 4), 25);
    }
}
