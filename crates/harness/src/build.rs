//! Builds the contracts as cargo-stylus does, once per state of their sources.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use alloy::primitives::{B256, Keccak256};
use anyhow::{Context, Result, bail, ensure};
use tokio::sync::OnceCell;

use crate::{names::Names, wasm::Program, workspace};

/// The router, which is the engine's address, and its modules in the order of the router's table.
pub const ROUTER: &str = "plimsoll";
/// Modules of the engine in the order in which the router's constructor takes them.
pub const MODULES: [&str; 8] = [
    "plimsoll-trading",
    "plimsoll-liquidation",
    "plimsoll-upkeep",
    "plimsoll-resolution",
    "plimsoll-collateral",
    "plimsoll-lens",
    "plimsoll-preview",
    "plimsoll-governance",
];
/// The oracle.
pub const ORACLE: &str = "plimsoll-oracle";
/// The risk model.
pub const RISK_MODEL: &str = "plimsoll-risk-model";
/// Modules of the risk model in the order in which its constructor takes them.
pub const RISK_MODULES: [&str; 6] = [
    "plimsoll-risk-setup",
    "plimsoll-risk-greeks",
    "plimsoll-risk-attribution",
    "plimsoll-risk-worst",
    "plimsoll-risk-liquidation",
    "plimsoll-risk-pricer",
];

/// What decides the contracts' code: sources, manifests, flags, toolchain.
const INPUTS: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    "src",
    "contracts",
    "crates/fixed",
    "crates/risk",
];

/// The contracts by package.
#[derive(Clone, Debug)]
pub struct Contracts {
    programs: BTreeMap<String, Program>,
}

impl Contracts {
    /// The program of a package.
    ///
    /// # Errors
    /// When it is none of the packages that are built.
    pub fn get(&self, package: &str) -> Result<&Program> {
        self.programs.get(package).with_context(|| format!("no contract {package}"))
    }

    /// Every program, by package.
    pub fn iter(&self) -> impl Iterator<Item = &Program> {
        self.programs.values()
    }
}

/// Every contract of the workspace, built, fixed, compressed and checked.
///
/// A process builds once; processes wait for each other; sources that did not change are not built again.
///
/// # Errors
/// When cargo fails (its output is in the error) or a contract breaks a limit of [`crate::wasm`].
pub async fn contracts() -> Result<Arc<Contracts>> {
    static BUILT: OnceCell<Arc<Contracts>> = OnceCell::const_new();
    BUILT
        .get_or_try_init(|| async {
            let packages: Vec<&'static str> =
                [ROUTER, ORACLE, RISK_MODEL].into_iter().chain(MODULES).chain(RISK_MODULES).collect();
            let built = tokio::task::spawn_blocking(move || build(&packages, &[])).await??;
            Ok::<_, anyhow::Error>(Arc::new(built))
        })
        .await
        .cloned()
}

/// Programs that are no part of a deployment, built as the contracts are; `sources` are the folders that decide their
/// code beyond what decides the contracts'.
///
/// # Errors
/// As [`contracts`].
pub async fn programs(
    packages: &'static [&'static str],
    sources: &'static [&'static str],
) -> Result<Contracts> {
    tokio::task::spawn_blocking(move || build(packages, sources)).await?
}

fn build(packages: &[&str], sources: &[&str]) -> Result<Contracts> {
    let _lock = workspace::lock("build")?;
    let root = workspace::root()?;
    let digest = digest_inputs(&root, sources)?;
    let store = workspace::cache_dir("programs")?;
    let mut programs = BTreeMap::new();
    for package in packages {
        if let Ok(program) = load(&store, package, digest) {
            programs.insert((*package).to_owned(), program);
        }
    }
    if programs.len() == packages.len() {
        for program in programs.values() {
            program.check()?;
        }
        return Ok(Contracts { programs });
    }
    eprintln!("building {} contracts for wasm32", packages.len());
    let mut broken = Vec::new();
    for package in packages {
        let path = run_cargo(&root, package)?.join(format!("{}.wasm", package.replace('-', "_")));
        let raw = fs::read(&path).with_context(|| format!("cargo left no {}", path.display()))?;
        match Program::from_wasm(package, &raw) {
            Ok(program) => {
                // first: whoever finds the program finds its names
                Names::of(package, &raw).save(&store, program.code_hash())?;
                save(&store, &program, digest)?;
                programs.insert((*package).to_owned(), program);
            }
            Err(error) => broken.push(format!("{error:#}")),
        }
    }
    // All of them at once: who shrinks one wants to know about the others.
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(Contracts { programs })
}

/// Builds one package alone: built together, each would get the union of the features that all of them ask of a shared
/// dependency, and so other code than cargo-stylus gives it. Returns the output directory.
fn run_cargo(root: &Path, package: &str) -> Result<PathBuf> {
    let target = workspace::target_dir()?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["rustc", "--lib", "--locked", "--release", "--target", "wasm32-unknown-unknown"])
        .args(["-p", package])
        .env("CARGO_TERM_COLOR", "never")
        // Keeps the names of functions, which deployed code loses later. The profile keeps `strip = true`, which takes
        // part in the hash of every symbol: another value there gives another order of functions, and other code.
        .args(["--", "-C", "strip=debuginfo"]);
    outside_cargo(&mut cargo);
    cargo.env("CARGO_TARGET_DIR", &target);
    let output = cargo.output().context("starting cargo")?;
    if !output.status.success() {
        bail!("building {package} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(target.join("wasm32-unknown-unknown/release"))
}

/// Takes from the command's environment what a cargo or clippy around this process left behind: it would change the flags
/// or the compiler of a cargo that the command runs.
pub fn outside_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if let Some(name) = name.to_str()
            && is_inherited_from_cargo(name)
        {
            command.env_remove(name);
        }
    }
}

fn is_inherited_from_cargo(name: &str) -> bool {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_BUILD_JOBS"];
    const FLAGS: [&str; 8] = [
        "CARGO",
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTDOC",
        "RUST_RECURSION_COUNT",
    ];
    FLAGS.contains(&name) || (name.starts_with("CARGO_") && !KEPT.iter().any(|kept| name.starts_with(kept)))
}

/// Digest of every input file's path and content, in a fixed order.
fn digest_inputs(root: &Path, sources: &[&str]) -> Result<B256> {
    let mut files = Vec::new();
    for input in INPUTS.iter().chain(sources) {
        collect(&root.join(input), &mut files)?;
    }
    files.sort();
    let mut hasher = Keccak256::new();
    for path in files {
        let content = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        for part in [name.as_bytes(), &content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher.finalize())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

fn paths(store: &Path, package: &str, digest: B256) -> [PathBuf; 2] {
    ["wasm", "code"].map(|kind| store.join(format!("{package}-{digest:x}.{kind}")))
}

fn load(store: &Path, package: &str, digest: B256) -> Result<Program> {
    let [wasm, code] = paths(store, package, digest);
    let (wasm, code) = (fs::read(wasm)?, fs::read(code)?);
    let pages = crate::wasm::initial_pages(&wasm)?;
    Ok(Program { package: package.to_owned(), wasm: wasm.into(), code: code.into(), pages })
}

fn save(store: &Path, program: &Program, digest: B256) -> Result<()> {
    let [wasm, code] = paths(store, &program.package, digest);
    for (path, bytes) in [(wasm, &program.wasm), (code, &program.code)] {
        // Written aside and renamed, so that a reader never sees half a file.
        let aside = path.with_extension("partial");
        let mut file = File::create(&aside)?;
        std::io::Write::write_all(&mut file, bytes)?;
        fs::rename(&aside, &path)?;
    }
    ensure!(store.is_dir(), "{} vanished", store.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_variables_are_dropped_and_the_users_are_kept() {
        for name in ["RUSTFLAGS", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_ENCODED_RUSTFLAGS", "CARGO"]
        {
            assert!(is_inherited_from_cargo(name), "{name}");
        }
        for name in ["PATH", "CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_TOOLCHAIN", "HOME"] {
            assert!(!is_inherited_from_cargo(name), "{name}");
        }
    }

    #[test]
    fn saved_programs_load_again() {
        let store = env::temp_dir().join(format!("plimsoll-build-{}", std::process::id()));
        fs::create_dir_all(&store).unwrap();
        let module =
            wat::parse_str(r#"(module (memory 2) (func (param i32) (result i32) local.get 0))"#).unwrap();
        let program = Program::from_wasm("a-b", &module).unwrap();
        save(&store, &program, B256::repeat_byte(3)).unwrap();
        let loaded = load(&store, "a-b", B256::repeat_byte(3)).unwrap();
        assert_eq!((loaded.wasm, loaded.code, loaded.pages), (program.wasm, program.code, 2));
        assert!(load(&store, "a-b", B256::repeat_byte(4)).is_err());
        fs::remove_dir_all(&store).unwrap();
    }
}
