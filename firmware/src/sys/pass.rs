//! Open files that travel with a message over a local socket (`SCM_RIGHTS`).

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, RawFd};
use std::os::unix::net::UnixStream;

/// Files that one message carries at the most.
pub const FILES_MAX: usize = 4;

/// Sends the beginning of `bytes`, and copies of the descriptors with it. Returns how many bytes went out.
pub fn send(stream: &UnixStream, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> std::io::Result<usize> {
    let numbers: heapless::Vec<RawFd, FILES_MAX> =
        descriptors.iter().map(AsRawFd::as_raw_fd).take(FILES_MAX).collect();
    let rights = [ControlMessage::ScmRights(&numbers)];
    let control = if numbers.is_empty() { &[][..] } else { &rights[..] };
    // A peer that is gone is an error for us and no signal.
    let flags = MsgFlags::MSG_NOSIGNAL;
    Ok(sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], control, flags, None)?)
}

/// Receives bytes into `buffer`, and files that come with them. Returns how many bytes came; none: the peer is done.
pub fn receive(
    stream: &UnixStream,
    buffer: &mut [u8],
    files: &mut heapless::Vec<File, FILES_MAX>,
) -> std::io::Result<usize> {
    let mut control = nix::cmsg_space!([RawFd; FILES_MAX]);
    let mut parts = [IoSliceMut::new(buffer)];
    let message =
        recvmsg::<()>(stream.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC)?;
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = part {
            for number in numbers {
                // SAFETY: the kernel has just opened this number for us in this very call, and nobody else knows of it.
                let file = unsafe { File::from_raw_fd(number) };
                // One too many is closed again.
                let _ = files.push(file);
            }
        }
    }
    Ok(message.bytes)
}
