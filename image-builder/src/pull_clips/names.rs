//! Names of files on a card: which may become files of this computer, and which belong to a clip.
//!
//! A card comes from anywhere, so its names are nobody's promise. Must not touch a file.

/// The longest name that is taken over: the longest of a clip, and room for what a second file of its name gets.
const NAME_BYTES_MAX: usize = 200;
/// What is still being written on the card ends like this.
const DRAFT: &str = ".new";
/// Fields of a clip's name: seconds, microseconds, camera, region, changes, token.
const CLIP_FIELDS: usize = 6;

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A file of this clip.
    Clip(Clip),
    /// Another file of the clips' folder: the chain of hashes, or what a later version puts there.
    Other,
    /// A description that was being written when the power went: the board finishes or removes it.
    Draft,
    /// No file of ours has such a name, and it is not taken over.
    Refused,
}

/// A clip by its name. Ordered by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clip {
    /// Seconds since 1970 by the camera's clock.
    pub seconds: u64,
    /// And microseconds.
    pub microseconds: u32,
    /// The name without extension.
    pub stem: String,
}

impl Clip {
    /// The camera's name.
    #[must_use]
    pub fn camera(&self) -> &str {
        self.stem.split('_').nth(2).unwrap_or_default()
    }

    /// `<unix s>_<digits of us>-<us>_<name>_<x1>-<y1>-<x2>-<y2>_<changes>_<token>`.
    fn parse(stem: &str) -> Option<Self> {
        let fields: Vec<&str> = stem.split('_').collect();
        let [seconds, microseconds, camera, rest @ ..] = fields.as_slice() else { return None };
        let (digits, microseconds) = microseconds.split_once('-')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let numbers = rest.iter().flat_map(|field| field.split('-'));
        let is_clip = fields.len() == CLIP_FIELDS
            && digits.parse() == Ok(microseconds.len())
            && is_number(seconds)
            && is_number(microseconds)
            && !camera.is_empty()
            && numbers.clone().count() == CLIP_FIELDS
            && numbers.clone().all(is_number);
        let microseconds = microseconds.parse().ok()?;
        is_clip.then_some(Self { seconds: seconds.parse().ok()?, microseconds, stem: stem.to_owned() })
    }
}

/// What becomes of the file with this name, and the name as text.
#[must_use]
pub fn judge(name: &[u8]) -> (Verdict, String) {
    let shown: String =
        String::from_utf8_lossy(name).chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    // No folder, no `..`, no hidden file, no option of a program, and nothing that another system writes differently.
    let is_plain = name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.last() != Some(&b'.')
        && name.len() <= NAME_BYTES_MAX
        && name.iter().all(is_harmless);
    let verdict = match shown.split_once('.') {
        _ if !is_plain => Verdict::Refused,
        _ if shown.ends_with(DRAFT) => Verdict::Draft,
        Some((stem, _)) => Clip::parse(stem).map_or(Verdict::Other, Verdict::Clip),
        None => Verdict::Other,
    };
    (verdict, shown)
}

/// The name that a file gets where another one has its own: `clip.2.mp4`.
#[must_use]
pub fn numbered(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{number}.{extension}"),
        None => format!("{name}.{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge, numbered};

    const CLIP: &str = "1795394259_6-776701_camera_64-360-208-648_534_160";

    #[test]
    fn clips_are_known_by_their_names() {
        for extension in ["mp4", "json", "jpg"] {
            let (Verdict::Clip(clip), name) = judge(format!("{CLIP}.{extension}").as_bytes()) else {
                panic!("{extension}")
            };
            assert_eq!((clip.seconds, clip.microseconds, clip.camera()), (1_795_394_259, 776_701, "camera"));
            assert!(clip.stem == CLIP && name.ends_with(extension));
        }
        for other in
            ["chain-0000000001.jsonl", "chain", "1_2_3.mp4", "a_6-776701_camera_64-360-208-648_534_160.mp4"]
        {
            assert_eq!(judge(other.as_bytes()), (Verdict::Other, other.to_owned()));
        }
        assert_eq!(judge(format!("{CLIP}.json.new").as_bytes()).0, Verdict::Draft);
        assert_eq!(judge(b"1795394259_5-776701_camera_64-360-208-648_534_160.mp4").0, Verdict::Other);
    }

    #[test]
    fn names_that_could_leave_the_folder_or_fool_somebody_are_refused() {
        let long = "a".repeat(201);
        for name in [
            &b".."[..],
            b".",
            b"",
            b"../x.mp4",
            b"a/b.mp4",
            b"/etc/passwd",
            b"..\\x.mp4",
            b"C:x.mp4",
            b".bashrc",
            b"-rf",
            b"a\0b",
            b"a\nb.mp4",
            b"\x1b[2J.mp4",
            b"caf\xc3\xa9.mp4",
            b"\xff\xfe.mp4",
            b"a b.mp4",
            b"CON.",
            long.as_bytes(),
        ] {
            let (verdict, shown) = judge(name);
            assert_eq!(verdict, Verdict::Refused, "{shown}");
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
    }

    #[test]
    fn a_second_file_of_a_name_keeps_its_extension() {
        assert_eq!(numbered("a.b.mp4", 2), "a.b.2.mp4");
        assert_eq!(numbered("chain", 3), "chain.3");
    }
}
