//! The card's p4 itself: its entry in the table, its mount, its growth.
//!
//! Growing is safe to be cut anywhere: the table is one sector, the file system grows by transactions of its journal, and every
//! start looks again whether something is left to be grown. Must not decide what is done about damage.

use super::clips::Partition;
use super::disk::Disk;
use super::proof;
use super::raw::{self, Look, Stamp};
use super::superblock::{self, PRIMARY_OFFSET, Superblock};
use super::table::{self, TableError};
use crate::sys::block;
use crate::{clock, paths, warning};
use boards::layout::{self, CLIPS};
use boards::template::{BLOCK_BYTES, Template, TemplateError};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two tries to mount.
const PAUSE: Duration = Duration::from_millis(300);
/// Written and read back by a file system that has had errors, before it is trusted with clips.
const PROOF_BYTES: usize = 256 << 10;

/// Why p4 cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum PartitionError {
    /// The table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The card.
    #[error("the card cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The kernel does not take the partition's new length.
    #[error("the clips partition keeps its length until the next start: {}", .0.desc())]
    Resize(Errno),
    /// The file system does not take it.
    #[error("its file system cannot be grown: {}", .0.desc())]
    Grow(Errno),
}

/// Makes p4 reach to the end of the card, in the table and in the kernel. Writes nothing when it does already. Returns
/// whether it was shortened: the card is a copy of a larger one.
pub fn fit_table(disk: &Disk) -> Result<bool, PartitionError> {
    let mut card = disk.open()?;
    let mut sector: table::Sector = [0; layout::SECTOR_BYTES as usize];
    card.read_exact_at(&mut sector, 0)?;
    let fit = table::fit(&sector, card.seek(SeekFrom::End(0))?)?;
    if let Some(sector) = fit.write {
        card.write_all_at(&sector, 0)?;
        card.sync_data()?;
    }
    let known_bytes = File::open(disk.partition(CLIPS.number))?.seek(SeekFrom::End(0))?;
    if known_bytes != fit.length_bytes {
        block::resize_partition(&card, CLIPS.number, CLIPS.offset_bytes, fit.length_bytes)
            .map_err(PartitionError::Resize)?;
    }
    Ok(fit.was_bytes > fit.length_bytes)
}

/// The template, from the system.
pub fn read_template() -> io::Result<Vec<u8>> {
    std::fs::read(Path::new("/").join(layout::CLIPS_TEMPLATE_FILE))
}

/// p4 on the card.
pub struct OnCard<'a> {
    device: PathBuf,
    length_bytes: u64,
    template: Template<'a>,
}

impl<'a> OnCard<'a> {
    /// p4 of this card, and what it is made anew from.
    pub fn open(disk: &Disk, template: &'a [u8]) -> Result<Self, PartitionError> {
        let device = disk.partition(CLIPS.number);
        let length_bytes = File::open(&device)?.seek(SeekFrom::End(0))?;
        Ok(Self { device, length_bytes, template: Template::parse(template)? })
    }

    fn write_access(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(&self.device)
    }

    /// The primary superblock as it is now.
    pub fn superblock(&self) -> Option<Superblock> {
        superblock(&self.device)
    }

    /// When p4 was made anew on this card, seconds since 1970; nothing when it is the one that the card was flashed with.
    pub fn made_anew_s(&self) -> Option<u64> {
        let (now, flashed) = (self.superblock()?, raw::template_superblock(&self.template)?);
        (now.made_s() != flashed.made_s()).then(|| now.made_s())
    }

    fn mount_once(&self) -> Result<(), Errno> {
        let flags = MsFlags::MS_NOATIME | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        // After an error nothing more is written: damage must not spread to the clips that are there.
        let options = Some("errors=remount-ro");
        match mount(Some(&self.device), paths::CLIPS_MOUNT, Some("ext4"), flags, options) {
            // It is mounted there already: this one-shot was started again.
            Err(Errno::EBUSY) => Ok(()),
            result => result,
        }
    }
}

/// The primary superblock as it is now. While p4 is mounted the kernel has it in the same cache.
fn superblock(device: &Path) -> Option<Superblock> {
    let mut bytes = [0; superblock::BYTES];
    File::open(device).and_then(|file| file.read_exact_at(&mut bytes, PRIMARY_OFFSET)).ok()?;
    Superblock::parse(&bytes)
}

/// Grows the mounted file system to its partition. Returns its new size in bytes if it has grown.
pub fn grow(disk: &Disk) -> Result<Option<u64>, PartitionError> {
    let device = disk.partition(CLIPS.number);
    let length_bytes = File::open(&device)?.seek(SeekFrom::End(0))?;
    let Some(before) = superblock(&device) else { return Ok(None) };
    // The kernel refuses to grow a file system that has had errors.
    if before.has_errors() || length_bytes.saturating_sub(before.length_bytes()) < BLOCK_BYTES as u64 {
        return Ok(None);
    }
    let root = File::open(paths::CLIPS_MOUNT)?;
    block::grow_ext4(&root, length_bytes / BLOCK_BYTES as u64).map_err(PartitionError::Grow)?;
    let after_bytes = superblock(&device).map_or(0, |superblock| superblock.length_bytes());
    Ok((after_bytes > before.length_bytes()).then_some(after_bytes))
}

impl Partition for OnCard<'_> {
    fn mount(&mut self) -> Result<(), Errno> {
        let length_bytes = |superblock: Option<Superblock>| superblock.map(|s| s.length_bytes());
        let before = length_bytes(self.superblock());
        self.mount_once()?;
        // The journal has brought the size of a growth that was cut, but the kernel goes on with the size it had read before.
        if length_bytes(self.superblock()) != before {
            unmount();
            self.mount_once()?;
        }
        let has_errors = self.superblock().is_some_and(|superblock| superblock.has_errors());
        let used = use_folder().and_then(|()| if has_errors { prove() } else { Ok(()) });
        used.map_err(|error| {
            unmount();
            // Whatever a mounted file system fails with: whether it or the card is to blame shows below it.
            if error.kind() == io::ErrorKind::OutOfMemory { Errno::ENOMEM } else { Errno::EUCLEAN }
        })
    }

    fn pause(&mut self) {
        std::thread::sleep(PAUSE);
    }

    fn look(&mut self) -> io::Result<Look> {
        raw::look(&File::open(&self.device)?, self.length_bytes, &self.template)
    }

    fn rewrite(&mut self) -> io::Result<()> {
        raw::rewrite(&mut self.write_access()?)
    }

    fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    fn write_primary(&mut self, bytes: &[u8; superblock::BYTES]) -> io::Result<()> {
        raw::write_primary(&mut self.write_access()?, bytes)
    }

    fn make_anew(&mut self) -> io::Result<()> {
        let mut random = [0; 4];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        let stamp = Stamp { made_s: clock::wall_us() / 1_000_000, journal_first: u32::from_le_bytes(random) };
        raw::make_anew(&mut self.write_access()?, self.length_bytes, &self.template, stamp)
    }
}

/// The folder for clips is there, can be read, and its file system can be written.
fn use_folder() -> io::Result<()> {
    if statvfs(paths::CLIPS_MOUNT)?.flags().contains(FsFlags::ST_RDONLY) {
        return Err(Errno::EUCLEAN.into());
    }
    if !Path::new(paths::CLIPS_DIR).is_dir() {
        std::fs::create_dir(paths::CLIPS_DIR)?;
        File::open(paths::CLIPS_MOUNT)?.sync_all()?;
    }
    match std::fs::read_dir(paths::CLIPS_DIR)?.next() {
        Some(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

/// What a file system that has had errors must be able to do: list every clip, and take a file.
fn prove() -> io::Result<()> {
    for entry in std::fs::read_dir(paths::CLIPS_DIR)? {
        entry?.metadata()?;
    }
    proof::prove(Path::new(paths::CLIPS_PROOF), &vec![0; PROOF_BYTES])?;
    File::open(paths::CLIPS_MOUNT)?.sync_all()
}

fn unmount() {
    if let Err(error) = umount2(paths::CLIPS_MOUNT, MntFlags::empty()) {
        warning!("card: the clips partition cannot be unmounted: {}", error.desc());
    }
}
