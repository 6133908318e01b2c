//! Tests of `refusals`: what is tried after a refusal, and for how long it is remembered.

use super::{ALL_AGAIN_US, Errno, Format, Mode, Plug, Refusals, Why, Wish, io};
use crate::camera::choose::ranked;
use crate::settings::{CameraFormat, CameraPrefer};

const PLUG: Plug = Plug(7);

const fn mode(format: Format, width: u32, height: u32, fps: u32) -> Mode {
    Mode { format, width, height, fps_tenths: fps * 10 }
}

const fn jpeg(width: u32, height: u32, fps: u32) -> Mode {
    mode(Format::Mjpeg, width, height, fps)
}

const fn yuyv(width: u32, height: u32, fps: u32) -> Mode {
    mode(Format::Raw(*b"YUYV"), width, height, fps)
}

const WEBCAM: [Mode; 9] = [
    jpeg(1280, 720, 30),
    jpeg(1280, 720, 15),
    jpeg(1280, 720, 5),
    jpeg(640, 480, 30),
    jpeg(640, 480, 15),
    jpeg(320, 240, 30),
    yuyv(640, 480, 15),
    yuyv(640, 480, 5),
    yuyv(320, 240, 15),
];

fn wish() -> Wish {
    Wish { size: None, fps: 15, format: CameraFormat::Auto, prefer: CameraPrefer::Size, flash_us: None }
}

fn errno(errno: Errno) -> io::Error {
    errno.into()
}

/// What is tried, one after the other, when all is refused.
fn tried(refusals: &mut Refusals, fail: impl Fn(&mut Refusals, Mode)) -> Vec<Mode> {
    refusals.are_for(wish(), |_| true);
    let (ranked, mut tried) = (ranked(&WEBCAM, wish()), Vec::new());
    while let Some(mode) = refusals.next(PLUG, &ranked) {
        fail(refusals, mode);
        tried.push(mode);
        assert!(tried.len() < 50, "it comes to an end");
    }
    tried
}

#[test]
fn less_is_tried_first_slower_then_smaller_then_uncompressed() {
    let mut refusals = Refusals::default();
    let modes = tried(&mut refusals, |refusals, mode| {
        let told = refusals.refused(PLUG, mode, &errno(Errno::ENOSPC));
        assert_eq!(told, Some((Errno::ENOSPC, true)));
    });
    // The faster ones of each size are not worth a try.
    let expected = [
        jpeg(1280, 720, 15),
        jpeg(1280, 720, 5),
        jpeg(640, 480, 15),
        jpeg(320, 240, 30),
        yuyv(640, 480, 15),
        yuyv(640, 480, 5),
        yuyv(320, 240, 15),
    ];
    assert_eq!(modes, expected);
    let first = refusals.first(PLUG).expect("one").to_string();
    assert_eq!(first, "1280x720 MJPEG at 15 frames/s (USB has not so much bandwidth left)");
}

#[test]
fn what_may_be_a_hiccup_counts_the_second_time_and_afterwards_at_once() {
    let mut refusals = Refusals::default();
    let modes = tried(&mut refusals, |refusals, mode| {
        refusals.refused(PLUG, mode, &errno(Errno::EIO)).expect("it counts");
    });
    assert_eq!(modes[..3], [jpeg(1280, 720, 15), jpeg(1280, 720, 15), jpeg(1280, 720, 5)]);
    assert!(modes[3..].windows(2).all(|pair| pair[0] != pair[1]));
    let mut between = Refusals::default();
    assert_eq!(between.refused(PLUG, WEBCAM[0], &errno(Errno::EIO)), Some((Errno::EIO, false)));
    between.streams(PLUG, WEBCAM[0]);
    assert_eq!(between.refused(PLUG, WEBCAM[0], &errno(Errno::EIO)), Some((Errno::EIO, false)), "anew");
}

#[test]
fn who_is_busy_or_gone_has_not_refused_a_mode() {
    let mut refusals = Refusals::default();
    for other in [Errno::EBUSY, Errno::ENODEV, Errno::EINVAL, Errno::EPROTO] {
        for _ in 0..3 {
            assert_eq!(refusals.refused(PLUG, WEBCAM[0], &errno(other)), None, "{other}");
        }
    }
    assert_eq!(refusals.next(PLUG, &WEBCAM), Some(WEBCAM[0]));
}

#[test]
fn a_mode_that_stays_silent_is_given_up_for_half_of_it_unless_it_had_frames() {
    let mut refusals = Refusals::default();
    let modes = tried(&mut refusals, |refusals, mode| {
        assert!(refusals.silent(PLUG, mode) || refusals.doubt.is_some())
    });
    let expected =
        [jpeg(1280, 720, 15), jpeg(1280, 720, 5), jpeg(320, 240, 30), yuyv(640, 480, 15), yuyv(640, 480, 5)];
    assert_eq!(modes, expected.map(|mode| [mode; 2]).concat());
    assert_eq!(refusals.first(PLUG).map(|refusal| refusal.why), Some(Why::Silent));
    let mut proven = Refusals::default();
    proven.streams(PLUG, WEBCAM[0]);
    assert!((0..9).all(|_| !proven.silent(PLUG, WEBCAM[0])), "a stall is no lack of bandwidth");
}

#[test]
fn all_is_forgotten_with_another_wish_another_plug_and_after_a_while() {
    let no_room = errno(Errno::ENOSPC);
    let refused = || {
        let mut refusals = Refusals::default();
        refusals.are_for(wish(), |_| true);
        refusals.refused(PLUG, WEBCAM[0], &no_room);
        refusals
    };
    let mut same = refused();
    same.are_for(wish(), |plug| plug == PLUG);
    assert_eq!(same.next(PLUG, &WEBCAM), Some(WEBCAM[1]));
    assert_eq!(same.next(Plug(8), &WEBCAM), Some(WEBCAM[0]), "another camera is asked for all");
    same.are_for(Wish { fps: 30, ..wish() }, |_| true);
    assert_eq!(same.next(PLUG, &WEBCAM), Some(WEBCAM[0]));
    let mut replugged = refused();
    replugged.are_for(wish(), |plug| plug == Plug(8));
    assert_eq!(replugged.next(PLUG, &WEBCAM), Some(WEBCAM[0]));
    let mut hopeless = refused();
    for (at_us, first) in [(5, 1), (4 + ALL_AGAIN_US, 1), (5 + ALL_AGAIN_US, 0)] {
        hopeless.hopeless(at_us);
        assert_eq!(hopeless.next(PLUG, &WEBCAM), Some(WEBCAM[first]), "{at_us}");
    }
}
