//! Two requests to the kernel about block devices that the safe crates do not offer.

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
