/// What a repository keeps messages on, for whoever operates it. What is not known is `None`: each
/// part is found out by itself, and a repository that cannot be asked now may still know some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Storage {
    /// Its name and, where it is a program with versions, which one: `SQLite 3.51.3`.
    pub engine: Option<String>,
    /// What it does before it answers that something is stored, in its own words:
    /// `WAL, synchronous=FULL`.
    pub durability: Option<String>,
    /// Whether what it has answered is still there after a power cut.
    pub durable: Option<bool>,
    /// How many bytes the messages take, with whatever else is in the same database.
    pub database_bytes: Option<u64>,
    /// How many bytes what is derived from them takes, where that is kept apart.
    pub index_bytes: Option<u64>,
    /// How many bytes the write-ahead logs of both take, where they are its own.
    pub wal_bytes: Option<u64>,
    /// How many bytes may still be written where it keeps them.
    pub free_bytes: Option<u64>,
}
