//! Whether bytes can be a whole frame: a cheap look at both ends or at the length, before a slot is spent on it.
//!
//! Cheap cameras truncate frames and pad them with zeroes. The detector reads the frame in full afterwards and has the last
//! word; this look must not cost time that grows with the frame.

/// Zero bytes after the end marker that are tolerated: some cameras round frames up to a block of this size.
const PADDING_BYTES_MAX: usize = 4096;

use crate::ring::Coding;
use vision::luma::{FrameSize, RawFormat, RawFrame};

/// Whether `frame` can be a whole one of this kind and size.
pub fn looks_whole(frame: &[u8], coding: Coding, size: FrameSize) -> bool {
    match coding {
        Coding::Jpeg => is_whole_jpeg(frame),
        // Where it ends nobody can see from outside.
        Coding::AnnexB | Coding::Avc { .. } => {
            frame.starts_with(&[0, 0, 1]) || frame.starts_with(&[0, 0, 0, 1])
        }
        Coding::Raw { fourcc, stride_bytes, .. } => RawFormat::find(fourcc)
            .is_some_and(|format| RawFrame::new(format, size, stride_bytes as usize, frame).is_ok()),
    }
}

/// Whether `frame` starts with the start-of-image marker and ends with the end-of-image marker, up to zero padding.
fn is_whole_jpeg(frame: &[u8]) -> bool {
    let tail = &frame[frame.len().saturating_sub(PADDING_BYTES_MAX)..];
    let end = tail.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    frame.starts_with(&[0xff, 0xd8]) && tail[..end].ends_with(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::{Coding, FrameSize};

    const SIZE: FrameSize = FrameSize { width: 16, height: 8 };

    fn looks_whole(frame: &[u8]) -> bool {
        super::looks_whole(frame, Coding::Jpeg, SIZE)
    }

    #[test]
    fn raw_frames_are_as_long_as_they_must_be() {
        let coding =
            |fourcc: &[u8; 4]| Coding::Raw { fourcc: *fourcc, stride_bytes: 32, is_full_range: true };
        let whole = |length, fourcc| super::looks_whole(&vec![0; length], coding(fourcc), SIZE);
        assert!(whole(32 * 8, b"YUYV") && whole(32 * 8 + 9, b"YUYV") && !whole(32 * 8 - 1, b"YUYV"));
        assert!(whole(32 * 12, b"NV12") && !whole(32 * 11, b"NV12") && !whole(32 * 8, b"H264"));
    }

    #[test]
    fn whole_frames_pass_and_cut_ones_do_not() {
        assert!(looks_whole(&[0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]));
        assert!(looks_whole(&[0xff, 0xd8, 1, 0xff, 0xd9, 0, 0, 0]));
        for bad in [&[][..], &[0xff], &[0xff, 0xd8, 1, 2], &[0, 0xd8, 0xff, 0xd9], &[0; 9000]] {
            assert!(!looks_whole(bad));
        }
    }
}
