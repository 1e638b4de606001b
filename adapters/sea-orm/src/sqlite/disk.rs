//! Whether the file system can take something.

use std::path::Path;

use countersign_core::Finding;
use rustix::{
    fs::{StatVfs, StatVfsMountFlags},
    io::Errno,
};

/// With less than this there is no room for the largest message, with its id in the index and its
/// text in four-byte characters, twice.
const NEARLY_FULL: u64 = 64 * 1024;

/// Asks the file system of this folder. It may hang, if the file system does.
pub fn look(folder: &Path) -> Finding {
    let disk = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk,
        Err(error) => return Finding::failed("the disk does not answer", error),
    };
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        let cause = "the file system is mounted read-only";
        return Finding::failed("the disk may only be read", cause);
    }
    let free = free(&disk);
    if free < NEARLY_FULL {
        let cause = format!("{free} bytes are free");
        return Finding::failed("the disk is nearly full", cause);
    }
    match make_file(folder) {
        Err(error @ Errno::ROFS) => Finding::failed("the disk may only be read", error),
        Err(error @ Errno::IO) => Finding::failed("the disk fails", error),
        // What else may be wrong with a new file need not be wrong with those that are open.
        Ok(()) | Err(_) => Finding::Ok,
    }
}

/// How many bytes this process may still write to the file system of this folder, if that says so.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    Some(free(&rustix::fs::statvfs(folder).ok()?))
}

/// How many bytes this process may still write.
fn free(disk: &StatVfs) -> u64 {
    // Some is kept for root.
    let blocks = if rustix::process::geteuid().is_root() {
        disk.f_bfree
    } else {
        disk.f_bavail
    };
    blocks.saturating_mul(disk.f_frsize)
}

/// Makes a file without a name, which is gone at once. A file system that has shut itself down after
/// an error may still call itself mounted for writing, as ext4 of recent kernels does, and be well
/// for whoever writes nothing.
#[cfg(target_os = "linux")]
fn make_file(folder: &Path) -> rustix::io::Result<()> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).map(drop)
}

/// Elsewhere no file can be made that has no name.
#[cfg(not(target_os = "linux"))]
fn make_file(_folder: &Path) -> rustix::io::Result<()> {
    Ok(())
}
