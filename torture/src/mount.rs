//! File systems of one's own, for which one has to be root.

use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};

/// A mounted file system, until it is dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// One in memory. `size` is as mount(8) takes it.
    pub fn tmpfs(place: &Path, size: &str) -> anyhow::Result<Self> {
        let options = ["-t", "tmpfs", "-o", size, "tmpfs"];
        run("mount", options, place)?;
        Ok(Self(place.to_owned()))
    }

    /// The one that is in a file.
    pub fn image(image: &Path, place: &Path) -> anyhow::Result<Self> {
        let options = ["-o", "loop,errors=remount-ro"].map(OsStr::new);
        run(
            "mount",
            options.into_iter().chain([image.as_os_str()]),
            place,
        )?;
        Ok(Self(place.to_owned()))
    }

    /// Lets it become read-only at once, though files are open: as ext4 does it by itself where it
    /// finds an error. What is open for writing makes a plain `remount,ro` fail.
    pub fn fail(&self) -> anyhow::Result<()> {
        run("mount", ["-o", "remount,abort"], &self.0)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Detached from its place at once, and gone when nobody uses it.
        let _ = rustix::mount::unmount(&self.0, rustix::mount::UnmountFlags::DETACH);
    }
}

/// A file with an empty ext4 in it, of so many bytes.
pub fn make_ext4(image: &Path, size: u64) -> anyhow::Result<()> {
    File::create_new(image)?.set_len(size)?;
    run("mkfs.ext4", ["-q", "-F"], image)
}

fn run<S: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = S>,
    last: &Path,
) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).arg(last).stdin(Stdio::null());
    let output = command
        .output()
        .with_context(|| format!("{program} cannot be run"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
