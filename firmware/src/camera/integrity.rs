//! Whether bytes can be a whole MJPEG frame: a cheap look at both ends, before a slot is spent on it.
//!
//! Cheap cameras truncate frames and pad them with zeroes. The detector reads the frame in full afterwards and has the last
//! word; this look must not cost time that grows with the frame.

/// Zero bytes after the end marker that are tolerated: some cameras round frames up to a block of this size.
const PADDING_BYTES_MAX: usize = 4096;

/// Whether `frame` starts with the start-of-image marker and ends with the end-of-image marker, up to zero padding.
pub fn looks_whole(frame: &[u8]) -> bool {
    let tail = &frame[frame.len().saturating_sub(PADDING_BYTES_MAX)..];
    let end = tail.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    frame.starts_with(&[0xff, 0xd8]) && tail[..end].ends_with(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::looks_whole;

    #[test]
    fn whole_frames_pass_and_cut_ones_do_not() {
        assert!(looks_whole(&[0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]));
        assert!(looks_whole(&[0xff, 0xd8, 1, 0xff, 0xd9, 0, 0, 0]));
        for bad in [&[][..], &[0xff], &[0xff, 0xd8, 1, 2], &[0, 0xd8, 0xff, 0xd9], &[0; 9000]] {
            assert!(!looks_whole(bad));
        }
    }
}
