//! The functions' handlers, woken by events of the shape that AWS documents: what no local engine shows.
//!
//! A local AWS neither bisects a stream's batch nor cuts it where the function says, runs one FIFO group at a time, and has no
//! address for the caller of an HTTP API. So each test here is the event source: it says what comes, how often and in what
//! pieces, over the embedded engine. The dress of an event is in `samples`; what is in it is each test's own.

mod calls;
mod demand;
mod fanout;
mod feed;
mod figures;
mod functions;
mod intake;
mod messages;
mod orders;
mod project;
mod push;
mod redrive;
mod schedules;
mod stage;
mod stream;
mod unreadable;
mod webhook;
