//! countersign's in-memory adapters: a repository that forgets at the end of the process, and a
//! clock that stands where it is put. For tests, demonstrations, and printing the specification.
//!
//! [`MemoryRepository`] is also the model that the databases are held against: it answers every
//! query by looking at every message, which is slow and plainly right.

mod clock;
mod repository;

pub use clock::ManualClock;
pub use repository::MemoryRepository;
