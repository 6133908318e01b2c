//! The machine whose camera is the kernel's own test camera, vivid: what makes it so, and what its colours are.
//!
//! It must not boot anything.

/// The test kernel: `tests/kernel/NAME.config`.
pub const KERNEL: &str = "vivid";

/// For the kernel: one camera with one input, a webcam, with one plane in memory, and none of its other devices
/// (Documentation/admin-guide/media/vivid.rst).
pub const CMDLINE: &str =
    "vivid.n_devs=1 vivid.node_types=0x1 vivid.num_inputs=1 vivid.input_types=0x0 vivid.multiplanar=1";

/// How it names itself.
pub const MODEL: &str = "vivid";

/// The controls with which its picture is nothing but bars that stand still.
pub const BARS: &str = "test_pattern 1 osd_text_mode 2";

/// Its bars from left to right, red, green and blue: "100% Colorbar" of v4l2-tpg-core.c.
pub const COLOURS: [[u8; 3]; 8] = [
    [255, 255, 255],
    [255, 255, 0],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 0],
];

/// What it leaves of a colour in its grey pictures: the luma of ITU-R BT.709, in the full range of values whichever it says
/// (v4l2-tpg-core.c, `TGP_COLOR_ENC_LUMA`).
pub fn grey([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let luma = (13_879 * u32::from(red) + 46_688 * u32::from(green) + 4_713 * u32::from(blue)) >> 16;
    [u8::try_from(luma).unwrap_or(u8::MAX); 3]
}

/// The mean colour of the inner half of each bar of a picture, red, green, blue, row by row.
pub fn bars(picture: &[u8], width: usize) -> Vec<[u8; 3]> {
    let bar = width / COLOURS.len();
    let mean = |first: usize| {
        let mut sums = [0_u64; 3];
        let mut count = 0;
        for row in picture.chunks_exact(width * 3) {
            for pixel in row[first * 3..(first + bar / 2) * 3].chunks_exact(3) {
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(*value));
                count += 1;
            }
        }
        sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
    };
    (0..COLOURS.len()).map(|index| mean(index * bar + bar / 4)).collect()
}

#[cfg(test)]
mod tests {
    use super::{COLOURS, bars, grey};

    #[test]
    fn bars_are_read_and_their_grey_is_known() {
        let row: Vec<u8> = (0..320).flat_map(|x| COLOURS[x / 40]).collect();
        assert_eq!(bars(&row.repeat(10), 320), COLOURS);
        assert_eq!(COLOURS.map(|colour| grey(colour)[0]), [254, 235, 200, 181, 72, 54, 18, 0]);
    }
}
