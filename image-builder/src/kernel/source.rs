//! Unpacks the kernel source, without what no build of ours reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;
use crate::host::apt::{Apt, Package};
use crate::host::command;

/// Debian's source package.
pub const PACKAGE: &str = "linux-source-6.12";

/// Left out: documentation but its top level, which holds a Kconfig file, and large parts that we never build.
const EXCLUDED: &[&str] =
    &["*/Documentation/*/*", "*/drivers/gpu/drm/amd/include/*", "*/tools/perf/*", "*/tools/testing/*"];
/// Code and device trees of these are left out too; their Kconfig files stay, because others include them. Not in
/// the list: arm, which arm64 shares files with, and x86, whose system-call table a script compares with.
const EXCLUDED_ARCHITECTURES: &[&str] = &[
    "alpha",
    "arc",
    "csky",
    "hexagon",
    "loongarch",
    "m68k",
    "microblaze",
    "mips",
    "nios2",
    "openrisc",
    "parisc",
    "powerpc",
    "riscv",
    "s390",
    "sh",
    "sparc",
    "um",
    "xtensa",
];

/// Unpacks the source into `folder` and returns its top.
pub fn unpack(apt: &Apt<'_>, package: &Package, folder: &Path) -> Result<PathBuf, Error> {
    let mut choice: Vec<String> = EXCLUDED.iter().map(|pattern| format!("--exclude={pattern}")).collect();
    for name in EXCLUDED_ARCHITECTURES {
        choice
            .extend([format!("--exclude=*/arch/{name}/*.[chS]"), format!("--exclude=*/arch/{name}/*.dts*")]);
    }
    untar(apt, package, folder, &choice)
}

/// Unpacks what matches `patterns` into `folder` and returns the source's top.
///
/// # Errors
/// When a program fails, or nothing matches.
pub fn unpack_parts(
    apt: &Apt<'_>,
    package: &Package,
    folder: &Path,
    patterns: &[&str],
) -> Result<PathBuf, Error> {
    let mut choice = vec!["--wildcards".to_owned()];
    choice.extend(patterns.iter().map(|&pattern| pattern.to_owned()));
    untar(apt, package, folder, &choice)
}

fn untar(apt: &Apt<'_>, package: &Package, folder: &Path, choice: &[String]) -> Result<PathBuf, Error> {
    let mut deb = Command::new("dpkg-deb");
    deb.arg("--fsys-tarfile").arg(apt.deb(package)?);
    let mut pick = Command::new("tar");
    pick.args(["-xO", &format!("./usr/src/{PACKAGE}.tar.xz")]);
    let mut xz = Command::new("xz");
    xz.arg("-dc");
    let mut tar = Command::new("tar");
    tar.arg("-x").arg("-C").arg(folder).args(choice);
    command::pipeline(&mut [deb, pick, xz, tar])
        .map_err(|source| Error::Step { doing: "unpacking the source", source })?;
    Ok(folder.join(PACKAGE))
}
