//! A limit on memory, as containers have it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// A memory cgroup, of version 1 or 2, until it is dropped.
pub struct MemoryLimit {
    folder: PathBuf,
    unified: bool,
}

impl MemoryLimit {
    /// `None` where there is none that may be made.
    pub fn new(bytes: u64) -> anyhow::Result<Option<Self>> {
        let name = format!("countersign-torture-{}", std::process::id());
        for (root, unified, limit, swap) in [
            (
                "/sys/fs/cgroup/memory",
                false,
                "memory.limit_in_bytes",
                "memory.memsw.limit_in_bytes",
            ),
            ("/sys/fs/cgroup", true, "memory.max", "memory.swap.max"),
        ] {
            let folder = Path::new(root).join(&name);
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            let group = Self { folder, unified };
            let limited = match fs::write(group.folder.join(limit), bytes.to_string()) {
                Ok(()) => true,
                // A folder that is none of the kind, or a controller that is not there.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => false,
                Err(error) => return Err(error).context("the memory cgroup takes no limit"),
            };
            if limited {
                // Not every kernel accounts for swap.
                let _ = fs::write(
                    group.folder.join(swap),
                    if unified { 0 } else { bytes }.to_string(),
                );
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// What a shell does to get into it.
    pub fn enter(&self) -> String {
        format!("echo $$ >'{}/cgroup.procs'", self.folder.display())
    }

    /// How often something in it was killed for its memory.
    pub fn kills(&self) -> anyhow::Result<u64> {
        let file = if self.unified {
            "memory.events"
        } else {
            "memory.oom_control"
        };
        let text = fs::read_to_string(self.folder.join(file))?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("oom_kill "))
            .context("the cgroup does not count kills")?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for MemoryLimit {
    fn drop(&mut self) {
        // It goes when nothing is in it any more.
        let _ = fs::remove_dir(&self.folder);
    }
}
