//! What a system call does to the files in one folder, or tells a client.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use crate::trace::{Argument, Call, NEVER};

/// The system calls that strace has to follow: all that SQLite and tokio use, and those that one
/// could use instead, so that [`from_call`] can refuse them.
pub const FOLLOWED: &str = "openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendfile,\
    copy_file_range,fsync,fdatasync,sync,syncfs,sync_file_range,ftruncate,truncate,fallocate,mmap,\
    unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir";

/// Something that matters to what is on the disk, or to what a client knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub action: Action,
    /// The position at which it began: from here on it may have happened.
    pub start: usize,
    /// The position at which it came back: from here on it has happened.
    pub end: usize,
}

/// Paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A file that may not have been there, emptied or not.
    Open {
        path: PathBuf,
        empty: bool,
    },
    Write {
        path: PathBuf,
        offset: u64,
        data: Vec<u8>,
    },
    Resize {
        path: PathBuf,
        size: u64,
    },
    /// Of a file or a folder.
    Sync {
        path: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
    },
    /// Bytes that leave through a socket.
    Send {
        data: Vec<u8>,
    },
}

/// Reads a call, if it is about something below `root` or about a socket.
///
/// # Errors
/// If it does something below `root` that is not understood here.
pub fn from_call(call: &Call, root: &Path) -> anyhow::Result<Option<Operation>> {
    // A call that failed has done nothing; one that never came back, perhaps everything.
    if call.result.is_some_and(|result| result < 0) {
        return Ok(None);
    }
    let action = action(call, root).with_context(|| format!("{call:?}"))?;
    Ok(action.map(|action| Operation {
        action,
        start: call.start,
        end: call.end,
    }))
}

fn action(call: &Call, root: &Path) -> anyhow::Result<Option<Action>> {
    let below = |path: PathBuf| path.starts_with(root).then_some(path);
    Ok(match call.name.as_str() {
        "openat" => {
            let path = joined(&call.arguments, 0)?;
            let flags = other(&call.arguments, 2)?;
            // Nothing was opened, or without a trace.
            let matters =
                call.end != NEVER && flags.contains("O_CREAT") || flags.contains("O_TRUNC");
            below(path).filter(|_| matters).map(|path| Action::Open {
                path,
                empty: flags.contains("O_TRUNC"),
            })
        }
        "pwrite64" => match open_below(call, root)? {
            Some(path) => Some(Action::Write {
                path,
                offset: other(&call.arguments, 3)?.parse()?,
                data: data(call)?,
            }),
            None => None,
        },
        "write" | "writev" | "sendto" | "sendmsg" => {
            ensure!(
                open_below(call, root)?.is_none(),
                "a write without an offset"
            );
            match call.arguments.first() {
                Some(Argument::Descriptor { target, .. })
                    if target.to_string_lossy().starts_with("socket:") =>
                {
                    ensure!(
                        call.name != "sendmsg",
                        "an answer that is not shown in full"
                    );
                    Some(Action::Send { data: data(call)? })
                }
                _ => None,
            }
        }
        "ftruncate" => match open_below(call, root)? {
            Some(path) => Some(Action::Resize {
                path,
                size: other(&call.arguments, 1)?.parse()?,
            }),
            None => None,
        },
        "fsync" | "fdatasync" => open_below(call, root)?.map(|path| Action::Sync { path }),
        "unlink" => below(path(&call.arguments, 0)?).map(|path| Action::Unlink { path }),
        "unlinkat" => below(joined(&call.arguments, 0)?).map(|path| Action::Unlink { path }),
        "rename" => {
            let (from, to) = (path(&call.arguments, 0)?, path(&call.arguments, 1)?);
            renamed(from, to, root)?
        }
        "renameat" | "renameat2" => {
            let (from, to) = (joined(&call.arguments, 0)?, joined(&call.arguments, 2)?);
            renamed(from, to, root)?
        }
        "mkdir" => below(path(&call.arguments, 0)?).map(|path| Action::MakeFolder { path }),
        "mkdirat" => below(joined(&call.arguments, 0)?).map(|path| Action::MakeFolder { path }),
        "mmap" => {
            let flags = |index| other(&call.arguments, index).unwrap_or_default();
            let written = flags(2).contains("PROT_WRITE") && flags(3).contains("MAP_SHARED");
            let mapped = call.arguments.get(4).and_then(target);
            // The index of a write-ahead log is made anew after a crash.
            if let Some(path) = mapped.filter(|path| written && !is_shared_memory(path)) {
                ensure!(
                    !path.starts_with(root),
                    "a file that is written through memory"
                );
            }
            None
        }
        // A file without a name, by which a look at the folder finds out whether there can be one.
        "open" if other(&call.arguments, 1)?.contains("O_TMPFILE") => None,
        _ => {
            let touched = call.arguments.iter().any(|argument| match argument {
                Argument::Descriptor { target, .. } => target.starts_with(root),
                Argument::Bytes(bytes) => as_path(bytes).starts_with(root),
                _ => false,
            });
            ensure!(!touched, "not understood");
            None
        }
    })
}

/// Whether it is the shared memory of a database, which does not outlive a crash.
pub fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

fn renamed(from: PathBuf, to: PathBuf, root: &Path) -> anyhow::Result<Option<Action>> {
    match (from.starts_with(root), to.starts_with(root)) {
        (false, false) => Ok(None),
        (true, true) if from.parent() == to.parent() => Ok(Some(Action::Rename { from, to })),
        _ => bail!("a rename between folders"),
    }
}

fn target(argument: &Argument) -> Option<&Path> {
    match argument {
        Argument::Descriptor {
            target,
            deleted: false,
        } => Some(target),
        _ => None,
    }
}

/// The file behind the first argument, if it is below `root` and still has a name.
fn open_below(call: &Call, root: &Path) -> anyhow::Result<Option<PathBuf>> {
    match call.arguments.first() {
        Some(argument @ Argument::Descriptor { .. }) => {
            let path = target(argument).filter(|path| path.starts_with(root));
            Ok(path.map(Path::to_owned))
        }
        // Standard output of a process that was started with it closed, and the like.
        Some(_) => Ok(None),
        None => bail!("no arguments"),
    }
}

/// What was really written.
fn data(call: &Call) -> anyhow::Result<Vec<u8>> {
    let Some(Argument::Bytes(data) | Argument::Buffers(data)) = call.arguments.get(1) else {
        bail!("no data");
    };
    let written = match call.result {
        Some(written) => usize::try_from(written)?,
        None => data.len(),
    };
    ensure!(written <= data.len(), "more written than there was");
    Ok(data[..written].to_vec())
}

fn other(arguments: &[Argument], index: usize) -> anyhow::Result<&str> {
    match arguments.get(index) {
        Some(Argument::Other(text)) => Ok(text),
        _ => bail!("argument {index} is of another kind"),
    }
}

fn as_path(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt as _;

    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

fn path(arguments: &[Argument], index: usize) -> anyhow::Result<PathBuf> {
    match arguments.get(index) {
        Some(Argument::Bytes(bytes)) => Ok(as_path(bytes).to_owned()),
        _ => bail!("argument {index} is no path"),
    }
}

/// A folder and, behind it, a path that may be relative to it.
fn joined(arguments: &[Argument], index: usize) -> anyhow::Result<PathBuf> {
    let path = path(arguments, index + 1)?;
    match arguments.get(index) {
        Some(Argument::Descriptor { target, .. }) => Ok(target.join(path)),
        _ if path.is_absolute() => Ok(path),
        _ => bail!("argument {index} is no folder"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "/d";

    fn call(name: &str, arguments: Vec<Argument>, result: Option<i64>) -> Call {
        Call {
            name: name.into(),
            arguments,
            result,
            start: 3,
            end: 5,
        }
    }

    fn open(path: &str) -> Argument {
        Argument::Descriptor {
            target: path.into(),
            deleted: false,
        }
    }

    fn text(text: &str) -> Argument {
        Argument::Other(text.into())
    }

    fn read(call: &Call) -> Option<Action> {
        let operation = from_call(call, Path::new(ROOT)).unwrap();
        operation.map(|operation| operation.action)
    }

    #[test]
    fn only_what_was_written_counts() {
        let write = |path: &str, result| {
            let data = Argument::Bytes(b"abcd".to_vec());
            read(&call(
                "pwrite64",
                vec![open(path), data, text("4"), text("8")],
                result,
            ))
        };
        let written = |data: &[u8]| {
            Some(Action::Write {
                path: "/d/x".into(),
                offset: 8,
                data: data.to_vec(),
            })
        };
        assert_eq!(write("/d/x", Some(4)), written(b"abcd"));
        assert_eq!(write("/d/x", Some(1)), written(b"a"));
        assert_eq!(
            write("/d/x", None),
            written(b"abcd"),
            "it may have happened"
        );
        assert_eq!(write("/d/x", Some(-1)), None);
        assert_eq!(write("/elsewhere", Some(4)), None);
    }

    #[test]
    fn a_file_without_a_name_is_none_of_ours() {
        let gone = Argument::Descriptor {
            target: "/d/x".into(),
            deleted: true,
        };
        assert_eq!(read(&call("fsync", vec![gone], Some(0))), None);
        let there = read(&call("fdatasync", vec![open("/d/x")], Some(0)));
        assert_eq!(
            there,
            Some(Action::Sync {
                path: "/d/x".into()
            })
        );
    }

    #[test]
    fn names_are_made_and_taken_away() {
        let name = |name: &str| Argument::Bytes(name.as_bytes().to_vec());
        let opened = |flags: &str| {
            read(&call(
                "openat",
                vec![open("/d"), name("x"), text(flags), text("0644")],
                Some(7),
            ))
        };
        let path = PathBuf::from("/d/x");
        let made = Action::Open {
            path: path.clone(),
            empty: false,
        };
        assert_eq!(opened("O_RDWR|O_CREAT"), Some(made));
        assert_eq!(opened("O_RDWR"), None);
        let unlinked = read(&call("unlink", vec![name("/d/x")], Some(0)));
        assert_eq!(unlinked, Some(Action::Unlink { path }));
    }

    #[test]
    fn answers_leave_through_sockets() {
        let sent = read(&call(
            "sendto",
            vec![
                open("socket:[9]"),
                Argument::Bytes(b"HTTP".to_vec()),
                text("4"),
            ],
            Some(4),
        ));
        let data = b"HTTP".to_vec();
        assert_eq!(sent, Some(Action::Send { data }));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for call in [
            call("fallocate", vec![open("/d/x"), text("0")], Some(0)),
            call(
                "write",
                vec![open("/d/x"), Argument::Bytes(vec![1])],
                Some(1),
            ),
            call(
                "mmap",
                ["NULL", "9", "PROT_READ|PROT_WRITE", "MAP_SHARED"]
                    .map(text)
                    .into_iter()
                    .chain([open("/d/x"), text("0")])
                    .collect(),
                Some(1),
            ),
        ] {
            assert!(from_call(&call, Path::new(ROOT)).is_err(), "{call:?}");
        }
    }
}
