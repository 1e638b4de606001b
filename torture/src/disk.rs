//! A disk that remembers what is certainly on it and what only may be.
//!
//! A write may be on the disk from the moment in which it began, and is certainly there when a sync
//! of the same file that began after the write had come back, comes back itself. The same holds for
//! the names in a folder and the folder's own sync.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::operation::{Action, Operation, is_shared_memory};

/// Disks write sectors whole, or not at all.
const SECTOR: usize = 512;

/// What a power cut does to what is not certainly on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Nothing of it is there.
    Lost,
    /// All of it is there.
    Kept,
    /// Each write is there or not, by itself and in any order.
    Reordered,
    /// Each sector of each write is there or not, by itself; where it is not, the file may have its
    /// new length all the same, with zeros.
    Torn,
}

impl Damage {
    pub const ALL: [Self; 4] = [Self::Lost, Self::Kept, Self::Reordered, Self::Torn];
}

/// Files and folders below the root, as a cut left them. A folder has no content.
pub type Tree = BTreeMap<PathBuf, Option<Vec<u8>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Debug)]
enum Naming {
    Link(PathBuf, Node),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf),
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    Resize(usize),
}

/// Something that happened at a moment, and is not certainly on the disk.
#[derive(Debug)]
struct Pending<T> {
    what: T,
    /// When it had come back.
    end: usize,
}

#[derive(Debug, Default)]
struct File {
    certain: Vec<u8>,
    pending: Vec<Pending<Change>>,
}

/// The folder `root`, with all that happened to it.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<File>,
    /// Names as the program sees them.
    seen: BTreeMap<PathBuf, Node>,
    /// Names that are certainly on the disk.
    certain: BTreeMap<PathBuf, Node>,
    /// By folder. What happens in one, gets on the disk in the order in which it happened: file
    /// systems with a journal keep to that.
    namings: BTreeMap<PathBuf, Vec<Pending<Naming>>>,
}

impl Disk {
    /// A folder with these files in it, all of which are certainly there.
    pub fn new(root: &Path, tree: &Tree) -> Self {
        let mut files = Vec::new();
        let node = |content: &Option<Vec<u8>>| match content {
            None => Node::Folder,
            Some(content) => {
                files.push(File {
                    certain: content.clone(),
                    pending: Vec::new(),
                });
                Node::File(files.len() - 1)
            }
        };
        let contents = tree.values().map(node).collect::<Vec<_>>();
        let names = tree.keys().map(|path| root.join(path));
        let certain: BTreeMap<PathBuf, Node> = names.zip(contents).collect();
        Self {
            root: root.to_owned(),
            files,
            seen: certain.clone(),
            certain,
            namings: BTreeMap::new(),
        }
    }

    /// An operation begins. What it does may be on the disk from now on.
    ///
    /// # Errors
    /// If it is about a file that is not there.
    pub fn begin(&mut self, operation: &Operation) -> anyhow::Result<()> {
        let end = operation.end;
        match &operation.action {
            Action::Open { path, empty } => {
                if !self.seen.contains_key(path) {
                    self.files.push(File::default());
                    let node = Node::File(self.files.len() - 1);
                    self.name(path, Naming::Link(path.clone(), node), end);
                }
                if *empty {
                    self.change(path, Change::Resize(0), end)?;
                }
            }
            Action::Write { path, offset, data } => {
                let offset = usize::try_from(*offset)?;
                let data = data.clone();
                self.change(path, Change::Write { offset, data }, end)?;
            }
            Action::Resize { path, size } => {
                let size = usize::try_from(*size)?;
                self.change(path, Change::Resize(size), end)?;
            }
            Action::Unlink { path } => self.name(path, Naming::Unlink(path.clone()), end),
            Action::Rename { from, to } => {
                self.name(from, Naming::Rename(from.clone(), to.clone()), end);
            }
            Action::MakeFolder { path } => {
                self.name(path, Naming::Link(path.clone(), Node::Folder), end);
            }
            Action::Sync { .. } | Action::Send { .. } => {}
        }
        Ok(())
    }

    /// A sync comes back. What had come back before it began, is certainly on the disk.
    ///
    /// # Errors
    /// If it is about a file that is not there.
    pub fn synced(&mut self, path: &Path, start: usize) -> anyhow::Result<()> {
        let is_folder = path == self.root || self.seen.get(path) == Some(&Node::Folder);
        if is_folder {
            let namings = self.namings.remove(path).unwrap_or_default();
            let (done, open) = namings.into_iter().partition(|naming| naming.end < start);
            self.namings.insert(path.to_owned(), open);
            for naming in done {
                apply(&mut self.certain, &naming.what);
            }
            return Ok(());
        }
        let file = self.file(path)?;
        let pending = std::mem::take(&mut file.pending);
        let (done, open): (Vec<_>, Vec<_>) = pending.into_iter().partition(|c| c.end < start);
        file.pending = open;
        for change in done {
            whole(&mut file.certain, &change.what);
        }
        Ok(())
    }

    /// What a power cut leaves. Memory that processes share is not among it.
    pub fn cut(&self, damage: Damage, random: &mut fastrand::Rng) -> Tree {
        let mut names = self.certain.clone();
        for namings in self.namings.values() {
            let kept = match damage {
                Damage::Lost => 0,
                Damage::Kept => namings.len(),
                Damage::Reordered | Damage::Torn => random.usize(..=namings.len()),
            };
            for naming in &namings[..kept] {
                apply(&mut names, &naming.what);
            }
        }
        let mut tree = Tree::new();
        for (path, node) in &names {
            let lost = path
                .ancestors()
                .skip(1)
                .take_while(|folder| *folder != self.root)
                .any(|folder| !names.contains_key(folder));
            if lost || is_shared_memory(path) {
                continue;
            }
            let content = match node {
                Node::Folder => None,
                Node::File(index) => Some(self.files[*index].cut(damage, random)),
            };
            if let Ok(path) = path.strip_prefix(&self.root) {
                tree.insert(path.to_owned(), content);
            }
        }
        tree
    }

    fn name(&mut self, path: &Path, naming: Naming, end: usize) {
        apply(&mut self.seen, &naming);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        let pending = Pending { what: naming, end };
        self.namings.entry(folder).or_default().push(pending);
    }

    fn change(&mut self, path: &Path, change: Change, end: usize) -> anyhow::Result<()> {
        let pending = Pending { what: change, end };
        self.file(path)?.pending.push(pending);
        Ok(())
    }

    fn file(&mut self, path: &Path) -> anyhow::Result<&mut File> {
        match self.seen.get(path) {
            Some(Node::File(index)) => self.files.get_mut(*index).context("a file without content"),
            other => bail!("{} is {other:?} and not a file", path.display()),
        }
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Node>, naming: &Naming) {
    match naming {
        Naming::Link(path, node) => drop(names.insert(path.clone(), *node)),
        Naming::Unlink(path) => drop(names.remove(path)),
        Naming::Rename(from, to) => {
            if let Some(node) = names.remove(from) {
                names.insert(to.clone(), node);
            }
        }
    }
}

fn whole(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, data } => {
            grow(content, offset + data.len());
            content[*offset..offset + data.len()].copy_from_slice(data);
        }
        Change::Resize(size) => content.resize(*size, 0),
    }
}

fn grow(content: &mut Vec<u8>, size: usize) {
    if content.len() < size {
        content.resize(size, 0);
    }
}

impl File {
    fn cut(&self, damage: Damage, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut content = self.certain.clone();
        // Of a file in which much was written at once, sometimes nearly all is there, or nearly
        // nothing.
        let likely = [0.0, 0.1, 0.5, 0.9, 1.0][random.usize(..5)];
        for pending in &self.pending {
            let change = &pending.what;
            match (damage, change) {
                (Damage::Lost, _) => {}
                (Damage::Kept, _) => whole(&mut content, change),
                (Damage::Torn, Change::Write { offset, data }) => {
                    torn(&mut content, *offset, data, random);
                }
                (Damage::Reordered | Damage::Torn, _) => {
                    if random.f64() < likely {
                        whole(&mut content, change);
                    }
                }
            }
        }
        content
    }
}

/// Each sector is there, or not, or not but the file is that long.
fn torn(content: &mut Vec<u8>, offset: usize, data: &[u8], random: &mut fastrand::Rng) {
    let mut start = 0;
    while start < data.len() {
        let at = offset + start;
        let length = (SECTOR - at % SECTOR).min(data.len() - start);
        let piece = &data[start..start + length];
        match random.u8(..4) {
            0 | 1 => {
                grow(content, at + length);
                content[at..at + length].copy_from_slice(piece);
            }
            2 => grow(content, at + length),
            _ => {}
        }
        start += length;
    }
}

/// Makes the tree real.
///
/// # Errors
/// Where the operating system has some.
pub fn write(tree: &Tree, root: &Path) -> io::Result<()> {
    fs::create_dir_all(root)?;
    for (path, content) in tree {
        let path = root.join(path);
        match content {
            None => fs::create_dir_all(path)?,
            Some(content) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, content)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "/d";

    fn disk() -> Disk {
        let tree = Tree::from([("a".into(), Some(b"old".to_vec()))]);
        Disk::new(Path::new(ROOT), &tree)
    }

    fn path(name: &str) -> PathBuf {
        Path::new(ROOT).join(name)
    }

    /// From one position to another.
    fn run(disk: &mut Disk, start: usize, end: usize, action: Action) {
        disk.begin(&Operation { action, start, end }).unwrap();
    }

    fn write_at(name: &str, offset: u64, data: &[u8]) -> Action {
        Action::Write {
            path: path(name),
            offset,
            data: data.to_vec(),
        }
    }

    fn cut(disk: &Disk, damage: Damage) -> Vec<(String, String)> {
        let tree = disk.cut(damage, &mut fastrand::Rng::with_seed(7));
        tree.into_iter()
            .map(|(path, content)| {
                let content = String::from_utf8(content.unwrap_or_default()).unwrap();
                (path.to_str().unwrap().to_owned(), content)
            })
            .collect()
    }

    fn only(content: &str) -> Vec<(String, String)> {
        vec![("a".to_owned(), content.to_owned())]
    }

    #[test]
    fn a_write_is_certain_after_a_sync_that_began_after_it() {
        let mut disk = disk();
        run(&mut disk, 1, 2, write_at("a", 0, b"new"));
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        assert_eq!(cut(&disk, Damage::Kept), only("new"));
        disk.synced(&path("a"), 3).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), only("new"));
    }

    #[test]
    fn a_sync_says_nothing_of_what_was_still_being_written_when_it_began() {
        let mut disk = disk();
        run(&mut disk, 1, 9, write_at("a", 0, b"new"));
        disk.synced(&path("a"), 5).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        run(&mut disk, 10, 11, write_at("a", 0, b"NEW"));
        disk.synced(&path("a"), 10).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), only("new"));
    }

    #[test]
    fn lengths_are_pending_as_contents_are() {
        let mut disk = disk();
        run(
            &mut disk,
            1,
            2,
            Action::Resize {
                path: path("a"),
                size: 1,
            },
        );
        run(&mut disk, 3, 4, write_at("a", 3, b"d"));
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        assert_eq!(cut(&disk, Damage::Kept), only("o\0\0d"));
    }

    #[test]
    fn names_need_a_sync_of_their_folder() {
        let mut disk = disk();
        run(
            &mut disk,
            1,
            2,
            Action::Open {
                path: path("b"),
                empty: false,
            },
        );
        run(&mut disk, 3, 4, write_at("b", 0, b"x"));
        disk.synced(&path("b"), 5).unwrap();
        run(&mut disk, 6, 7, Action::Unlink { path: path("a") });
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        let new = [("b".to_owned(), "x".to_owned())];
        assert_eq!(cut(&disk, Damage::Kept), new);
        disk.synced(Path::new(ROOT), 8).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), new);
    }

    #[test]
    fn what_is_in_a_folder_is_lost_with_it() {
        let mut disk = disk();
        run(&mut disk, 1, 2, Action::MakeFolder { path: path("f") });
        let inner = Action::Open {
            path: path("f/x"),
            empty: false,
        };
        run(&mut disk, 3, 4, inner);
        disk.synced(&path("f"), 5).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        disk.synced(Path::new(ROOT), 6).unwrap();
        assert_eq!(cut(&disk, Damage::Lost).len(), 3);
    }

    #[test]
    fn a_new_file_of_an_old_name_is_another_file() {
        let mut disk = disk();
        run(&mut disk, 1, 2, Action::Unlink { path: path("a") });
        let open = Action::Open {
            path: path("a"),
            empty: false,
        };
        run(&mut disk, 3, 4, open);
        run(&mut disk, 5, 6, write_at("a", 0, b"x"));
        disk.synced(&path("a"), 7).unwrap();
        assert_eq!(cut(&disk, Damage::Lost), only("old"));
        assert_eq!(cut(&disk, Damage::Kept), only("x"));
    }

    #[test]
    fn sectors_tear_at_their_borders_and_nowhere_else() {
        let mut disk = Disk::new(Path::new(ROOT), &Tree::from([("a".into(), Some(vec![]))]));
        run(&mut disk, 1, 2, write_at("a", 100, &[b'x'; 2000]));
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let tree = disk.cut(Damage::Torn, &mut random);
            let content = tree[Path::new("a")].clone().unwrap();
            for sector in content.chunks(SECTOR) {
                let written = sector.split(|byte| *byte == b'x').count() - 1;
                seen.insert(written);
            }
        }
        // The first sector holds 412 of them, the last one 52.
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 52, 412, 512]);
    }

    #[test]
    fn shared_memory_does_not_survive() {
        let mut disk = disk();
        let open = Action::Open {
            path: path("a-shm"),
            empty: false,
        };
        run(&mut disk, 1, 2, open);
        assert_eq!(cut(&disk, Damage::Kept), only("old"));
    }
}
