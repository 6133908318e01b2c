//! The table of formats in which the camera can send its pictures, and a painted picture in each.
//!
//! A camera offers one of them. Descriptors and sources read this table; it must not know sizes or time.

use super::picture::Picture;

/// How the pictures are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PixelFormat {
    /// JPEG after JPEG.
    #[default]
    Mjpeg,
    /// Uncompressed 4:2:2, packed.
    Yuyv,
    /// Uncompressed 4:2:0, chroma in pairs behind the luma.
    Nv12,
    /// Luma only.
    Grey,
    /// H.264 behind start codes, a key picture every two seconds.
    H264,
}

/// What is known of a format.
#[derive(Debug)]
pub struct Row {
    /// The format.
    pub format: PixelFormat,
    /// On the command line.
    pub name: &'static str,
    /// The first four bytes of its UVC GUID; MJPEG has none (UVC Uncompressed Payload 1.1, 2.2, and Linux' `uvcvideo`).
    pub guid_code: Option<[u8; 4]>,
    /// Bits a pixel, uncompressed.
    pub bits_per_px: u8,
    /// ffmpeg's name of the same pixels.
    pub ffmpeg: &'static str,
}

/// Every format; the first is the default.
pub const FORMATS: &[Row] = &[
    Row { format: PixelFormat::Mjpeg, name: "mjpeg", guid_code: None, bits_per_px: 16, ffmpeg: "yuvj422p" },
    Row {
        format: PixelFormat::Yuyv,
        name: "yuyv",
        guid_code: Some(*b"YUY2"),
        bits_per_px: 16,
        ffmpeg: "yuyv422",
    },
    Row {
        format: PixelFormat::Nv12,
        name: "nv12",
        guid_code: Some(*b"NV12"),
        bits_per_px: 12,
        ffmpeg: "nv12",
    },
    Row {
        format: PixelFormat::H264,
        name: "h264",
        guid_code: Some(*b"H264"),
        bits_per_px: 16,
        ffmpeg: "yuv420p",
    },
    Row {
        format: PixelFormat::Grey,
        name: "grey",
        guid_code: Some(*b"Y800"),
        bits_per_px: 8,
        ffmpeg: "gray",
    },
];

/// What every GUID of a video format ends with.
const GUID_TAIL: [u8; 12] = [0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

impl PixelFormat {
    /// The row of the table.
    pub fn row(self) -> &'static Row {
        FORMATS.iter().find(|row| row.format == self).unwrap_or(&FORMATS[0])
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<PixelFormat> {
        FORMATS.iter().find(|row| row.name == name).map(|row| row.format)
    }

    /// The GUID by which descriptors name it; MJPEG has a descriptor of its own.
    pub fn guid(self) -> Option<[u8; 16]> {
        let code = self.row().guid_code?;
        let mut guid = [0; 16];
        guid[..4].copy_from_slice(&code);
        guid[4..].copy_from_slice(&GUID_TAIL);
        Some(guid)
    }

    /// Bytes of an uncompressed picture; of others the most that they may have.
    pub fn frame_bytes(self, width: u16, height: u16) -> usize {
        usize::from(width) * usize::from(height) * usize::from(self.row().bits_per_px) / 8
    }

    /// A painted picture's pixels; `None` for what has to be encoded.
    ///
    /// Colour formats have the range of values of video (ITU-R BT.601-7, 2.5.3), as webcams send them; grey has all of it.
    pub fn pack(self, picture: &Picture) -> Option<Vec<u8>> {
        let width = usize::from(picture.width);
        let (luma, blue, red) = picture.planes();
        Some(match self {
            PixelFormat::Mjpeg | PixelFormat::H264 => return None,
            PixelFormat::Grey => luma.to_vec(),
            PixelFormat::Yuyv => {
                let groups = luma.chunks_exact(2).zip(blue.chunks_exact(2)).zip(red.chunks_exact(2));
                groups
                    .flat_map(|((luma, blue), red)| {
                        [
                            narrow_luma(luma[0]),
                            narrow_chroma(blue[0]),
                            narrow_luma(luma[1]),
                            narrow_chroma(red[0]),
                        ]
                    })
                    .collect()
            }
            PixelFormat::Nv12 => {
                let mut bytes: Vec<u8> = luma.iter().copied().map(narrow_luma).collect();
                for (blue, red) in blue.chunks_exact(width).zip(red.chunks_exact(width)).step_by(2) {
                    let pairs = blue.chunks_exact(2).zip(red.chunks_exact(2));
                    bytes.extend(pairs.flat_map(|(b, r)| [narrow_chroma(b[0]), narrow_chroma(r[0])]));
                }
                bytes
            }
        })
    }
}

/// From 0..=255 to 16..=235.
fn narrow_luma(value: u8) -> u8 {
    (16 + (u32::from(value) * 219 + 127) / 255) as u8
}

/// From 0..=255 to 16..=240 around 128.
fn narrow_chroma(value: u8) -> u8 {
    (128 + (i32::from(value) - 128) * 224 / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, PixelFormat, narrow_chroma, narrow_luma};
    use crate::camera::picture::{Backdrop, View};

    #[test]
    fn every_format_is_found_by_its_name_and_packs_to_its_length() {
        let view = View { noise: 1, swing_q8: 0, figure: None, is_covered: false, light_percent: 100 };
        let picture = Backdrop::new(320, 240, 7).paint(0..240, &view);
        for row in FORMATS {
            assert_eq!(PixelFormat::from_name(row.name), Some(row.format));
            let length = row.format.pack(&picture).map(|bytes| bytes.len());
            let is_raw = !matches!(row.format, PixelFormat::Mjpeg | PixelFormat::H264);
            let expected = is_raw.then(|| row.format.frame_bytes(320, 240));
            assert_eq!(length, expected, "{}", row.name);
        }
        assert_eq!(PixelFormat::from_name("gif"), None);
    }

    #[test]
    fn values_have_the_range_of_video() {
        assert_eq!([0, 128, 255].map(narrow_luma), [16, 126, 235]);
        assert_eq!([0, 128, 255].map(narrow_chroma), [16, 128, 239]);
    }
}
