//! Which of the camera's modes to use. Pure: a list of modes and a wish in, the same modes in order of preference out.

use crate::settings::{CameraFormat, CameraPrefer};
use crate::told::tenths;
use vision::luma::RawFormat;

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

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rate = tenths(self.fps_tenths);
        let Self { format, width, height, .. } = self;
        write!(f, "{width}x{height} {format} at {} frames/s", rate.trim_end_matches(".0"))
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
    /// What matters more, if it cannot give both.
    pub prefer: CameraPrefer,
    /// Time from flash to flash of lamps on the mains, microseconds; nothing if there are none. For sensors whose exposure is ours.
    pub flash_us: Option<u32>,
}

/// Pixels of the largest frame that is chosen without being asked for: 1280x720. Larger ones cost card and memory that the
/// small boards do not have.
pub const AUTO_PX_MAX: u64 = 1280 * 720;
/// The same of uncompressed frames, which cost a processor's core besides.
pub const AUTO_RAW_PX_MAX: u64 = 640 * 480;
/// The same of bare sensors: what is smaller than this is a narrow cut from the middle of what the most common of them sees.
pub const AUTO_MOSAIC_PX_MAX: u64 = 1640 * 1232;

/// Below this rate no size is worth it, unless it is asked for: who runs past a door close by is in the picture for less than a second, and a thing has to be
/// seen in two frames of three to be believed. Five frames a second are enough, so size goes before rate by default: a face has to be recognised, and
/// nobody recognises it in more frames of fewer pixels.
const RATE_MIN_TENTHS: u32 = 50;

/// The modes, those first that serve the wish best: the format counts first (what is wished for, else MJPEG before raw before H.264), then the size (the nearest
/// number of pixels; when none was asked for the largest up to [`AUTO_PX_MAX`], [`AUTO_RAW_PX_MAX`] or [`AUTO_MOSAIC_PX_MAX`], or else the smallest), then the rate: the slowest that
/// reaches the wish, or else the fastest. Where the rate matters more, what reaches it goes before any size; where the size does, a size that nobody asked for
/// goes behind the others in modes that are slower than [`RATE_MIN_TENTHS`].
pub fn ranked(modes: &[Mode], wish: Wish) -> Vec<Mode> {
    let distance = |m: &Mode| match wish.size {
        Some((width, height)) => {
            let wanted = u64::from(width) * u64::from(height);
            // The exact size first, then the nearest in pixels.
            (u64::from((m.width, m.height) != (width, height)), pixels(m).abs_diff(wanted))
        }
        None if pixels(m) <= auto_px_max(m) => (0, auto_px_max(m) - pixels(m)),
        None => (1, pixels(m)),
    };
    let wanted = wish.fps * 10;
    let missing = |m: &Mode| wanted.saturating_sub(m.fps_tenths);
    let goes_first = |m: &Mode| match (wish.prefer, wish.size) {
        (CameraPrefer::Rate, _) => missing(m),
        (CameraPrefer::Size, None) => u32::from(m.fps_tenths < RATE_MIN_TENTHS.min(wanted)),
        (CameraPrefer::Size, Some(_)) => 0,
    };
    let mut ranked = modes.to_vec();
    ranked
        .sort_by_key(|m| (m.format.rank(wish.format), goes_first(m), distance(m), missing(m), m.fps_tenths));
    ranked
}

fn auto_px_max(mode: &Mode) -> u64 {
    match mode.format {
        Format::Raw(fourcc) if RawFormat::find(fourcc).is_some_and(RawFormat::is_mosaic) => {
            AUTO_MOSAIC_PX_MAX
        }
        Format::Raw(_) => AUTO_RAW_PX_MAX,
        Format::Mjpeg | Format::H264 => AUTO_PX_MAX,
    }
}

fn pixels(mode: &Mode) -> u64 {
    u64::from(mode.width) * u64::from(mode.height)
}

#[cfg(test)]
mod tests {
    use super::{CameraFormat, CameraPrefer, Format, Mode, Wish, ranked};

    fn choose(modes: &[Mode], wish: Wish) -> Option<Mode> {
        ranked(modes, wish).first().copied()
    }

    const fn mode(width: u32, height: u32, fps: u32) -> Mode {
        Mode { format: Format::Mjpeg, width, height, fps_tenths: fps * 10 }
    }

    fn wish(size: Option<(u32, u32)>, fps: u32) -> Wish {
        Wish { size, fps, format: CameraFormat::Auto, prefer: CameraPrefer::Size, flash_us: None }
    }

    fn raw(mode: Mode) -> Mode {
        Mode { format: Format::Raw(*b"YUYV"), ..mode }
    }

    /// What a Logitech C270 offers, as far as it matters: MJPEG at 30 frames a second in every size, uncompressed pictures ever slower as they grow.
    fn c270() -> Vec<Mode> {
        let sizes = [(640, 480), (160, 120), (320, 240), (352, 288), (800, 600), (1280, 720), (1280, 960)];
        let jpeg = sizes.iter().flat_map(|&(w, h)| [30, 25, 20, 15, 10, 5].map(|fps| mode(w, h, fps)));
        let slow =
            [(640, 480, 30), (640, 480, 15), (640, 480, 5), (320, 240, 30), (800, 600, 20), (800, 600, 5)];
        let slow = slow.iter().chain(&[(1280, 720, 10), (1280, 720, 5), (1280, 960, 5)]);
        slow.map(|&(w, h, fps)| raw(mode(w, h, fps))).chain(jpeg).collect()
    }

    #[test]
    fn a_webcam_s_table_is_chosen_from_as_its_owner_expects() {
        let auto = wish(None, 15);
        assert_eq!(choose(&c270(), auto), Some(mode(1280, 720, 15)));
        assert_eq!(choose(&c270(), Wish { fps: 60, ..auto }), Some(mode(1280, 720, 30)));
        let uncompressed = Wish { format: CameraFormat::Raw, ..auto };
        assert_eq!(choose(&c270(), uncompressed), Some(raw(mode(640, 480, 15))));
        let large = Wish { size: Some((1280, 720)), ..uncompressed };
        assert_eq!(choose(&c270(), large), Some(raw(mode(1280, 720, 10))), "as it was asked for");
        let fast = Wish { prefer: CameraPrefer::Rate, ..large };
        assert_eq!(choose(&c270(), fast), Some(raw(mode(800, 600, 20))), "the nearest that reaches the rate");
        assert_eq!(choose(&c270(), Wish { fps: 60, ..fast }), Some(raw(mode(640, 480, 30))), "the fastest");
    }

    #[test]
    fn size_goes_before_rate_unless_the_rate_is_wanted_or_too_low() {
        let old = [mode(1280, 720, 10), mode(640, 480, 30), mode(640, 480, 15), mode(320, 240, 30)];
        let auto = wish(None, 15);
        assert_eq!(choose(&old, auto), Some(old[0]));
        assert_eq!(choose(&old, Wish { prefer: CameraPrefer::Rate, ..auto }), Some(old[2]));
        let slow = [mode(1280, 720, 2), old[1], old[2], old[3]];
        assert_eq!(choose(&slow, auto), Some(old[2]), "two frames a second are too few");
        assert_eq!(choose(&slow, Wish { fps: 2, ..auto }), Some(slow[0]), "but for who wants them");
        assert_eq!(choose(&slow, wish(Some((1280, 720)), 15)), Some(slow[0]), "or wants the size");
        assert_eq!(choose(&slow[..1], auto), Some(slow[0]), "or has no other");
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
