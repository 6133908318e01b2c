//! What can go wrong with the emulated camera, one plain sentence each.
//!
//! It must not hold error types of others: the reason is kept as text, so that it can be kept, cloned and printed.

use std::path::PathBuf;

use super::wire::WireError;

/// Why the camera could not start, or why it ended.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CameraError {
    /// QEMU never listened.
    #[error("nothing listened on {} within {waited_ms} ms: start QEMU with a usb-redir chardev on that path", socket.display())]
    NobodyListens {
        /// The socket that was tried.
        socket: PathBuf,
        /// How long it was tried.
        waited_ms: u64,
    },
    /// QEMU ended or closed the chardev.
    #[error("QEMU closed the camera's socket: it ended, or the chardev was removed")]
    QemuGone,
    /// Reading or writing the socket failed.
    #[error("the camera's socket failed: {0}")]
    Socket(String),
    /// QEMU sent something that is not usb-redir.
    #[error("the camera's socket carries something that is not usb-redir: {0}")]
    Wire(#[from] WireError),
    /// QEMU's device filter or port refused the camera.
    #[error(
        "QEMU refused the camera: check the filter of its usb-redir device and that the port is high speed"
    )]
    Rejected,
    /// The `ffmpeg` program is not installed.
    #[error("ffmpeg is not installed or cannot be run ({0}): install it, or leave out the clip")]
    FfmpegMissing(String),
    /// The footage cannot be used.
    #[error("{} cannot be played: {reason}", file.display())]
    Clip {
        /// The footage.
        file: PathBuf,
        /// ffmpeg's own words, or ours.
        reason: String,
    },
    /// The generated scene could not be encoded.
    #[error("the generated scene could not be encoded as JPEG: {0}")]
    Encode(String),
    /// A share of damaged frames outside its range.
    #[error("{0} is not a share of frames: say a percentage from 0 to 100")]
    Percent(f64),
    /// The operating system would not give a thread or a socket pair.
    #[error("the camera's thread could not be started: {0}")]
    Thread(String),
    /// The camera's own thread panicked: a fault of this program.
    #[error("the camera's thread ended unexpectedly: this is a fault of the emulated camera")]
    Panicked,
    /// A wrong command line or a wrong command.
    #[error("{0}")]
    Usage(String),
}
