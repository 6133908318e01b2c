//! The detection plane for a display: greys and what is seen in them, in a file in memory that travels with the answer.
//!
//! What a privacy mask touches never leaves this file. Nobody who looks here takes anything away from `view` or `motion test`. Must not
//! decide what is drawn.

use super::glimpse::Scene;
use super::seen::Seen;
use super::view::{is_swamped, look, reaches};
use crate::control::{Picture, shade};
use crate::overlay;
use crate::settings::Settings;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// The file and the memory in which its content is put together: made when somebody first asks, and kept.
#[derive(Default)]
pub struct Print {
    file: Option<File>,
    bytes: Vec<u8>,
}

impl Print {
    /// The plane as it is now, and the file that holds its pixels.
    ///
    /// # Errors
    /// There is no memory for the file.
    pub fn take(
        &mut self,
        scene: &Scene,
        seen: &Seen,
        settings: &Settings,
        now_us: u64,
    ) -> std::io::Result<(Picture, &File)> {
        self.put_together(scene, settings);
        let picture = Picture {
            frames: scene.frames,
            age_ms: now_us.saturating_sub(scene.now.timestamp_us) / 1000,
            width: scene.size.width,
            height: scene.size.height,
            frame_px: scene.frame_px,
            now: look(scene.now, scene.size, seen, now_us),
        };
        let file = match self.file.take() {
            Some(file) => file,
            None => File::from(memfd_create(c"picture", MFdFlags::MFD_CLOEXEC)?),
        };
        file.write_all_at(&self.bytes, 0)?;
        Ok((picture, self.file.insert(file)))
    }

    fn put_together(&mut self, scene: &Scene, settings: &Settings) {
        let (size, frame_px) = (scene.size, scene.frame_px);
        self.bytes.clear();
        self.bytes.extend_from_slice(scene.luma());
        let is_moving = |mark: &u8| if *mark == 0 { shade::PLAIN } else { shade::MOVING };
        self.bytes.extend(scene.marks().iter().map(is_moving));
        let (greys, shades) = self.bytes.split_at_mut(size.pixels());
        let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
        for mask in overlay::covered(settings, side(frame_px.0), side(frame_px.1)) {
            let (x, y) = reaches(&mask, size, frame_px);
            for row in y {
                let row = row * usize::from(size.width);
                greys[row + x.start..row + x.end].fill(0);
                shades[row + x.start..row + x.end].fill(shade::MASKED);
            }
        }
        let count = |of: u8| shades.iter().filter(|shade| **shade == of).count();
        if is_swamped(count(shade::MOVING), shades.len() - count(shade::MASKED)) {
            shades
                .iter_mut()
                .filter(|shade| **shade == shade::MOVING)
                .for_each(|shade| *shade = shade::PLAIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Print, shade};
    use crate::control::Picture;
    use crate::guard::glimpse::Glimpse;
    use crate::guard::seen::Seen;
    use crate::ring::Meta;
    use crate::settings::Settings;
    use std::os::unix::fs::FileExt;
    use vision::PlaneSize;
    use vision::motion::{Decision, Verdict};

    const SIZE: PlaneSize = PlaneSize { width: 160, height: 90 };

    /// A grey plane of which so many rows are bright and marked.
    fn printed(marked_rows: usize, settings: &Settings) -> (Picture, Vec<u8>, Vec<u8>) {
        let glimpse = Glimpse::default();
        drop(glimpse.look(0));
        let (mut luma, mut marks) = (vec![60; SIZE.pixels()], vec![0; SIZE.pixels()]);
        luma[..160 * marked_rows].fill(220);
        marks[..160 * marked_rows].fill(1);
        let meta = Meta { width: 1280, height: 720, timestamp_us: 1_000_000, ..Meta::default() };
        let verdict = Verdict { decision: Decision::Motion, ..Verdict::default() };
        glimpse.offer(&luma, &marks, SIZE, &meta, verdict);
        let (mut print, scene) = (Print::default(), glimpse.look(2_000_000));
        let (picture, file) =
            print.take(&scene, &Seen::default(), settings, 1_500_000).expect("there is memory");
        let mut greys = vec![0; SIZE.pixels()];
        let mut shades = vec![0; SIZE.pixels()];
        file.read_exact_at(&mut greys, 0).expect("greys");
        file.read_exact_at(&mut shades, SIZE.pixels() as u64).expect("shades");
        assert!(scene.furthest.is_some(), "what came furthest is left for whoever tries how motion is seen");
        (picture, greys, shades)
    }

    #[test]
    fn the_plane_comes_as_the_detector_sees_it() {
        let (picture, greys, shades) = printed(20, &Settings::default());
        assert_eq!((picture.width, picture.height, picture.frames, picture.age_ms), (160, 90, 1, 500));
        assert_eq!((picture.frame_px, picture.now.is_motion), ((1280, 720), true));
        assert!(
            greys[..160 * 20].iter().all(|grey| *grey == 220)
                && greys[160 * 20..].iter().all(|grey| *grey == 60)
        );
        assert!(shades[..160 * 20].iter().all(|shade| *shade == shade::MOVING));
        assert!(shades[160 * 20..].iter().all(|shade| *shade == shade::PLAIN));
        let (_, _, swamped) = printed(60, &Settings::default());
        assert!(swamped.iter().all(|shade| *shade == shade::PLAIN), "marks do not hide the whole picture");
    }

    #[test]
    fn nothing_under_a_mask_leaves_in_the_file() {
        let mut settings = Settings::default();
        settings.set("picture.mask1", "25,0 75,0 75,50 25,50").expect("allowed");
        let (_, greys, shades) = printed(20, &settings);
        for (at, (grey, shade)) in greys.iter().zip(&shades).enumerate() {
            let (x, y) = (at % 160, at / 160);
            assert_eq!(*shade == shade::MASKED, *grey == 0, "{x},{y}");
            let is_inside = (40..120).contains(&x) && y < 45;
            let is_far = !(36..124).contains(&x) || y > 48;
            assert!((!is_inside || *grey == 0) && (!is_far || *grey != 0), "{x},{y}");
        }
    }
}
