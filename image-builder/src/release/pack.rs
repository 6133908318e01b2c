//! One image: compressed with xz, with its block map beside it.

use std::path::Path;
use std::process::Command;

use super::{Error, bmap};
use crate::digest;
use crate::host::command;
use crate::image::Built;

/// xz's level: above it the images get no smaller, and whoever unpacks one needs more memory.
const LEVEL: &str = "-6";

/// An image that was given away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The board's id.
    pub board: String,
    /// File name of the compressed image.
    pub name: String,
    /// Size of the image, in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Size of the compressed image, in bytes.
    pub packed_bytes: u64,
    /// Its SHA-256.
    pub packed_sha256: String,
}

/// Compresses an image into `folder`, where the file appears when it is whole.
///
/// # Errors
/// When xz fails, or a file cannot be read or written.
pub fn pack(built: &Built, folder: &Path) -> Result<Packed, Error> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let board = built.profile.id.clone();
    let image = std::fs::read(&built.path).map_err(io(&built.path))?;
    let map = bmap::text(&image, &built.mapped);
    let name = format!("kerberos-{board}.img.xz");
    let (path, temporary) = (folder.join(&name), built.path.with_extension("img.xz"));
    let mut xz = Command::new("xz");
    // One thread: how many there are would show in the result.
    xz.args(["--compress", "--keep", "--suffix=.xz", LEVEL, "-T1"]).arg(&built.path);
    command::run(&mut xz).map_err(|source| Error::Program { board: board.clone(), source })?;
    let packed = std::fs::read(&temporary).map_err(io(&temporary))?;
    std::fs::rename(&temporary, &path).map_err(io(&path))?;
    let beside = folder.join(format!("kerberos-{board}.img.bmap"));
    std::fs::write(&beside, map).map_err(io(&beside))?;
    Ok(Packed {
        board,
        name,
        bytes: image.len() as u64,
        sha256: digest::sha256(&image),
        packed_bytes: packed.len() as u64,
        packed_sha256: digest::sha256(&packed),
    })
}
