//! Cuts a stream into JPEG images by their markers (ITU-T T.81, annex B). It must not decode anything.
//!
//! An image ends at its own end marker: one inside a segment (a thumbnail's) does not count. What a camera leaves
//! behind an image (padding) is skipped; an image that breaks off ends where the next one begins, and stays an image.

/// An image longer than this is not one: more than a raw frame of the largest size that we accept.
pub const IMAGE_BYTES_MAX: usize = 64 << 20;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// Where in an image the search stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before an image: looks for its start.
    #[default]
    Outside,
    /// Between marker segments.
    Header,
    /// In entropy-coded data, or in bytes that are no segment: looks for the next marker.
    Data,
}

/// Cuts a stream of images, which may come in pieces of any size.
#[derive(Debug, Default)]
pub struct Cutter {
    bytes: Vec<u8>,
    /// Bytes before this one have been dealt with.
    at: usize,
    state: State,
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

    /// Puts the next whole image into `image`; `false` until more bytes come.
    pub fn next(&mut self, image: &mut Vec<u8>) -> bool {
        loop {
            let step = match self.state {
                State::Outside => self.find_start(),
                State::Header => self.segment(),
                State::Data => self.data(),
            };
            match step {
                Step::On => {}
                Step::More => return false,
                Step::Image => {
                    self.hand_over(image);
                    return true;
                }
            }
        }
    }

    /// What is left at the end of the stream, if an image began there.
    pub fn rest(&mut self, image: &mut Vec<u8>) -> bool {
        let is_image = self.state != State::Outside;
        self.at = self.bytes.len();
        if is_image {
            self.hand_over(image);
        }
        is_image
    }

    fn hand_over(&mut self, image: &mut Vec<u8>) {
        image.clear();
        image.extend(self.bytes.drain(..self.at));
        (self.at, self.state) = (0, State::Outside);
    }

    fn find_start(&mut self) -> Step {
        match self.bytes.windows(2).position(|pair| pair == [0xff, SOI]) {
            Some(start) => {
                self.bytes.drain(..start);
                (self.at, self.state) = (2, State::Header);
                Step::On
            }
            None => {
                // The last byte may be the first half of the marker.
                let keep = usize::from(self.bytes.last() == Some(&0xff));
                self.bytes.drain(..self.bytes.len() - keep);
                Step::More
            }
        }
    }

    fn segment(&mut self) -> Step {
        let tail = self.bytes.get(self.at..).unwrap_or_default();
        match *tail {
            // Fill bytes before a marker (B.1.1.2).
            [0xff, 0xff, ..] => self.at += 1,
            [0xff, EOI, ..] | [0xff, SOI, ..] => self.state = State::Data,
            [0xff, code, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if tail.len() < 2 + length {
                    return Step::More;
                }
                self.at += 2 + length;
                self.state = if code == SOS || length < 2 { State::Data } else { State::Header };
            }
            [lead, ..] if lead != 0xff => self.state = State::Data,
            _ => return Step::More,
        }
        Step::On
    }

    fn data(&mut self) -> Step {
        let tail = self.bytes.get(self.at..).unwrap_or_default();
        let marker = tail.windows(2).position(|pair| {
            // Not stuffing, fill, restart or TEM.
            pair[0] == 0xff && !matches!(pair[1], 0 | 1 | 0xff | 0xd0..=0xd7)
        });
        let Some(offset) = marker else {
            self.at = self.at.max(self.bytes.len().saturating_sub(1));
            return Step::More;
        };
        self.at += offset;
        match self.bytes.get(self.at + 1) {
            Some(&EOI) => {
                self.at += 2;
                Step::Image
            }
            // The next image: this one broke off.
            Some(&SOI) => Step::Image,
            _ => {
                self.state = State::Header;
                Step::On
            }
        }
    }
}

/// How the search goes on.
enum Step {
    On,
    More,
    Image,
}

#[cfg(test)]
mod tests {
    use super::Cutter;

    /// SOI, a segment whose content looks like an image, SOS, data with stuffing and a restart marker, a second scan, EOI.
    fn image(fill: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 8, 0xff, 0xd8, 0xff, 0xd9, 0xff, 0xd9];
        bytes.extend([0xff, 0xff, 0xda, 0, 3, 7, fill, 0xff, 0x00, 1, 0xff, 0xd0, 2]);
        bytes.extend([0xff, 0xc4, 0, 4, 0xff, 0xd9, 0xff, 0xda, 0, 2, fill, 0xff, 0xd9]);
        bytes
    }

    fn cut(stream: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let (mut cutter, mut found, mut next) = (Cutter::default(), Vec::new(), Vec::new());
        for part in stream.chunks(piece) {
            cutter.push(part);
            while cutter.next(&mut next) {
                found.push(next.clone());
            }
        }
        if cutter.rest(&mut next) {
            found.push(next);
        }
        found
    }

    #[test]
    fn a_stream_is_cut_at_any_split_padding_is_skipped_and_broken_images_stay_images() {
        let broken = [0xff, 0xd8, 0xff, 0xda, 0, 2, 9];
        let headless = [0xff, 0xd8, 5, 5];
        let stream =
            [&image(1)[..], &[0, 0, 0xff], &image(2), &broken, &image(3), &headless, &image(4), &broken]
                .concat();
        let whole =
            [image(1), image(2), broken.to_vec(), image(3), headless.to_vec(), image(4), broken.to_vec()];
        for piece in 1..=stream.len() {
            assert_eq!(cut(&stream, piece), whole, "pieces of {piece}");
        }
    }

    #[test]
    fn other_bytes_hold_no_image_and_no_memory() {
        let mut cutter = Cutter::default();
        cutter.push(&[7; 1000]);
        assert!(!cutter.next(&mut Vec::new()));
        assert_eq!(cutter.pending(), 0);
        assert!(cut(b"RIFF", 2).is_empty() && cut(&[], 1).is_empty());
    }
}
