//! What Edin writes: for a person to open, and into its queues.

use edin_demo::shop::goods;
use edin_platform::Message;
use simulators::{Opening, Stage};

use crate::aws::Aws;

/// The demo's catalogue is the one file that Edin writes for a spreadsheet.
#[tokio::test]
async fn no_cell_of_a_catalogue_is_a_formula() {
    let text = Stage::open(|_| Opening::default()).await.unwrap().catalogue(&goods::goods());
    let mut cells = 0;
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            cells += 1;
        }
    }
    assert!(cells > 1_000);
}

#[tokio::test]
async fn a_message_that_no_queue_takes_holds_up_no_other() {
    let aws = Aws::default();
    let messages = ["a".to_owned(), "b".repeat(300 << 10), "c".to_owned()].map(Message::text);
    let error = aws.queue().send(messages.into()).await.unwrap_err();
    assert!(error.count == 1 && error.to_string().contains("longer than 262144 bytes"), "{error}");
    let sent = aws.taken();
    let bodies: Vec<&str> = sent
        .iter()
        .flat_map(|(_, call)| call["Entries"].as_array().into_iter().flatten())
        .filter_map(|entry| entry["MessageBody"].as_str())
        .collect();
    assert_eq!(bodies, ["a", "c"]);
}
