//! What all parts share: the program, the size, the seed.

use std::{
    io::{IsTerminal as _, stderr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use cargo_metadata::Message;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;

/// How many runs that have nothing to do with each other go on at once: most of the time they wait.
const AT_ONCE: usize = 4;

/// What all parts share.
#[derive(Debug, Clone)]
pub struct Context {
    pub program: PathBuf,
    /// It was compiled for speed, so its speed says something.
    pub release: bool,
    pub ci: bool,
    pub seed: u64,
}

impl Context {
    /// How many, in CI and otherwise.
    pub fn size(&self, ci: usize, full: usize) -> usize {
        if self.ci { ci } else { full }
    }

    /// Chance, the same for the same seed, and another one for each part.
    pub fn random(&self, part: &str) -> fastrand::Rng {
        let salt = part.bytes().fold(self.seed, |salt, byte| {
            salt.wrapping_mul(31).wrapping_add(byte.into())
        });
        fastrand::Rng::with_seed(salt)
    }

    /// A folder on a disk.
    #[expect(clippy::unused_self, reason = "it is the context's to say where")]
    pub fn folder(&self) -> anyhow::Result<TempDir> {
        let folder = tempfile::Builder::new()
            .prefix("countersign-torture-")
            .tempdir()?;
        std::fs::create_dir(folder.path().join("data"))?;
        Ok(folder)
    }

    /// A folder in memory if there is such a place: for what only has to be looked at.
    #[expect(clippy::unused_self, reason = "it is the context's to say where")]
    pub fn scratch(&self) -> anyhow::Result<TempDir> {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        Ok(tempfile::Builder::new()
            .prefix("countersign-torture-")
            .tempdir_in(place)?)
    }

    /// Says how far it is, to whoever watches.
    #[expect(clippy::unused_self, reason = "it belongs to the run")]
    pub fn progress(&self, part: &str, done: usize, all: usize) {
        if stderr().is_terminal() {
            eprint!("\r{part}: {done} of {all} ");
            if done == all {
                eprintln!();
            }
        } else if done.is_multiple_of((all / 4).max(1)) {
            eprintln!("{part}: {done} of {all}");
        }
    }
}

/// Does all of this, some of it at once, until one fails.
pub async fn all<T: Send + 'static>(
    runs: impl IntoIterator<Item = impl Future<Output = anyhow::Result<T>> + Send + 'static>,
    mut each: impl FnMut(T),
) -> anyhow::Result<()> {
    let mut done = stream::iter(runs)
        .map(tokio::spawn)
        .buffer_unordered(AT_ONCE);
    while let Some(run) = done.next().await {
        each(run.context("a run panicked")??);
    }
    Ok(())
}

/// The program in this workspace, built as this one was.
pub fn build(release: bool) -> anyhow::Result<PathBuf> {
    let output = Command::new(option_env!("CARGO").unwrap_or("cargo"))
        .args(["build", "--package", "countersign", "--message-format=json"])
        .args(release.then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be run")?;
    ensure!(output.status.success(), "cargo build failed");
    Message::parse_stream(output.stdout.as_slice())
        .filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) => artifact.executable,
            _ => None,
        })
        .last()
        .map(Into::into)
        .context("cargo built no program")
}

/// Whether strace is there.
pub fn need_strace() -> anyhow::Result<()> {
    let version = Command::new("strace").arg("-V").output();
    ensure!(
        version.is_ok_and(|output| output.status.success()),
        "strace is missing: install it (apt-get install strace)"
    );
    Ok(())
}
