//! What the fuzz targets do with bytes: shared with the test that feeds the kept corpus to it in every run.
//!
//! A probe panics when a promise is broken, and on nothing else.
#![allow(dead_code, reason = "each target uses one of them")]
use vision::PLANE_PX_MAX;
use vision::luma::{Damage, FrameSize, LumaDecoder, RAW_FORMATS, RawFrame, header};

/// A frame is refused with a reason or gives a plane of the size that its header promises; the same bytes always give the
/// same answer, whatever the decoder saw before; another frame decodes after it as before it.
pub fn jpeg(bytes: &[u8]) {
    let (mut decoder, mut plane) = (Box::new(LumaDecoder::new()), vec![0; PLANE_PX_MAX]);
    let first = decoder.decode(bytes, &mut plane);
    if let Ok(size) = first {
        let frame = header(bytes).expect("a frame that decodes has a header");
        assert_eq!(frame.plane(), size);
        let mut again = vec![0; size.pixels()];
        assert_eq!(decoder.decode(bytes, &mut again), Ok(size));
        assert_eq!(again[..], plane[..size.pixels()]);
        let mut short = vec![0; size.pixels() - 1];
        assert_eq!(decoder.decode(bytes, &mut short), Err(Damage::OutputTooSmall));
    } else {
        assert_eq!(decoder.decode(bytes, &mut plane), first);
    }
}

/// The first seven bytes choose format, width, height and padding; the rest is the frame. Accepted exactly if the size and
/// the number of bytes allow it; every plane pixel lies between the darkest and the brightest byte of the frame.
pub fn raw(bytes: &[u8]) {
    let &[choice, w0, w1, h0, h1, padding, slack, ref frame @ ..] = bytes else { return };
    let Some(format) = RAW_FORMATS.get(usize::from(choice) % RAW_FORMATS.len()) else { return };
    let size = FrameSize { width: u16::from_le_bytes([w0, w1]), height: u16::from_le_bytes([h0, h1]) };
    let stride = (format.row_bytes(size.width) + usize::from(padding)).saturating_sub(usize::from(slack));
    let Ok(raw) = RawFrame::new(format, size, stride, frame) else { return };
    assert!(stride >= format.row_bytes(size.width));
    assert!(frame.len() >= stride * (usize::from(size.height) - 1) + format.row_bytes(size.width));
    let pixels = size.plane().pixels();
    let mut plane = vec![0; pixels];
    assert_eq!(raw.reduce(&mut plane), Ok(size.plane()));
    if matches!(&format.fourcc, b"GREY" | b"RGGB" | b"NV12" | b"YUYV") {
        let (darkest, brightest) = (frame.iter().min(), frame.iter().max());
        assert!(plane.iter().all(|mean| Some(mean) >= darkest && Some(mean) <= brightest));
    }
    assert_eq!(raw.reduce(&mut plane[..pixels - 1]), Err(Damage::OutputTooSmall));
}
