//! The header of a fragment: `moof`, and what comes before the samples in `mdat`.
//!
//! Sections are those of ISO/IEC 14496-12:2015. Pure: emits into the caller's buffer, never sees a picture.

use super::bytes::{boxed, full_box, length_u32, patch, u32_be, u64_be};
use super::mp4::{Codec, Layout, NO_SYNC_SAMPLE_FLAGS, SYNC_SAMPLE_FLAGS, TEXT_TRACK_ID, TRACK_ID};

/// Most bytes that [`fragment_header`] needs for `n` samples, for sizing the buffer once.
pub const fn fragment_header_bytes_max(samples: usize) -> usize {
    128 + TEXT_RUN_BYTES + 12 * samples
}

/// The `traf` of the text track with its one sample, whose size is at its end.
pub(super) const TEXT_RUN_BYTES: usize = 72;
const BOX_HEADER_BYTES: u32 = 8;

/// One picture of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its size.
    pub size_bytes: u32,
    /// How long it is shown.
    pub duration_us: u32,
    /// It needs no other picture. Every JPEG stands alone.
    pub is_key: bool,
}

/// What a fragment is made of.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// Counts fragments from 1.
    pub sequence: u32,
    /// The first sample's time from the start of the clip.
    pub base_us: u64,
    /// Its pictures.
    pub samples: &'a [Sample],
    /// Bytes of the text sample that follows the pictures, in clips that have such a track.
    pub text_bytes: u32,
}

/// The pictures of a fragment together do not fit a 32-bit box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A fragment of {0} bytes is longer than an MP4 box can be.")]
pub struct FragmentTooLong(
    /// Sum of the sizes of the samples.
    pub u64,
);

/// Appends `moof` and the header of `mdat`; the samples' bytes follow in the file, the pictures' first.
///
/// # Errors
/// The samples do not fit one box. `out` is as it was then.
pub fn fragment_header(
    out: &mut Vec<u8>,
    layout: Layout,
    fragment: &Fragment<'_>,
) -> Result<(), FragmentTooLong> {
    let samples = fragment.samples;
    let pictures: u64 = samples.iter().map(|sample| u64::from(sample.size_bytes)).sum();
    let text_bytes = if layout.has_text { fragment.text_bytes } else { 0 };
    let payload = pictures + u64::from(text_bytes);
    let count = u32::try_from(samples.len()).map_err(|_| FragmentTooLong(payload))?;
    let mdat = u32::try_from(payload + u64::from(BOX_HEADER_BYTES)).map_err(|_| FragmentTooLong(payload))?;
    let moof_at = out.len();
    let mut offsets_at = (moof_at, None);
    boxed(out, *b"moof", |out| {
        full_box(out, *b"mfhd", 0, 0, |out| u32_be(out, fragment.sequence)); // 8.8.5
        // 8.8.8: data-offset, sample-duration and sample-size present; sample-flags where they differ.
        let is_each_key = layout.codec == Codec::Jpeg;
        let flags = if is_each_key { 0x00_0301 } else { 0x00_0701 };
        offsets_at.0 = run(out, TRACK_ID, fragment.base_us, flags, count, |out| {
            for sample in samples {
                u32_be(out, sample.duration_us);
                u32_be(out, sample.size_bytes);
                if !is_each_key {
                    u32_be(out, if sample.is_key { SYNC_SAMPLE_FLAGS } else { NO_SYNC_SAMPLE_FLAGS });
                }
            }
        });
        if layout.has_text {
            let duration_us: u64 = samples.iter().map(|sample| u64::from(sample.duration_us)).sum();
            offsets_at.1 = Some(run(out, TEXT_TRACK_ID, fragment.base_us, 0x00_0301, 1, |out| {
                u32_be(out, u32::try_from(duration_us).unwrap_or(u32::MAX));
                u32_be(out, text_bytes);
            }));
        }
    });
    let data_offset = length_u32(out.len() - moof_at) + BOX_HEADER_BYTES;
    patch(out, offsets_at.0, data_offset);
    if let Some(at) = offsets_at.1 {
        // The pictures fit one box, see above.
        patch(out, at, data_offset.saturating_add(u32::try_from(pictures).unwrap_or(u32::MAX)));
    }
    u32_be(out, mdat);
    out.extend_from_slice(b"mdat"); // 8.1.1
    Ok(())
}

/// A track's samples; gives where their data's offset is to be patched in.
fn run(
    out: &mut Vec<u8>,
    track: u32,
    base_us: u64,
    flags: u32,
    count: u32,
    rows: impl FnOnce(&mut Vec<u8>),
) -> usize {
    let mut data_offset_at = out.len();
    boxed(out, *b"traf", |out| {
        full_box(out, *b"tfhd", 0, 0x02_0000, |out| u32_be(out, track)); // 8.8.7: default-base-is-moof
        full_box(out, *b"tfdt", 1, 0, |out| u64_be(out, base_us)); // 8.8.12
        full_box(out, *b"trun", 0, flags, |out| {
            u32_be(out, count);
            data_offset_at = out.len();
            u32_be(out, 0);
            rows(out);
        });
    });
    data_offset_at
}

#[cfg(test)]
mod tests {
    use super::{
        Codec, Fragment, FragmentTooLong, Layout, Sample, fragment_header, fragment_header_bytes_max,
    };

    const LAYOUTS: [Layout; 4] = [
        Layout { codec: Codec::Jpeg, has_text: false },
        Layout { codec: Codec::Jpeg, has_text: true },
        Layout { codec: Codec::Avc, has_text: false },
        Layout { codec: Codec::Avc, has_text: true },
    ];

    fn u32_at(bytes: &[u8], at: usize) -> usize {
        u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    #[test]
    fn a_fragment_header_fits_its_promised_size_and_points_at_the_data() {
        for layout in LAYOUTS {
            for count in [0, 1, 64, 200] {
                let samples = vec![Sample { size_bytes: 1000, duration_us: 66_667, is_key: false }; count];
                let mut out = b"before".to_vec();
                let fragment = Fragment { sequence: 7, base_us: 1 << 40, samples: &samples, text_bytes: 30 };
                fragment_header(&mut out, layout, &fragment).expect("it fits");
                let moof = &out[6..];
                assert!(moof.len() <= fragment_header_bytes_max(count), "{count}: {}", moof.len());
                let mut runs = (0..moof.len() - 4).filter(|&at| &moof[at..at + 4] == b"trun");
                let pictures = runs.next().expect("a trun box");
                assert_eq!(
                    u32_at(moof, pictures + 12),
                    moof.len(),
                    "from the start of moof to the first sample"
                );
                let text = runs.next().map(|run| u32_at(moof, run + 12));
                assert_eq!(text, layout.has_text.then_some(moof.len() + 1000 * count), "behind the pictures");
                let text_bytes = if layout.has_text { 30 } else { 0 };
                assert_eq!(u32_at(moof, moof.len() - 8), 8 + 1000 * count + text_bytes);
            }
        }
    }

    #[test]
    fn too_long_a_fragment_is_refused_whole() {
        let samples = [Sample { size_bytes: u32::MAX, duration_us: 1, is_key: true }; 2];
        let mut out = Vec::new();
        let total = 2 * u64::from(u32::MAX);
        let fragment = Fragment { sequence: 1, base_us: 0, samples: &samples, text_bytes: 0 };
        assert_eq!(fragment_header(&mut out, LAYOUTS[0], &fragment), Err(FragmentTooLong(total)));
        assert!(out.is_empty());
    }
}
