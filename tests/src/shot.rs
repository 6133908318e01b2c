//! What a display shows: QEMU's screendump, looked at by colour and place.
//!
//! Must not know how the firmware comes to draw anything.

use crate::{Failure, Rig};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// A pixel.
pub type Rgb = [u8; 3];

/// See the module.
pub struct Shot {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    pixels: Vec<Rgb>,
}

/// Part of a shot: columns and rows.
pub type Part = (Range<usize>, Range<usize>);

impl Shot {
    /// What the machine's display shows now.
    pub fn take(rig: &mut Rig) -> Result<Shot, Failure> {
        let file = rig.folder().join("screen.ppm");
        rig.machine.qmp("screendump", &serde_json::json!({ "filename": file }))?;
        Shot::parse(&std::fs::read(&file)?)
    }

    /// A binary PPM (netpbm's ppm(5)) as QEMU writes it.
    fn parse(file: &[u8]) -> Result<Shot, Failure> {
        let mut rest = file;
        let mut word = || -> Result<String, Failure> {
            let mut word = String::new();
            let mut byte = [0];
            loop {
                rest.read_exact(&mut byte)?;
                match byte[0] {
                    b if b.is_ascii_whitespace() => return Ok(word),
                    b => word.push(char::from(b)),
                }
            }
        };
        if word()? != "P6" {
            return Err("not a binary PPM".into());
        }
        let (width, height) = (word()?.parse()?, word()?.parse()?);
        if word()? != "255" {
            return Err("not 8 bits a colour".into());
        }
        let pixels: Vec<Rgb> = rest.as_chunks::<3>().0.to_vec();
        if pixels.len() != width * height {
            return Err(format!("{} pixels for {width}x{height}", pixels.len()).into());
        }
        Ok(Shot { width, height, pixels })
    }

    /// Keeps it as PNG, for a person to look at.
    pub fn keep(&self, path: &Path) -> Result<(), Failure> {
        let file = std::fs::File::create(path)?;
        let mut encoder = png::Encoder::new(file, u32::try_from(self.width)?, u32::try_from(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        Ok(encoder.write_header()?.write_image_data(self.pixels.as_flattened())?)
    }

    /// The whole of it.
    #[must_use]
    pub fn all(&self) -> Part {
        (0..self.width, 0..self.height)
    }

    /// The pixels of a part with their places.
    pub fn pixels(&self, (x, y): &Part) -> impl Iterator<Item = (usize, usize, Rgb)> {
        let x = x.clone();
        y.clone().flat_map(move |y| x.clone().map(move |x| (x, y, self.pixels[y * self.width + x])))
    }

    /// How many pixels of a part are so.
    pub fn count(&self, part: &Part, is_so: impl Fn(Rgb) -> bool) -> usize {
        self.pixels(part).filter(|(_, _, pixel)| is_so(*pixel)).count()
    }

    /// The smallest part that holds all pixels that are so; nothing if there are none.
    pub fn bounds(&self, within: &Part, is_so: impl Fn(Rgb) -> bool) -> Option<Part> {
        let mut found = self.pixels(within).filter(|(_, _, pixel)| is_so(*pixel)).map(|(x, y, _)| (x, y));
        let (x, y) = found.next()?;
        let (x, y) = found.fold((x..x + 1, y..y + 1), |(xs, ys), (x, y)| {
            (xs.start.min(x)..xs.end.max(x + 1), ys.start.min(y)..ys.end.max(y + 1))
        });
        Some((x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::Shot;

    #[test]
    fn a_shot_is_read_and_its_parts_are_found() {
        let mut file = b"P6\n4 3\n255\n".to_vec();
        file.extend([0; 36]);
        file[11 + 3 * (4 + 2)] = 200;
        let shot = Shot::parse(&file).expect("a shot");
        assert_eq!((shot.width, shot.height), (4, 3));
        assert_eq!(shot.bounds(&shot.all(), |[red, ..]| red == 200), Some((2..3, 1..2)));
        assert_eq!(shot.bounds(&shot.all(), |[red, ..]| red == 201), None);
        assert_eq!(shot.count(&(0..4, 0..2), |pixel| pixel == [0; 3]), 7);
        assert!(Shot::parse(&file[..40]).is_err() && Shot::parse(b"P5\n").is_err());
    }
}
