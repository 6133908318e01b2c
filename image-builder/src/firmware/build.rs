//! Builds the firmware for the board's CPU: cargo, then strip, then the checks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use boards::{Architecture, Profile};

use super::binary::{self, Binary};
use super::{Error, flags, library};
use crate::digest;
use crate::host::command;
use crate::host::progress;
use crate::host::workspace::Workspace;

/// What goes into the binary, relative to the workspace; the build id is a hash over it.
const SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "boards/Cargo.toml", "boards/src", "firmware", "linker"];
/// Hexadecimal digits of a build id: enough to tell builds apart, short enough to read aloud.
const BUILD_ID_DIGITS: usize = 12;

/// A firmware for a card.
#[derive(Debug)]
pub struct Firmware {
    /// The stripped binary.
    pub bytes: Vec<u8>,
    /// What the binary says about itself.
    pub binary: Binary,
}

/// Builds, strips and checks the firmware.
///
/// # Errors
/// When it does not build, or may not go on a card.
pub fn build(workspace: &Workspace, profile: &Profile, test_hooks: bool) -> Result<Firmware, Error> {
    let path = unstripped(workspace, profile, test_hooks)?;
    let stripped = path.with_extension("stripped");
    let mut strip = Command::new(format!("{}strip", profile.arch.cross_prefix()));
    command::run(strip.arg("--strip-all").arg("-o").arg(&stripped).arg(&path))?;
    load(&stripped, profile.arch)
}

/// Reads a finished binary for the CPU and checks it.
pub fn load(path: &Path, arch: Architecture) -> Result<Firmware, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    let binary = binary::inspect(path, &bytes, arch)?;
    Ok(Firmware { bytes, binary })
}

/// Builds the firmware and returns the binary with its symbols.
///
/// # Errors
/// When it does not build.
pub fn unstripped(workspace: &Workspace, profile: &Profile, test_hooks: bool) -> Result<PathBuf, Error> {
    ensure_target(workspace, &profile.rust_target)?;
    let flags = flags::read(workspace, &profile.rust_target)?;
    let id = build_id(workspace, &flags, test_hooks)?;
    progress::step(&format!(
        "Building the firmware {id}{}",
        if test_hooks { " with test hooks" } else { "" }
    ));
    let mut cargo = Command::new(cargo());
    cargo.args(["build", "--release", "--locked", "--package", "firmware", "--target", &profile.rust_target]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    if test_hooks {
        cargo.args(["--features", "firmware/test-hooks"]);
    }
    cargo.current_dir(&workspace.root);
    cargo.env("CARGO_TARGET_DIR", &workspace.target);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    cargo.env("KERBEROS_BUILD_ID", id);
    // No clock of the board can be earlier. Only what goes into the binary counts, so that other commits build nothing.
    cargo.env("SOURCE_DATE_EPOCH", workspace.epoch_of(&["firmware", "boards/src"]).as_secs().to_string());
    // The headers of the target's C library, for the camera interface's bindings. Only constants and structs of the
    // kernel's interface are read from them. A variable for each target: one that changes would have bindgen itself, and
    // all that hangs on it, compiled anew at each change of the board.
    let headers = format!("-I/usr/{}/include", profile.arch.cross_prefix().trim_end_matches('-'));
    cargo.env(format!("BINDGEN_EXTRA_CLANG_ARGS_{}", profile.rust_target.replace('-', "_")), headers);
    cargo.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output =
        cargo.output().map_err(|source| command::Error::Start { program: "cargo".to_owned(), source })?;
    if !output.status.success() {
        return Err(Error::Cargo);
    }
    executable(&String::from_utf8_lossy(&output.stdout)).ok_or(Error::NoBinary)
}

/// The program that cargo's messages say it made for the package `firmware`.
fn executable(messages: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let package = message.get("package_id")?.as_str()?;
        // `path+file:///.../firmware#0.1.0`
        let ours = package.split(['/', '#']).any(|part| part == "firmware");
        let executable = message.get("executable")?.as_str()?;
        ours.then(|| executable.into())
    })
}

/// The cargo that runs us, or the one on the path.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Makes sure that Rust's library for the target is there: installed, or built, where the target's flags want that.
///
/// # Errors
/// When it is not and cannot be.
pub fn ensure_target(workspace: &Workspace, target: &str) -> Result<(), Error> {
    if let Some(flags) = flags::library_flags(workspace, target)? {
        return library::ensure(target, &flags);
    }
    if library_folder(workspace, target)?.is_dir() {
        return Ok(());
    }
    progress::step(&format!("Installing Rust's library for {target}"));
    command::run(Command::new("rustup").args(["target", "add", target]))
        .map_err(|source| Error::Target { target: target.to_owned(), source })?;
    Ok(())
}

/// Where Rust's library for the target is, or will be: the folder with its parts.
///
/// # Errors
/// When rustc does not say.
pub fn library_folder(workspace: &Workspace, target: &str) -> Result<PathBuf, Error> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    if let Some(flags) = flags::library_flags(workspace, target)? {
        rustc.arg("--sysroot").arg(library::folder(target, &flags)?);
    }
    Ok(command::text(&mut rustc)?.trim().into())
}

/// A hash over everything of ours that the binary is made from. Registry crates are pinned by Cargo.lock.
fn build_id(workspace: &Workspace, flags: &[String], test_hooks: bool) -> Result<String, Error> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&workspace.root.join(source), &mut files)?;
    }
    files.sort();
    let compiler = command::text(Command::new("rustc").arg("--version"))?;
    // Where the checkout and the cache are must not show in the id.
    let portable = flags.iter().filter(|flag| !flags::is_of_this_host(flag));
    let mut text = format!("{compiler}{test_hooks}{}", portable.cloned().collect::<Vec<_>>().join(" "));
    for path in files {
        let bytes = std::fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let name = path.strip_prefix(&workspace.root).unwrap_or(&path).display().to_string();
        text.push_str(&format!("\n{name} {}", digest::sha256(&bytes)));
    }
    Ok(digest::sha256(text.as_bytes()).chars().take(BUILD_ID_DIGITS).collect())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(io)? {
        let entry = entry.map_err(io)?.path();
        // Editors' and tools' leavings are no source.
        let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::executable;

    #[test]
    fn the_binary_is_found_among_cargos_messages() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///x/firmware/vision#0.1.0\",\"executable\":null}\n",
            "not json\n",
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"registry+https://x#tool@1.0.0\",\"executable\":\"/t/tool\"}\n",
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///x/firmware#0.1.0\",\"executable\":\"/t/kerberos\"}\n",
        );
        assert_eq!(executable(messages).as_deref(), Some(Path::new("/t/kerberos")));
        assert_eq!(executable(""), None);
    }
}
