//! What can go wrong in the emulator.

use std::path::PathBuf;

use crate::fat;

/// Why the emulated board does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The board exists only as hardware.
    #[error("the board {0} cannot be emulated: its profile has no [emulator]")]
    NoEmulator(String),
    /// The card has no slot selection that a boot loader could follow.
    #[error("the card does not say which slot to boot: slot.txt holds {0:?} instead of a or b")]
    SlotFile(String),
    /// A file that the Raspberry Pi's firmware reads asks for something that we do not do in its place.
    #[error("the card cannot be booted: {file}: {reason}")]
    RaspberryPi {
        /// `autoboot.txt` or `config.txt`.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The card cannot be booted from.
    #[error("the card cannot be booted: {0}")]
    Card(#[from] fat::ReadError),
    /// The device tree on the card.
    #[error("the card cannot be booted: {0}")]
    DeviceTree(#[from] crate::device_tree::Error),
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// QEMU cannot be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// QEMU's program.
        program: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// QEMU has no window for a display.
    #[error("this QEMU cannot open a window")]
    NoWindow,
    /// QEMU ended with a failure.
    #[error("{0} ended with a failure ({1})")]
    Qemu(String, std::process::ExitStatus),
    /// QEMU's monitor does not answer, or answers with an error.
    #[error("QEMU's monitor: {0}")]
    Monitor(String),
    /// The machine was started without this.
    #[error("the machine was started without a {0} socket")]
    NoSocket(&'static str),
    /// The profile opens the card in a way that the log cannot be put into.
    #[error("the card's writes cannot be logged: no argument of the profile's `card` contains `{0}`")]
    CannotLog(&'static str),
    /// The camera.
    #[error(transparent)]
    Camera(#[from] crate::camera::CameraError),
    /// The image.
    #[error(transparent)]
    Image(#[from] Box<crate::image::Error>),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] crate::host::cache::Error),
    /// The host's packages.
    #[error(transparent)]
    Packages(#[from] crate::host::packages::Error),
}
