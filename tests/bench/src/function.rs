//! What a function finds in its environment, and where its binary is.

use std::path::{Path, PathBuf};

/// Where the secrets begin.
pub const SECRETS: &str = "/edin/bench";

/// A function's binary as `sam build` left it.
#[must_use]
pub fn deployed(function: &str) -> PathBuf {
    let (first, rest) = function.split_at(1);
    let folder = format!("{}{rest}Function", first.to_uppercase());
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.aws-sam/build").join(folder).join("bootstrap")
}

/// What the template sets, and what Lambda does.
#[must_use]
pub fn environment(runtime: &str, aws: &str) -> Vec<(&'static str, String)> {
    let url = format!("http://{aws}");
    let queue = |name: &str| format!("{url}/000000000000/{name}");
    let tables = edin_local::aws::engine::tables();
    let settings = [
        ("AWS_LAMBDA_RUNTIME_API", runtime.to_owned()),
        ("AWS_ENDPOINT_URL", url.clone()),
        ("EDIN_STOCK_TABLE", tables.stock),
        ("EDIN_CUSTOMERS_TABLE", tables.customers),
        ("EDIN_INBOX_QUEUE", queue("inbox")),
        ("EDIN_PUSH_QUEUE", queue("push.fifo")),
        ("EDIN_DEFERRED_QUEUE", queue("deferred")),
        ("EDIN_POLL_QUEUE", queue("poll")),
        ("EDIN_RECONCILE_QUEUE", queue("reconcile")),
        ("EDIN_PUSH_DEAD_QUEUE", queue("push-dead.fifo")),
    ];
    let constants = [
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("EDIN_STACK", "bench"),
        ("EDIN_SECRETS", SECRETS),
    ];
    let constants = constants.map(|(name, value)| (name, value.to_owned()));
    settings.into_iter().chain(constants).chain(certificates()).collect()
}

/// The template names the system's certificates in one file; read from their folder, one by one, they take longer than all
/// the rest of a start.
fn certificates() -> Option<(&'static str, String)> {
    let bundles = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];
    let bundle = bundles.iter().find(|bundle| std::path::Path::new(bundle).exists())?;
    Some(("SSL_CERT_FILE", (*bundle).to_owned()))
}
