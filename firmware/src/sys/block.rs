//! Requests to the kernel about block devices, and where files lie on them, that the safe crates do not offer.

use nix::libc;
use std::fs::File;
use std::os::fd::AsRawFd;

/// `BLKPG_RESIZE_PARTITION` (linux/blkpg.h).
const RESIZE_PARTITION: libc::c_int = 3;

/// `struct blkpg_partition` (linux/blkpg.h).
#[repr(C)]
struct BlkpgPartition {
    start: libc::c_longlong,
    length: libc::c_longlong,
    pno: libc::c_int,
    devname: [u8; 64],
    volname: [u8; 64],
}

/// `struct blkpg_ioctl_arg` (linux/blkpg.h).
#[repr(C)]
struct BlkpgArgument {
    op: libc::c_int,
    flags: libc::c_int,
    datalen: libc::c_int,
    data: *mut BlkpgPartition,
}

mod requests {
    nix::ioctl_write_ptr_bad!(blkpg, nix::request_code_none!(0x12, 105), super::BlkpgArgument);
    nix::ioctl_write_ptr!(ext4_resize_fs, b'f', 16, u64);
    // FIBMAP and FIGETBSZ (linux/fs.h).
    nix::ioctl_readwrite_bad!(fibmap, nix::request_code_none!(0x00, 1), nix::libc::c_int);
    nix::ioctl_read_bad!(figetbsz, nix::request_code_none!(0x00, 2), nix::libc::c_int);
    // BLKDISCARD (linux/fs.h).
    nix::ioctl_write_ptr_bad!(blkdiscard, nix::request_code_none!(0x12, 119), [u64; 2]);
}

/// Tells the kernel the length of a partition that keeps its start. Works while other partitions of the disk are mounted.
pub fn resize_partition(disk: &File, number: u8, start_bytes: u64, length_bytes: u64) -> nix::Result<()> {
    let too_large = |_| nix::Error::EOVERFLOW;
    let mut partition = BlkpgPartition {
        start: start_bytes.try_into().map_err(too_large)?,
        length: length_bytes.try_into().map_err(too_large)?,
        pno: number.into(),
        devname: [0; 64],
        volname: [0; 64],
    };
    let datalen = size_of::<BlkpgPartition>().try_into().map_err(too_large)?;
    let argument = BlkpgArgument { op: RESIZE_PARTITION, flags: 0, datalen, data: &raw mut partition };
    // SAFETY: both structures are the kernel's (linux/blkpg.h), live until the call returns, and the kernel only reads them.
    unsafe { requests::blkpg(disk.as_raw_fd(), &raw const argument) }.map(drop)
}

/// Grows the mounted ext4 file system that `file` is on to `blocks` blocks. What it has already stays as it is.
pub fn grow_ext4(file: &File, blocks: u64) -> nix::Result<()> {
    // SAFETY: the request takes a pointer to one u64 (EXT4_IOC_RESIZE_FS, fs/ext4/ext4.h), which lives until it returns.
    unsafe { requests::ext4_resize_fs(file.as_raw_fd(), &raw const blocks) }.map(drop)
}

/// Length of the blocks in which [`block_of_file`] counts, in bytes.
pub fn file_block_bytes(file: &File) -> nix::Result<usize> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the request writes one int (FIGETBSZ, linux/fs.h) to a live one.
    unsafe { requests::figetbsz(file.as_raw_fd(), &raw mut bytes) }?;
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0).ok_or(nix::Error::EINVAL)
}

/// The block of its device on which the block number `index` of a file lies; 0 where it has none.
pub fn block_of_file(file: &File, index: u32) -> nix::Result<u32> {
    let mut block = libc::c_int::try_from(index).map_err(|_| nix::Error::EOVERFLOW)?;
    // SAFETY: the request reads and writes one int (FIBMAP, linux/fs.h), a live one.
    unsafe { requests::fibmap(file.as_raw_fd(), &raw mut block) }?;
    u32::try_from(block).map_err(|_| nix::Error::EOVERFLOW)
}

/// Tells the device that nothing in this range is needed any more: it may forget it.
pub fn discard(device: &File, offset_bytes: u64, length_bytes: u64) -> nix::Result<()> {
    let range = [offset_bytes, length_bytes];
    // SAFETY: the request reads two u64 (BLKDISCARD, block/ioctl.c), which live until it returns.
    unsafe { requests::blkdiscard(device.as_raw_fd(), &raw const range) }.map(drop)
}
