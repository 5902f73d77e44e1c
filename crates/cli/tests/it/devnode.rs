//! `plimsoll devnode` as people run it.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use plimsoll_harness::{
    bindings::arbitrum::{ARB_WASM, ArbWasm},
    prelude::*,
};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");

/// A node that runs as a process of its own.
struct Devnode {
    child: Child,
    output: BufReader<ChildStdout>,
    head: String,
}

impl Devnode {
    fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(BINARY)
            .args(["devnode", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .context(BINARY)?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let mut head = String::new();
        while !head.contains("Ready in") {
            if output.read_line(&mut head)? == 0 {
                bail!("the node ended at once: {head}");
            }
        }
        Ok(Self { child, output, head })
    }

    fn url(&self) -> &str {
        let start = self.head.find("http://").expect("the head names the address");
        self.head[start..].split_whitespace().next().unwrap_or_default()
    }

    async fn chain(&self) -> Result<Chain> {
        Chain::connect(self.url()).await
    }

    /// The next line that is not empty.
    fn line(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            ensure!(self.output.read_line(&mut line)? > 0, "the node ended");
            if !line.trim().is_empty() {
                return Ok(line.trim().to_owned());
            }
        }
    }

    /// Ctrl-C; the rest of what it printed.
    fn interrupt(mut self) -> Result<(ExitStatus, String)> {
        let done = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        ensure!(done.success(), "kill failed");
        let mut rest = String::new();
        self.output.read_to_string(&mut rest)?;
        Ok((self.child.wait()?, rest))
    }
}

impl Drop for Devnode {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A path that is not there yet and is gone afterwards.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn text(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn refused(arguments: &[&str]) -> Result<String> {
    let Output { status, stderr, .. } = Command::new(BINARY).arg("devnode").args(arguments).output()?;
    ensure!(!status.success(), "{arguments:?} was accepted");
    Ok(String::from_utf8_lossy(&stderr).into_owned())
}

async fn head_hash(chain: &Chain) -> Result<Value> {
    let block: Value = chain.request("eth_getBlockByNumber", ("latest", false)).await?;
    Ok(block["hash"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn head_names_url_keys_and_contracts() -> Result<()> {
    let node = Devnode::start(&[])?;
    for text in [
        "chain 412346, ArbOS 61",
        "ws://127.0.0.1:",
        "0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E  0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659",
        "CREATE2 factory    0x4e59b44847b379578588920cA78FbF26c0B4956C",
        "StylusDeployer     0xcEcba2F1DC234f70Dd89F2041029807F8D03A990",
        "cache manager",
    ] {
        assert!(node.head.contains(text), "no {text} in\n{}", node.head);
    }
    // What it names is there.
    let chain = node.chain().await?;
    let deployer = "0xcEcba2F1DC234f70Dd89F2041029807F8D03A990".parse()?;
    assert!(!chain.code(deployer).await?.is_empty());
    let (status, _) = node.interrupt()?;
    assert!(status.success(), "Ctrl-C is a clean end: {status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_tell_names_gas_and_why_it_failed() -> Result<()> {
    let mut node = Devnode::start(&[])?;
    let chain = node.chain().await?;
    let dev = Key::dev();
    let token = chain.create(&dev, plimsoll_harness::workspace::Artifact::load("GasProbe")?.bytecode).await?;
    assert!(node.line()?.contains("ok   developer creates GasProbe at 0x"));
    assert!(!chain.code(token).await?.is_empty());

    chain.send(Tx::raw(&dev, token, vec![1, 2, 3, 4]).gas(100_000)).await.ok();
    let line = node.line()?;
    assert!(line.contains("FAIL developer GasProbe.0x01020304  "), "{line}");
    assert_eq!(node.line()?, "reverted without data");

    let call = ArbWasm::activateProgramCall { program: token };
    chain.transact(&dev, ARB_WASM, &call).await.expect_revert::<ArbWasm::ProgramNotWasm>()?;
    let line = node.line()?;
    assert!(line.contains("FAIL developer ArbWasm.activateProgram  "), "{line}");
    // The parts add up to the gas used.
    let numbers: Vec<u64> = line
        .split("ArbWasm.activateProgram")
        .nth(1)
        .and_then(|rest| rest.split("0x").next())
        .context("no figures")?
        .split_whitespace()
        .filter_map(|word| word.replace(',', "").parse().ok())
        .collect();
    assert_eq!(numbers[0], numbers[1..5].iter().sum::<u64>(), "{line}");
    assert_eq!(node.line()?, "ProgramNotWasm()");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn state_goes_on_where_it_stood() -> Result<()> {
    let file = Temporary::new("devnode-state");
    let node = Devnode::start(&["--state", &file.text()])?;
    let chain = node.chain().await?;
    let nobody = Key::named("nobody").address();
    chain.send(Tx::raw(&Key::dev(), nobody, vec![]).value(alloy::primitives::U256::from(42))).await?;
    let hash = head_hash(&chain).await?;
    let (status, rest) = node.interrupt()?;
    assert!(status.success() && rest.contains("blocks is in"), "{rest}");
    assert!(file.path().exists());

    let node = Devnode::start(&["--state", &file.text()])?;
    assert!(node.head.contains("Going on with"), "{}", node.head);
    let chain = node.chain().await?;
    assert_eq!(head_hash(&chain).await?, hash);
    assert_eq!(chain.balance(nobody).await?, alloy::primitives::U256::from(42));
    drop(node);

    assert!(
        refused(&["--port", "0", "--deploy", "--state", &file.text()])?
            .contains("--deploy is for a new chain")
    );
    assert!(
        refused(&["--port", "0", "--arbos", "40", "--state", &file.text()])?.contains("of ArbOS 61, not 40")
    );
    fs::write(file.path(), "{}")?;
    assert!(refused(&["--port", "0", "--state", &file.text()])?.contains("this is no dump of a chain"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn seed_gives_the_same_chain_again() -> Result<()> {
    let mut hashes = Vec::new();
    let mut accounts = Vec::new();
    for seed in ["7", "7", "8"] {
        let node = Devnode::start(&["--seed", seed, "--quiet"])?;
        let chain = node.chain().await?;
        chain.send(Tx::raw(&Key::dev(), Key::named("somebody").address(), vec![])).await?;
        hashes.push(head_hash(&chain).await?);
        let lines = node.head.lines().filter(|line| line.trim_start().starts_with(char::is_numeric));
        accounts.push(lines.map(str::to_owned).collect::<Vec<_>>());
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(accounts[0], accounts[1]);
    assert_eq!(accounts[0].len(), 5);
    assert!(accounts[0].iter().all(|account| !accounts[2].contains(account)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn block_time_gathers_transactions() -> Result<()> {
    let node = Devnode::start(&["--block-time", "0.2"])?;
    let chain = node.chain().await?;
    let keys: Vec<Key> = (0..3).map(|n| Key::named(&format!("gathered {n}"))).collect();
    let txs: Vec<Tx> = keys.iter().map(|key| Tx::raw(&Key::dev(), key.address(), vec![])).collect();
    let receipts = chain.send_all_ok(&txs).await?;
    let blocks: Vec<_> = receipts.iter().map(|receipt| receipt.block_number).collect();
    assert_eq!(blocks[0], blocks[2], "sent in one request, mined in one block");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn arbos_is_selectable() -> Result<()> {
    for version in ["32", "40", "51", "60"] {
        let node = Devnode::start(&["--arbos", version])?;
        assert!(node.head.contains(&format!("ArbOS {version}\n")), "{}", node.head);
    }
    assert!(refused(&["--arbos", "99"])?.contains("ArbOS 99"));
    assert!(refused(&["--block-time", "0"])?.contains("a number of seconds above zero"));
    assert!(refused(&["--seed", "x"])?.contains("invalid value 'x'"));
    Ok(())
}

#[test]
fn port_that_is_taken_is_named() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    assert!(refused(&["--port", &port])?.contains(&format!("port {port}")));
    Ok(())
}
