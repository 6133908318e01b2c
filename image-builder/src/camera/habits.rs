//! Habits of cheap MJPEG cameras: what is wrong with every picture, though the picture itself is whole.
//!
//! Seen in the wild; `firmware/src/camera/heal.rs` is what they are for. Frames with a habit count as undamaged. It must not choose frames.

/// A habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Bytes before the picture.
    JunkBefore,
    /// The length of the frame is too large: behind the picture stands what was there before, with an end of its own.
    OldTail,
    /// The length of the frame is too large: the header of the next one is in it.
    NextHeader,
    /// Zeros up to the next 8 KiB.
    Padded,
    /// No end-of-image marker.
    NoEnd,
    /// No Huffman tables, as MJPEG allows.
    NoTables,
    /// SOI twice.
    TwoStarts,
    /// The length of APP0 is wrong.
    WrongLength,
}

/// Their names in commands.
const NAMES: [(Habit, &str); 8] = [
    (Habit::JunkBefore, "junk-before"),
    (Habit::OldTail, "old-tail"),
    (Habit::NextHeader, "next-header"),
    (Habit::Padded, "padded"),
    (Habit::NoEnd, "no-end"),
    (Habit::NoTables, "no-tables"),
    (Habit::TwoStarts, "two-starts"),
    (Habit::WrongLength, "wrong-length"),
];

const SOI: [u8; 2] = [0xff, 0xd8];
const PADDED_TO_BYTES: usize = 8192;
/// What JFIF's APP0 begins with.
const APP0: [u8; 4] = [0xff, 0xe0, 0, 16];

impl Habit {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Habit> {
        NAMES.iter().map(|(habit, _)| *habit)
    }

    /// The name used in commands.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(habit, _)| *habit == self).map_or("", |(_, name)| name)
    }

    /// The habit with this name.
    pub fn from_name(name: &str) -> Option<Habit> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(habit, _)| *habit)
    }

    /// Does it to a picture.
    pub(super) fn apply(self, image: &mut Vec<u8>) {
        match self {
            Habit::JunkBefore => drop(image.splice(0..0, [0x00, 0xff, 0x17, 0xd8, 0xff])),
            Habit::OldTail => image.extend_from_within(image.len() / 2..),
            Habit::NextHeader => image.extend_from_within(..image.len().min(300)),
            Habit::Padded => image.resize(image.len().next_multiple_of(PADDED_TO_BYTES), 0),
            Habit::NoEnd => image.truncate(image.len().saturating_sub(2)),
            Habit::NoTables => remove_tables(image),
            Habit::TwoStarts => drop(image.splice(0..0, SOI)),
            Habit::WrongLength => {
                if let Some(at) = image.windows(APP0.len()).position(|bytes| bytes == APP0) {
                    image[at + 3] -= 5;
                }
            }
        }
    }
}

fn remove_tables(image: &mut Vec<u8>) {
    while let Some(at) = image.windows(2).position(|pair| pair == [0xff, 0xc4]) {
        let Some(&[high, low]) = image.get(at + 2..at + 4) else { return };
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        image.drain(at..end.min(image.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Habit, NAMES, SOI};
    use crate::camera::format::PixelFormat;
    use crate::camera::modes::Mode;
    use crate::camera::scene::Scene;

    #[test]
    fn each_habit_does_what_it_says_to_the_scene_s_pictures() {
        let mode = Mode { width: 320, height: 240, fps: 15 };
        let good = Scene::new(1, PixelFormat::Mjpeg).frame(mode, 1).unwrap();
        let with = |habit: Habit| {
            let mut image = good.clone();
            habit.apply(&mut image);
            assert_ne!(image, good, "{habit:?}");
            image
        };
        assert_eq!(with(Habit::JunkBefore)[5..], good[..]);
        assert!(with(Habit::OldTail).starts_with(&good) && with(Habit::OldTail).ends_with(&[0xff, 0xd9]));
        assert!(with(Habit::NextHeader)[good.len()..].starts_with(&SOI));
        assert_eq!(with(Habit::Padded).len() % 8192, 0);
        assert!(good.starts_with(&with(Habit::NoEnd)));
        assert!(!with(Habit::NoTables).windows(2).any(|pair| pair == [0xff, 0xc4]));
        assert_eq!(with(Habit::TwoStarts)[2..], good[..]);
        assert_eq!(with(Habit::WrongLength).len(), good.len());
        for (habit, name) in NAMES {
            assert_eq!((Habit::from_name(name), habit.name()), (Some(habit), name));
        }
        assert_eq!((Habit::from_name("none"), Habit::all().count()), (None, 8));
    }
}
