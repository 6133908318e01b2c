//! The kernels: luma of two rows added to lanes of 16 bits, and lanes folded to plane pixels.
//!
//! Four lanes lie in each `u64` (the lowest bits are the leftmost), so that one ordinary addition adds all four. What is
//! relied on for speed, as seen in the assembly for x86-64 (SSE2), aarch64 and armv7 (NEON) of a linked release build:
//! `u64::from_le_bytes` of a chunk of eight is a plain load; the zipped chunks need no bounds check; what remains are
//! loads, ands, shifts by constants and additions of `u64`, of which LLVM takes two in each 16-byte register. Written over bytes or
//! `u16`, LLVM turns the masks into byte loads with gaps and does not vectorise them. The packed CSI-2 rows are put together of
//! words of 32 and 16 bits, without vectors. `cost/arm.sh` counts the instructions. Must not know about frames or formats.
//!
//! Nothing overflows from lane to lane: 32 rows of 32 / 4 lanes of one pixel of 255 (or of half as many lanes of two) add
//! up to 65280.

/// Adds the luma of two rows to the lanes. Both rows have the same length; bytes beyond the lanes are not read.
pub type AddRows = fn(&mut [u64], &[u8], &[u8]);

/// Lanes in each word.
pub const WORD_LANES: usize = 4;

/// Most words that are summed before they are folded: 2 KiB that stay in the fastest cache, and a multiple of a plane
/// pixel's lanes.
pub const TILE_WORDS: usize = 256;

/// The low byte of each lane.
const LOW_BYTES: u64 = 0x00FF_00FF_00FF_00FF;
/// Processors of version 6: words of 32 bits, no vectors.
const WITHOUT_VECTORS: bool = cfg!(all(target_arch = "arm", target_abi = "eabi"));
/// The even lanes.
const EVEN_LANES: u64 = 0x0000_FFFF_0000_FFFF;

/// YUYV: the even bytes.
pub fn add_even_bytes(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) & LOW_BYTES);
}

/// UYVY: the odd bytes.
pub fn add_odd_bytes(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) >> 8 & LOW_BYTES);
}

/// A byte a pixel: two neighbours are one lane.
pub fn add_bytes(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 8]| in_pairs(u64::from_le_bytes(*bytes)));
}

/// 10 bits in a little-endian word. The 8 highest count: a plane pixel has 8 bits, and the noise of a sensor carries finer
/// steps through the mean. Bits above the ten are no part of the pixel, whatever a driver leaves there.
pub fn add_words_of_10(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) >> 2 & LOW_BYTES);
}

/// 12 bits in a little-endian word, likewise.
pub fn add_words_of_12(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) >> 4 & LOW_BYTES);
}

/// MIPI CSI-2 with 10 bits: four pixels in five bytes, their high bytes and then their low bits, which do not count.
pub fn add_csi2_10(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 10]| {
        let four = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        pairs(four(0), four(5))
    });
}

/// MIPI CSI-2 with 12 bits: two pixels in three bytes, their high bytes and then their low bits.
pub fn add_csi2_12(lanes: &mut [u64], upper: &[u8], lower: &[u8]) {
    add(lanes, upper, lower, |bytes: &[u8; 12]| {
        let two = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        in_pairs(joined(two(0) | two(3) << 16, two(6) | two(9) << 16))
    });
}

/// Four lanes of two neighbours each. A processor that reads a byte as fast as a word and has no vectors adds bytes; LLVM takes words apart there
/// anyway, since it does not know that they may lie anywhere.
#[inline(always)]
fn pairs(left: [u8; 4], right: [u8; 4]) -> u64 {
    if WITHOUT_VECTORS {
        let two = |[a, b, c, d]: [u8; 4]| (u32::from(a) + u32::from(b)) | (u32::from(c) + u32::from(d)) << 16;
        joined(two(left), two(right))
    } else {
        in_pairs(joined(u32::from_le_bytes(left), u32::from_le_bytes(right)))
    }
}

#[inline(always)]
fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

#[inline(always)]
fn in_pairs(bytes: u64) -> u64 {
    plus(bytes & LOW_BYTES, bytes >> 8 & LOW_BYTES)
}

/// `luma` makes four lanes of the bytes behind them.
#[inline(always)]
fn add<const BYTES: usize>(
    lanes: &mut [u64],
    upper: &[u8],
    lower: &[u8],
    luma: impl Fn(&[u8; BYTES]) -> u64,
) {
    let ((upper, upper_rest), (lower, lower_rest)) = (upper.as_chunks::<BYTES>(), lower.as_chunks::<BYTES>());
    for (word, (upper, lower)) in lanes.iter_mut().zip(upper.iter().zip(lower)) {
        *word = plus(plus(*word, luma(upper)), luma(lower));
    }
    if let Some(word) = lanes.get_mut(upper.len()) {
        *word = plus(plus(*word, luma(&padded(upper_rest))), luma(&padded(lower_rest)));
    }
}

/// Adds all four lanes. Where a word is two registers and no vector, each half by itself: nothing is carried from lane to lane.
#[inline(always)]
fn plus(a: u64, b: u64) -> u64 {
    if WITHOUT_VECTORS {
        joined((a as u32).wrapping_add(b as u32), ((a >> 32) as u32).wrapping_add((b >> 32) as u32))
    } else {
        a + b
    }
}

/// The bytes at the end of a row, as if zeros followed.
fn padded<const BYTES: usize>(rest: &[u8]) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes.iter_mut().zip(rest).for_each(|(to, &from)| *to = from);
    bytes
}

/// Folds `per_px` lanes (1, 2, 4 ... 32) to each pixel: their sum divided by 2^`shift`, rounded to nearest.
pub fn fold(words: &[u64], per_px: usize, shift: u32, pixels: &mut [u8]) {
    match per_px {
        1 => fold_lanes(words, shift, pixels),
        2 => fold_pairs(words, shift, pixels),
        4 => fold_words::<1>(words, shift, pixels),
        8 => fold_words::<2>(words, shift, pixels),
        16 => fold_words::<4>(words, shift, pixels),
        _ => fold_words::<8>(words, shift, pixels),
    }
}

fn fold_lanes(words: &[u64], shift: u32, pixels: &mut [u8]) {
    for (pixels, &word) in pixels.chunks_mut(WORD_LANES).zip(words) {
        for (pixel, lane) in pixels.iter_mut().zip([0, 16, 32, 48]) {
            *pixel = mean(word >> lane & 0xFFFF, shift);
        }
    }
}

fn fold_pairs(words: &[u64], shift: u32, pixels: &mut [u8]) {
    for (pixels, &word) in pixels.chunks_mut(WORD_LANES / 2).zip(words) {
        let pairs = (word & EVEN_LANES) + (word >> 16 & EVEN_LANES);
        for (pixel, pair) in pixels.iter_mut().zip([0, 32]) {
            *pixel = mean(pairs >> pair & 0xFFFF_FFFF, shift);
        }
    }
}

fn fold_words<const WORDS: usize>(words: &[u64], shift: u32, pixels: &mut [u8]) {
    for (pixel, words) in pixels.iter_mut().zip(words.as_chunks::<WORDS>().0) {
        let lanes: u64 = words.iter().sum();
        let pairs = (lanes & EVEN_LANES) + (lanes >> 16 & EVEN_LANES);
        *pixel = mean((pairs & 0xFFFF_FFFF) + (pairs >> 32), shift);
    }
}

#[inline(always)]
fn mean(sum: u64, shift: u32) -> u8 {
    ((sum + (1 << shift >> 1)) >> shift) as u8
}
