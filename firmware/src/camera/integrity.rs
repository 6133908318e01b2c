//! Whether bytes can be a whole frame: a cheap look at the length or the beginning, before a slot is spent on it.
//!
//! The detector reads the frame in full afterwards and has the last word; this look must not cost time that grows with the frame. What can be
//! mended of JPEG is: [`super::heal`].

use super::heal::{Healer, Parts};
use crate::ring::Coding;
use vision::luma::{FrameSize, RawFormat, RawFrame};

/// The parts of `frame` that make a whole one of this kind and size; nothing if it is none.
pub fn whole<'a>(frame: &'a [u8], coding: Coding, size: FrameSize, healer: &mut Healer) -> Option<Parts<'a>> {
    let whole = match coding {
        Coding::Jpeg => return healer.heal(frame),
        // Where it ends nobody can see from outside.
        Coding::AnnexB | Coding::Avc { .. } => {
            let starts = frame.starts_with(&[0, 0, 1]) || frame.starts_with(&[0, 0, 0, 1]);
            starts.then_some(frame)
        }
        Coding::Raw { fourcc, stride_bytes, .. } => {
            let (format, stride) = (RawFormat::find(fourcc)?, stride_bytes as usize);
            RawFrame::new(format, size, stride, frame).ok()?;
            // What a driver counts beyond the last row would only take memory.
            frame.get(..format.frame_bytes(stride, size.height)).or(Some(frame))
        }
    };
    whole.map(|frame| Parts::from_iter([frame]))
}

#[cfg(test)]
mod tests {
    use super::{Coding, FrameSize, Healer};

    const SIZE: FrameSize = FrameSize { width: 16, height: 8 };

    fn is_whole(frame: &[u8], coding: Coding) -> bool {
        super::whole(frame, coding, SIZE, &mut Healer::default()).is_some()
    }

    #[test]
    fn raw_frames_are_as_long_as_they_must_be() {
        let coding =
            |fourcc: &[u8; 4]| Coding::Raw { fourcc: *fourcc, stride_bytes: 32, is_full_range: true };
        let whole = |length, fourcc| is_whole(&vec![0; length], coding(fourcc));
        let longer = [0; 32 * 8 + 9];
        let parts = super::whole(&longer, coding(b"YUYV"), SIZE, &mut Healer::default());
        assert_eq!(parts.as_deref(), Some(&[&longer[..32 * 8]][..]), "what is beyond the last row goes");
        assert!(whole(32 * 8, b"YUYV") && whole(32 * 8 + 9, b"YUYV") && !whole(32 * 8 - 1, b"YUYV"));
        assert!(whole(32 * 12, b"NV12") && !whole(32 * 11, b"NV12") && !whole(32 * 8, b"H264"));
    }

    #[test]
    fn units_begin_with_a_start_code() {
        assert!(is_whole(&[0, 0, 1, 9], Coding::AnnexB) && is_whole(&[0, 0, 0, 1, 9], Coding::AnnexB));
        assert!(!is_whole(&[0, 1, 9], Coding::AnnexB) && !is_whole(&[], Coding::AnnexB));
    }
}
