//! What comes before the fragments of a fragmented MP4: a track of JPEG or H.264, and one of text where it is wanted.
//!
//! Sections are those of ISO/IEC 14496-12:2015 (ISO base media file format), where no other document is named. Pure:
//! emits into the caller's buffer, does no I/O, never sees a picture.

use super::bytes::{boxed, full_box, length_u32, u16_be, u32_at, u32_be};

/// Ticks per second of each track: timestamps in microseconds are stored exactly.
pub const TIMESCALE_HZ: u32 = 1_000_000;
/// The pictures.
pub(super) const TRACK_ID: u32 = 1;
/// The text.
pub(super) const TEXT_TRACK_ID: u32 = 2;
/// 8.8.3.1: `sample_depends_on = 2`, not a difference sample: every JPEG stands alone.
pub(super) const SYNC_SAMPLE_FLAGS: u32 = 0x0200_0000;
/// The same: `sample_depends_on = 1`, a difference sample.
pub(super) const NO_SYNC_SAMPLE_FLAGS: u32 = 0x0101_0000;
/// 8.3.2.3 and 8.2.2.3: the unity matrix.
const UNITY_MATRIX: [u32; 9] = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
/// ISO/IEC 14496-1, table 5: Visual ISO/IEC 10918-1 (JPEG).
const OBJECT_TYPE_JPEG: u8 = 0x6c;

/// How pictures are coded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Motion JPEG.
    #[default]
    Jpeg,
    /// H.264 (ISO/IEC 14496-10), each NAL unit with its length in four bytes before it.
    Avc,
}

/// What the tracks of a clip are: fragments are laid out accordingly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Of the pictures.
    pub codec: Codec,
    /// There is a track of text, with one sample in each fragment.
    pub has_text: bool,
}

/// What a clip's beginning says of its pictures.
#[derive(Clone, Copy, Debug)]
pub struct Film<'a> {
    /// Pixels.
    pub width_px: u16,
    /// Pixels.
    pub height_px: u16,
    /// Sequence and picture parameter set of H.264; `None`: JPEG.
    pub avc: Option<ParameterSets<'a>>,
    /// Whether there is a track of text.
    pub has_text: bool,
}

/// What a decoder of H.264 must know before the first picture: two NAL units (ISO/IEC 14496-10, 7.3.2.1 and 7.3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterSets<'a> {
    /// Of the sequence.
    pub sequence: &'a [u8],
    /// Of the pictures.
    pub picture: &'a [u8],
}

impl Film<'_> {
    /// How its fragments are laid out.
    pub fn layout(&self) -> Layout {
        Layout { codec: if self.avc.is_some() { Codec::Avc } else { Codec::Jpeg }, has_text: self.has_text }
    }
}

/// Appends `ftyp` and `moov`: everything before the first fragment.
pub fn init_segment(out: &mut Vec<u8>, film: &Film<'_>) {
    // 4.3: iso5 is the first brand that has default-base-is-moof (annex E.6).
    boxed(out, *b"ftyp", |out| {
        for part in [b"iso5", &[0, 0, 2, 0], b"iso5", b"iso6", b"mp41"] {
            out.extend_from_slice(part);
        }
    });
    let tracks: &[u32] = if film.has_text { &[TRACK_ID, TEXT_TRACK_ID] } else { &[TRACK_ID] };
    boxed(out, *b"moov", |out| {
        movie_header(out, tracks.len());
        boxed(out, *b"trak", |out| {
            track_header(out, TRACK_ID, film);
            boxed(out, *b"mdia", |out| {
                media(
                    out,
                    *b"vide",
                    b"camera\0",
                    |out| {
                        full_box(out, *b"vmhd", 0, 1, |out| out.extend_from_slice(&[0; 8])); // 12.1.2
                    },
                    |out| picture_entry(out, film),
                );
            });
        });
        if film.has_text {
            boxed(out, *b"trak", |out| {
                track_header(out, TEXT_TRACK_ID, film);
                boxed(out, *b"mdia", |out| {
                    // 8.4.5.2, and the handler by which players know subtitles.
                    media(out, *b"sbtl", b"time\0", |out| full_box(out, *b"nmhd", 0, 0, |_| ()), text_entry);
                });
            });
        }
        // 8.8.1, 8.8.3: the file has fragments, and what their samples are unless they say otherwise.
        boxed(out, *b"mvex", |out| {
            for &track in tracks {
                full_box(out, *b"trex", 0, 0, |out| {
                    for number in [track, 1, 0, 0, SYNC_SAMPLE_FLAGS] {
                        u32_be(out, number);
                    }
                });
            }
        });
    });
}

/// The length of the beginning of a clip of ours and what its tracks are; `None` if that is not what it is. It is told by the boxes that
/// [`init_segment`] writes, not by what they hold.
pub fn read_init(bytes: &[u8]) -> Option<(usize, Layout)> {
    let mut ours = Vec::new();
    init_segment(&mut ours, &Film { width_px: 0, height_px: 0, avc: None, has_text: false });
    let (file_type, rest) = bytes.split_at_checked(FILE_TYPE_BYTES)?;
    if !ours.starts_with(file_type) || rest.get(4..8)? != b"moov" {
        return None;
    }
    let movie_bytes = usize::try_from(u32_at(rest, 0)?).ok()?;
    let movie = children(rest.get(8..movie_bytes)?);
    let tracks: Vec<&[u8]> =
        movie.iter().filter(|(kind, _)| kind == b"trak").map(|(_, body)| *body).collect();
    let entry = |track: &[u8]| {
        let path = [*b"mdia", *b"minf", *b"stbl", *b"stsd"];
        let descriptions = path.iter().try_fold(track, |body, kind| {
            children(body).into_iter().find(|(found, _)| found == kind).map(|(_, body)| body)
        })?;
        <[u8; 4]>::try_from(descriptions.get(12..16)?).ok()
    };
    let codec = match &entry(tracks.first()?)? {
        b"mp4v" => Codec::Jpeg,
        b"avc1" => Codec::Avc,
        _ => return None,
    };
    let has_text = match tracks.get(1).map(|track| entry(track)) {
        None => false,
        Some(Some(kind)) if kind == *b"tx3g" => true,
        Some(_) => return None,
    };
    Some((FILE_TYPE_BYTES + movie_bytes, Layout { codec, has_text }))
}

/// The boxes in a box, as far as they are whole.
fn children(mut body: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut found = Vec::new();
    while let Some((bytes, kind)) = u32_at(body, 0).zip(body.get(4..8).and_then(|kind| kind.try_into().ok()))
    {
        let Some(content) = body.get(8..bytes as usize) else { break };
        found.push((kind, content));
        body = body.get(bytes as usize..).unwrap_or_default();
    }
    found
}

/// The longest beginning of a clip: boxes of known length, and two parameter sets.
pub const INIT_BYTES_MAX: usize = 2048;
/// Of `ftyp`.
const FILE_TYPE_BYTES: usize = 28;

/// 8.2.2. The durations are 0: they are in the fragments.
fn movie_header(out: &mut Vec<u8>, tracks: usize) {
    full_box(out, *b"mvhd", 0, 0, |out| {
        for number in [0, 0, TIMESCALE_HZ, 0, 0x0001_0000] {
            u32_be(out, number); // creation, modification, timescale, duration, rate 1.0
        }
        u16_be(out, 0x0100); // volume 1.0
        out.extend_from_slice(&[0; 10]);
        UNITY_MATRIX.iter().for_each(|number| u32_be(out, *number));
        out.extend_from_slice(&[0; 24]);
        u32_be(out, length_u32(tracks) + 1); // next track
    });
}

/// 8.3.2: enabled and in the movie.
fn track_header(out: &mut Vec<u8>, track: u32, film: &Film<'_>) {
    full_box(out, *b"tkhd", 0, 3, |out| {
        for number in [0, 0, track, 0, 0] {
            u32_be(out, number); // creation, modification, track, reserved, duration
        }
        out.extend_from_slice(&[0; 16]); // reserved, layer, group, volume, reserved
        UNITY_MATRIX.iter().for_each(|number| u32_be(out, *number));
        u32_be(out, u32::from(film.width_px) << 16);
        u32_be(out, u32::from(film.height_px) << 16);
    });
}

/// The media of a track: who handles it, its own header, and what its samples are.
fn media(
    out: &mut Vec<u8>,
    handler: [u8; 4],
    name: &[u8],
    header: impl FnOnce(&mut Vec<u8>),
    entry: impl FnOnce(&mut Vec<u8>),
) {
    full_box(out, *b"mdhd", 0, 0, |out| {
        for number in [0, 0, TIMESCALE_HZ, 0] {
            u32_be(out, number); // 8.4.2: creation, modification, timescale, duration
        }
        u16_be(out, 0x55c4); // language "und"
        u16_be(out, 0);
    });
    full_box(out, *b"hdlr", 0, 0, |out| {
        u32_be(out, 0); // 8.4.3
        out.extend_from_slice(&handler);
        out.extend_from_slice(&[0; 12]);
        out.extend_from_slice(name);
    });
    boxed(out, *b"minf", |out| {
        header(out);
        boxed(out, *b"dinf", |out| {
            full_box(out, *b"dref", 0, 0, |out| {
                u32_be(out, 1); // 8.7.2: one entry
                full_box(out, *b"url ", 0, 1, |_| ()); // the data is in this file
            });
        });
        // 8.5: the sample entry, and empty tables because all samples are in fragments.
        boxed(out, *b"stbl", |out| {
            full_box(out, *b"stsd", 0, 0, |out| {
                u32_be(out, 1);
                entry(out);
            });
            for kind in [*b"stts", *b"stsc", *b"stco"] {
                full_box(out, kind, 0, 0, |out| u32_be(out, 0));
            }
            full_box(out, *b"stsz", 0, 0, |out| out.extend_from_slice(&[0; 8]));
        });
    });
}

/// ISO/IEC 14496-14, 5.6: MP4VisualSampleEntry, or ISO/IEC 14496-15, 5.4.2.1: AVCSampleEntry; 12.1.3: their fields.
fn picture_entry(out: &mut Vec<u8>, film: &Film<'_>) {
    let kind = if film.avc.is_some() { *b"avc1" } else { *b"mp4v" };
    boxed(out, kind, |out| {
        out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]); // data reference 1
        out.extend_from_slice(&[0; 16]);
        u16_be(out, film.width_px);
        u16_be(out, film.height_px);
        u32_be(out, 0x0048_0000); // 72 dpi
        u32_be(out, 0x0048_0000);
        u32_be(out, 0);
        u16_be(out, 1); // one frame per sample
        out.extend_from_slice(&[0; 32]); // no compressor name
        u16_be(out, 0x0018); // colour without alpha
        u16_be(out, 0xffff);
        match &film.avc {
            Some(sets) => boxed(out, *b"avcC", |out| avc_configuration(out, sets)),
            None => full_box(out, *b"esds", 0, 0, elementary_stream),
        }
    });
}

/// ISO/IEC 14496-15, 5.3.3.1.2: AVCDecoderConfigurationRecord.
fn avc_configuration(out: &mut Vec<u8>, sets: &ParameterSets<'_>) {
    /// Profiles whose record tells of the samples' depth: High and those above it.
    const PROFILES_WITH_DEPTH: [u8; 4] = [100, 110, 122, 144];
    // Profile, constraints and level are the sequence parameter set's first bytes (ISO/IEC 14496-10, 7.3.2.1.1).
    let profile = sets.sequence.get(1..4).unwrap_or(&[66, 0, 30]);
    out.push(1);
    out.extend_from_slice(profile);
    out.extend_from_slice(&[0xff, 0xe1]); // lengths in four bytes; one sequence parameter set
    for (index, set) in [sets.sequence, sets.picture].into_iter().enumerate() {
        if index == 1 {
            out.push(1); // one picture parameter set
        }
        u16_be(out, u16::try_from(set.len()).unwrap_or(u16::MAX));
        out.extend_from_slice(set);
    }
    if PROFILES_WITH_DEPTH.contains(&profile[0]) {
        out.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]); // 4:2:0 of 8 bits, no extension: what cameras send
    }
}

/// 3GPP TS 26.245, 5.16: TextSampleEntry. White letters on black at the bottom, as far as a player heeds it.
fn text_entry(out: &mut Vec<u8>) {
    boxed(out, *b"tx3g", |out| {
        out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]); // data reference 1
        u32_be(out, 0); // display flags
        out.extend_from_slice(&[1, 0xff]); // centred, at the bottom
        out.extend_from_slice(&[0, 0, 0, 0xff]); // background
        out.extend_from_slice(&[0; 8]); // the text box: the whole track
        out.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 18]); // style of no characters: font 1, plain, 18 pixels
        out.extend_from_slice(&[0xff; 4]);
        boxed(out, *b"ftab", |out| {
            u16_be(out, 1);
            u16_be(out, 1);
            out.extend_from_slice(b"\x05Serif");
        });
    });
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
