//! Takes connections on a port, for ever.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long to wait when there can be no connection more, as when all file descriptors are in use.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves each connection of `listener` in a task of its own; all of them end when this does.
pub(crate) async fn connections<S>(listener: TcpListener, serve: impl Fn(TcpStream, SocketAddr) -> S)
where
    S: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, source)) => {
                let _ = stream.set_nodelay(true);
                open.spawn(serve(stream, source));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection can not be taken; later");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
}
