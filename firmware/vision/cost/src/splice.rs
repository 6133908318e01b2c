//! Marks put into the frames of a file: the splice's work alone, with and without an index of rows.
//!
//! The index is made before, by the luma decoder, as on the card; the buffers are kept. Must not judge what comes out: `libjpeg_recode.c` does.
use std::hint::black_box;

use super::{Cost, frames, quickest};
use vision::PLANE_PX_MAX;
use vision::luma::{INDEX_BYTES_MAX, LumaDecoder, header};
use vision::splice::{Area, Mark, Splicer};

/// Characters of a date and a time.
const CHARACTERS: usize = 26;

/// Splices every frame of a file so many times; `set` names the marks, `way` where the index comes from. Writes the first frame and what became of it beside
/// the file, as `FILE.before` and `FILE.after`.
pub fn run(path: &str, set: &str, way: &str, passes: u64) -> Result<Cost, String> {
    let stream = std::fs::read(path).map_err(|error| format!("{path} cannot be read: {error}."))?;
    let (mut decoder, mut plane) = (Box::new(LumaDecoder::new()), vec![0; PLANE_PX_MAX]);
    let mut indexed = Vec::new();
    for jpeg in frames(&stream) {
        let mut index = vec![0; INDEX_BYTES_MAX];
        let made = decoder.decode_with_index(jpeg, &mut plane, &mut index);
        index.truncate(made.map_err(|damage| damage.to_string())?.1);
        indexed.push((jpeg, index));
    }
    let size = header(indexed.first().ok_or("no frame")?.0).map_err(|damage| damage.to_string())?;
    let cell = if set == "text-20" { (10, 20) } else { (8, 16) };
    let pixels = plate(cell.0, cell.1);
    let (left, top, width) = if set == "text-20" { (8, 8, 260) } else { (0, 0, 208) };
    let plate = Mark::Plate { left, top, width, pixels: &pixels };
    let marks = match set {
        "text-16" | "text-20" => vec![plate],
        "mask" | "box" | "both" => {
            let (width, height) = (size.width / 4, size.height / 4);
            let area =
                Area { left: (size.width - width) / 2, top: (size.height - height) / 2, width, height };
            let outline = Mark::Outline { area, line_px: 2, grey: 255 };
            let mask = Mark::Mask { area, grey: 128 };
            match set {
                "mask" => vec![mask],
                "box" => vec![outline],
                // Of the smaller text.
                _ => vec![mask, plate],
            }
        }
        "none" => vec![],
        _ => return Err(format!("`{set}` is no set of marks.")),
    };
    let (mut splicer, mut out, mut length) = (Box::new(Splicer::new()), vec![0; 2 << 20], 0);
    let mut pass_over = |indexed: &[(&[u8], Vec<u8>)]| {
        for (jpeg, index) in indexed {
            let index = if way == "index" { &index[..] } else { &[] };
            length = splicer
                .splice(black_box(jpeg), index, &marks, &mut out)
                .map_err(|refusal| format!("{path}: {refusal}"))?
                .bytes;
            black_box(&mut out);
        }
        Ok(())
    };
    let pass_ns = quickest(passes, || pass_over(&indexed))?;
    pass_over(&indexed[..1])?;
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(format!("{path}.{name}"), bytes).map_err(|error| error.to_string())
    };
    write("before", indexed[0].0)?;
    write("after", &out[..length])?;
    Ok((indexed.len(), pass_ns))
}

/// White strokes two pixels wide on black, four to seven in each cell: as hard to code as text.
fn plate(width: usize, height: usize) -> Vec<u8> {
    let (row, mut state) = (width * CHARACTERS, 1_u32);
    let mut pixels = vec![0; row * height];
    for character in 0..CHARACTERS {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        for y in 2..height - 2 {
            for x in 1..width - 1 {
                // The seven segments of a digit.
                let (across, down) =
                    (y < 4 || y / 2 == height / 4 || y >= height - 4, x < 3 || x >= width - 3);
                let segment = if across { 3 * y / height } else { 3 + 2 * (x * 2 / width) + 2 * y / height };
                let lit = (across || down) && (state >> (24 + segment) & 1 != 0 || segment == 0);
                pixels[y * row + character * width + x] = if lit { 255 } else { 0 };
            }
        }
    }
    pixels
}
