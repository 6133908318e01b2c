//! How the camera shall send its pictures: a kind of format, or one by V4L2's name of it.
//!
//! The names are those of the vision crate's table. Must not know a camera.

use super::kinds::Field;
use super::table::Kind;
use std::sync::LazyLock;
use vision::luma::{RAW_FORMATS, RawFormat};

/// How the camera shall send its pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CameraFormat {
    /// As serves best: MJPEG, else uncompressed, else H.264.
    #[default]
    Auto,
    /// Motion JPEG.
    Mjpeg,
    /// Uncompressed, in whichever format comes first in our table.
    Raw,
    /// H.264.
    H264,
    /// Uncompressed in the format of that name, V4L2's four characters: one that is in our table.
    Exactly([u8; 4]),
}

/// The words for the table.
const CAMERA_FORMATS: &[(&str, CameraFormat)] = &[
    ("auto", CameraFormat::Auto),
    ("mjpeg", CameraFormat::Mjpeg),
    ("raw", CameraFormat::Raw),
    ("h264", CameraFormat::H264),
];

impl CameraFormat {
    /// All that can be typed: the words, then V4L2's names.
    pub fn words() -> &'static [&'static str] {
        static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
            let names = RAW_FORMATS.iter().filter_map(|raw| std::str::from_utf8(&raw.fourcc).ok());
            CAMERA_FORMATS.iter().map(|(word, _)| *word).chain(names).collect()
        });
        &WORDS
    }

    /// The format of that name. Small letters will do where they leave no doubt: some names differ in nothing else.
    fn named(name: &str) -> Option<Self> {
        let is = |raw: &&RawFormat| raw.fourcc == name.as_bytes();
        let is_like = |raw: &&RawFormat| raw.fourcc.eq_ignore_ascii_case(name.as_bytes());
        let mut alike = RAW_FORMATS.iter().filter(is_like);
        let only = alike.next().filter(|_| alike.next().is_none());
        RAW_FORMATS.iter().find(is).or(only).map(|raw| Self::Exactly(raw.fourcc))
    }
}

impl Field for CameraFormat {
    fn read(text: &str, _: Kind) -> Option<Self> {
        let word = CAMERA_FORMATS.iter().find(|(word, _)| *word == text);
        word.map(|(_, format)| *format).or_else(|| Self::named(text))
    }

    fn print(&self) -> String {
        match self {
            Self::Exactly(name) => String::from_utf8_lossy(name).into_owned(),
            known => {
                CAMERA_FORMATS.iter().find(|(_, format)| format == known).map_or("", |(word, _)| word).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CameraFormat, Field, Kind};

    #[test]
    fn a_raw_format_goes_by_its_name_and_small_letters_do_where_they_leave_no_doubt() {
        let read = |text| CameraFormat::read(text, Kind::CameraFormat);
        assert_eq!(read("NV12"), Some(CameraFormat::Exactly(*b"NV12")));
        assert_eq!(read("nv12").map(|format| format.print()).as_deref(), Some("NV12"));
        assert_eq!(read("pgAA"), Some(CameraFormat::Exactly(*b"pgAA")), "and not `pGAA`");
        for nothing in ["pgaa", "NV13", "MJPG", "Raw", ""] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
        for word in CameraFormat::words() {
            assert_eq!(read(word).map(|format| format.print()).as_deref(), Some(*word));
        }
    }
}
