//! Where an export goes: standard output, or a file that is there in full or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use crate::stop::Stop;

pub enum Output {
    Stdout(io::Stdout),
    File(Unfinished),
}

/// A file beside the one that it will be.
pub struct Unfinished {
    file: File,
    here: PathBuf,
    there: PathBuf,
    overwrite: bool,
    finished: bool,
}

impl Output {
    /// Without a path, or where it is `-`, standard output.
    pub fn open(path: Option<&Path>, overwrite: bool) -> Result<Self, Stop> {
        match path {
            None => Ok(Self::Stdout(io::stdout())),
            Some(path) if path == Path::new("-") => Ok(Self::Stdout(io::stdout())),
            Some(path) => Unfinished::beside(path, overwrite).map(Self::File),
        }
    }

    /// Writes all of it. Whether anybody still reads.
    pub fn write(&mut self, bytes: &[u8]) -> Result<bool, Stop> {
        let written = match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).and_then(|()| stdout.flush()),
            Self::File(unfinished) => unfinished.file.write_all(bytes),
        };
        match written {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Stop::unavailable(
                format!("the export cannot be written: {error}"),
                "is there room on the disk?",
            )),
        }
    }

    /// Gives the file its name; answers with it.
    pub fn finish(self) -> Result<Option<PathBuf>, Stop> {
        match self {
            Self::Stdout(_) => Ok(None),
            Self::File(unfinished) => unfinished.finish().map(Some),
        }
    }
}

impl Unfinished {
    fn beside(there: &Path, overwrite: bool) -> Result<Self, Stop> {
        refuse_what_is_there(there, overwrite)?;
        let cannot = |error: io::Error| {
            Stop::cannot_create(
                format!("{} cannot be made: {error}", there.display()),
                "name a file in a folder that is there and that this user may write to",
            )
        };
        let name = there
            .file_name()
            .ok_or_else(|| cannot(io::ErrorKind::IsADirectory.into()))?;
        let name = format!(".{}.{}", name.to_string_lossy(), std::process::id());
        let here = there.with_file_name(name);
        // Messages are private, and a file that a crash left under this name is in the way.
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&here)
            .map_err(cannot)?;
        Ok(Self {
            file,
            here,
            there: there.to_owned(),
            overwrite,
            finished: false,
        })
    }

    fn finish(mut self) -> Result<PathBuf, Stop> {
        // Somebody else may have made one meanwhile.
        refuse_what_is_there(&self.there, self.overwrite)?;
        self.put().map_err(|error| {
            Stop::unavailable(
                format!("{} cannot be written: {error}", self.there.display()),
                "is there room on the disk?",
            )
        })?;
        self.finished = true;
        Ok(self.there.clone())
    }

    /// What is in the file is on the disk before its name is, and the name before this is over.
    fn put(&self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.here, &self.there)?;
        let folder = self
            .there
            .parent()
            .filter(|folder| *folder != Path::new(""));
        // One that may not be read cannot be synced either.
        match File::open(folder.unwrap_or(Path::new("."))) {
            Ok(folder) => folder.sync_all(),
            Err(_) => Ok(()),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.here);
        }
    }
}

fn refuse_what_is_there(path: &Path, overwrite: bool) -> Result<(), Stop> {
    match fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() => Err(Stop::cannot_create(
            format!("{} is there, and no plain file", path.display()),
            "name a file; a pipe or a device can be written to by way of standard output",
        )),
        Ok(_) if !overwrite => Err(Stop::cannot_create(
            format!("{} is there already", path.display()),
            "name another file, or overwrite it with --force",
        )),
        _ => Ok(()),
    }
}
