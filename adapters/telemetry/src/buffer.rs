//! The buffer between those who log and the thread that writes.
//!
//! Waking a thread costs more than formatting a line, so under load the writer is not woken for each
//! line: after it has written it rests for [`REST`], and then takes all that has come meanwhile. A
//! line that comes when nothing has come for a while is written at once.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered before the next write.
const REST: Duration = Duration::from_millis(2);

/// How many bytes may wait. Where the output takes them more slowly than they come, those who log
/// wait: no line is lost.
const ROOM: usize = 1 << 20;

/// Where lines are put.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

/// The thread that writes. When it is dropped, everything that was put is written.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There is something to write, or nothing more will come.
    news: Condvar,
    /// There is room again.
    room: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The thread waits for news.
    idle: bool,
    ended: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread.
///
/// # Errors
/// If there can be no thread.
pub fn start(mut output: impl Write + Send + 'static) -> io::Result<(Lines, Writer)> {
    let shared = Arc::new(Shared::default());
    let own = Arc::clone(&shared);
    let thread = thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || run(&own, &mut output))?;
    let lines = Lines(Arc::clone(&shared));
    let thread = Some(thread);
    Ok((lines, Writer { shared, thread }))
}

fn run(shared: &Shared, output: &mut impl Write) {
    let mut lines = Vec::new();
    loop {
        let mut state = shared.state();
        while state.waiting.is_empty() {
            if state.ended {
                return;
            }
            state.idle = true;
            state = shared
                .news
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle = false;
        }
        mem::swap(&mut state.waiting, &mut lines);
        let ended = state.ended;
        drop(state);
        shared.room.notify_all();
        // There is nobody who could be told that the log cannot be written.
        let _ = output.write_all(&lines).and_then(|()| output.flush());
        lines.clear();
        if !ended {
            thread::sleep(REST);
        }
    }
}

impl Lines {
    fn put(&self, line: &[u8]) {
        let shared = &self.0;
        let mut state = shared.state();
        // A line that is larger than all the room still gets in, alone.
        while !state.waiting.is_empty() && state.waiting.len() + line.len() > ROOM && !state.ended {
            state = shared
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.extend_from_slice(line);
        if mem::take(&mut state.idle) {
            drop(state);
            shared.news.notify_one();
        }
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.shared.news.notify_one();
        self.shared.room.notify_all();
        if let Some(thread) = self.thread.take() {
            // It can only fail by having panicked, and then there is nothing left to wait for.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// An output that hands on what it is given.
    struct Handed(mpsc::Sender<Vec<u8>>);

    impl Write for Handed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_lone_line_is_written_without_waiting_for_another() -> io::Result<()> {
        let (sender, written) = mpsc::channel();
        let (lines, _writer) = start(Handed(sender))?;
        for line in ["one\n", "two\n"] {
            lines.put(line.as_bytes());
            assert_eq!(
                written.recv_timeout(Duration::from_secs(30)).as_deref(),
                Ok(line.as_bytes())
            );
        }
        Ok(())
    }

    #[test]
    fn no_line_is_lost_torn_or_out_of_its_threads_order() -> io::Result<()> {
        let (sender, written) = mpsc::channel();
        let (lines, writer) = start(Handed(sender))?;
        // More than there is room for.
        let filler = "x".repeat(1_000);
        thread::scope(|scope| {
            for name in 0..4 {
                let (lines, filler) = (&lines, &filler);
                scope.spawn(move || {
                    for number in 0..2_000 {
                        lines.put(format!("{name} {number} {filler}\n").as_bytes());
                    }
                });
            }
        });
        drop(writer);
        let all: Vec<u8> = written.iter().flatten().collect();
        let all = String::from_utf8_lossy(&all);
        let mut next = [0; 4];
        for line in all.lines() {
            let mut words = line.split(' ');
            let mut number = || words.next().and_then(|word| word.parse::<usize>().ok());
            let (Some(name), Some(number)) = (number(), number()) else {
                panic!("{line}");
            };
            assert_eq!(number, next[name]);
            assert_eq!(words.next(), Some(filler.as_str()));
            next[name] += 1;
        }
        assert_eq!(next, [2_000; 4]);
        Ok(())
    }
}
