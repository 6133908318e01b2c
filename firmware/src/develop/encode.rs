//! What makes a JPEG of a picture. The trait, and the one that we use: the crate `jpeg-encoder`.
//!
//! Why that one stands in BENCHMARKS.md, beside libjpeg-turbo. Must not know frames or slots.

use super::Picture;
use jpeg_encoder::{Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor};
use vision::luma::YcbcrRow;

/// Makes JPEG pictures.
pub trait Encode {
    /// Writes a baseline JPEG of `picture` to the beginning of `out`; its length. `quality` is libjpeg's scale, 1 to 100.
    ///
    /// # Errors
    /// It does not fit.
    fn encode(&mut self, picture: &Picture<'_>, quality: u8, out: &mut [u8]) -> Result<usize, TooLong>;
}

/// The JPEG is longer than the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// `jpeg-encoder`, which computes one value at a time on our CPUs. It allocates some 40 KiB for each picture and gives them back: the
/// one place on a frame's way where that happens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalar;

impl Encode for Scalar {
    fn encode(&mut self, picture: &Picture<'_>, quality: u8, out: &mut [u8]) -> Result<usize, TooLong> {
        let room = out.len();
        let mut rest = out;
        let mut encoder = Encoder::new(&mut rest, quality);
        encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
        match encoder.encode_image(Rows(picture)) {
            Ok(()) => Ok(room - rest.len()),
            // Writing to memory fails for want of room only, and pictures without pixels do not come here.
            Err(EncodingError::IoError(_) | _) => Err(TooLong),
        }
    }
}

/// A picture as the crate wants it.
struct Rows<'a>(&'a Picture<'a>);

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.0.size().width
    }

    fn height(&self) -> u16 {
        self.0.size().height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [luma, cb, cr, _] = buffers;
        let (width, before) = (usize::from(self.width()), luma.len());
        for buffer in [&mut *luma, &mut *cb, &mut *cr] {
            buffer.resize(before + width, 0);
        }
        let row = &mut YcbcrRow { luma: &mut luma[before..], cb: &mut cb[before..], cr: &mut cr[before..] };
        self.0.row(y, row);
    }
}
