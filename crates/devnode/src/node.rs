//! The node: a chain on a thread of its own behind a server of HTTP and WebSocket.

use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::{mpsc as channel, oneshot};

use crate::chain::Chain;
use crate::chain::block::Block;
use crate::config::{Config, ConfigError};
use crate::rpc::{RpcError, Server, Sink, failure};
use crate::stack::{STACK_BYTES, mark_large};

/// Most bytes of a request.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

type Job = Box<dyn FnOnce(&mut Server) + Send>;

/// A node that can be started.
#[derive(Debug)]
pub struct Node;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or the system has no thread to give.
    #[error("cannot start the node: {0}")]
    Io(#[from] std::io::Error),
    /// The settings describe no chain.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A running node; it stops when this is dropped.
#[derive(Debug)]
pub struct NodeHandle {
    url: String,
    address: SocketAddr,
    jobs: mpsc::Sender<Job>,
    stop: Option<oneshot::Sender<()>>,
}

impl Node {
    /// Starts a node on the loopback address. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config) -> Result<NodeHandle, StartError> {
        config.check()?;
        Self::serve(Chain::new(config)).await
    }

    /// Starts a node with a chain that is there already, at the port and with the block time of its settings.
    ///
    /// # Errors
    /// [`StartError::Io`].
    pub async fn serve(chain: Chain) -> Result<NodeHandle, StartError> {
        let config = chain.config();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
        let address = listener.local_addr()?;
        let jobs = worker(chain)?;
        let app = Router::new()
            .route("/", post(handle).options(preflight).get(upgrade))
            .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(jobs.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let server = axum::serve(listener, app).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            // The server ends only when it is stopped; errors of one connection stay with it.
            let _ = server.await;
        });
        Ok(NodeHandle { url: format!("http://{address}"), address, jobs, stop: Some(stop) })
    }
}

impl NodeHandle {
    /// Where the node listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket that the node listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs on the chain itself, between requests. `None` if it panicked.
    pub async fn with_chain<R: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Chain) -> R + Send + 'static,
    ) -> Option<R> {
        ask(&self.jobs, move |server| f(server.chain())).await
    }

    /// Every block from now on, as it is mined. Ends with the node.
    pub async fn blocks(&self) -> channel::UnboundedReceiver<Arc<Block>> {
        let (watcher, blocks) = channel::unbounded_channel();
        ask(&self.jobs, move |server| server.watch(watcher)).await;
        blocks
    }
}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// The thread that owns the chain. It ends when nobody can send jobs any more.
fn worker(chain: Chain) -> Result<mpsc::Sender<Job>, std::io::Error> {
    let (jobs, queue) = mpsc::channel::<Job>();
    std::thread::Builder::new().name("chain".into()).stack_size(STACK_BYTES).spawn(move || {
        mark_large();
        let mut server = Server::new(chain);
        let mut last = Instant::now();
        loop {
            let due = server.chain().config().block_time.map(|time| last + time);
            let job = match next_job(&queue, due) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    last = Instant::now();
                    Box::new(|server: &mut Server| {
                        // Without a time of its own a block cannot come too early or too late.
                        let _ = server.chain().mine(None);
                    })
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            // State is committed only after a run has ended, so a panic leaves the chain as it was.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                job(&mut server);
                server.tell_subscribers();
            }));
        }
    })?;
    Ok(jobs)
}

/// The next job, unless a block is due first.
fn next_job(queue: &mpsc::Receiver<Job>, due: Option<Instant>) -> Result<Job, RecvTimeoutError> {
    match due.map(|due| due.saturating_duration_since(Instant::now())) {
        None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(Duration::ZERO) => Err(RecvTimeoutError::Timeout),
        Some(rest) => queue.recv_timeout(rest),
    }
}

async fn ask<R: Send + 'static>(
    jobs: &mpsc::Sender<Job>,
    f: impl FnOnce(&mut Server) -> R + Send + 'static,
) -> Option<R> {
    let (reply, answer) = oneshot::channel();
    let job: Job = Box::new(move |server| {
        let _ = reply.send(f(server));
    });
    jobs.send(job).ok()?;
    answer.await.ok()
}

async fn handle(State(jobs): State<mpsc::Sender<Job>>, body: Bytes) -> Response {
    // Answers are written on the chain's thread as text: a large one would hold up the runtime otherwise.
    let answer = ask(&jobs, move |server| server.handle(&body).map(|answer| answer.to_string())).await;
    let text = match answer {
        Some(Some(text)) => text,
        Some(None) => return open((StatusCode::NO_CONTENT, "").into_response()),
        None => broken(),
    };
    open(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn upgrade(State(jobs): State<mpsc::Sender<Job>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(BODY_LIMIT).on_upgrade(|socket| converse(socket, jobs))
}

/// One WebSocket: answers what it asks, in order, and passes on what it subscribed to.
async fn converse(mut socket: WebSocket, jobs: mpsc::Sender<Job>) {
    let (sink, mut notes) = channel::unbounded_channel::<String>();
    loop {
        let text = tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => reply(&jobs, Bytes::from(text), &sink).await,
                Some(Ok(Message::Binary(body))) => reply(&jobs, body, &sink).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            Some(note) = notes.recv() => Some(note),
        };
        if let Some(text) = text
            && socket.send(Message::Text(text.into())).await.is_err()
        {
            return;
        }
    }
}

/// The answer to a message over WebSocket; `None` when it wants none.
async fn reply(jobs: &mpsc::Sender<Job>, body: Bytes, sink: &Sink) -> Option<String> {
    let sink = sink.clone();
    let answer =
        ask(jobs, move |server| server.handle_from(&body, Some(&sink)).map(|answer| answer.to_string()))
            .await;
    answer.unwrap_or_else(|| Some(broken()))
}

/// The answer to a request that panicked.
fn broken() -> String {
    failure(Value::Null, &RpcError::internal("the request failed inside the node")).to_string()
}

async fn preflight() -> Response {
    open((StatusCode::NO_CONTENT, "").into_response())
}

/// Wallets in browsers come from another origin.
fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    if let Ok(methods) = HeaderValue::from_str(&format!("{}, {}", Method::POST, Method::OPTIONS)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    response
}
