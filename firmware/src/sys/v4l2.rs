//! V4L2 streaming with memory-mapped buffers (linux/videodev2.h, "Streaming I/O (Memory Mapping)").
//!
//! The `v4l` crate finds and configures the device; the buffers are ours, because a surveillance camera must survive
//! time-outs, error flags and unplugging without a panic. Single-plane capture only. No policy here: what to do about an
//! error is the caller's business.

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::fs::File;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::ptr::NonNull;

const BUF_TYPE_VIDEO_CAPTURE: u32 = 1;
const MEMORY_MMAP: u32 = 1;
/// `V4L2_BUF_FLAG_ERROR`: the driver says that the data are damaged.
const FLAG_ERROR: u32 = 0x0040;

/// `struct v4l2_requestbuffers`.
#[repr(C)]
#[derive(Default)]
struct RequestBuffers {
    count: u32,
    kind: u32,
    memory: u32,
    capabilities: u32,
    flags: u8,
    reserved: [u8; 3],
}

/// `struct v4l2_buffer` with 64-bit time on every CPU: the time stamp is two 64-bit words since Linux 5.6, also where
/// `long` has 32 bits.
#[repr(C)]
#[derive(Default)]
struct Buffer {
    index: u32,
    kind: u32,
    bytes_used: u32,
    flags: u32,
    field: u32,
    time_s: i64,
    time_us: i64,
    timecode: [u32; 4],
    sequence: u32,
    memory: u32,
    /// The union `m`: for mapped buffers the offset to map, in its first four bytes.
    offset: usize,
    length: u32,
    reserved2: u32,
    request_fd: i32,
}

// The kernel's sizes; a wrong layout must not compile.
const _: () = assert!(size_of::<RequestBuffers>() == 20);
const _: () = assert!(size_of::<Buffer>() == if size_of::<usize>() == 8 { 88 } else { 80 });

/// The requests of linux/videodev2.h, as functions.
#[allow(missing_docs)]
mod request {
    use super::{Buffer, RequestBuffers};
    nix::ioctl_readwrite!(request_buffers, b'V', 8, RequestBuffers);
    nix::ioctl_readwrite!(query_buffer, b'V', 9, Buffer);
    nix::ioctl_readwrite!(queue_buffer, b'V', 15, Buffer);
    nix::ioctl_readwrite!(dequeue_buffer, b'V', 17, Buffer);
    nix::ioctl_write_ptr!(stream_on, b'V', 18, i32);
    nix::ioctl_write_ptr!(stream_off, b'V', 19, i32);
}

/// A frame in one of the driver's buffers. It must be given back by [`Stream::queue`].
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    /// Which buffer.
    pub index: u32,
    bytes_used: usize,
    /// The driver says that the data are damaged.
    pub error: bool,
    /// Counts frames, delivered or not; a gap is a loss in the camera or the driver.
    pub sequence: u32,
    /// CLOCK_MONOTONIC, microseconds.
    pub timestamp_us: u64,
}

struct Mapping {
    address: NonNull<c_void>,
    length: usize,
}

/// A streaming capture device: buffers mapped and queued, the stream on. Dropping it stops the stream and unmaps.
pub struct Stream {
    device: File,
    mappings: Vec<Mapping>,
}

impl Stream {
    /// Asks the driver for `count` buffers, maps and queues them and starts streaming. The driver may give fewer. `device`
    /// must be configured and open without blocking.
    pub fn start(device: File, count: u32) -> Result<Stream, Errno> {
        let mut stream = Stream { device, mappings: Vec::new() };
        let given = stream.request(count)?;
        for index in 0..given {
            let mapping = stream.map(index)?;
            stream.mappings.push(mapping);
            stream.queue(index)?;
        }
        let kind = BUF_TYPE_VIDEO_CAPTURE as i32;
        // SAFETY: the descriptor is open for the life of `stream`; the kernel reads one int.
        unsafe { request::stream_on(stream.fd(), &kind) }?;
        Ok(stream)
    }

    /// The next filled buffer, or nothing yet (the device is non-blocking).
    pub fn dequeue(&self) -> Result<Option<Filled>, Errno> {
        let mut buffer = Buffer { kind: BUF_TYPE_VIDEO_CAPTURE, memory: MEMORY_MMAP, ..Buffer::default() };
        // SAFETY: the descriptor is open; `buffer` has the kernel's layout and is exclusively ours.
        match unsafe { request::dequeue_buffer(self.fd(), &mut buffer) } {
            Ok(_) => Ok(Some(Filled {
                index: buffer.index,
                bytes_used: buffer.bytes_used as usize,
                error: buffer.flags & FLAG_ERROR != 0,
                sequence: buffer.sequence,
                timestamp_us: (buffer.time_s as u64)
                    .wrapping_mul(1_000_000)
                    .wrapping_add(buffer.time_us as u64),
            })),
            Err(Errno::EAGAIN) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bytes of a filled buffer. They stay valid until it is queued again, which needs the borrow back.
    pub fn bytes(&self, filled: &Filled) -> &[u8] {
        let Some(mapping) = self.mappings.get(filled.index as usize) else { return &[] };
        let length = filled.bytes_used.min(mapping.length);
        // SAFETY: the mapping is `mapping.length` bytes long, readable, and lives as long as `self`. The driver does not
        // write to a dequeued buffer, and `queue` needs `&mut self`, so the slice cannot outlive the buffer's being ours.
        unsafe { std::slice::from_raw_parts(mapping.address.as_ptr().cast::<u8>(), length) }
    }

    /// Gives a buffer back to the driver.
    pub fn queue(&mut self, index: u32) -> Result<(), Errno> {
        let mut buffer =
            Buffer { index, kind: BUF_TYPE_VIDEO_CAPTURE, memory: MEMORY_MMAP, ..Buffer::default() };
        // SAFETY: as in `dequeue`.
        unsafe { request::queue_buffer(self.fd(), &mut buffer) }.map(|_| ())
    }

    fn request(&self, count: u32) -> Result<u32, Errno> {
        let mut request = RequestBuffers {
            count,
            kind: BUF_TYPE_VIDEO_CAPTURE,
            memory: MEMORY_MMAP,
            ..RequestBuffers::default()
        };
        // SAFETY: the descriptor is open; `request` has the kernel's layout and is exclusively ours.
        unsafe { request::request_buffers(self.fd(), &mut request) }?;
        Ok(request.count)
    }

    fn map(&self, index: u32) -> Result<Mapping, Errno> {
        let mut buffer =
            Buffer { index, kind: BUF_TYPE_VIDEO_CAPTURE, memory: MEMORY_MMAP, ..Buffer::default() };
        // SAFETY: as in `dequeue`.
        unsafe { request::query_buffer(self.fd(), &mut buffer) }?;
        let length = NonZeroUsize::new(buffer.length as usize).ok_or(Errno::EINVAL)?;
        // Only the first four bytes of the union are the offset.
        let offset = i64::from(u32::from_ne_bytes(first_four(buffer.offset)));
        // SAFETY: a fresh shared mapping of the device's buffer at an address that the kernel chooses; nothing else
        // refers to it. It is unmapped in `drop` only.
        let address = unsafe {
            mmap(
                None,
                length,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
                &self.device,
                offset as _,
            )
        }?;
        Ok(Mapping { address, length: length.get() })
    }

    fn fd(&self) -> RawFd {
        self.device.as_raw_fd()
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let kind = BUF_TYPE_VIDEO_CAPTURE as i32;
        // SAFETY: as in `start`. The device may be gone; there is nothing to do about it then.
        let _ = unsafe { request::stream_off(self.fd(), &kind) };
        for mapping in self.mappings.drain(..) {
            // SAFETY: the mapping was made by `map`, is unmapped once, and no slice of it can be alive (`&mut self`).
            let _ = unsafe { munmap(mapping.address, mapping.length) };
        }
        let _ = self.request(0);
    }
}

fn first_four(word: usize) -> [u8; 4] {
    let bytes = word.to_ne_bytes();
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}
