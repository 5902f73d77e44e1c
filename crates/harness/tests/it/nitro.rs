//! `scripts/devnode --nitro` from beginning to end, with an embedded node in Nitro's place and a `docker` that only
//! remembers what it is asked. That it says so when there is no Docker is in `scripts/lib/nitro.test.mjs`.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use plimsoll_harness::{
    chain::Chain,
    node::{Node, Options},
    setup::{CREATE2_FACTORY, STYLUS_DEPLOYER},
    workspace,
};

/// `wait` lasts until `stop`, as with a container.
const DOCKER: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$0.asked"
case $1 in
version) echo 28.2.2 ;;
run) echo 0123456789ab ;;
wait)
    echo $$ > "$0.waits"
    exec sleep 600
    ;;
stop) if [ -f "$0.waits" ]; then kill "$(cat "$0.waits")"; fi ;;
logs) echo the last words >&2 ;;
esac
"#;

/// A folder with the `docker` above, removed when this is dropped.
struct Docker {
    folder: PathBuf,
}

impl Docker {
    fn new(name: &str) -> Result<Self> {
        let folder = env::temp_dir().join(format!("plimsoll-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("docker"), DOCKER)?;
        fs::set_permissions(folder.join("docker"), fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    fn asked(&self) -> Result<Vec<String>> {
        Ok(fs::read_to_string(self.folder.join("docker.asked"))?.lines().map(str::to_owned).collect())
    }

    /// Starts the script.
    fn script(&self, arguments: &[&str]) -> Result<Child> {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths([self.folder.clone()].into_iter().chain(env::split_paths(&path)))?;
        let script = workspace::root()?.join("scripts/lib/nitro");
        let mut command = Command::new(script);
        command.args(arguments).env("PATH", path).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().context("starting the script")
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether this process, and so every child, ignores SIGINT; where the system does not say, it does not.
fn interrupt_is_ignored() -> Result<bool> {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return Ok(false) };
    let Some(mask) = status.lines().find_map(|line| line.strip_prefix("SigIgn:")) else { return Ok(false) };
    // Signal 2 is the second bit.
    Ok(u64::from_str_radix(mask.trim(), 16)? & 2 != 0)
}

/// A node like Nitro, and its port.
async fn stand_in() -> Result<(Node, String)> {
    let node = Node::embedded(Options { plain: true, ..Options::default() }).await?;
    let port = node.chain().url().rsplit(':').next().context("a port")?.to_owned();
    Ok((node, port))
}

#[tokio::test(flavor = "multi_thread")]
async fn nitro_runs_the_image_sets_it_up_and_stops_it_on_ctrl_c() -> Result<()> {
    let (_node, port) = stand_in().await?;
    let docker = Docker::new("nitro-runs")?;
    let mut script = docker.script(&["--port", &port, "--image", "some/node:v1", "--arbos", "61"])?;
    let mut said = Vec::new();
    for line in BufReader::new(script.stdout.take().context("stdout")?).lines() {
        said.push(line?);
        if said.last().is_some_and(|line| line.starts_with("PLIMSOLL_RPC_URL=")) {
            break;
        }
    }
    let said = said.join("\n");
    let url = format!("http://127.0.0.1:{port}");
    ensure!(said.ends_with(&format!("PLIMSOLL_RPC_URL={url}")), "{said}");
    for part in [
        "0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E",
        "0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659",
        &CREATE2_FACTORY.to_string(),
        &STYLUS_DEPLOYER.to_string(),
        "412346",
    ] {
        ensure!(said.contains(part), "{part} is not in\n{said}");
    }
    let chain = Chain::connect(&url).await?;
    for placed in [CREATE2_FACTORY, STYLUS_DEPLOYER] {
        ensure!(!chain.code(placed).await?.is_empty(), "{placed}");
    }

    // The script waits for the node in the background: it may say that all is ready a moment before it asks docker.
    let deadline = Instant::now() + Duration::from_secs(30);
    while !docker.asked()?.iter().any(|line| line.starts_with("wait ")) {
        ensure!(Instant::now() < deadline, "the script does not wait: {:?}", docker.asked()?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let signal = if interrupt_is_ignored()? {
        // As in a job that a shell put into the background: what is ignored from the start no script can catch.
        eprintln!("SIGINT is ignored here: the script is stopped by SIGTERM instead");
        "-TERM"
    } else {
        "-INT"
    };
    ensure!(Command::new("kill").args([signal, &script.id().to_string()]).status()?.success());
    let status = script.wait()?;
    ensure!(status.success(), "{status}");
    let asked = docker.asked()?;
    let run = format!(
        "run --rm --detach --name plimsoll-nitro-{port} --publish 127.0.0.1:{port}:8547 some/node:v1 --dev --http.addr \
         0.0.0.0 --http.api=net,web3,eth,debug"
    );
    assert_eq!(
        asked,
        [
            "version --format {{.Server.Version}}".to_owned(),
            run,
            format!("wait plimsoll-nitro-{port}"),
            format!("stop --time 10 plimsoll-nitro-{port}"),
        ]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nitro_stops_the_container_when_the_setup_fails() -> Result<()> {
    let (_node, port) = stand_in().await?;
    let docker = Docker::new("nitro-fails")?;
    // The node runs a later version, and there is no way back.
    let mut script = docker.script(&["--port", &port, "--arbos", "20"])?;
    let status = script.wait()?;
    let mut said = String::new();
    script.stderr.take().context("stderr")?.read_to_string(&mut said)?;
    assert_eq!(status.code(), Some(1), "{said}");
    ensure!(said.contains("no way back to 20") && said.contains("the last words"), "{said}");
    let asked = docker.asked()?;
    ensure!(asked.last().is_some_and(|last| last.starts_with("stop ")), "{asked:?}");
    Ok(())
}
