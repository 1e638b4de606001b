use std::{
    cell::{Cell, RefCell},
    future::ready,
    sync::atomic::Ordering,
};

use super::{gathered::Taken, *};
use crate::{
    Appended, Message, SourceName,
    doubles::{Bare, Told, at, message, now},
};

const ALL: NonZeroUsize = NonZeroUsize::MAX;

fn key(id: &str) -> MessageKey {
    message(id).content.key()
}

fn accept(inbox: &Inbox, id: &str) {
    let signed = inbox
        .source(SourceName::default())
        .and_then(|source| source.authenticate(&Bare, "body"))
        .unwrap();
    let content = message(id).content;
    let parsed = signed.parse(|_| Ok::<_, ()>(content)).unwrap();
    now(inbox.accept(parsed)).unwrap();
}

fn inbox(outcome: Appended) -> (Arc<Told>, Inbox) {
    let told = Arc::new(Told {
        outcomes: vec![outcome],
        repeats: Repeats {
            times: 40,
            last_seen_at: Some(at("2025-05-01T00:00:00Z")),
        },
        ..Told::default()
    });
    let inbox = told.inbox();
    (told, inbox)
}

#[test]
fn a_duplicate_is_counted_at_once_and_written_later() {
    let (told, inbox) = inbox(Appended::Duplicate);
    accept(&inbox, "m");
    accept(&inbox.clone(), "m");
    assert!(told.noted.lock().unwrap().is_empty());
    let both = Repeats {
        times: 42,
        last_seen_at: Some(at("2025-06-01T12:00:00Z")),
    };
    assert_eq!(now(inbox.repeats(&key("m"), unexpected)).unwrap(), both);
    assert!(now(inbox.write_repeats(ALL)).unwrap());
    let written = Repeat {
        key: key("m"),
        times: 2,
        last_seen_at: at("2025-06-01T12:00:00Z"),
    };
    assert_eq!(*told.noted.lock().unwrap(), [vec![written]]);
    assert_eq!(inbox.repeats_waiting(), RepeatsWaiting::default());
    assert!(!now(inbox.write_repeats(ALL)).unwrap());
    assert_eq!(told.noted.lock().unwrap().len(), 1);
}

/// For what is not being written.
async fn unexpected() {
    panic!("nothing is to be waited for");
}

/// Where the store has 40, and two more are being written.
fn while_two_are_written(rest: impl Fn(&Gathered, &mut Option<Taken<'_>>)) -> (u64, u32) {
    let (_, inbox) = inbox(Appended::Duplicate);
    accept(&inbox, "m");
    accept(&inbox, "m");
    let gathered = &*inbox.repeats;
    let taken = RefCell::new(gathered.take(ALL));
    let rests = Cell::new(0);
    let repeats = now(inbox.repeats(&key("m"), || {
        rests.set(rests.get() + 1);
        rest(gathered, &mut taken.borrow_mut());
        ready(())
    }));
    (repeats.unwrap().times, rests.get())
}

#[test]
fn what_is_being_written_is_not_counted_twice() {
    // The store has the two among the 40: it is only not known here yet.
    let written = while_two_are_written(|_, taken| {
        if let Some(taken) = taken.take() {
            taken.are_written();
        }
    });
    assert_eq!(written, (40, 1));
    let failed = while_two_are_written(|_, taken| drop(taken.take()));
    assert_eq!(failed, (42, 1));
    // What comes meanwhile is not lost.
    let more = while_two_are_written(|gathered, taken| {
        gathered.note(&Message {
            created_at: at("2025-06-01T14:00:00Z"),
            ..message("m")
        });
        if let Some(taken) = taken.take() {
            taken.are_written();
        }
    });
    assert_eq!(more, (41, 1));
}

#[test]
fn there_is_an_end_to_waiting_for_a_write() {
    assert_eq!(while_two_are_written(|_, _| {}), (42, ATTEMPTS));
}

#[test]
fn what_is_written_of_others_is_not_waited_for() {
    let (_, inbox) = inbox(Appended::Duplicate);
    accept(&inbox, "m");
    let _taken = inbox.repeats.take(ALL).unwrap();
    let repeats = now(inbox.repeats(&key("n"), unexpected));
    assert_eq!(repeats.unwrap().times, 40);
}

#[test]
fn nothing_else_is_counted_and_for_nothing_nobody_is_asked() {
    for outcome in [Appended::Created, Appended::Conflict] {
        let (told, inbox) = inbox(outcome);
        accept(&inbox, "m");
        assert_eq!(inbox.repeats_waiting(), RepeatsWaiting::default());
        assert!(!now(inbox.write_repeats(ALL)).unwrap());
        assert!(told.noted.lock().unwrap().is_empty());
    }
}

#[test]
fn what_could_not_be_written_is_kept() {
    let (told, inbox) = inbox(Appended::Duplicate);
    accept(&inbox, "m");
    told.fails_to_note.store(true, Ordering::Relaxed);
    assert!(now(inbox.write_repeats(ALL)).is_err());
    assert_eq!(now(inbox.repeats(&key("m"), unexpected)).unwrap().times, 41);
    told.fails_to_note.store(false, Ordering::Relaxed);
    assert!(now(inbox.write_repeats(ALL)).unwrap());
    assert_eq!(told.noted.lock().unwrap()[0][0].times, 1);
}

#[test]
fn an_inbox_gathers_what_it_may() {
    let (_, inbox) = inbox(Appended::Duplicate);
    let inbox = inbox.gathering(RepeatLimits {
        messages: NonZeroUsize::MIN,
        bytes: usize::MAX,
    });
    let watch = inbox.watch_repeats();
    accept(&inbox, "m");
    accept(&inbox, "n");
    let full = RepeatsWaiting {
        messages: 1,
        not_counted: 1,
    };
    assert_eq!(inbox.repeats_waiting(), full);
    assert_eq!(watch(), full);
}
