//! What an owner draws over the picture on one line of text: zones, masks, lines, and how things shrink with distance.
//!
//! Places are in percent of the picture's width and height from its upper left corner, with up to two decimals, so that a drawing
//! stays where it is when the camera's resolution changes. Every reader says in a sentence what is wrong. Must not know a detector.

use std::fmt;

/// Corners of a zone: more than anybody draws by hand. With all of them at their longest, `set` and a zone still fit the
/// console's line of 256 characters.
pub const CORNERS_MAX: usize = 16;
/// Fewer corners enclose nothing.
pub const CORNERS_MIN: usize = 3;
/// A hundred percent, in the hundredths of a percent that places are kept in.
pub const FULL: u16 = 10_000;
/// Sizes at the picture's upper and lower edge, in percent of what they would be.
pub const SCALE_PERCENT: std::ops::RangeInclusive<u16> = 1..=1000;

/// A place in the picture, in hundredths of a percent of its width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// To the right.
    pub x: u16,
    /// Downwards.
    pub y: u16,
}

/// A part of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// What for.
    pub purpose: Purpose,
    /// Its corners, 3 to 16.
    pub corners: heapless::Vec<Place, CORNERS_MAX>,
}

/// A part of the picture that nobody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Its corners, 3 to 16.
    pub corners: heapless::Vec<Place, CORNERS_MAX>,
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Motion counts here.
    Include {
        /// 1..=100, if not that of `motion.sensitivity`.
        sensitivity: Option<u8>,
        /// The smallest thing that counts, in hundredths of a percent of the picture, if not the sensitivity's.
        smallest: Option<u16>,
    },
    /// What moves here counts nowhere.
    Exclude,
}

/// A line from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where who counts stands.
    pub from: Place,
    /// Where he looks to.
    pub to: Place,
}

/// How sizes shrink with distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perspective {
    /// The smallest size at the upper edge, in percent of the usual one.
    pub top_percent: u16,
    /// At the lower edge.
    pub bottom_percent: u16,
}

impl Zone {
    /// Reads `include X,Y X,Y X,Y ... [sensitivity N] [smallest PERCENT]` or `exclude X,Y X,Y X,Y ...`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let mut purpose = match words.next() {
            Some("include") => Purpose::Include { sensitivity: None, smallest: None },
            Some("exclude") => Purpose::Exclude,
            _ => return Err("it begins with include or exclude".into()),
        };
        let mut corners = heapless::Vec::new();
        while let Some(word) = words.next_if(|word| word.contains(',')) {
            add_corner(&mut corners, word, "a zone")?;
        }
        while let Some(word) = words.next() {
            let Purpose::Include { sensitivity, smallest } = &mut purpose else {
                return Err(format!("{} has no place in a zone that is excluded", shown(word)));
            };
            let mut value = || words.next().ok_or_else(|| format!("{word} wants a number after it"));
            match word {
                "sensitivity" if sensitivity.is_none() => *sensitivity = Some(sensitivity_of(value()?)?),
                "smallest" if smallest.is_none() => *smallest = Some(smallest_of(value()?)?),
                "sensitivity" | "smallest" => return Err(format!("{word} is given twice")),
                _ => {
                    return Err(format!(
                        "{} is no corner such as 12.5,80, no sensitivity and no smallest",
                        shown(word)
                    ));
                }
            }
        }
        enough_corners(&corners, "a zone")?;
        Ok(Self { purpose, corners })
    }
}

fn add_corner(corners: &mut heapless::Vec<Place, CORNERS_MAX>, word: &str, what: &str) -> Result<(), String> {
    let corner = place(word)?;
    corners.push(corner).map_err(|_| format!("{what} has {CORNERS_MAX} corners at most"))
}

fn enough_corners(corners: &[Place], what: &str) -> Result<(), String> {
    if corners.len() < CORNERS_MIN {
        return Err(format!("{what} has {CORNERS_MIN} corners or more, and this one has {}", corners.len()));
    }
    Ok(())
}

impl Mask {
    /// Reads `X,Y X,Y X,Y ...`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut corners = heapless::Vec::new();
        text.split_whitespace().try_for_each(|word| add_corner(&mut corners, word, "a mask"))?;
        enough_corners(&corners, "a mask")?;
        Ok(Self { corners })
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.corners.iter().enumerate().try_for_each(|(index, corner)| {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{corner}")
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.purpose == Purpose::Exclude { "exclude" } else { "include" })?;
        self.corners.iter().try_for_each(|corner| write!(f, " {corner}"))?;
        if let Purpose::Include { sensitivity, smallest } = self.purpose {
            sensitivity.map_or(Ok(()), |value| write!(f, " sensitivity {value}"))?;
            smallest.map_or(Ok(()), |value| write!(f, " smallest {}", Percent(value)))?;
        }
        Ok(())
    }
}

impl Line {
    /// Reads `X,Y X,Y`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let &[from, to] = words.as_slice() else {
            return Err(format!("a line has two points, and this one has {}", words.len()));
        };
        let (from, to) = (place(from)?, place(to)?);
        if from == to { Err("its points are the same one".into()) } else { Ok(Self { from, to }) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.from, self.to)
    }
}

impl Perspective {
    /// Reads `TOP% BOTTOM%`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let &[top, bottom] = words.as_slice() else { return Err("it has two sizes".into()) };
        let size = |word: &str| {
            let number =
                word.strip_suffix('%').and_then(whole).filter(|number| SCALE_PERCENT.contains(number));
            let (min, max) = (SCALE_PERCENT.start(), SCALE_PERCENT.end());
            number.ok_or_else(|| format!("{} is no size from {min}% to {max}%", shown(word)))
        };
        Ok(Self { top_percent: size(top)?, bottom_percent: size(bottom)? })
    }
}

impl fmt::Display for Perspective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}% {}%", self.top_percent, self.bottom_percent)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", Percent(self.x), Percent(self.y))
    }
}

/// Hundredths of a percent, without decimals that say nothing.
struct Percent(u16);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match (part / 10, part % 10) {
            (0, 0) => write!(f, "{whole}"),
            (tenths, 0) => write!(f, "{whole}.{tenths}"),
            (tenths, hundredths) => write!(f, "{whole}.{tenths}{hundredths}"),
        }
    }
}

fn place(word: &str) -> Result<Place, String> {
    let wrong = || format!("{} is no place such as 12.5,80", shown(word));
    let (x, y) = word.split_once(',').ok_or_else(wrong)?;
    let (x, y) = (percent(x).ok_or_else(wrong)?, percent(y).ok_or_else(wrong)?);
    match (u16::try_from(x), u16::try_from(y)) {
        (Ok(x @ ..=FULL), Ok(y @ ..=FULL)) => Ok(Place { x, y }),
        _ => Err(format!("{} is outside of the picture, which goes from 0,0 to 100,100", shown(word))),
    }
}

fn sensitivity_of(word: &str) -> Result<u8, String> {
    let number =
        whole(word).and_then(|number| u8::try_from(number).ok()).filter(|number| (1..=100).contains(number));
    number.ok_or_else(|| format!("{} is no sensitivity from 1 to 100", shown(word)))
}

fn smallest_of(word: &str) -> Result<u16, String> {
    let size =
        percent(word).and_then(|size| u16::try_from(size).ok()).filter(|size| (1..=FULL).contains(size));
    size.ok_or_else(|| format!("{} is no size from 0.01 to 100 percent of the picture", shown(word)))
}

/// A percentage with up to two decimals, in hundredths.
fn percent(text: &str) -> Option<u32> {
    let (number, part) = text.split_once('.').map_or((text, None), |(number, part)| (number, Some(part)));
    let hundredths = match part {
        None => 0,
        Some(part) if (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()) => {
            part.parse::<u32>().ok()? * if part.len() == 1 { 10 } else { 1 }
        }
        Some(_) => return None,
    };
    Some(u32::from(whole(number)?) * 100 + hundredths)
}

fn whole(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A word of the input, made fit for a message.
fn shown(word: &str) -> String {
    format!("'{}'", super::values::printable(word))
}
