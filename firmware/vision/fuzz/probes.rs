//! What the fuzz targets do with bytes: shared with the test that feeds the kept corpus to it in every run.
//!
//! A probe panics when a promise is broken, and on nothing else.
#![allow(dead_code, reason = "each target uses one of them")]
use vision::PLANE_PX_MAX;
use vision::luma::{Damage, FrameSize, INDEX_BYTES_MAX, LumaDecoder, RAW_FORMATS, RawFrame, header};
use vision::splice::{Area, Mark, Refusal, Spliced, Splicer};

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

/// Each mark is seven bytes behind a first one that says how many there are (0..=3); the rest is the frame. A frame is refused with a reason, or what comes out
/// decodes as the frame does, is the same with an index of rows, can be spliced again, and fits exactly into as many bytes. Without marks it is the frame itself.
/// The marks' bytes also say what is spoilt in the index: that counts for nothing then, and does no harm even with a seal that fits.
pub fn splice(bytes: &[u8]) {
    let Some((&count, rest)) = bytes.split_first() else { return };
    let Some((choices, jpeg)) = rest.split_at_checked(7 * usize::from(count % 4)) else { return };
    let pixels: Vec<u8> = (0..2048).map(|at| if at % 7 < 3 { 255 } else { 0 }).collect();
    let marks: Vec<Mark<'_>> = choices.chunks_exact(7).map(|choice| mark(choice, &pixels)).collect();
    let (mut splicer, mut decoder) = (Box::new(Splicer::new()), Box::new(LumaDecoder::new()));
    let (mut plane, mut index) = (vec![0; PLANE_PX_MAX], vec![0xAA; INDEX_BYTES_MAX]);
    let mut out = vec![0; 4 * jpeg.len() + 100_000];
    let first = splicer.splice(jpeg, &[], &marks, &mut out);
    let decoded = decoder.decode_with_index(jpeg, &mut plane, &mut index);
    let mut again = vec![0; out.len()];
    if let Ok((_, length)) = decoded {
        index.truncate(length);
        let by_index = splicer.splice(jpeg, &index, &marks, &mut again);
        if let (Ok(Spliced { bytes, .. }), Ok(_)) = (by_index, first) {
            assert_eq!(again[..bytes], out[..bytes]);
        }
        assert!(by_index.is_err() || by_index.is_ok_and(|spliced| spliced.is_by_index == (length > 0)));
        assert!(first.is_err() || by_index.map(|it| it.bytes) == first.map(|it| it.bytes), "{by_index:?}");
        if spoil(&mut index, choices) {
            assert_eq!(splicer.splice(jpeg, &index, &marks, &mut again), first);
            seal(jpeg, &mut index);
            let harmless = splicer.splice(jpeg, &index, &marks, &mut again);
            assert!(harmless.is_err() || harmless.is_ok_and(|spliced| spliced.is_by_index));
        }
    }
    let Ok(Spliced { bytes: length, .. }) = first else { return };
    let spliced = &out[..length];
    assert_eq!(decoder.decode(spliced, &mut plane), decoded.map(|(size, _)| size));
    assert!(decoded.is_ok());
    assert!(!marks.is_empty() || spliced == jpeg);
    let twice = splicer.splice(spliced, &[], &marks, &mut again);
    assert!(matches!(twice, Ok(_) | Err(Refusal::NoCode)), "{twice:?}");
    let mut exact = vec![0; length];
    assert_eq!(splicer.splice(jpeg, &[], &marks, &mut exact), first);
    assert_eq!(exact, spliced);
    assert_eq!(splicer.splice(jpeg, &[], &marks, &mut exact[1..]), Err(Refusal::OutputTooSmall));
}

/// Changes some bytes of an index behind its seal; whether any.
fn spoil(index: &mut [u8], choices: &[u8]) -> bool {
    let before = index.to_vec();
    let noted = index.get_mut(8..).unwrap_or_default();
    let choices = if noted.is_empty() { &[] } else { choices };
    for choice in choices.chunks_exact(7) {
        let at = usize::from(u16::from_le_bytes([choice[1], choice[2]])) % noted.len();
        noted[at] ^= choice[3];
    }
    before != index
}

/// Seals what stands in an index behind its first eight bytes, as if it had been made of this frame: written down once more, so that damage gets as far as it can.
pub fn seal(jpeg: &[u8], index: &mut [u8]) {
    let Some((place, noted)) = index.split_first_chunk_mut::<8>() else { return };
    let mut words: Vec<[u8; 8]> = Vec::new();
    let step = (jpeg.len() / 32).max(8);
    words.extend((0..jpeg.len()).step_by(step).filter_map(|at| jpeg[at..].first_chunk::<8>()));
    words.extend(noted.chunks_exact(8).map(|word| <[u8; 8]>::try_from(word).expect("eight")));
    let rest = noted.chunks_exact(8).remainder();
    words.push(std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0)));
    words.push(((jpeg.len() as u64) << 32 | noted.len() as u64).to_le_bytes());
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for word in words {
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01B3);
        hash ^= hash >> 32;
    }
    *place = hash.to_le_bytes();
}

/// A mark of seven bytes: kind, place, size, grey.
fn mark<'a>(choice: &[u8], pixels: &'a [u8]) -> Mark<'a> {
    let [kind, left, top, width, height, grey, far] = std::array::from_fn(|at| choice[at]);
    // Now and then where the numbers end.
    let place = |near: u8| if far == 0xFF { u16::MAX - u16::from(near) } else { u16::from(near) };
    let area = Area { left: place(left), top: place(top), width: place(width), height: place(height) };
    match kind % 3 {
        0 => Mark::Mask { area, grey },
        1 => Mark::Plate {
            left: area.left,
            top: area.top,
            width: area.width,
            pixels: &pixels[usize::from(height)..],
        },
        _ => Mark::Outline { area, line_px: u16::from(far % 16), grey },
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
