//! A picture as a camera's sensor pipeline delivers it.
//!
//! It must not know how it came about.

/// Planar YUV 4:2:0, full range (JFIF), rows tightly packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` bytes.
    pub luma: Vec<u8>,
    /// Blue difference, `(width + 1) / 2` by `(height + 1) / 2` bytes, 128 is none.
    pub blue: Vec<u8>,
    /// Red difference, as `blue`.
    pub red: Vec<u8>,
}

impl Picture {
    /// An empty picture; the player gives it its size.
    pub fn new() -> Picture {
        Picture::default()
    }

    /// Width and height of the two colour planes.
    pub fn chroma_size(&self) -> (usize, usize) {
        (self.width.div_ceil(2), self.height.div_ceil(2))
    }

    /// Three bytes a pixel, as a JPEG encoder takes them; when it halves the colour again it gets the same values back.
    pub fn interleave(&self, pixels: &mut Vec<u8>) {
        pixels.clear();
        let chroma_width = self.chroma_size().0.max(1);
        for (y, row) in self.luma.chunks_exact(self.width.max(1)).enumerate() {
            let from = y / 2 * chroma_width;
            let colours = self.blue.iter().zip(&self.red).skip(from).take(chroma_width);
            for (pair, (&blue, &red)) in row.chunks(2).zip(colours) {
                for &luma in pair {
                    pixels.extend([luma, blue, red]);
                }
            }
        }
    }

    /// Gives the picture a size; allocates only when it had another one.
    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        self.width = width;
        self.height = height;
        let (chroma_width, chroma_height) = self.chroma_size();
        self.luma.resize(width * height, 0);
        self.blue.resize(chroma_width * chroma_height, 128);
        self.red.resize(chroma_width * chroma_height, 128);
    }

    /// Takes another picture's content; allocates only when the size differs.
    pub(crate) fn copy_from(&mut self, other: &Picture) {
        self.resize(other.width, other.height);
        self.luma.copy_from_slice(&other.luma);
        self.blue.copy_from_slice(&other.blue);
        self.red.copy_from_slice(&other.red);
    }
}

#[cfg(test)]
mod tests {
    use super::Picture;

    #[test]
    fn odd_pictures_are_interleaved() {
        let (luma, blue, red) = (vec![1, 2, 3, 4, 5, 6, 7, 8, 9], vec![10, 11, 12, 13], vec![20, 21, 22, 23]);
        let picture = Picture { width: 3, height: 3, luma, blue, red };
        let mut pixels = Vec::new();
        picture.interleave(&mut pixels);
        let first = [1, 10, 20, 2, 10, 20, 3, 11, 21];
        assert_eq!((pixels.len(), &pixels[..9], &pixels[24..]), (27, &first[..], &[9, 13, 23][..]));
    }
}
