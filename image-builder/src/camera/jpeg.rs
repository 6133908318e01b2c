//! The marker level of JPEG: where an image ends, where its data begins. It must not decode anything.
//!
//! ITU-T T.81, annex B. Two uses: cutting ffmpeg's MJPEG stream into images, and replacing the first restart
//! segments of an encoded frame by others (the frame counter), which restart markers allow without encoding it anew.

/// Marker codes (the byte after 0xff).
mod marker {
    use std::ops::RangeInclusive;
    pub const SOI: u8 = 0xd8;
    pub const EOI: u8 = 0xd9;
    pub const SOS: u8 = 0xda;
    pub const RESTART: RangeInclusive<u8> = 0xd0..=0xd7;
}

/// The bytes are not a JPEG image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJpeg;

/// Offset of the first byte of entropy-coded data; `None` when more bytes are needed.
pub fn data_start(bytes: &[u8]) -> Result<Option<usize>, NotJpeg> {
    let Some(soi) = bytes.get(..2) else { return Ok(None) };
    if soi != [0xff, marker::SOI] {
        return Err(NotJpeg);
    }
    let mut at = 2;
    loop {
        let Some(&[lead, code, high, low]) = bytes.get(at..at + 4) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if lead != 0xff || length < 2 || code == marker::EOI || code == marker::SOI {
            return Err(NotJpeg);
        }
        at += 2 + length;
        if code == marker::SOS {
            return Ok(Some(at));
        }
    }
}

/// The next marker at or after `from` in entropy-coded data: its code and its offset. Stuffed zeros are skipped.
fn next_marker(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let tail = bytes.get(from..)?;
    let found = tail.windows(2).position(|pair| pair[0] == 0xff && pair[1] != 0 && pair[1] != 0xff)?;
    Some((tail[found + 1], from + found))
}

/// Offset of the restart marker that ends segment `segments - 1`, where the data begins at `from`.
pub fn after_segments(bytes: &[u8], from: usize, segments: usize) -> Option<usize> {
    let mut at = from;
    for segment in 1..=segments {
        let (code, offset) = next_marker(bytes, at)?;
        if !marker::RESTART.contains(&code) {
            return None;
        }
        if segment == segments {
            return Some(offset);
        }
        at = offset + 2;
    }
    None
}

/// Cuts a stream of images one behind the other.
#[derive(Debug, Default)]
pub struct Cutter {
    bytes: Vec<u8>,
    /// Entropy-coded data is searched up to here, so that no byte is searched twice.
    searched: usize,
}

impl Cutter {
    /// Adds bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes that wait for the end of their image.
    pub fn pending(&self) -> usize {
        self.bytes.len()
    }

    /// The next whole image (one scan, as cameras and ffmpeg write), or `None` until more bytes come.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, NotJpeg> {
        let Some(start) = data_start(&self.bytes)? else { return Ok(None) };
        let mut at = start.max(self.searched);
        while let Some((code, offset)) = next_marker(&self.bytes, at) {
            at = offset + 2;
            if code == marker::EOI {
                let rest = self.bytes.split_off(at);
                self.searched = 0;
                return Ok(Some(std::mem::replace(&mut self.bytes, rest)));
            }
        }
        // The last byte may be the first half of a marker.
        self.searched = self.bytes.len().saturating_sub(1);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cutter, NotJpeg, after_segments, data_start};

    /// SOI, a segment whose content looks like EOI, SOS, data with stuffing and a restart marker, EOI.
    fn image(fill: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 6, 0xff, 0xd9, 0xff, 0xd9, 0xff, 0xda, 0, 3, 7];
        bytes.extend([fill, 0xff, 0x00, 1, 0xff, 0xd0, 2, 0xff, 0xd1, 3, 0xff, 0xd9]);
        bytes
    }

    #[test]
    fn a_stream_is_cut_at_any_split() {
        let stream: Vec<u8> = [image(1), image(2), image(3)].concat();
        for piece in 1..stream.len() {
            let mut cutter = Cutter::default();
            let mut found = Vec::new();
            for part in stream.chunks(piece) {
                cutter.push(part);
                while let Some(image) = cutter.next().unwrap() {
                    found.push(image);
                }
            }
            assert_eq!(found, [image(1), image(2), image(3)], "pieces of {piece}");
            assert_eq!(cutter.pending(), 0);
        }
    }

    #[test]
    fn segments_are_found() {
        let bytes = image(9);
        let start = data_start(&bytes).unwrap().unwrap();
        assert_eq!(start, 15);
        assert_eq!(after_segments(&bytes, start, 1), Some(19));
        assert_eq!(after_segments(&bytes, start, 2), Some(22));
        assert_eq!(after_segments(&bytes, start, 3), None);
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(data_start(b"RIFF"), Err(NotJpeg));
        assert_eq!(data_start(&[0xff, 0xd8, 0xff, 0xe0, 0, 1]), Err(NotJpeg));
        assert_eq!(data_start(&[0xff]), Ok(None));
    }
}
