//! Fragmented MP4 with one track of JPEG pictures: the bytes, nothing else.
//!
//! Sections are those of ISO/IEC 14496-12:2015 (ISO base media file format), where no other document is named. Pure:
//! emits into the caller's buffer, does no I/O, never sees a picture.

/// Ticks per second of the track: timestamps in microseconds are stored exactly.
pub const TIMESCALE_HZ: u32 = 1_000_000;
/// Most bytes that [`fragment_header`] needs for `n` samples, for sizing the buffer once.
pub const fn fragment_header_bytes_max(samples: usize) -> usize {
    128 + 8 * samples
}

const TRACK_ID: u32 = 1;
/// 8.8.3.1: `sample_depends_on = 2`, not a difference sample: every JPEG stands alone.
const SYNC_SAMPLE_FLAGS: u32 = 0x0200_0000;
/// 8.3.2.3 and 8.2.2.3: the unity matrix.
const UNITY_MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
/// ISO/IEC 14496-1, table 5: Visual ISO/IEC 10918-1 (JPEG).
const OBJECT_TYPE_JPEG: u8 = 0x6c;

/// One picture of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its size.
    pub size_bytes: u32,
    /// How long it is shown.
    pub duration_us: u32,
}

/// The pictures of a fragment together do not fit a 32-bit box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A fragment of {0} bytes is longer than an MP4 box can be.")]
pub struct FragmentTooLong(
    /// Sum of the sizes of the samples.
    pub u64,
);

/// Appends `ftyp` and `moov`: everything before the first fragment.
pub fn init_segment(out: &mut Vec<u8>, width_px: u16, height_px: u16) {
    // 4.3: iso5 is the first brand that has default-base-is-moof (annex E.6).
    boxed(out, *b"ftyp", |out| {
        for part in [b"iso5", &[0, 0, 2, 0], b"iso5", b"iso6", b"mp41"] {
            out.extend_from_slice(part);
        }
    });
    boxed(out, *b"moov", |out| {
        movie_header(out);
        boxed(out, *b"trak", |out| {
            track_header(out, width_px, height_px);
            boxed(out, *b"mdia", |out| media(out, width_px, height_px));
        });
        // 8.8.1, 8.8.3: the file has fragments, and what their samples are unless they say otherwise.
        boxed(out, *b"mvex", |out| {
            full_box(out, *b"trex", 0, 0, |out| {
                for number in [TRACK_ID, 1, 0, 0, SYNC_SAMPLE_FLAGS] {
                    u32_be(out, number);
                }
            });
        });
    });
}

/// Appends `moof` and the header of `mdat`; the samples' bytes follow in the file.
///
/// `sequence` counts fragments from 1; `base_decode_time_us` is the first sample's time from the start of the clip.
///
/// # Errors
/// The samples do not fit one box. `out` is as it was then.
pub fn fragment_header(
    out: &mut Vec<u8>,
    sequence: u32,
    base_decode_time_us: u64,
    samples: &[Sample],
) -> Result<(), FragmentTooLong> {
    const BOX_HEADER_BYTES: u32 = 8;
    let payload: u64 = samples.iter().map(|sample| u64::from(sample.size_bytes)).sum();
    let count = u32::try_from(samples.len()).map_err(|_| FragmentTooLong(payload))?;
    let mdat = u32::try_from(payload + u64::from(BOX_HEADER_BYTES)).map_err(|_| FragmentTooLong(payload))?;
    let moof_at = out.len();
    let mut data_offset_at = moof_at;
    boxed(out, *b"moof", |out| {
        full_box(out, *b"mfhd", 0, 0, |out| u32_be(out, sequence)); // 8.8.5
        boxed(out, *b"traf", |out| {
            full_box(out, *b"tfhd", 0, 0x02_0000, |out| u32_be(out, TRACK_ID)); // 8.8.7: default-base-is-moof
            full_box(out, *b"tfdt", 1, 0, |out| u64_be(out, base_decode_time_us)); // 8.8.12
            // 8.8.8: data-offset, sample-duration and sample-size present.
            full_box(out, *b"trun", 0, 0x00_0301, |out| {
                u32_be(out, count);
                data_offset_at = out.len();
                u32_be(out, 0);
                for sample in samples {
                    u32_be(out, sample.duration_us);
                    u32_be(out, sample.size_bytes);
                }
            });
        });
    });
    let moof_bytes = length_u32(out.len() - moof_at);
    patch(out, data_offset_at, moof_bytes + BOX_HEADER_BYTES);
    u32_be(out, mdat);
    out.extend_from_slice(b"mdat"); // 8.1.1
    Ok(())
}

/// 8.2.2. The durations are 0: they are in the fragments.
fn movie_header(out: &mut Vec<u8>) {
    full_box(out, *b"mvhd", 0, 0, |out| {
        for number in [0, 0, TIMESCALE_HZ, 0, 0x0001_0000] {
            u32_be(out, number); // creation, modification, timescale, duration, rate 1.0
        }
        u16_be(out, 0x0100); // volume 1.0
        out.extend_from_slice(&[0; 10]);
        UNITY_MATRIX.iter().for_each(|number| u32_be(out, *number));
        out.extend_from_slice(&[0; 24]);
        u32_be(out, TRACK_ID + 1); // next track
    });
}

/// 8.3.2: enabled and in the movie.
fn track_header(out: &mut Vec<u8>, width_px: u16, height_px: u16) {
    full_box(out, *b"tkhd", 0, 3, |out| {
        for number in [0, 0, TRACK_ID, 0, 0] {
            u32_be(out, number); // creation, modification, track, reserved, duration
        }
        out.extend_from_slice(&[0; 16]); // reserved, layer, group, volume, reserved
        UNITY_MATRIX.iter().for_each(|number| u32_be(out, *number));
        u32_be(out, u32::from(width_px) << 16);
        u32_be(out, u32::from(height_px) << 16);
    });
}

fn media(out: &mut Vec<u8>, width_px: u16, height_px: u16) {
    full_box(out, *b"mdhd", 0, 0, |out| {
        for number in [0, 0, TIMESCALE_HZ, 0] {
            u32_be(out, number); // 8.4.2: creation, modification, timescale, duration
        }
        u16_be(out, 0x55c4); // language "und"
        u16_be(out, 0);
    });
    full_box(out, *b"hdlr", 0, 0, |out| {
        u32_be(out, 0); // 8.4.3
        out.extend_from_slice(b"vide");
        out.extend_from_slice(&[0; 12]);
        out.extend_from_slice(b"camera\0");
    });
    boxed(out, *b"minf", |out| {
        full_box(out, *b"vmhd", 0, 1, |out| out.extend_from_slice(&[0; 8])); // 12.1.2
        boxed(out, *b"dinf", |out| {
            full_box(out, *b"dref", 0, 0, |out| {
                u32_be(out, 1); // 8.7.2: one entry
                full_box(out, *b"url ", 0, 1, |_| ()); // the data is in this file
            });
        });
        boxed(out, *b"stbl", |out| sample_tables(out, width_px, height_px));
    });
}

/// 8.5: the sample entry, and empty tables because all samples are in fragments.
fn sample_tables(out: &mut Vec<u8>, width_px: u16, height_px: u16) {
    full_box(out, *b"stsd", 0, 0, |out| {
        u32_be(out, 1);
        // ISO/IEC 14496-14, 5.6: MP4VisualSampleEntry; 12.1.3: its fields.
        boxed(out, *b"mp4v", |out| {
            out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]); // data reference 1
            out.extend_from_slice(&[0; 16]);
            u16_be(out, width_px);
            u16_be(out, height_px);
            u32_be(out, 0x0048_0000); // 72 dpi
            u32_be(out, 0x0048_0000);
            u32_be(out, 0);
            u16_be(out, 1); // one frame per sample
            out.extend_from_slice(&[0; 32]); // no compressor name
            u16_be(out, 0x0018); // colour without alpha
            u16_be(out, 0xffff);
            full_box(out, *b"esds", 0, 0, elementary_stream);
        });
    });
    for kind in [*b"stts", *b"stsc", *b"stco"] {
        full_box(out, kind, 0, 0, |out| u32_be(out, 0));
    }
    full_box(out, *b"stsz", 0, 0, |out| out.extend_from_slice(&[0; 8]));
}

/// ISO/IEC 14496-1, 7.2.6: ES_Descriptor with DecoderConfigDescriptor and SLConfigDescriptor.
fn elementary_stream(out: &mut Vec<u8>) {
    descriptor(out, 0x03, |out| {
        out.extend_from_slice(&[0, 1, 0]); // ES_ID 1, no flags
        descriptor(out, 0x04, |out| {
            out.extend_from_slice(&[OBJECT_TYPE_JPEG, 0x11]); // visual stream
            out.extend_from_slice(&[0; 11]); // buffer size and bit rates unknown
        });
        descriptor(out, 0x06, |out| out.push(2)); // reserved for MP4 files
    });
}

/// A descriptor of less than 128 bytes (ISO/IEC 14496-1, 8.3.3).
fn descriptor(out: &mut Vec<u8>, tag: u8, content: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&[tag, 0]);
    let at = out.len();
    content(out);
    let length = u8::try_from(out.len() - at).unwrap_or(0x7f);
    debug_assert!(length < 0x80, "a one-byte length");
    if let Some(byte) = out.get_mut(at - 1) {
        *byte = length;
    }
}

/// 4.2: a box around `content`, its size patched in afterwards.
fn boxed(out: &mut Vec<u8>, kind: [u8; 4], content: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    u32_be(out, 0);
    out.extend_from_slice(&kind);
    content(out);
    let length = length_u32(out.len() - at);
    patch(out, at, length);
}

/// 4.2: a box with version and flags.
fn full_box(out: &mut Vec<u8>, kind: [u8; 4], version: u8, flags: u32, content: impl FnOnce(&mut Vec<u8>)) {
    boxed(out, kind, |out| {
        u32_be(out, u32::from(version) << 24 | flags);
        content(out);
    });
}

fn patch(out: &mut [u8], at: usize, number: u32) {
    if let Some(bytes) = out.get_mut(at..at + 4) {
        bytes.copy_from_slice(&number.to_be_bytes());
    }
}

/// The boxes that are measured hold headers only: they are far below 4 GiB.
fn length_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn u16_be(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_be_bytes());
}

fn u32_be(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

fn u64_be(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{FragmentTooLong, Sample, fragment_header, fragment_header_bytes_max};

    #[test]
    fn a_fragment_header_fits_its_promised_size_and_points_at_the_data() {
        for count in [0, 1, 64, 200] {
            let samples = vec![Sample { size_bytes: 1000, duration_us: 66_667 }; count];
            let mut out = b"before".to_vec();
            fragment_header(&mut out, 7, 1 << 40, &samples).expect("it fits");
            let moof = &out[6..];
            assert!(moof.len() <= fragment_header_bytes_max(count), "{count}: {}", moof.len());
            let trun = moof.windows(4).position(|kind| kind == b"trun").expect("a trun box");
            let data_offset = u32::from_be_bytes(moof[trun + 12..trun + 16].try_into().unwrap());
            assert_eq!(data_offset as usize, moof.len(), "from the start of moof to the first sample");
            let mdat = u32::from_be_bytes(moof[moof.len() - 8..moof.len() - 4].try_into().unwrap());
            assert_eq!(mdat as usize, 8 + 1000 * count);
        }
    }

    #[test]
    fn too_long_a_fragment_is_refused_whole() {
        let samples = [Sample { size_bytes: u32::MAX, duration_us: 1 }; 2];
        let mut out = Vec::new();
        let total = 2 * u64::from(u32::MAX);
        assert_eq!(fragment_header(&mut out, 1, 0, &samples), Err(FragmentTooLong(total)));
        assert!(out.is_empty());
    }
}
