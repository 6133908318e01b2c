//! Pictures of mosaics are those that the paper's filters give, and close to what was photographed, in every format.
//!
//! The loops of exposure and white balance see the colours that are there; and nothing panics.
//! The reference works pixel by pixel in floating point, from the figures of the paper.
mod common;

use common::{Random, picture};
use vision::bayer::{Balance, Channel, Darkroom, Grid, Look, Pattern};
use vision::luma::{FrameSize, RAW_FORMATS, RawFormat, RawFrame, YcbcrRow};

const ROUNDS: usize = if cfg!(miri) { 20 } else { 3_000 };

fn mosaics() -> impl Iterator<Item = &'static RawFormat> {
    RAW_FORMATS.iter().filter(|format| format.is_mosaic())
}

fn pattern(format: &RawFormat) -> Pattern {
    let patterns =
        [("RGGB", Pattern::Rggb), ("BGGR", Pattern::Bggr), ("GRBG", Pattern::Grbg), ("GBRG", Pattern::Gbrg)];
    patterns.iter().find(|(name, _)| format.name.ends_with(name)).expect("an order in the name").1
}

fn bits(format: &RawFormat) -> u32 {
    format.name.split('-').next().and_then(|bits| bits.parse().ok()).expect("bits in the name")
}

/// What a screen shows, from 0 to 1, as light, and back (IEC 61966-2-1).
fn light_of(screen: f64) -> f64 {
    if screen <= 0.040_45 { screen / 12.92 } else { ((screen + 0.055) / 1.055).powf(2.4) }
}

fn screen_of(light: f64) -> f64 {
    let light = light.clamp(0.0, 1.0);
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// What a sensor makes of a picture: a number for each photosite, of so many bits.
fn photographed(
    rgb: &[u8],
    width: usize,
    pattern: Pattern,
    bits: u32,
    black: f64,
    gains: [f64; 3],
) -> Vec<u16> {
    let white = f64::from((1 << bits) - 1);
    let site = |at: usize| {
        let (x, y) = (at % width, at / width);
        let channel = match pattern.channel(x, y) {
            Channel::Red => 0,
            Channel::Green => 1,
            Channel::Blue => 2,
        };
        let light = light_of(f64::from(rgb[3 * at + channel]) / 255.0) / gains[channel];
        (light * (1.0 - black) * white + black * white).round().clamp(0.0, white) as u16
    };
    (0..rgb.len() / 3).map(site).collect()
}

/// The numbers in the format's packing, as the kernel's description has it; rows of `stride` bytes.
fn packed(format: &RawFormat, samples: &[u16], width: usize, stride: usize) -> Vec<u8> {
    let is_csi2 = format.name.contains("packed");
    let mut out = Vec::new();
    for row in samples.chunks_exact(width) {
        let mut line = match (bits(format), is_csi2) {
            (8, _) => row.iter().map(|sample| *sample as u8).collect::<Vec<u8>>(),
            (_, false) => row.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            (bits, true) => {
                let low = bits - 8;
                let group = |sites: &[u16]| {
                    let mut bytes: Vec<u8> = sites.iter().map(|sample| (sample >> low) as u8).collect();
                    bytes.resize(8 / low as usize, 0);
                    let lows = sites.iter().enumerate();
                    let lows = lows.map(|(at, sample)| (sample & ((1 << low) - 1)) << (low as usize * at));
                    bytes.push(lows.sum::<u16>() as u8);
                    bytes
                };
                row.chunks(8 / low as usize).flat_map(group).collect()
            }
        };
        line.resize(stride, 0xA5);
        out.extend(line);
    }
    out
}

/// Luma, Cb and Cr of each pixel.
fn developed(frame: &RawFrame<'_>, look: &Look) -> Vec<[u8; 3]> {
    let (width, height) = (usize::from(frame.size().width), frame.size().height);
    let mut darkroom = Box::new(Darkroom::new());
    darkroom.begin();
    let (mut luma, mut cb, mut cr) = (vec![0; width], vec![0; width], vec![0; width]);
    let mut out = Vec::new();
    for y in 0..height {
        darkroom.row(frame, look, y, &mut YcbcrRow { luma: &mut luma, cb: &mut cb, cr: &mut cr });
        out.extend((0..width).map(|x| [luma[x], cb[x], cr[x]]));
    }
    out
}

/// The filters of figure 2 of Malvar, He and Cutler, in eighths; the place of each number is column and row from the upper left of five by five.
const GREEN_AT_COLOUR: [[f64; 5]; 5] = [
    [0.0, 0.0, -1.0, 0.0, 0.0],
    [0.0, 0.0, 2.0, 0.0, 0.0],
    [-1.0, 2.0, 4.0, 2.0, -1.0],
    [0.0, 0.0, 2.0, 0.0, 0.0],
    [0.0, 0.0, -1.0, 0.0, 0.0],
];
const COLOUR_BESIDE: [[f64; 5]; 5] = [
    [0.0, 0.0, 0.5, 0.0, 0.0],
    [0.0, -1.0, 0.0, -1.0, 0.0],
    [-1.0, 4.0, 5.0, 4.0, -1.0],
    [0.0, -1.0, 0.0, -1.0, 0.0],
    [0.0, 0.0, 0.5, 0.0, 0.0],
];
const OTHER_AT_COLOUR: [[f64; 5]; 5] = [
    [0.0, 0.0, -1.5, 0.0, 0.0],
    [0.0, 2.0, 0.0, 2.0, 0.0],
    [-1.5, 0.0, 6.0, 0.0, -1.5],
    [0.0, 2.0, 0.0, 2.0, 0.0],
    [0.0, 0.0, -1.5, 0.0, 0.0],
];

/// Red, green and blue of a pixel, from the samples as light between 0 and 1.
fn reference_pixel(light: &[f64], size: FrameSize, pattern: Pattern, x: usize, y: usize) -> [f64; 3] {
    let (width, height) = (i64::from(size.width), i64::from(size.height));
    let mirrored = |at: i64, sites: i64| if at < 0 { -at } else { at.min(2 * (sites - 1) - at) };
    let filtered = |filter: &[[f64; 5]; 5], is_turned: bool| {
        let mut sum = 0.0;
        for (row, dy) in (-2..=2).enumerate() {
            for (column, dx) in (-2..=2).enumerate() {
                let weight = if is_turned { filter[column][row] } else { filter[row][column] };
                let (at_x, at_y) = (mirrored(x as i64 + dx, width), mirrored(y as i64 + dy, height));
                sum += weight / 8.0 * light[(at_y * width + at_x) as usize];
            }
        }
        sum
    };
    let own = light[y * usize::from(size.width) + x];
    match pattern.channel(x, y) {
        Channel::Red => [own, filtered(&GREEN_AT_COLOUR, false), filtered(&OTHER_AT_COLOUR, false)],
        Channel::Blue => [filtered(&OTHER_AT_COLOUR, false), filtered(&GREEN_AT_COLOUR, false), own],
        Channel::Green => {
            let is_red_beside = pattern.channel(x + 1, y) == Channel::Red;
            [filtered(&COLOUR_BESIDE, !is_red_beside), own, filtered(&COLOUR_BESIDE, is_red_beside)]
        }
    }
}

fn ycbcr([r, g, b]: [f64; 3]) -> [f64; 3] {
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    [luma, 128.0 + (b - luma) / 1.772, 128.0 + (r - luma) / 1.402]
}

/// Peak signal to noise of one of the three, in dB.
fn psnr(a: &[[u8; 3]], b: &[[f64; 3]], which: usize) -> f64 {
    let errors: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(a[which]) - b[which]).powi(2)).sum();
    20.0 * 255_f64.log10() - 10.0 * (errors.max(1e-9) / a.len() as f64).log10()
}

#[test]
fn every_mosaic_is_developed_as_the_paper_says() {
    let mut random = Random::new(7);
    for format in mosaics() {
        for (width, height) in if cfg!(miri) { &[(12, 8)][..] } else { &[(64, 48), (66, 9), (200, 20)] } {
            let (width, height, pattern) = (*width, *height, pattern(format));
            let size = FrameSize { width: width as u16, height: height as u16 };
            let white = f64::from((1_u32 << bits(format)) - 1);
            let samples: Vec<u16> =
                (0..width * height).map(|_| random.below(white as usize + 1) as u16).collect();
            let stride = format.row_bytes(size.width) + random.below(9);
            let bytes = packed(format, &samples, width, stride);
            let frame = RawFrame::new(format, size, stride, &bytes).expect("a frame");
            let ours = developed(&frame, &Look::default());
            // Samples of few bits are moved up, and white is a little less than white.
            let light: Vec<f64> =
                samples.iter().map(|sample| f64::from(*sample << (12 - bits(format))) / 4095.0).collect();
            for (at, ours) in ours.iter().enumerate() {
                let (x, y) = (at % width, at / width);
                let rgb = reference_pixel(&light, size, pattern, x, y);
                let expected = ycbcr(rgb.map(|light| screen_of(light) * 255.0));
                for (ours, expected) in ours.iter().zip(expected) {
                    // Near black a step of light is several of the screen's.
                    assert!(
                        (f64::from(*ours) - expected).abs() < 3.0,
                        "{} {x},{y}: {ours} {expected}",
                        format.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_picture_comes_back_from_its_mosaic() {
    let (width, height) = if cfg!(miri) { (32, 16) } else { (320, 240) };
    let rgb = picture(width, height, 3);
    let original: Vec<[f64; 3]> =
        rgb.chunks_exact(3).map(|p| ycbcr([f64::from(p[0]), f64::from(p[1]), f64::from(p[2])])).collect();
    let size = FrameSize { width: width as u16, height: height as u16 };
    for format in mosaics() {
        // A sensor that sees little red and little blue, and has a black level.
        let (black, gains) = (1.0 / 16.0, [1.75, 1.0, 1.5]);
        let samples = photographed(&rgb, width, pattern(format), bits(format), black, gains);
        let stride = format.row_bytes(size.width);
        let bytes = packed(format, &samples, width, stride);
        let frame = RawFrame::new(format, size, stride, &bytes).expect("a frame");
        let look = Look { black: 256, red_q8: 448, blue_q8: 384, ..Look::default() };
        let ours = developed(&frame, &look);
        let found = [0, 1, 2].map(|which| psnr(&ours, &original, which));
        println!("{}: luma {:.1} dB, Cb {:.1} dB, Cr {:.1} dB", format.name, found[0], found[1], found[2]);
        let least = if cfg!(miri) { 20.0 } else { 30.0 };
        assert!(found.iter().all(|psnr| *psnr > least), "{}: {found:?}", format.name);
    }
}

#[test]
fn the_loops_see_the_light_and_make_grey_grey() {
    let (width, height) = (128, 96);
    let size = FrameSize { width: width as u16, height: height as u16 };
    // Half of it grey in many shades, the rest red.
    let mut random = Random::new(4);
    let rgb: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            let shade = 60 + random.below(120) as u8;
            if at / width < height / 2 { [shade; 3] } else { [shade, shade / 8, shade / 8] }
        })
        .collect();
    for format in mosaics() {
        let samples = photographed(&rgb, width, pattern(format), bits(format), 1.0 / 16.0, [2.0, 1.0, 1.3]);
        let stride = format.row_bytes(size.width);
        let bytes = packed(format, &samples, width, stride);
        let frame = RawFrame::new(format, size, stride, &bytes).expect("a frame");
        let mut balance = Balance::new(256, 256);
        let mut look = Look { black: 256, ..Look::default() };
        for _ in 0..80 {
            let seen = Grid.measure(&frame, &look).expect("a mosaic");
            balance.look(&seen);
            [look.red_q8, look.blue_q8] = balance.gains_q8();
        }
        let [red, blue] = balance.gains_q8().map(|gain| f64::from(gain) / 256.0);
        assert!((red - 2.0).abs() < 0.15 && (blue - 1.3).abs() < 0.1, "{}: {red} {blue}", format.name);
        let seen = Grid.measure(&frame, &look).expect("a mosaic");
        let mean: f64 = samples.iter().map(|sample| f64::from(*sample)).sum::<f64>() / samples.len() as f64;
        let white = f64::from((1_u32 << bits(format)) - 1);
        let light = (mean / white - 1.0 / 16.0) * 16.0 / 15.0 * 4095.0;
        assert!(
            (f64::from(seen.light) - light).abs() < 0.05 * light,
            "{}: {} {light}",
            format.name,
            seen.light
        );
        assert_eq!((seen.cells, seen.full_cells), (32 * 24, 0));
    }
}

#[test]
fn frames_of_any_shape_do_no_harm() {
    let mut random = Random::new(11);
    let bytes: Vec<u8> = (0..40_000).map(|_| random.next() as u8).collect();
    let mut darkroom = Box::new(Darkroom::new());
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        let format = &RAW_FORMATS[random.below(RAW_FORMATS.len())];
        let size = FrameSize { width: random.below(200) as u16, height: random.below(200) as u16 };
        let stride = format.row_bytes(size.width) + random.below(40);
        let Ok(frame) = RawFrame::new(format, size, stride, &bytes[..random.below(bytes.len())]) else {
            continue;
        };
        accepted += 1;
        let any = |random: &mut Random| random.next() as u16;
        let look = Look {
            black: any(&mut random),
            red_q8: any(&mut random),
            blue_q8: any(&mut random),
            matrix_q8: Box::leak(Box::new([[0; 3]; 3].map(|row| row.map(|_: i16| any(&mut random) as i16)))),
        };
        let pixels = usize::from(size.width) + random.below(2);
        let (mut luma, mut cb, mut cr) = (vec![0; pixels], vec![0; pixels], vec![0; pixels]);
        darkroom.begin();
        for _ in 0..4 {
            let y = random.below(usize::from(size.height) + 2) as u16;
            darkroom.row(&frame, &look, y, &mut YcbcrRow { luma: &mut luma, cb: &mut cb, cr: &mut cr });
        }
        let seen = Grid.measure(&frame, &look);
        assert_eq!(seen.is_some(), format.is_mosaic());
        if let Some(seen) = seen {
            let mut balance = Balance::new(any(&mut random), any(&mut random));
            balance.look(&seen);
        }
    }
    assert!(accepted > ROUNDS / 10, "{accepted}");
}
