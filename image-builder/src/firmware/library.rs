//! Rust's library for a target, built from Rust's own source with our flags, and kept in the cache.
//!
//! For targets whose library Rust does not hand out in the form that the board needs; their flags say so. Must not know which they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Error, build::cargo};
use crate::digest;
use crate::host::cache::Cache;
use crate::host::{command, progress};

/// Counts changes to how it is built that the key's other parts do not show.
const RECIPE: u32 = 1;
/// What Rust's own build adds, too (`src/bootstrap/src/core/builder/cargo.rs`): the library's inner parts stay closed to everybody else, and it
/// takes part in the optimisation of the whole program.
const FLAGS: [&str; 2] = ["-Zforce-unstable-if-unmarked", "-Cembed-bitcode=yes"];
/// Digits of the hash in the folder's name.
const KEY_DIGITS: usize = 12;

/// Where it is, once built: for rustc's `--sysroot`.
pub fn folder(target: &str, flags: &[String]) -> Result<PathBuf, Error> {
    let compiler = command::text(Command::new("rustc").arg("-vV"))?;
    let text = format!("{compiler}{RECIPE}\n{}", flags.join("\n"));
    let digits: String = digest::sha256(text.as_bytes()).chars().take(KEY_DIGITS).collect();
    Ok(Cache::open()?.folder("rust-libraries")?.join(format!("{target}-{digits}")))
}

/// Builds it, if it is not there.
pub fn ensure(target: &str, flags: &[String]) -> Result<(), Error> {
    let folder = folder(target, flags)?;
    if folder.is_dir() {
        return Ok(());
    }
    let cache = Cache::open()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lock = cache.lock(&format!("rust-library-{name}"))?;
    // Another run may have built it while this one waited.
    if folder.is_dir() {
        return Ok(());
    }
    let source = source()?;
    progress::step(&format!("Building Rust's library for {target} (a minute or two; it is kept)"));
    let work = cache.work_folder(&format!("rust-library-{name}"), &lock)?;
    let made = build(target, flags, &source, &work)?;
    cache.publish(&made, &folder, &lock)?;
    std::fs::remove_dir_all(&work).map_err(|source| Error::Io { path: work, source })
}

/// Rust's own source, as its component `rust-src` brings it.
fn source() -> Result<PathBuf, Error> {
    let sysroot = command::text(Command::new("rustc").args(["--print", "sysroot"]))?;
    let folder = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
    if !folder.join("library/std/Cargo.toml").is_file() {
        progress::step("Installing the source of Rust's library");
        command::run(Command::new("rustup").args(["component", "add", "rust-src"])).map_err(Error::Source)?;
    }
    Ok(folder)
}

/// Compiles it in `work`, and returns the folder to publish.
fn build(target: &str, flags: &[String], source: &Path, work: &Path) -> Result<PathBuf, Error> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let products = work.join("target");
    // As in the libraries that Rust hands out: no path of this host.
    let remap = format!("--remap-path-prefix={}=/rustc", source.display());
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(FLAGS).chain([remap.as_str()]).collect();
    let mut cargo = Command::new(cargo());
    // Nothing of ours unwinds or looks back at its stack: a panic ends the process with one sentence.
    cargo.args(["build", "--release", "--locked", "--no-default-features", "--target", target]);
    cargo.arg("--manifest-path").arg(source.join("library/std/Cargo.toml"));
    // Out of the checkout's reach, whose settings are for other things.
    cargo.current_dir(work).env("CARGO_TARGET_DIR", &products);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")).env("CARGO_PROFILE_RELEASE_PANIC", "abort");
    // The library is written in a Rust that only the compiler of its own version takes, and only for this purpose.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    command::run(&mut cargo)?;

    let made = work.join("made");
    let libraries = made.join("lib/rustlib").join(target).join("lib");
    std::fs::create_dir_all(&libraries).map_err(io(&libraries))?;
    let compiled = products.join(target).join("release/deps");
    for entry in std::fs::read_dir(&compiled).map_err(io(&compiled))? {
        let path = entry.map_err(io(&compiled))?.path();
        if let (Some("rlib"), Some(name)) = (path.extension().and_then(|e| e.to_str()), path.file_name()) {
            std::fs::copy(&path, libraries.join(name)).map_err(io(&path))?;
        }
    }
    Ok(made)
}
