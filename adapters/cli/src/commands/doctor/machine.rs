//! What the machine allows: open files, memory, the clock; and whether others may read secrets.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use countersign_core::{Clock as _, Timestamp};

use super::Check;
use crate::{
    clock::SystemClock,
    descriptors, keys,
    memory::{self, Budget},
    settings::{
        Settings,
        layers::{self, Value},
    },
};

/// Before this, no clock is right: this version was not there.
const EARLIEST: &str = "2025-01-01T00:00:00Z";
const LATEST: &str = "2100-01-01T00:00:00Z";

pub fn look(values: &[Value]) -> Vec<Check> {
    let mut checks = vec![year(SystemClock.now())];
    let files = secret_files(values);
    let open: Vec<_> = files.iter().filter_map(|path| readable(path)).collect();
    if open.is_empty() {
        checks.push(Check::ok(
            "permissions",
            format!(
                "{} files with secrets, and others may read none",
                files.len()
            ),
        ));
    }
    checks.extend(open);
    checks
}

/// What fits, of what is wanted.
pub fn limits(settings: &Settings) -> Vec<Check> {
    let wanted = settings.max_connections;
    let (limit, room) = descriptors::look(wanted);
    let limit = limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
    let found = format!("the limit is {limit}, which is room for {room} connections");
    let files = if room < wanted {
        Check::warn(
            "open files",
            format!("{found} of {wanted} (MAX_CONNECTIONS)"),
            "raise the limit (ulimit -n, LimitNOFILE), or set MAX_CONNECTIONS to no more",
        )
    } else {
        Check::ok("open files", found)
    };
    let memory = match memory::limit() {
        None => Check::ok("memory", "nothing limits it"),
        Some(limit) => {
            let room = Budget::new(Some(limit), wanted).connections;
            let found = format!("the limit is {} MiB", limit >> 20);
            if room < wanted {
                Check::warn(
                    "memory",
                    format!("{found}, which is room for {room} connections of {wanted}"),
                    "allow more memory, or set MAX_CONNECTIONS to no more",
                )
            } else {
                Check::ok("memory", found)
            }
        }
    };
    vec![files, memory]
}

fn year(now: Timestamp) -> Check {
    let bound = |text| Timestamp::parse_rfc3339(text).unwrap_or(now);
    let found = format!("it is {now}");
    if now < bound(EARLIEST) || now > bound(LATEST) {
        return Check::fail(
            "clock",
            found,
            "set the machine's clock (NTP): signatures with timestamps are refused, and ends of keys \
             are wrong",
        );
    }
    Check::ok("clock", found)
}

/// `.env`, the files of `*_FILE` settings that hold secrets, and those of the configuration file.
fn secret_files(values: &[Value]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if Path::new(".env").exists() {
        files.push(PathBuf::from(".env"));
    }
    let named = values
        .iter()
        .filter(|value| value.setting.instead_of.is_some())
        .filter_map(|value| value.text.as_ref());
    files.extend(named.map(PathBuf::from));
    if let Some(config) = layers::file_at_start() {
        files.extend(keys::secret_files(config));
    }
    files.sort();
    files.dedup();
    files
}

/// Whether everybody on the machine may read it, and get to where it is. What a container is given to
/// read is its own.
fn readable(path: &Path) -> Option<Check> {
    let mode = |path: &Path| Some(fs::metadata(path).ok()?.permissions().mode() & 0o777);
    let file = path.canonicalize().ok()?;
    let given = path.starts_with("/run/secrets") || file.starts_with("/run/secrets");
    let mut folders = file.ancestors().skip(1);
    let reached = folders.all(|folder| mode(folder).is_none_or(|mode| mode & 0o001 != 0));
    let mode = mode(&file)?;
    (mode & 0o004 != 0 && reached && !given).then(|| {
        Check::warn(
            "permissions",
            format!("everybody may read {} (mode {mode:o})", path.display()),
            format!("chmod o-rwx {}", path.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn what_others_cannot_get_to_they_cannot_read() {
        let folder = std::env::temp_dir().join(format!("countersign-mode-{}", std::process::id()));
        let file = folder.join("secret");
        fs::create_dir(&folder).unwrap();
        fs::write(&file, "x").unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        set(&file, 0o644).unwrap();
        set(&folder, 0o755).unwrap();
        let open = readable(&file);
        set(&folder, 0o700).unwrap();
        let closed = readable(&file);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(open.map(|check| check.level), Some(Level::Warn));
        assert_eq!(closed, None);
    }

    #[test]
    fn a_clock_that_was_never_set_is_noticed() {
        let level = |text: &str| year(Timestamp::parse_rfc3339(text).unwrap()).level;
        assert_eq!(level("1970-01-01T00:02:00Z"), Level::Fail);
        assert_eq!(level("2026-11-25T10:30:00Z"), Level::Ok);
        assert_eq!(level("2222-01-01T00:00:00Z"), Level::Fail);
    }
}
