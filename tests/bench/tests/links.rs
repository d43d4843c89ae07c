//! What a function is made of, by cargo's own word.

use std::process::Command;

/// What channels wait for must start fast, and what anybody on the internet can reach must not be able to reach much.
#[test]
fn webhook_links_no_table_and_no_channel_client() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "-p", "webhook", "-e", "normal", "--prefix", "none", "--format", "{lib}"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let linked: Vec<&str> = tree.lines().collect();
    assert!(linked.contains(&"aws_sdk_sqs"), "this is not webhook's tree: {linked:?}");
    for foreign in ["aws_sdk_dynamodb", "edin_store", "reqwest"] {
        assert!(!linked.contains(&foreign), "webhook links {foreign}");
    }
}
