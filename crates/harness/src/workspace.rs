//! Where the repository and its build directory are, and the compiled Solidity in it.

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use alloy::primitives::Bytes;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Root of the repository: `PLIMSOLL_ROOT`, or where this crate was built from.
///
/// # Errors
/// When there is no workspace at that place.
pub fn root() -> Result<PathBuf> {
    let root = match env::var_os("PLIMSOLL_ROOT") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
    };
    let root = root.canonicalize().with_context(|| format!("no repository at {}", root.display()))?;
    ensure!(root.join("Cargo.toml").is_file(), "no Cargo workspace at {}", root.display());
    Ok(root)
}

/// Build directory: `CARGO_TARGET_DIR` (a relative one counts from the root), or `target`.
///
/// # Errors
/// As [`root`].
pub fn target_dir() -> Result<PathBuf> {
    let root = root()?;
    Ok(match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    })
}

/// A directory for the harness's own files under the build directory, created if need be.
///
/// # Errors
/// When it cannot be created.
pub fn cache_dir(name: &str) -> Result<PathBuf> {
    let dir = target_dir()?.join("plimsoll").join(name);
    fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
    Ok(dir)
}

/// Holds a lock among all processes that use this build directory until it is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held for its drop")] File);

/// Waits for the lock of that name. It blocks the thread.
///
/// # Errors
/// When the file cannot be created or the system refuses to lock it.
pub fn lock(name: &str) -> Result<Lock> {
    hold(name, File::lock)
}

/// As [`lock`], beside any number of others that share it.
///
/// # Errors
/// As [`lock`].
pub fn lock_shared(name: &str) -> Result<Lock> {
    hold(name, File::lock_shared)
}

fn hold(name: &str, wait: impl FnOnce(&File) -> io::Result<()>) -> Result<Lock> {
    let path = cache_dir("locks")?.join(name);
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    wait(&file).with_context(|| format!("locking {}", path.display()))?;
    Ok(Lock(file))
}

/// A compiled Solidity contract.
#[derive(Clone, Debug, Deserialize)]
pub struct Artifact {
    /// Name of the contract.
    #[serde(rename = "contractName")]
    pub name: String,
    /// Init code without constructor arguments.
    pub bytecode: Bytes,
}

impl Artifact {
    /// Reads `tests/solidity/artifacts/NAME.json`, or the contract as its authors published it in `prebuilt`.
    ///
    /// # Errors
    /// When there is no such file or it does not parse.
    pub fn load(name: &str) -> Result<Self> {
        let solidity = root()?.join("tests/solidity");
        let path = ["artifacts", "prebuilt"]
            .map(|folder| solidity.join(folder).join(format!("{name}.json")))
            .into_iter()
            .find(|path| path.is_file())
            .with_context(|| format!("no artifact of {name} in {}", solidity.display()))?;
        let text = fs::read_to_string(&path)?;
        serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// Init code with ABI-encoded constructor arguments.
    #[must_use]
    pub fn init_code(&self, arguments: &[u8]) -> Bytes {
        [self.bytecode.as_ref(), arguments].concat().into()
    }
}
