//! The queues, as one process leaves them and the next one finds them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "all of it is tests, what helps them too")]

use std::path::Path;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use edin_local::aws::engine::Engine;
use edin_local::house::{House, Options};
use edin_local::state::{backup, secrets};
use edin_platform::{Clock as _, Message as Sent, SystemClock};
use rusqlite::Connection;

/// What one process does with the queues.
struct World {
    engine: Engine,
    sqs: aws_sdk_sqs::Client,
}

impl World {
    async fn start(state: &Path) -> Self {
        let engine = Engine::start(state).await.unwrap();
        let sqs = engine.sqs_client("test");
        Self { engine, sqs }
    }

    async fn send(&self, queue: &str, messages: Vec<Sent>) {
        self.engine.queue("test", queue).send(messages).await.unwrap();
    }

    async fn receive(&self, queue: &str) -> Vec<Message> {
        let request = self.sqs.receive_message().queue_url(self.engine.queue_url(queue)).max_number_of_messages(10);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        request.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default()
    }

    async fn bodies(&self, queue: &str) -> Vec<String> {
        self.receive(queue).await.into_iter().map(|message| message.body.unwrap()).collect()
    }

    async fn delete(&self, queue: &str, message: &Message) {
        let request = self.sqs.delete_message().queue_url(self.engine.queue_url(queue));
        request.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    }

    async fn show_again(&self, queue: &str, message: &Message) {
        let request = self.sqs.change_message_visibility().queue_url(self.engine.queue_url(queue));
        request.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(0).send().await.unwrap();
    }
}

/// Waits until so many messages are kept: what is done is struck out a moment later.
async fn until_kept(state: &Path, wanted: i64) {
    let file = Connection::open(state.join("edin.db")).unwrap();
    let count = || file.query_row("SELECT count(*) FROM edin_messages", [], |row| row.get::<_, i64>(0)).unwrap();
    let kept = async {
        while count() != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(30), kept).await;
    assert!(came.is_ok(), "{} are kept", count());
}

fn count(message: &Message) -> u32 {
    message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount].parse().unwrap()
}

#[tokio::test]
async fn what_was_sent_and_not_done_comes_again_in_its_order_and_nothing_else_does() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    world.send("inbox", ["first", "second", "third"].map(Sent::text).into()).await;
    world.send("poll", vec![Sent::text("done")]).await;
    let received = world.receive("inbox").await;
    world.delete("inbox", &received[1]).await;
    let done = world.receive("poll").await;
    assert_eq!((count(&received[0]), count(&done[0])), (1, 1));
    world.delete("poll", &done[0]).await;
    until_kept(state.path(), 2).await;
    drop(world);

    let world = World::start(state.path()).await;
    let received = world.receive("inbox").await;
    assert_eq!(received.iter().map(|message| message.body().unwrap()).collect::<Vec<_>>(), ["first", "third"]);
    assert!(received.iter().all(|message| count(message) == 2), "it may have been handed out before");
    assert!(world.receive("poll").await.is_empty());
    for message in &received {
        world.delete("inbox", message).await;
    }
    until_kept(state.path(), 0).await;
}

#[tokio::test]
async fn a_message_keeps_its_attributes_and_its_delay_is_counted_from_when_it_was_sent() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    let of = |data_type: &str| MessageAttributeValue::builder().data_type(data_type);
    let text = of("String").string_value("Алматы").build().unwrap();
    let bytes = of("Binary").binary_value(aws_sdk_sqs::primitives::Blob::new([0, 255])).build().unwrap();
    let request = world.sqs.send_message().queue_url(world.engine.queue_url("inbox")).message_body("x");
    request.message_attributes("text", text.clone()).message_attributes("bytes", bytes.clone()).send().await.unwrap();
    world.send("deferred", vec![Sent::text("soon").after(Duration::from_secs(2))]).await;
    world.send("deferred", vec![Sent::text("later").after(Duration::from_secs(900))]).await;
    drop(world);
    tokio::time::sleep(Duration::from_secs(2)).await;

    let world = World::start(state.path()).await;
    let attributes = world.receive("inbox").await.remove(0).message_attributes.unwrap();
    assert_eq!((&attributes["text"], &attributes["bytes"]), (&text, &bytes));
    assert_eq!(world.bodies("deferred").await, ["soon"]);
    until_kept(state.path(), 3).await;
}

#[tokio::test]
async fn a_group_keeps_its_order_and_one_more_by_the_same_id_is_dropped_before_and_after() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    let sent = |body: &str, id: &str| Sent::text(body).in_group("wb/stock", id);
    world.send("push.fifo", vec![sent("1", "a"), sent("2", "b")]).await;
    world.send("push.fifo", vec![sent("1 again", "a")]).await;
    let first = world.receive("push.fifo").await.remove(0);
    world.delete("push.fifo", &first).await;
    world.send("push.fifo", vec![sent("1 once more", "a"), sent("3", "c")]).await;
    until_kept(state.path(), 2).await;
    drop(world);

    let world = World::start(state.path()).await;
    world.send("push.fifo", vec![sent("2 again", "b"), sent("4", "d")]).await;
    let mut told = Vec::new();
    while let Some(message) = world.receive("push.fifo").await.pop() {
        world.delete("push.fifo", &message).await;
        told.push(message.body.unwrap());
    }
    assert_eq!(told, ["2", "3", "4"]);
    until_kept(state.path(), 0).await;
}

#[tokio::test]
async fn two_that_share_an_id_because_the_queue_had_forgotten_the_first_both_come_again() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    world.send("push.fifo", vec![Sent::text("1").in_group("wb/stock", "a")]).await;
    drop(world);
    let file = Connection::open(state.path().join("edin.db")).unwrap();
    let earlier = "UPDATE edin_messages SET sent = sent - 400000, due = due - 400000";
    assert_eq!(file.execute(earlier, []).unwrap(), 1);
    let world = World::start(state.path()).await;
    world.send("push.fifo", vec![Sent::text("2").in_group("wb/stock", "a")]).await;
    drop(world);
    let world = World::start(state.path()).await;
    let first = world.receive("push.fifo").await.remove(0);
    world.delete("push.fifo", &first).await;
    assert_eq!((first.body().unwrap(), world.bodies("push.fifo").await), ("1", vec!["2".to_owned()]));
}

#[tokio::test]
async fn a_dead_letter_stays_one_and_may_be_looked_at_as_often_as_anybody_likes() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    world.send("inbox", vec![Sent::text("poison"), Sent::text("slow")]).await;
    world.send("stream-dead", vec![Sent::text("a record")]).await;
    for delivery in 1..=5 {
        let received = world.receive("inbox").await;
        assert_eq!(received.len(), 2, "delivery {delivery}");
        for message in received {
            // What is done at last is no dead letter.
            if delivery == 5 && message.body() == Some("slow") {
                world.delete("inbox", &message).await;
            } else {
                world.show_again("inbox", &message).await;
            }
        }
    }
    until_kept(state.path(), 2).await;
    drop(world);

    let world = World::start(state.path()).await;
    assert!(world.receive("inbox").await.is_empty());
    for _ in 0..7 {
        for (queue, body) in [("inbox-dead", "poison"), ("stream-dead", "a record")] {
            let message = world.receive(queue).await.remove(0);
            assert_eq!(message.body(), Some(body));
            world.show_again(queue, &message).await;
        }
    }
    drop(world);
    let world = World::start(state.path()).await;
    assert_eq!(world.bodies("inbox-dead").await, ["poison"]);
    assert_eq!(world.bodies("stream-dead").await, ["a record"]);
}

#[tokio::test]
async fn a_queue_that_is_purged_is_empty_after_a_restart_too() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    world.send("inbox", vec![Sent::text("x")]).await;
    world.send("poll", vec![Sent::text("y")]).await;
    world.sqs.purge_queue().queue_url(world.engine.queue_url("inbox")).send().await.unwrap();
    until_kept(state.path(), 1).await;
    drop(world);
    let world = World::start(state.path()).await;
    assert!(world.receive("inbox").await.is_empty());
    assert_eq!(world.bodies("poll").await, ["y"]);
}

#[tokio::test]
async fn what_can_not_be_written_down_is_not_taken() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    let file = Connection::open(state.path().join("edin.db")).unwrap();
    file.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON edin_messages BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    )
    .unwrap();
    let refused = world.engine.queue("test", "inbox").send(vec![Sent::text("x")]).await.unwrap_err();
    assert!(refused.reason.contains("the disk is full"), "{refused}");
    assert!(world.receive("inbox").await.is_empty());
    file.execute_batch("DROP TRIGGER full").unwrap();
    world.send("inbox", vec![Sent::text("y")]).await;
    assert_eq!(world.bodies("inbox").await, ["y"]);
}

#[tokio::test]
async fn a_message_that_can_not_be_sent_again_stays_and_holds_up_no_other() {
    let state = tempfile::tempdir().unwrap();
    let world = World::start(state.path()).await;
    world.send("inbox", ["1", "2", "3"].map(Sent::text).into()).await;
    drop(world);
    let file = Connection::open(state.path().join("edin.db")).unwrap();
    file.execute("UPDATE edin_messages SET message = 'no message' WHERE id = 1", []).unwrap();
    file.execute("UPDATE edin_messages SET queue = 'of-a-later-release' WHERE id = 2", []).unwrap();
    let world = World::start(state.path()).await;
    assert_eq!(world.bodies("inbox").await, ["3"]);
    until_kept(state.path(), 3).await;
}

#[tokio::test]
async fn a_backup_holds_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (state, anew, file) = (folder.path().join("state"), folder.path().join("anew"), folder.path().join("b.edin"));
    edin_local::state::make(&state).unwrap();
    secrets::prepare(&state).unwrap();
    let world = World::start(&state).await;
    world.send("inbox", vec![Sent::text("a sale")]).await;
    world.send("push-dead.fifo", vec![Sent::text("given up").in_group("wb/stock", "a")]).await;
    backup::back_up(&state, &file, "1.0", SystemClock.now()).unwrap();
    backup::restore(&file, &anew).unwrap();
    let world = World::start(&anew).await;
    assert_eq!(world.bodies("inbox").await, ["a sale"]);
    assert_eq!(world.bodies("push-dead.fifo").await, ["given up"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_was_left_in_its_queue_is_worked_off_by_the_next_house_and_then_forgotten() {
    let state = tempfile::tempdir().unwrap();
    secrets::prepare(state.path()).unwrap();
    let world = World::start(state.path()).await;
    // It can't be read, so that it is set aside at once: that is the end of it.
    world.send("push.fifo", vec![Sent::text("no push").in_group("wb/stock", "a")]).await;
    drop(world);
    let options = Options { schedules: None, ..Options::new(state.path(), ([127, 0, 0, 1], 0).into()) };
    let house = House::start(options.clone()).await.unwrap();
    let set_aside = async {
        while house.waiting("push-dead.fifo").await.unwrap() == 0 || house.waiting("push.fifo").await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), set_aside).await.unwrap();
    until_kept(state.path(), 1).await;
    drop(house);
    let world = World::start(state.path()).await;
    assert!(world.receive("push.fifo").await.is_empty());
    assert_eq!(world.bodies("push-dead.fifo").await, ["no push"]);
}
