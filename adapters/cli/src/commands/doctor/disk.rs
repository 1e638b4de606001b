//! The folder that an SQLite database is in: can it be written to durably, and how much is left?

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use countersign_core::{Clock as _, Timestamp};

use super::Check;
use crate::clock::SystemClock;

/// A sync takes a few milliseconds at most disks, and this is what every lone message waits for.
const SLOW: Duration = Duration::from_millis(50);

/// With less, one should see to it; with less than the second, the index is not written any more.
const LITTLE: u64 = 1 << 30;
const NONE: u64 = 64 << 20;

/// By how much the file system's clock may be off, in microseconds.
const CLOCK: i64 = 2_000_000;

pub fn look(folder: &Path) -> Vec<Check> {
    let mut checks = vec![room(folder), kind(folder)];
    checks.extend(probe(folder));
    checks
}

fn room(folder: &Path) -> Check {
    const NAME: &str = "free disk";
    let disk = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk,
        Err(error) => {
            let found = format!("{} does not answer: {error}", folder.display());
            return Check::fail(NAME, found, "is the disk there and mounted?");
        }
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let found = format!("{} MiB are free in {}", free >> 20, folder.display());
    let fix = "make room, or set RETENTION_DAYS: messages are refused (503) when it is full";
    match free {
        ..NONE => Check::fail(NAME, found, fix),
        NONE..LITTLE => Check::warn(NAME, found, fix),
        _ => Check::ok(NAME, found),
    }
}

/// What a file system is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fitness {
    Local,
    /// Its files go with the container or the machine's memory.
    Fleeting,
    /// It may be anything.
    Unknown,
    /// SQLite's locks and its write-ahead log need one machine.
    Network,
}

/// The numbers are of Linux (`statfs(2)`).
const fn fitness(magic: u64) -> (&'static str, Fitness) {
    match magic {
        0xEF53 => ("ext4", Fitness::Local),
        0x5846_5342 => ("xfs", Fitness::Local),
        0x9123_683E => ("btrfs", Fitness::Local),
        0x2FC1_2FC1 => ("zfs", Fitness::Local),
        0xF2F5_2010 => ("f2fs", Fitness::Local),
        0x0102_1994 => ("tmpfs", Fitness::Fleeting),
        0x8584_58F6 => ("ramfs", Fitness::Fleeting),
        0x794C_7630 => ("overlay", Fitness::Fleeting),
        0x6969 => ("nfs", Fitness::Network),
        0x517B => ("smb", Fitness::Network),
        0xFF53_4D42 => ("cifs", Fitness::Network),
        0xFE53_4D42 => ("smb2", Fitness::Network),
        0x00C3_6400 => ("ceph", Fitness::Network),
        0x5346_414F => ("afs", Fitness::Network),
        0x0102_1997 => ("9p", Fitness::Unknown),
        0x6573_5546 => ("fuse", Fitness::Unknown),
        _ => ("unknown", Fitness::Unknown),
    }
}

#[cfg(target_os = "linux")]
fn kind(folder: &Path) -> Check {
    match rustix::fs::statfs(folder) {
        // It is signed on some machines, and 32 bits wide on all.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "see above"
        )]
        Ok(disk) => judged(u64::from(disk.f_type as u32)),
        Err(error) => Check::warn(
            "file system",
            format!("its type cannot be asked for: {error}"),
            "see that it is a local one",
        ),
    }
}

#[cfg(not(target_os = "linux"))]
fn kind(_folder: &Path) -> Check {
    Check::ok("file system", "its type is not known on this system")
}

fn judged(magic: u64) -> Check {
    const NAME: &str = "file system";
    let (name, fitness) = fitness(magic);
    let found = match name {
        "unknown" => format!("its type is {magic:#x}"),
        name => name.to_owned(),
    };
    match fitness {
        Fitness::Local => Check::ok(NAME, found),
        Fitness::Fleeting => Check::warn(
            NAME,
            found,
            "what is on it may be gone with the container or the machine: put the database on a \
             volume",
        ),
        Fitness::Unknown => Check::warn(
            NAME,
            found,
            "see that it is on a local disk: SQLite loses messages on network file systems",
        ),
        Fitness::Network => Check::fail(
            NAME,
            found,
            "SQLite must be on a local disk; for several machines, use PostgreSQL",
        ),
    }
}

/// Writes and syncs a file of its own, and takes it away.
fn probe(folder: &Path) -> Vec<Check> {
    const NAME: &str = "write + fsync";
    let path = folder.join(format!(".countersign-doctor-{}", std::process::id()));
    let written = write(&path);
    // Also what was only begun.
    let removed = fs::remove_file(&path);
    match written.and_then(|written| removed.map(|()| written)) {
        Ok((median, stamped)) => {
            let found = format!(
                "{:.1} ms, the median of five",
                median.as_secs_f64() * 1000.0
            );
            let durable = if median > SLOW {
                let fix = "a message that comes alone waits for that: use a faster disk";
                Check::warn(NAME, found, fix)
            } else {
                Check::ok(NAME, found)
            };
            [Some(durable), clock(stamped)]
                .into_iter()
                .flatten()
                .collect()
        }
        Err(error) => vec![Check::fail(
            NAME,
            format!("{}: {error}", folder.display()),
            "let this user write to the folder, and see that the disk is neither full nor read-only",
        )],
    }
}

fn write(path: &Path) -> io::Result<(Duration, SystemTime)> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    let mut times = [Duration::ZERO; 5];
    for time in &mut times {
        let began = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_all()?;
        *time = began.elapsed();
    }
    times.sort_unstable();
    Ok((times[2], file.metadata()?.modified()?))
}

/// The file system of another machine has that one's clock.
fn clock(stamped: SystemTime) -> Option<Check> {
    let since = stamped.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let stamped = Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?)?;
    let off = stamped.micros().saturating_sub(SystemClock.now().micros());
    (off.abs() > CLOCK).then(|| {
        Check::warn(
            "clock",
            format!("the file system's is {:+} ms off", off / 1000),
            "keep both by NTP",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn file_systems_are_told_apart() {
        assert_eq!(judged(0xEF53).level, Level::Ok);
        assert_eq!(judged(0x794C_7630).level, Level::Warn);
        assert_eq!(judged(0x6969).level, Level::Fail);
        assert_eq!(judged(1).level, Level::Warn);
    }

    #[test]
    fn the_probe_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("countersign-probe-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let checks = probe(&folder);
        assert_ne!(checks[0].level, Level::Fail, "{checks:?}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
        assert_eq!(probe(&folder)[0].level, Level::Fail);
    }
}
