//! Nodes as processes of their own, started and timed from outside.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use alloy::{primitives::U64, rpc::client::RpcClient};
use anyhow::{Context, Result, bail};

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two questions whether it is there.
const PAUSE: Duration = Duration::from_millis(1);

/// A node that can be started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    /// Arguments for a port.
    pub(crate) arguments: fn(u16) -> Vec<String>,
}

/// A running node; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) url: String,
    /// From before the start to the first answer.
    pub(crate) cold: Duration,
    child: Child,
}

impl Program {
    /// Starts the node on a free port and waits for its first answer.
    pub(crate) async fn start(&self) -> Result<Process> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let url = format!("http://127.0.0.1:{port}");
        let client = RpcClient::new_http(url.parse()?);
        let began = Instant::now();
        let child = Command::new(&self.path)
            .args((self.arguments)(port))
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", self.path.display()))?;
        let mut process = Process { url, cold: Duration::ZERO, child };
        loop {
            let answer: Result<U64, _> = client.request_noparams("eth_chainId").await;
            process.cold = began.elapsed();
            if answer.is_ok() {
                return Ok(process);
            }
            if let Some(status) = process.child.try_wait()? {
                bail!("{} ended: {status}", self.path.display());
            }
            if process.cold > PATIENCE {
                bail!("{} does not answer at {}", self.path.display(), process.url);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
