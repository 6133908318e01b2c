//! Tests of `scene`: frames decode, carry their number, and show what the truth says.

use crate::camera::PixelFormat;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Act, Scene, loop_frames};
use crate::camera::counter;
use crate::camera::modes::Mode;

const MODE: Mode = Mode { width: 320, height: 240, fps: 15 };

fn luma(image: &[u8], mode: Mode) -> Vec<u8> {
    let options = DecoderOptions::new_safe().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(image), options);
    let pixels = decoder.decode().expect("frame decodes");
    assert_eq!(decoder.dimensions(), Some((mode.width.into(), mode.height.into())));
    pixels
}

#[test]
fn frames_of_two_loops_decode_and_have_their_number() {
    let mut scene = Scene::new(1, PixelFormat::Mjpeg);
    // In the second loop the same places are shown again, from the kept parts.
    let first = (0..loop_frames(MODE)).step_by(9);
    for index in first.clone().chain(first.map(|index| index + loop_frames(MODE))) {
        let image = scene.frame(MODE, index).unwrap();
        assert!(image.starts_with(&[0xff, 0xd8]) && image.ends_with(&[0xff, 0xd9]));
        assert_eq!(counter::read(&luma(&image, MODE), 320), Some(index));
    }
}

#[test]
fn all_sizes_decode() {
    for size in crate::camera::SIZES {
        let mode = Mode { width: size.width, height: size.height, fps: 15 };
        let image = Scene::new(1, PixelFormat::Mjpeg).frame(mode, 31).unwrap();
        assert_eq!(counter::read(&luma(&image, mode), size.width.into()), Some(31));
        assert!(image.len() < usize::from(size.width) * usize::from(size.height), "{} bytes", image.len());
    }
}

#[test]
fn truth_is_where_the_picture_differs_from_the_still_one() {
    let (mut moving, mut still) = (Scene::new(1, PixelFormat::Mjpeg), Scene::new(1, PixelFormat::Mjpeg));
    still.set_act(Act::Still);
    let mut present = 0;
    for index in (0..loop_frames(MODE)).step_by(5) {
        let (with, without) = (moving.frame(MODE, index).unwrap(), still.frame(MODE, index).unwrap());
        assert_eq!(still.truth(index).unwrap().object, None);
        let Some(object) = moving.truth(index).unwrap().object else {
            assert_eq!(with, without);
            continue;
        };
        present += 1;
        let (with, without) = (luma(&with, MODE), luma(&without, MODE));
        let changed = (0..with.len()).filter(|at| with[*at].abs_diff(without[*at]) > 60);
        for at in changed {
            let (x, y) = ((at % 320) as u16, (at / 320) as u16);
            // JPEG blocks ring: up to one unit (16 × 8) beyond the edge.
            let inside = x + 16 >= object.x && x < object.x + object.width + 16;
            assert!(
                inside && y + 8 >= object.y && y < object.y + object.height + 8,
                "{index}: {x},{y} {object:?}"
            );
        }
    }
    assert_eq!(present, 4 * 15 / 5);
}

#[test]
fn truth_remembers_when_motion_and_mode_changed() {
    let mut scene = Scene::new(1, PixelFormat::Mjpeg);
    let faster = Mode { fps: 30, ..MODE };
    for index in 0..40 {
        scene.set_act(if (10..20).contains(&index) { Act::Still } else { Act::Moving });
        scene.frame(if index < 30 { MODE } else { faster }, index).unwrap();
    }
    let seen = |index| scene.truth(index).unwrap().object.is_some();
    assert!(seen(9) && !seen(10) && !seen(19) && seen(20));
    assert_eq!((scene.truth(29).unwrap().mode, scene.truth(30).unwrap().mode), (MODE, faster));
}

#[test]
fn same_seed_same_bytes() {
    assert_eq!(
        Scene::new(5, PixelFormat::Mjpeg).frame(MODE, 3),
        Scene::new(5, PixelFormat::Mjpeg).frame(MODE, 3)
    );
    assert_ne!(
        Scene::new(5, PixelFormat::Mjpeg).frame(MODE, 3),
        Scene::new(6, PixelFormat::Mjpeg).frame(MODE, 3)
    );
}
