//! Which message of the engine lies in which row of the file, and how often it was handed out.

use std::collections::HashMap;

use super::file::Row;

/// By the message's id.
#[derive(Debug, Default)]
pub(super) struct Book {
    messages: HashMap<String, Entry>,
    /// Of each FIFO queue, the number of its last message.
    last: HashMap<String, String>,
}

#[derive(Debug)]
struct Entry {
    row: Row,
    queue: String,
    before: Before,
    handed_out: u32,
    holder: Holder,
}

/// Whether a message was in its queue already when the process started. Then nobody knows whether it was handed out before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// It was sent to this process.
    New,
    /// It was kept from the process before.
    Kept,
}

/// Who has a message until it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Queue,
    /// Somebody who takes it off the queue first, and says when it is done.
    Worker,
}

/// A message, as it is handed out once more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HandedOut {
    pub(super) row: Row,
    /// So often, this time included; not counted what the process before did.
    pub(super) times: u32,
    pub(super) before: Before,
}

impl Book {
    /// Notes what the engine made of a message. Says whether it is a new one: a FIFO queue answers one that it knows by its
    /// deduplication id as it did the first time, with the number of then.
    pub(super) fn enter(
        &mut self,
        (queue, row): (&str, Row),
        message: &str,
        number: Option<&str>,
        before: Before,
    ) -> bool {
        if let Some(number) = number {
            let last = self.last.entry(queue.to_owned()).or_default();
            if *number <= **last {
                return false;
            }
            number.clone_into(last);
        }
        let entry = Entry { row, queue: queue.to_owned(), before, handed_out: 0, holder: Holder::Queue };
        self.messages.insert(message.to_owned(), entry);
        true
    }

    /// Notes that a message is handed out; none if it isn't kept.
    pub(super) fn hand_out(&mut self, message: &str) -> Option<HandedOut> {
        let entry = self.messages.get_mut(message)?;
        entry.handed_out += 1;
        Some(HandedOut { row: entry.row, times: entry.handed_out, before: entry.before })
    }

    /// Notes that a message goes to another queue.
    pub(super) fn move_to(&mut self, message: &str, queue: &str) {
        if let Some(entry) = self.messages.get_mut(message) {
            queue.clone_into(&mut entry.queue);
        }
    }

    /// Leaves a message to a worker: that it is taken off the queue isn't its end any more.
    pub(super) fn hold(&mut self, message: &str) {
        if let Some(entry) = self.messages.get_mut(message) {
            entry.holder = Holder::Worker;
        }
    }

    /// Strikes out a message that was taken off its queue; none if that isn't its end.
    pub(super) fn taken_off(&mut self, message: &str) -> Option<Row> {
        match self.messages.get(message)?.holder {
            Holder::Queue => self.done(message),
            Holder::Worker => None,
        }
    }

    /// Strikes out a message.
    pub(super) fn done(&mut self, message: &str) -> Option<Row> {
        self.messages.remove(message).map(|entry| entry.row)
    }

    /// Strikes out all that lie in a queue.
    pub(super) fn purge(&mut self, queue: &str) -> Vec<Row> {
        let is_there = |entry: &Entry| entry.queue == queue && entry.holder == Holder::Queue;
        self.messages.extract_if(|_, entry| is_there(entry)).map(|(_, entry)| entry.row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_struck_out_once_by_its_end_alone() {
        let mut book = Book::default();
        assert!(book.enter(("inbox", Row(1)), "a", None, Before::New));
        assert!(book.enter(("push.fifo", Row(2)), "b", Some("01"), Before::New));
        book.hold("b");
        assert_eq!((book.taken_off("a"), book.taken_off("a"), book.taken_off("b")), (Some(Row(1)), None, None));
        assert_eq!((book.done("b"), book.done("b")), (Some(Row(2)), None));
    }

    #[test]
    fn what_a_fifo_queue_knows_already_is_no_new_message() {
        let mut book = Book::default();
        assert!(book.enter(("push.fifo", Row(1)), "a", Some("00000000000000000009"), Before::New));
        assert!(!book.enter(("push.fifo", Row(2)), "a", Some("00000000000000000009"), Before::New));
        assert!(book.enter(("other.fifo", Row(3)), "c", Some("00000000000000000001"), Before::New));
        assert!(book.enter(("push.fifo", Row(4)), "d", Some("00000000000000000010"), Before::New));
        assert_eq!(book.done("a"), Some(Row(1)));
    }

    #[test]
    fn a_queue_is_purged_alone() {
        let mut book = Book::default();
        book.enter(("inbox", Row(1)), "a", None, Before::New);
        book.enter(("poll", Row(2)), "b", None, Before::New);
        assert_eq!(book.purge("inbox"), [Row(1)]);
        assert_eq!(book.hand_out("b"), Some(HandedOut { row: Row(2), times: 1, before: Before::New }));
        assert_eq!(book.hand_out("a"), None);
    }
}
