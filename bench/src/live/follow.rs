//! `countersign-bench follow`: many live streams, of which nothing is kept, in a process of its own,
//! so that what it takes of the processor is not taken for the server's.

use std::{
    cell::{Cell, RefCell},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::SocketAddr,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{runtime::Builder, sync::oneshot, task::LocalSet, time::sleep};

use super::Stream;
use crate::{Outcome, process::cpu_of};

/// How much is read at once. All streams share it: what is read is gone anyway, and one buffer stays
/// in the processor's cache.
const BUFFER: usize = 64 * 1024;

/// After how long a stream that has ended is opened again.
const AGAIN: Duration = Duration::from_secs(1);

/// What is said once all streams are open.
const OPEN: &str = "open";

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long)]
    address: SocketAddr,
    /// How many.
    #[arg(long)]
    streams: u32,
    /// What all of them ask for.
    #[arg(long, default_value = "")]
    query: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Followed {
    pub bytes: u64,
    /// Streams that the server has ended, in all.
    pub ended: u64,
    /// Attempts to open one again that were in vain.
    pub refused: u64,
}

/// Follows until its input ends, and then says what came of it.
pub fn run(args: &Args) -> Outcome {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let followed = Rc::new(Cell::new(Followed::default()));
    let (end, ended) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        let _ = end.send(());
    });
    let following = follow(args, Rc::clone(&followed), ended);
    runtime.block_on(LocalSet::new().run_until(following))?;
    println!("{}", serde_json::to_string(&followed.get())?);
    Ok(())
}

async fn follow(
    args: &Args,
    followed: Rc<Cell<Followed>>,
    ended: oneshot::Receiver<()>,
) -> Outcome {
    let buffer = Rc::new(RefCell::new(vec![0; BUFFER]));
    for _ in 0..args.streams {
        let stream = Stream::open(args.address, &args.query, None).await?;
        let reader = Reader {
            to: args.address,
            query: args.query.clone(),
            buffer: Rc::clone(&buffer),
            followed: Rc::clone(&followed),
            last: None,
        };
        tokio::task::spawn_local(reader.run(stream));
    }
    writeln!(io::stdout(), "{OPEN}")?;
    let _ = ended.await;
    Ok(())
}

/// One stream, opened again whenever it has ended.
struct Reader {
    to: SocketAddr,
    query: String,
    buffer: Rc<RefCell<Vec<u8>>>,
    followed: Rc<Cell<Followed>>,
    last: Option<i64>,
}

impl Reader {
    async fn run(mut self, mut stream: Stream) {
        loop {
            self.read(&stream).await;
            self.count(|followed| followed.ended += 1);
            stream = loop {
                sleep(AGAIN).await;
                match Stream::open(self.to, &self.query, self.last).await {
                    Ok(stream) => break stream,
                    Err(_) => self.count(|followed| followed.refused += 1),
                }
            };
        }
    }

    /// Reads to the end.
    async fn read(&mut self, stream: &Stream) {
        self.last = last_id(&stream.rest).or(self.last);
        while stream.connection.readable().await.is_ok() {
            let mut buffer = self.buffer.borrow_mut();
            let length = match stream.connection.try_read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(_) => return,
            };
            self.last = last_id(&buffer[..length]).or(self.last);
            self.count(|followed| followed.bytes += length as u64);
        }
    }

    fn count(&self, what: impl FnOnce(&mut Followed)) {
        let mut followed = self.followed.get();
        what(&mut followed);
        self.followed.set(followed);
    }
}

/// The last id that is in it whole. Where a chunk ends in the middle of one, it is passed over: who
/// resumes a little earlier gets some events twice.
fn last_id(bytes: &[u8]) -> Option<i64> {
    const BEFORE: &[u8] = b"\nid: ";
    let mut end = bytes.len();
    loop {
        let at = bytes[..end]
            .windows(BEFORE.len())
            .rposition(|bytes| bytes == BEFORE)?;
        let behind = &bytes[at + BEFORE.len()..];
        let line = behind.iter().position(|byte| *byte == b'\n');
        let id = line.and_then(|line| str::from_utf8(&behind[..line]).ok()?.parse().ok());
        if id.is_some() {
            return id;
        }
        end = at;
    }
}

/// Such a process.
pub struct Following {
    child: Child,
    /// While it is open, streams are.
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Following {
    /// Starts it, and waits until all streams are open.
    pub fn start(address: SocketAddr, streams: u32, query: &str) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["follow", "--address", &address.to_string()])
            .args(["--streams", &streams.to_string(), "--query", query])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = child.stdin.take().zip(child.stdout.take()).ok_or("pipes")?;
        let mut following = Self {
            child,
            input,
            output: BufReader::new(output),
        };
        let mut said = String::new();
        following.output.read_line(&mut said)?;
        if said.trim_end() != OPEN {
            following.child.wait()?;
            return Err("the streams could not be opened".into());
        }
        Ok(following)
    }

    /// Processor time that it has used since its start.
    pub fn cpu(&self) -> Outcome<Duration> {
        cpu_of(self.child.id())
    }

    /// Closes all streams.
    pub fn finish(mut self) -> Outcome<Followed> {
        drop(self.input);
        let mut said = String::new();
        self.output.read_line(&mut said)?;
        self.child.wait()?;
        Ok(serde_json::from_str(&said)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_id_counts() {
        assert_eq!(last_id(b"18\r\nretry: 2000\nid: 6\n\n\r\n"), Some(6));
        assert_eq!(
            last_id(b"5\r\nid: 7\nevent: message\ndata: {}\n\nid: 8"),
            Some(7)
        );
        // A chunk ends in the middle of 812.
        assert_eq!(
            last_id(b"\nid: 7\ndata: {}\n\nid: 8\r\n6\r\n12\ndata"),
            Some(7)
        );
        assert_eq!(last_id(b"data: {}\n\n"), None);
        assert_eq!(last_id(b""), None);
    }
}
