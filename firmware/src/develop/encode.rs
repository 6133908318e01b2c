//! What makes a JPEG of a picture. The trait, and the one that we use: `vision::encode`.
//!
//! Why that one stands in BENCHMARKS.md, beside the crate `jpeg-encoder` and libjpeg-turbo. Must not know frames or slots.

use super::Picture;
use vision::encode::{Encoder, Rows};
use vision::luma::YcbcrRow;

pub use vision::encode::TooLong;

/// Makes JPEG pictures.
pub trait Encode {
    /// Writes a baseline JPEG of `picture` to the beginning of `out`; its length. `quality` is libjpeg's scale, 1 to 100.
    ///
    /// # Errors
    /// It does not fit.
    fn encode(&mut self, picture: &mut Picture<'_>, quality: u8, out: &mut [u8]) -> Result<usize, TooLong>;
}

/// In fixed point, without a heap.
pub struct Fixed(Box<Encoder>);

impl Fixed {
    /// Takes its working memory, once.
    pub fn new() -> Self {
        Self(Box::new(Encoder::new()))
    }
}

impl Default for Fixed {
    fn default() -> Self {
        Self::new()
    }
}

impl Encode for Fixed {
    fn encode(&mut self, picture: &mut Picture<'_>, quality: u8, out: &mut [u8]) -> Result<usize, TooLong> {
        let size = picture.size();
        self.0.encode(picture, size, quality, out)
    }
}

impl Rows for Picture<'_> {
    fn row(&mut self, y: u16, row: &mut YcbcrRow<'_>) {
        Picture::row(self, y, row);
    }
}
