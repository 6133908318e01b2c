//! Device trees from the kernel's source: unpacks the part that describes hardware, and compiles one board's.
//!
//! Kept in the cache by the source's version: all boards share it, and no kernel needs to be configured for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use boards::Architecture;

use super::Error;
use crate::digest;
use crate::host::apt::Apt;
use crate::host::cache::Cache;
use crate::host::command;
use crate::kernel;

/// What is unpacked: the trees, and the constants that they share with drivers and, for keys, with programs.
const PARTS: &[&str] = &[
    "*/arch/arm/boot/dts/*",
    "*/arch/arm64/boot/dts/*",
    "*/include/dt-bindings/*",
    "*/include/uapi/linux/input-event-codes.h",
    "*/scripts/dtc/include-prefixes/*",
];
/// Digits of the hash in the folder's name.
const KEY_DIGITS: usize = 12;

/// The unpacked trees.
///
/// # Errors
/// When the source package cannot be had or unpacked.
pub fn unpacked(cache: &Cache, apt: &Apt<'_>) -> Result<PathBuf, Error> {
    let package = apt.package(kernel::SOURCE_PACKAGE)?;
    let key = digest::sha256(format!("{} {}", package.sha256, PARTS.join(" ")).as_bytes());
    let digits: String = key.chars().take(KEY_DIGITS).collect();
    let name = format!("{}-{digits}", package.version);
    let folder = cache.folder("device-trees")?.join(&name);
    if !folder.is_dir() {
        let lock = cache.lock(&format!("device-trees-{name}"))?;
        // Another run may have unpacked them while this one waited.
        if !folder.is_dir() {
            let work = cache.work_folder(&format!("device-trees-{name}"), &lock)?;
            let top = kernel::unpack_parts(apt, &package, &work, PARTS)?;
            cache.publish(&top, &folder, &lock)?;
            std::fs::remove_dir_all(&work).map_err(|source| Error::Io { path: work, source })?;
        }
    }
    Ok(folder)
}

/// Puts `source` (a file of the kernel's, from its top) and `additions` through the C preprocessor, as the kernel's own
/// build does (`scripts/Makefile.lib`, `cmd_dtc`); returns device-tree source without macros. The additions come last and may use
/// every label of the tree.
///
/// # Errors
/// When there is no such file, or the preprocessor refuses it.
pub fn preprocessed(
    top: &Path,
    source: &str,
    additions: Option<&Path>,
    arch: Architecture,
    folder: &Path,
) -> Result<String, Error> {
    let tree = top.join(source);
    if !tree.is_file() {
        return Err(Error::NoSource(source.to_owned()));
    }
    let whole = folder.join("whole.dts");
    let mut text = format!("#include \"{}\"\n", tree.display());
    if let Some(additions) = additions {
        text.push_str(&format!("#include \"{}\"\n", additions.display()));
    }
    std::fs::write(&whole, text).map_err(|source| Error::Io { path: whole.clone(), source })?;
    let mut cpp = Command::new(format!("{}gcc", arch.cross_prefix()));
    cpp.args(["-E", "-P", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp", "-I"]);
    cpp.arg(top.join("scripts/dtc/include-prefixes")).arg("-I").arg(top.join("include")).arg(&whole);
    Ok(command::text(&mut cpp)?)
}
