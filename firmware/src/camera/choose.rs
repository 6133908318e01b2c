//! Which of the camera's modes to use. Pure: a list of modes and a wish in, one mode out.

use crate::settings::CameraFormat;

/// Format, frame size and rate that a camera offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// How it sends its pictures.
    pub format: Format,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames a second, in tenths.
    pub fps_tenths: u32,
}

/// How a camera sends its pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG after JPEG: kept as they come.
    Mjpeg,
    /// Uncompressed, by V4L2's name of it: we have to encode what is to be kept.
    Raw([u8; 4]),
    /// H.264: kept as it comes, and not looked at.
    H264,
}

impl Format {
    /// V4L2's name of it.
    pub fn fourcc(self) -> [u8; 4] {
        match self {
            Self::Mjpeg => *b"MJPG",
            Self::Raw(fourcc) => fourcc,
            Self::H264 => *b"H264",
        }
    }

    /// Smaller is better, for who has this wish.
    fn rank(self, wish: CameraFormat) -> u8 {
        let (usual, own) = match self {
            Self::Mjpeg => (1, CameraFormat::Mjpeg),
            Self::Raw(_) => (2, CameraFormat::Raw),
            // Nobody sees motion in it.
            Self::H264 => (3, CameraFormat::H264),
        };
        let is_wished = match wish {
            CameraFormat::Exactly(name) => self.fourcc() == name,
            kind => own == kind,
        };
        if is_wished { 0 } else { usual }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mjpeg => f.write_str("MJPEG"),
            Self::Raw(fourcc) => write!(f, "{}", fourcc.escape_ascii()),
            Self::H264 => f.write_str("H.264"),
        }
    }
}

/// What the settings ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Width and height in pixels; nothing means the best up to [`AUTO_PX_MAX`].
    pub size: Option<(u32, u32)>,
    /// Frames a second.
    pub fps: u32,
    /// How the pictures shall be sent, if the camera can.
    pub format: CameraFormat,
}

/// Pixels of the largest frame that is chosen without being asked for: 1280x720. Larger ones cost card and memory that the
/// small boards do not have.
pub const AUTO_PX_MAX: u64 = 1280 * 720;
/// The same of uncompressed frames, which cost a processor's core besides.
pub const AUTO_RAW_PX_MAX: u64 = 640 * 480;

/// The mode that serves the wish best: the format first (what is wished for, else MJPEG before raw before H.264), then the size (the nearest number of pixels; when none was asked for the largest
/// up to [`AUTO_PX_MAX`] or [`AUTO_RAW_PX_MAX`], or else the smallest), then the slowest rate that reaches the wish, or else the fastest. Nothing only
/// when there are no modes.
pub fn choose(modes: &[Mode], wish: Wish) -> Option<Mode> {
    let distance = |m: &Mode| match wish.size {
        Some((width, height)) => {
            let wanted = u64::from(width) * u64::from(height);
            // The exact size first, then the nearest in pixels.
            (u64::from((m.width, m.height) != (width, height)), pixels(m).abs_diff(wanted))
        }
        None if pixels(m) <= auto_px_max(m) => (0, auto_px_max(m) - pixels(m)),
        None => (1, pixels(m)),
    };
    let rate = |m: &Mode| {
        let wanted = wish.fps * 10;
        if m.fps_tenths >= wanted { (0, m.fps_tenths - wanted) } else { (1, wanted - m.fps_tenths) }
    };
    modes.iter().copied().min_by_key(|m| (m.format.rank(wish.format), distance(m), rate(m)))
}

fn auto_px_max(mode: &Mode) -> u64 {
    if matches!(mode.format, Format::Raw(_)) { AUTO_RAW_PX_MAX } else { AUTO_PX_MAX }
}

fn pixels(mode: &Mode) -> u64 {
    u64::from(mode.width) * u64::from(mode.height)
}

#[cfg(test)]
mod tests {
    use super::{CameraFormat, Format, Mode, Wish, choose};

    const fn mode(width: u32, height: u32, fps: u32) -> Mode {
        Mode { format: Format::Mjpeg, width, height, fps_tenths: fps * 10 }
    }

    fn wish(size: Option<(u32, u32)>, fps: u32) -> Wish {
        Wish { size, fps, format: CameraFormat::Auto }
    }

    const WEBCAM: [Mode; 7] = [
        mode(1920, 1080, 30),
        mode(1280, 720, 30),
        mode(1280, 720, 15),
        mode(1280, 720, 5),
        mode(640, 480, 30),
        mode(640, 480, 10),
        mode(320, 240, 30),
    ];

    #[test]
    fn the_wish_is_served_as_well_as_the_camera_can() {
        let check = |size, fps, expected| assert_eq!(choose(&WEBCAM, wish(size, fps)), Some(expected));
        check(None, 15, mode(1280, 720, 15));
        check(None, 10, mode(1280, 720, 15));
        check(None, 60, mode(1280, 720, 30));
        check(Some((640, 480)), 15, mode(640, 480, 30));
        check(Some((640, 480)), 10, mode(640, 480, 10));
        check(Some((4096, 4096)), 1, mode(1920, 1080, 30));
        check(Some((600, 400)), 30, mode(640, 480, 30));
    }

    #[test]
    fn a_camera_with_only_large_frames_gives_its_smallest() {
        let modes = [mode(3840, 2160, 30), mode(1920, 1080, 30)];
        assert_eq!(choose(&modes, wish(None, 15)), Some(mode(1920, 1080, 30)));
        let raw = |mode: Mode| Mode { format: Format::Raw(*b"YUYV"), ..mode };
        let raw_modes = WEBCAM.map(raw);
        assert_eq!(choose(&raw_modes, wish(None, 15)), Some(raw(mode(640, 480, 30))));
        let both = [raw_modes[1], mode(320, 240, 30), raw_modes[3]];
        let size = Some((1280, 720));
        assert_eq!(
            choose(&both, wish(size, 30)),
            Some(mode(320, 240, 30)),
            "compressed, whatever size is wished for"
        );
        let raw_wish = Wish { format: CameraFormat::Raw, ..wish(size, 30) };
        assert_eq!(choose(&both, raw_wish), Some(raw(mode(1280, 720, 30))));
        let h264 = Mode { format: Format::H264, ..mode(1280, 720, 30) };
        let all = [h264, both[0], both[1]];
        assert_eq!(choose(&all, Wish { format: CameraFormat::H264, ..wish(None, 30) }), Some(h264));
        assert_eq!(choose(&all[..2], wish(None, 30)), Some(both[0]), "motion is seen in it");
        assert_eq!(choose(&all[..1], raw_wish), Some(h264), "what there is");
        let nv12 = Mode { format: Format::Raw(*b"NV12"), ..both[0] };
        let by_name =
            |name: &[u8; 4]| Wish { format: CameraFormat::Exactly(*name), ..wish(Some((1280, 720)), 30) };
        let raws = [raw_modes[1], nv12, both[1]];
        assert_eq!(choose(&raws, by_name(b"NV12")), Some(nv12), "by its name, whatever its size");
        assert_eq!(choose(&raws, by_name(b"GREY")), Some(both[1]), "as without a wish");
        assert_eq!(choose(&[], wish(None, 15)), None);
    }
}
