//! The board's device tree: made, checked for drivers, put on the card.

mod claims;
mod coverage;
mod make;
mod overlay;
mod pins;
mod seeds;
mod source;
mod tree;

pub use claims::check_claims;
pub use coverage::{Drivers, check};
pub use make::make;
pub use overlay::{check as check_overlays, make as make_overlay};
pub use pins::check_header;
pub use seeds::fill as fill_seeds;
pub use tree::Tree;

use crate::host::{apt, cache, command};
use crate::kernel;

/// What is wrong with a device tree.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a device tree.
    #[error("the device tree cannot be read: {0}")]
    Parse(String),
    /// A program failed.
    #[error("making the device tree failed: {0}")]
    Program(#[from] command::Error),
    /// A file operation failed.
    #[error("making the device tree failed: {}: {source}", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It would do nothing.
    #[error("the overlay {0} adds no device to the board's tree and turns none on")]
    IdleOverlay(String),
    /// The profile takes the tree from an emulator that it does not have.
    #[error("the board {0} takes its device tree from the emulator, but has no [emulator]")]
    NoEmulator(String),
    /// The kernel has no such tree.
    #[error("the kernel's source has no device tree {0}")]
    NoSource(String),
    /// The kernel's source.
    #[error(transparent)]
    Kernel(#[from] kernel::Error),
    /// The kernel's source package.
    #[error(transparent)]
    Apt(#[from] apt::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// We rely on a node that is not there.
    #[error("the device tree has no node {path}, which is the board's {role}")]
    NoNode {
        /// From the profile.
        role: String,
        /// From the profile.
        path: String,
    },
    /// We rely on a node that is switched off.
    #[error("the device-tree node {path} is disabled, but the board's {role} needs it")]
    Disabled {
        /// From the profile.
        role: String,
        /// The node.
        path: String,
    },
    /// The profile says something of the board that is not so.
    #[error("the board's profile does not fit its device tree, [{claim}]: {why}")]
    Claim {
        /// The profile's table.
        claim: String,
        /// What is not so.
        why: String,
    },
    /// The kernel has no driver.
    #[error(
        "the kernel has no driver for the device-tree node {path} (compatible {compatible}), \
         which the board's {role} needs; set the driver's option in the board's kernel fragment"
    )]
    NoDriver {
        /// From the profile.
        role: String,
        /// The node.
        path: String,
        /// Its compatible strings.
        compatible: String,
    },
    /// The header's chip is not there.
    #[error("the device tree has no enabled GPIO chip {path}, which the board's [header] is on")]
    NoChip {
        /// From the profile.
        path: String,
    },
    /// The header's chip is smaller.
    #[error(
        "the board's [header] says that the chip {path} has {wanted} lines, but in the device tree it has {found}"
    )]
    FewLines {
        /// The chip.
        path: String,
        /// From the profile.
        wanted: u32,
        /// In the tree.
        found: u32,
    },
    /// The kernel calls the chip otherwise.
    #[error("the board's [header] calls the chip {path} {written}, but the kernel will call it {label}")]
    Label {
        /// The chip.
        path: String,
        /// From the profile.
        written: String,
        /// The kernel's.
        label: String,
    },
    /// A pin is in use.
    #[error(
        "the board's [header] offers pin {number} ({is}), but the enabled device-tree node {by} claims it; say so with `taken`"
    )]
    PinClaimed {
        /// On the header.
        number: usize,
        /// What it is called.
        is: String,
        /// The node.
        by: String,
    },
    /// A pin is not in use.
    #[error(
        "the board's [header] says that pin {number} ({is}) is taken ({taken}), but no enabled node of the device tree claims it"
    )]
    PinFree {
        /// On the header.
        number: usize,
        /// What it is called.
        is: String,
        /// From the profile.
        taken: String,
    },
    /// A reference that leads nowhere.
    #[error("the device-tree node {path} refers in `{property}` to a node that does not exist")]
    Dangling {
        /// The node.
        path: String,
        /// The property.
        property: String,
    },
}

/// Compiles device-tree source for tests.
#[cfg(test)]
pub(crate) fn dtc_for_tests(source: &str) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let mut dtc = Command::new("dtc")
        .args(["-q", "-I", "dts", "-O", "dtb"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("dtc starts");
    let mut stdin = dtc.stdin.take().expect("a pipe");
    stdin.write_all(format!("/dts-v1/;\n{source}").as_bytes()).expect("written");
    drop(stdin);
    let output = dtc.wait_with_output().expect("dtc ends");
    assert!(output.status.success());
    output.stdout
}
