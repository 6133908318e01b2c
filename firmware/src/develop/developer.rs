//! The developer: a frame as the camera sent it in, the same frame fit for a clip out, in the same slot.
//!
//! What the owner wants in the picture is drawn before it is encoded. The buffer is taken once. Must not read a clock.

use super::avc::{NoPicture, Repacked, Repacker};
use super::{Encode, Picture};
use crate::overlay::{Moment, Wanted};
use crate::ring::{Coding, FRAME_BYTES_MAX, Frame};
use crate::settings::Settings;
use vision::bayer::Darkroom;
use vision::luma::Damage;

/// On libjpeg's scale: what webcams that compress by themselves do is between 60 and 85.
const QUALITY: u8 = 80;
/// Of a picture without a large slot: coarser, but there.
const QUALITY_COARSE: u8 = 40;

/// Why there is no picture of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undeveloped {
    /// Nothing of its format is known.
    #[error("No picture can be made of the camera's raw format.")]
    Format,
    /// The frame is damaged.
    #[error("{0}")]
    Damaged(Damage),
    /// It is of H.264 and cannot be used.
    #[error("{0}")]
    NoPicture(NoPicture),
    /// Even a coarse picture is longer than a slot.
    #[error("The picture is too large for a slot.")]
    TooLarge,
}

/// See the head of this file.
pub struct Developer<E> {
    encoder: E,
    wanted: Wanted,
    /// Which settings `wanted` has.
    generation: u32,
    repacker: Repacker,
    darkroom: Box<Darkroom>,
    out: Box<[u8]>,
}

impl<E: Encode> Developer<E> {
    /// Nothing is marked before settings are taken up.
    pub fn new(encoder: E) -> Self {
        // Zeroed memory of this size is reserved, and only taken when a frame is developed.
        let out = vec![0; FRAME_BYTES_MAX].into_boxed_slice();
        let (darkroom, repacker) = (Box::new(Darkroom::new()), Repacker::default());
        Self { encoder, wanted: Wanted::default(), generation: 0, repacker, darkroom, out }
    }

    /// Takes up what the owner wants; `generation` numbers the settings.
    pub fn adopt(&mut self, settings: Settings, generation: u32) {
        self.wanted.adopt(settings);
        self.generation = generation;
    }

    /// Makes a JPEG of a raw frame in its place, and MP4's form of one of H.264; others are left as they are.
    ///
    /// # Errors
    /// See [`Undeveloped`]; then the frame is as it was.
    pub fn develop(&mut self, frame: &mut Frame, moment: Moment) -> Result<(), Undeveloped> {
        match frame.meta.coding {
            Coding::Jpeg | Coding::Avc { .. } => Ok(()),
            Coding::AnnexB => self.repack(frame),
            Coding::Raw { .. } => self.encode(frame, moment),
        }
    }

    fn repack(&mut self, frame: &mut Frame) -> Result<(), Undeveloped> {
        let Repacked { bytes, is_key } =
            self.repacker.repack(frame.as_ref(), &mut self.out).map_err(Undeveloped::NoPicture)?;
        frame.meta.coding = Coding::Avc { is_key };
        let is_replaced = frame.replace(self.out.get(..bytes).unwrap_or_default());
        if is_replaced { Ok(()) } else { Err(Undeveloped::TooLarge) }
    }

    fn encode(&mut self, frame: &mut Frame, moment: Moment) -> Result<(), Undeveloped> {
        let size = frame.meta.size();
        let marks = self.wanted.marks((size.width, size.height), &frame.meta.subject, moment);
        let picture = Picture::of(frame, &marks, &mut self.darkroom).ok_or(Undeveloped::Format)?;
        let mut picture = picture.map_err(Undeveloped::Damaged)?;
        let (encoder, out) = (&mut self.encoder, &mut self.out);
        let bytes = encoder
            .encode(&mut picture, QUALITY, out)
            .or_else(|_| encoder.encode(&mut picture, QUALITY_COARSE, out))
            .map_err(|_| Undeveloped::TooLarge)?;
        frame.meta.coding = Coding::Jpeg;
        frame.meta.marks_of = self.generation;
        // The buffer is as long as a slot.
        let is_replaced = frame.shrink_to(self.out.get(..bytes).unwrap_or_default());
        if is_replaced { Ok(()) } else { Err(Undeveloped::TooLarge) }
    }
}
