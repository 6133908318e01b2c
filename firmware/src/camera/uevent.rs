//! The kernel's announcements of devices that come and go.
//!
//! Only used as a hint to look again: a lost announcement must never matter, so whoever waits here also looks on a timer.

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The multicast group of the kernel's own announcements.
const KERNEL_GROUP: u32 = 1;
/// Longest announcement that the kernel sends (`UEVENT_BUFFER_SIZE`).
const MESSAGE_BYTES_MAX: usize = 2048;

/// A subscription to device announcements.
pub struct Uevents {
    socket: OwnedFd,
}

impl Uevents {
    /// Subscribes. Fails when the kernel lacks netlink.
    pub fn open() -> Result<Uevents, nix::Error> {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Datagram,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkKObjectUEvent,
        )?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, KERNEL_GROUP))?;
        Ok(Uevents { socket })
    }

    /// Reads what has arrived; whether anything concerned a video device (or was lost, which counts as yes).
    pub fn video_changed(&self) -> bool {
        let mut changed = false;
        let mut message = [0; MESSAGE_BYTES_MAX];
        loop {
            match recv(self.socket.as_raw_fd(), &mut message, MsgFlags::empty()) {
                Ok(n) => changed |= concerns_video(&message[..n.min(MESSAGE_BYTES_MAX)]),
                Err(nix::Error::ENOBUFS) => changed = true,
                Err(nix::Error::EINTR) => {}
                Err(_) => return changed,
            }
        }
    }
}

impl AsFd for Uevents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// An announcement is `ACTION@DEVPATH`, then NUL-separated `KEY=VALUE` (lib/kobject_uevent.c).
fn concerns_video(message: &[u8]) -> bool {
    message.split(|&b| b == 0).any(|field| field == b"SUBSYSTEM=video4linux")
}

#[cfg(test)]
mod tests {
    use super::concerns_video;

    #[test]
    fn only_video_devices_count() {
        assert!(concerns_video(b"add@/devices/usb1/video0\0ACTION=add\0SUBSYSTEM=video4linux\0SEQNUM=1\0"));
        assert!(!concerns_video(b"add@/devices/video4linux\0ACTION=add\0SUBSYSTEM=usb\0"));
        assert!(!concerns_video(b""));
    }
}
