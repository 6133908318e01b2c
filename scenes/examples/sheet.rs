//! Writes a contact sheet of a scene as PNG, so that a person can look at it.
//!
//! `cargo run --profile host -p scenes --example sheet -- NAME OUT.png [--size 640x360] [--from S] [--to S] [--tiles 4x3]`.
//! The boxes of the truth are drawn in unless `--plain` is given.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

use scenes::{Bounds, Picture, Truth};

struct Options {
    name: String,
    out: String,
    size: (usize, usize),
    tiles: (usize, usize),
    from_s: f64,
    to_s: Option<f64>,
    seed: u64,
    is_plain: bool,
}

fn options() -> Result<Options, Box<dyn Error>> {
    use lexopt::prelude::{Long, Value, ValueExt};
    let mut parser = lexopt::Parser::from_env();
    let mut words = Vec::new();
    let mut options = Options {
        name: String::new(),
        out: String::new(),
        size: (320, 180),
        tiles: (4, 4),
        from_s: 0.0,
        to_s: None,
        seed: 1,
        is_plain: false,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("size") => options.size = pair(&parser.value()?.string()?)?,
            Long("tiles") => options.tiles = pair(&parser.value()?.string()?)?,
            Long("from") => options.from_s = parser.value()?.parse()?,
            Long("to") => options.to_s = Some(parser.value()?.parse()?),
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("plain") => options.is_plain = true,
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let [name, out] = words.try_into().map_err(|_| "usage: sheet NAME OUT.png")?;
    (options.name, options.out) = (name, out);
    Ok(options)
}

fn pair(text: &str) -> Result<(usize, usize), Box<dyn Error>> {
    let (a, b) = text.split_once('x').ok_or("a pair is written as 640x360")?;
    Ok((a.parse()?, b.parse()?))
}

/// The sheet: tiles of one size, row after row, red, green, blue.
struct Sheet {
    columns: usize,
    rows: usize,
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Sheet {
    fn new(tiles: (usize, usize), size: (usize, usize)) -> Sheet {
        let bytes = vec![0; tiles.0 * tiles.1 * size.0 * size.1 * 3];
        Sheet { columns: tiles.0, rows: tiles.1, width: size.0, height: size.1, bytes }
    }

    fn put(&mut self, tile: usize, picture: &Picture, truth: &Truth, is_plain: bool) {
        let (left, top) = (tile % self.columns * self.width, tile / self.columns * self.height);
        for row in 0..self.height {
            for column in 0..self.width {
                self.pixel(left + column, top + row, colour(picture, column, row));
            }
        }
        if !is_plain {
            for target in &truth.targets {
                self.frame(left, top, target.bounds);
            }
        }
    }

    fn frame(&mut self, left: usize, top: usize, bounds: Bounds) {
        for column in bounds.left..bounds.right {
            self.pixel(left + column, top + bounds.top, [255, 255, 0]);
            self.pixel(left + column, top + bounds.lower - 1, [255, 255, 0]);
        }
        for row in bounds.top..bounds.lower {
            self.pixel(left + bounds.left, top + row, [255, 255, 0]);
            self.pixel(left + bounds.right - 1, top + row, [255, 255, 0]);
        }
    }

    fn pixel(&mut self, x: usize, y: usize, colour: [u8; 3]) {
        let first = (y * self.columns * self.width + x) * 3;
        self.bytes[first..first + 3].copy_from_slice(&colour);
    }
}

fn colour(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
    let luma = f32::from(picture.luma[y * picture.width + x]);
    let chroma = y / 2 * picture.chroma_size().0 + x / 2;
    let blue = f32::from(picture.blue[chroma]) - 128.0;
    let red = f32::from(picture.red[chroma]) - 128.0;
    [luma + 1.402 * red, luma - 0.344 * blue - 0.714 * red, luma + 1.772 * blue]
        .map(|c| c.clamp(0.0, 255.0) as u8)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let scene = scenes::find(&options.name).ok_or("there is no scene of this name in the catalogue")?;
    let to_s = options.to_s.unwrap_or(f64::from(scene.seconds));
    let count = options.tiles.0 * options.tiles.1;
    let mut sheet = Sheet::new(options.tiles, options.size);
    let mut player = scene.play(options.size.0, options.size.1, options.seed).seconds(to_s.ceil() as u32 + 1);
    let mut picture = Picture::new();
    let mut tile = 0;
    while let Some(truth) = player.next_frame(&mut picture) {
        let wanted = options.from_s + (to_s - options.from_s) * tile as f64 / count as f64;
        if truth.timestamp_us as f64 * 1e-6 >= wanted {
            sheet.put(tile, &picture, &truth, options.is_plain);
            tile += 1;
            if tile == count {
                break;
            }
        }
    }
    let file = BufWriter::new(File::create(&options.out)?);
    let (width, height) = (sheet.columns * sheet.width, sheet.rows * sheet.height);
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&sheet.bytes)?;
    Ok(())
}
