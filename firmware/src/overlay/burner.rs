//! The burner: a frame in, the frame with its marks out.
//!
//! What the owner wants is taken up with the settings; buffers are taken once. A frame that cannot be marked is said to be so: with
//! a mask wanted it must not be shown to anybody.

use super::wanted::{Moment, StampText, Wanted};
use crate::ring::{Coding, FRAME_BYTES_MAX, Meta};
use crate::settings::Settings;
use vision::splice::{Mark, Refusal, Spliced, Splicer};

/// Why a frame could not be marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMarks {
    /// The JPEG cannot be spliced.
    #[error("{0}")]
    Splice(Refusal),
    /// It is no JPEG.
    #[error("Nothing can be put into H.264 pictures.")]
    Film,
}

/// A frame is without the marks that it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmarked {
    /// Why.
    pub refusal: NoMarks,
    /// A mask is wanted: nobody may see this frame.
    pub must_be_hidden: bool,
}

/// A frame with its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burnt<'a> {
    /// Its bytes.
    pub jpeg: &'a [u8],
    /// The frame's index spared the walk through its picture data.
    pub is_by_index: bool,
}

/// See the head of this file.
pub struct Burner {
    splicer: Box<Splicer>,
    wanted: Wanted,
    out: Box<[u8]>,
}

impl Burner {
    /// With the settings' defaults: nothing is marked.
    pub fn new() -> Self {
        Self {
            splicer: Box::new(Splicer::new()),
            wanted: Wanted::default(),
            // Zeroed memory of this size is reserved, and only taken when a frame is marked.
            out: vec![0; FRAME_BYTES_MAX].into_boxed_slice(),
        }
    }

    /// Takes up what the owner wants.
    pub fn adopt(&mut self, settings: Settings) {
        self.wanted.adopt(settings);
    }

    /// What the stamp says, for whoever has to tell it beside the picture; `None`: it is not wanted.
    pub fn caption(&self, moment: Moment) -> Option<StampText> {
        self.wanted.caption(moment)
    }

    /// Marks a frame; `None`: there is nothing to mark, it is shown as it is. `index` is the frame's own, or empty.
    ///
    /// # Errors
    /// It cannot be marked, see [`Unmarked`].
    pub fn burn(
        &mut self,
        jpeg: &[u8],
        index: &[u8],
        meta: &Meta,
        moment: Moment,
    ) -> Result<Option<Burnt<'_>>, Unmarked> {
        let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
        // Masks go by the size that the frame itself has, whatever was agreed with the camera.
        let size = size_of(jpeg).unwrap_or((side(meta.width), side(meta.height)));
        let marks = self.wanted.marks(size, &meta.subject, moment);
        let must_be_hidden = marks.iter().any(|mark| matches!(mark, Mark::Mask { .. }));
        if marks.is_empty() {
            return Ok(None);
        }
        if meta.coding != Coding::Jpeg {
            return Err(Unmarked { refusal: NoMarks::Film, must_be_hidden });
        }
        match self.splicer.splice(jpeg, index, &marks, &mut self.out) {
            Ok(Spliced { bytes, is_by_index }) => {
                Ok(self.out.get(..bytes).map(|jpeg| Burnt { jpeg, is_by_index }))
            }
            Err(refusal) => Err(Unmarked { refusal: NoMarks::Splice(refusal), must_be_hidden }),
        }
    }
}

impl Default for Burner {
    fn default() -> Self {
        Self::new()
    }
}

/// The picture's size as its frame header has it (ITU-T T.81, B.2.2); `None` where none is found: then it is not spliced either.
fn size_of(jpeg: &[u8]) -> Option<(u16, u16)> {
    let word = |at: usize| Some(u16::from_be_bytes(jpeg.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        let (marker, length) = (word(at)?, word(at + 2)?);
        match marker {
            0xffc0..=0xffc2 => return Some((word(at + 7)?, word(at + 5)?)),
            0xffda => return None,
            0xff01..=0xfffe if length >= 2 => at += 2 + usize::from(length),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wanted::MASK_GREY;
    use super::{Burner, Meta, Moment};
    use crate::ring::Subject;
    use crate::settings::Settings;

    const MOMENT: Moment = Moment { wall_us: 1_795_742_433_000_000, is_trusted: true };

    fn settings(all: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        all.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        settings
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels: Vec<u8> =
            (0..usize::from(width) * usize::from(height) * 3).map(|at| (at / 3 % 251) as u8).collect();
        jpeg_encoder::Encoder::new(&mut bytes, 80)
            .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
            .expect("encodes");
        bytes
    }

    fn meta(width: u32, height: u32) -> Meta {
        let subject = Subject { plane_px: 9, region: [200, 100, 260, 180] };
        Meta { width, height, subject, ..Meta::default() }
    }

    #[test]
    fn without_marks_a_frame_stays_as_it_is() {
        let mut burner = Burner::new();
        let same = burner.burn(&jpeg(320, 240), &[], &meta(320, 240), MOMENT);
        assert_eq!(same, Ok(None));
        burner.adopt(settings(&[("picture.box", "true")]));
        let still = Meta { subject: Subject::default(), ..meta(320, 240) };
        assert_eq!(burner.burn(&jpeg(320, 240), &[], &still, MOMENT), Ok(None), "nothing moves");
        assert!(
            burner.burn(&jpeg(320, 240), &[], &meta(320, 240), MOMENT).is_ok_and(|marked| marked.is_some())
        );
    }

    #[test]
    fn masks_follow_the_picture_s_size_and_the_settings() {
        let mut burner = Burner::new();
        burner.adopt(settings(&[("picture.mask1", "50,0 100,0 100,100 50,100")]));
        let grey = |jpeg: &[u8], x: usize, width: usize| {
            let mut decoder =
                zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(jpeg));
            let pixels = decoder.decode().expect("decodes");
            let row = &pixels[(width * 40 + x) * 3..][..24];
            row.iter().all(|&sample| sample.abs_diff(MASK_GREY) < 3)
        };
        for (width, height) in [(320_u16, 240_u16), (640, 480), (320, 240)] {
            let frame = jpeg(width, height);
            let marked = burner
                .burn(&frame, &[], &meta(width.into(), height.into()), MOMENT)
                .expect("spliced")
                .expect("marked")
                .jpeg;
            let (right, left) = (usize::from(width) * 3 / 4, usize::from(width) / 4);
            assert!(grey(marked, right, width.into()) && !grey(marked, left, width.into()), "{width}");
        }
        let damaged = &jpeg(320, 240)[..2000];
        let refused = burner.burn(damaged, &[], &meta(320, 240), MOMENT).expect_err("cannot be masked");
        assert!(refused.must_be_hidden);
        burner.adopt(settings(&[("picture.stamp", "time")]));
        let refused = burner.burn(damaged, &[], &meta(320, 240), MOMENT).expect_err("cannot be stamped");
        assert!(!refused.must_be_hidden, "it is shown without the time");
    }

    #[test]
    fn a_mask_is_where_it_belongs_though_the_frame_is_not_as_large_as_was_agreed() {
        let mut burner = Burner::new();
        burner.adopt(settings(&[("picture.mask1", "50,0 100,0 100,100 50,100")]));
        let frame = jpeg(320, 240);
        let expected = burner
            .burn(&frame, &[], &meta(320, 240), MOMENT)
            .expect("spliced")
            .expect("marked")
            .jpeg
            .to_vec();
        let got = burner.burn(&frame, &[], &meta(1280, 720), MOMENT).expect("spliced").expect("marked");
        assert!(expected == got.jpeg);
        assert_eq!(super::size_of(&frame), Some((320, 240)));
        for length in 0..frame.len().min(700) {
            let _ = super::size_of(&frame[..length]);
        }
    }
}
