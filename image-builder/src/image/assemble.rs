//! Puts the parts on the card image: a sparse file, complete or not there at all.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use boards::layout::{BOOT, CLIPS, DISK_SIGNATURE, IMAGE_BYTES, Partition, SLOT_A, SLOT_B};

use super::{Error, ext4, mbr};
use crate::fat;

/// Bytes looked at together when zeros are left out.
const BLOCK_BYTES: usize = 64 << 10;

/// A raw blob and its place.
#[derive(Debug)]
pub struct RawBlob {
    /// First byte on the card.
    pub offset_bytes: u64,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Everything that an image is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Files of p1.
    pub boot: Vec<fat::File<'a>>,
    /// Files of slot A.
    pub slot: Vec<fat::File<'a>>,
    /// Boot-loader blobs.
    pub blobs: &'a [RawBlob],
    /// The one time stamp.
    pub time: Duration,
}

/// Writes the image to `path`.
///
/// # Errors
/// When the parts do not fit, or a file operation or tool fails.
pub fn write(parts: &Parts<'_>, path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    // In the same folder, so that the last step is a rename: nobody ever sees half an image.
    let temporary = tempfile::Builder::new().prefix(".kerberos-").tempfile_in(folder).map_err(failed)?;
    let image = temporary.as_file();
    image.set_len(IMAGE_BYTES).map_err(failed)?;
    image.write_all_at(&mbr::mbr(IMAGE_BYTES), 0).map_err(failed)?;
    for blob in parts.blobs {
        image.write_all_at(&blob.bytes, blob.offset_bytes).map_err(failed)?;
    }
    for (partition, files) in [(BOOT, parts.boot.as_slice()), (SLOT_A, &parts.slot), (SLOT_B, &[])] {
        let volume = fat_volume(&partition, parts.time, files)?;
        image.write_all_at(&volume, partition.offset_bytes).map_err(failed)?;
    }
    let clips = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    clips.as_file().set_len(IMAGE_BYTES - CLIPS.offset_bytes).map_err(failed)?;
    ext4::format(clips.path(), parts.time).map_err(Error::Ext4)?;
    copy_sparse(&mut clips.reopen().map_err(failed)?, image, CLIPS.offset_bytes).map_err(failed)?;
    make_readable(image).map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn fat_volume(partition: &Partition, time: Duration, files: &[fat::File<'_>]) -> Result<Vec<u8>, Error> {
    let length = partition.length_bytes.unwrap_or_default();
    // A serial number that differs between our partitions and is the same at each build.
    let id = DISK_SIGNATURE ^ u32::from(partition.number);
    let start = mbr::sectors(partition.offset_bytes);
    Ok(fat::format(partition.label, id, start, length, time, files)?)
}

/// Copies without writing what is zero, so that holes stay holes.
fn copy_sparse(from: &mut File, to: &File, mut offset: u64) -> io::Result<()> {
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let length = from.read(&mut block)?;
        if length == 0 {
            return Ok(());
        }
        let part = &block[..length];
        if part.iter().any(|byte| *byte != 0) {
            to.write_all_at(part, offset)?;
        }
        offset += length as u64;
    }
}

/// Temporary files are private; an image is not.
fn make_readable(image: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    image.set_permissions(std::fs::Permissions::from_mode(0o644))
}
