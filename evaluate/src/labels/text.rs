//! The text format of labels: one statement a line, `#` begins a comment.
//!
//! ```text
//! zone road 0.49,0.74 0.66,0.74 0.66,0.92 0.49,0.92      a polygon; it is watched, and nothing outside of the zones
//! zone road 631,532 841,532 841,659 631,659 of 1280x720  the same in pixels
//! line gate 0.3,0.9 0.3,0.5                              who crosses it from the left of the way from A to B goes in
//! motion 9-30 in road                                    something moves there in these frames, from 0, both inside
//! motion 17.2s-19.5s                                     the same in seconds after the first frame
//! ignore 40-49                                           an alarm here is neither right nor wrong
//! tamper 100-200 covered                                 somebody does this to the camera
//! ```
use std::fmt;
use std::path::Path;

use super::Error;
use super::line::{LINES_MAX, Line};
use super::zone::Zone;

/// From and to, both inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Frames, from 0.
    Frames(usize, usize),
    /// Microseconds after the first frame.
    TimeUs(u64, u64),
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something moves that must be found; in the zone of this number, or anywhere.
    Motion(Option<usize>),
    /// Neither right nor wrong.
    Ignore,
    /// The camera is tampered with in this way.
    Tamper(String),
}

/// One statement about some frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What happens.
    pub what: What,
    /// When.
    pub range: Range,
    /// Line of the file, from 1.
    pub line: usize,
}

/// A file of labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Where they come from, for messages.
    pub file: String,
    /// The zones that are watched; none: the whole picture.
    pub zones: Vec<Zone>,
    /// The lines at which things are counted.
    pub lines: Vec<Line>,
    /// What happens when.
    pub spans: Vec<Span>,
}

impl Labels {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or a line says nothing.
    pub fn read(path: &Path) -> Result<Labels, Error> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Labels::parse(&file, &text),
            Err(source) => Err(Error::Read { file, source }),
        }
    }

    /// Reads a text; `file` names it in messages.
    ///
    /// # Errors
    /// A line says nothing.
    pub fn parse(file: &str, text: &str) -> Result<Labels, Error> {
        let mut labels = Labels { file: file.to_owned(), ..Labels::default() };
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Err(reason) = labels.statement(&words, number + 1) {
                return Err(Error::Line { file: file.to_owned(), line: number + 1, reason });
            }
        }
        Ok(labels)
    }

    /// Adds a zone given as `NAME X,Y X,Y X,Y [of WIDTHxHEIGHT]`.
    ///
    /// # Errors
    /// A sentence without its full stop.
    pub fn add_zone(&mut self, words: &[&str]) -> Result<(), String> {
        let [name, points @ ..] = words else { return Err("a zone needs a name".into()) };
        if self.zone(name).is_some() {
            return Err(format!("there is a zone `{name}` already"));
        }
        let corners = places(points, "corner")?;
        if corners.len() < 3 {
            return Err(format!("zone `{name}` needs three corners or more"));
        }
        self.zones.push(Zone { name: (*name).to_owned(), corners });
        Ok(())
    }

    /// Adds a line given as `NAME X,Y X,Y [of WIDTHxHEIGHT]`.
    ///
    /// # Errors
    /// A sentence without its full stop.
    pub fn add_line(&mut self, words: &[&str]) -> Result<(), String> {
        let [name, points @ ..] = words else { return Err("a line needs a name".into()) };
        if self.lines.iter().any(|line| line.name == *name) {
            return Err(format!("there is a line `{name}` already"));
        }
        let ends = places(points, "point")?;
        let &[from, to] = ends.as_slice() else { return Err(format!("line `{name}` needs two points")) };
        if from == to {
            return Err(format!("the points of line `{name}` are the same one"));
        }
        if self.lines.len() == LINES_MAX {
            return Err(format!("more than {LINES_MAX} lines cannot be watched"));
        }
        self.lines.push(Line { name: (*name).to_owned(), from, to });
        Ok(())
    }

    /// Adds what another source knows, such as a scene; its spans may not name zones.
    pub fn take_spans(&mut self, other: Option<Labels>) {
        if let Some(other) = other {
            self.spans.extend(other.spans);
            if self.file.is_empty() {
                self.file = other.file;
            }
        }
    }

    fn zone(&self, name: &str) -> Option<usize> {
        self.zones.iter().position(|zone| zone.name == name)
    }

    fn statement(&mut self, words: &[&str], line: usize) -> Result<(), String> {
        let (what, range) = match words {
            [] => return Ok(()),
            ["zone", rest @ ..] => return self.add_zone(rest),
            ["line", rest @ ..] => return self.add_line(rest),
            ["motion", range] => (What::Motion(None), range),
            ["motion", range, "in", zone] => {
                let zone =
                    self.zone(zone).ok_or_else(|| format!("there is no zone `{zone}` above this line"))?;
                (What::Motion(Some(zone)), range)
            }
            ["ignore", range] => (What::Ignore, range),
            ["tamper", range, kind] => (What::Tamper((*kind).to_owned()), range),
            ["motion" | "ignore" | "tamper", ..] => {
                return Err("wanted `motion RANGE [in ZONE]`, `ignore RANGE` or `tamper RANGE KIND`".into());
            }
            [word, ..] => {
                return Err(format!("`{word}` is none of zone, line, motion, ignore and tamper"));
            }
        };
        self.spans.push(Span { what, range: parse_range(range)?, line });
        Ok(())
    }
}

/// Points of the picture given as `X,Y X,Y ... [of WIDTHxHEIGHT]`; `kind` is what a message calls one.
fn places(words: &[&str], kind: &str) -> Result<Vec<(f32, f32)>, String> {
    let (points, size) = match words {
        [points @ .., "of", size] => (points, pair(size, 'x').filter(|&(w, h)| w > 0.0 && h > 0.0)),
        points => (points, Some((1.0, 1.0))),
    };
    let (width, height) = size.ok_or("`of` wants a size such as 1280x720")?;
    let place = |point: &&str| {
        let (x, y) = pair(point, ',').ok_or_else(|| format!("`{point}` is not a {kind} such as 0.25,0.5"))?;
        let (x, y) = (x / width, y / height);
        let is_within = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
        is_within.then_some((x, y)).ok_or_else(|| format!("the {kind} `{point}` is outside of the picture"))
    };
    points.iter().map(place).collect()
}

fn pair(text: &str, between: char) -> Option<(f32, f32)> {
    let (a, b) = text.split_once(between)?;
    let (a, b): (f32, f32) = (a.parse().ok()?, b.parse().ok()?);
    (a.is_finite() && b.is_finite()).then_some((a, b))
}

/// `9-30` or `0.4s-1.2s`.
fn parse_range(text: &str) -> Result<Range, String> {
    let wrong = || format!("`{text}` is not a range such as 9-30 (frames) or 0.4s-1.2s");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let range = match (from.strip_suffix('s'), to.strip_suffix('s')) {
        (Some(from), Some(to)) => {
            Range::TimeUs(seconds(from).ok_or_else(wrong)?, seconds(to).ok_or_else(wrong)?)
        }
        _ => Range::Frames(from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?),
    };
    match range {
        Range::Frames(from, to) if from > to => Err(format!("`{text}` ends before it begins")),
        Range::TimeUs(from, to) if from > to => Err(format!("`{text}` ends before it begins")),
        range => Ok(range),
    }
}

/// Seconds with up to six decimals, in microseconds.
fn seconds(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 6 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

impl fmt::Display for Labels {
    /// The text that [`Labels::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for zone in &self.zones {
            write!(f, "zone {}", zone.name)?;
            for (x, y) in &zone.corners {
                write!(f, " {x},{y}")?;
            }
            writeln!(f)?;
        }
        for Line { name, from, to } in &self.lines {
            writeln!(f, "line {name} {},{} {},{}", from.0, from.1, to.0, to.1)?;
        }
        for span in &self.spans {
            let range = match span.range {
                Range::Frames(from, to) => format!("{from}-{to}"),
                Range::TimeUs(from, to) => format!("{}-{}", in_seconds(from), in_seconds(to)),
            };
            match &span.what {
                What::Motion(None) => writeln!(f, "motion {range}")?,
                What::Motion(Some(zone)) => {
                    let name = self.zones.get(*zone).map_or("?", |zone| zone.name.as_str());
                    writeln!(f, "motion {range} in {name}")?;
                }
                What::Ignore => writeln!(f, "ignore {range}")?,
                What::Tamper(kind) => writeln!(f, "tamper {range} {kind}")?,
            }
        }
        Ok(())
    }
}

fn in_seconds(us: u64) -> String {
    format!("{}.{:06}s", us / 1_000_000, us % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{Labels, Range, What};

    const TEXT: &str = "\
# a road
zone road 631,532 841,532 841,659 of 1280x720
zone door 0,0 0.5,0 0.5,1  # the left half
line gate 0.25,1 0.25,0.5
motion 9-30 in road
motion 17.2s-19.56s
ignore 40-49
tamper 100-200 covered
";

    #[test]
    fn every_statement_is_read_and_written_again() {
        let labels = Labels::parse("a.txt", TEXT).unwrap();
        assert_eq!(labels.zones.len(), 2);
        assert_eq!(labels.zones[0].corners[0], (631.0 / 1280.0, 532.0 / 720.0));
        assert_eq!(labels.spans[0].what, What::Motion(Some(0)));
        assert_eq!((labels.spans[0].range, labels.spans[0].line), (Range::Frames(9, 30), 5));
        assert_eq!(labels.spans[1].range, Range::TimeUs(17_200_000, 19_560_000));
        assert_eq!(labels.spans[3].what, What::Tamper("covered".into()));
        let again = Labels::parse("a.txt", &labels.to_string()).unwrap();
        assert_eq!((&again.zones, &again.lines), (&labels.zones, &labels.lines));
        assert_eq!((labels.lines[0].from, labels.lines[0].to), ((0.25, 1.0), (0.25, 0.5)));
        let plain =
            |labels: &Labels| labels.spans.iter().map(|s| (s.what.clone(), s.range)).collect::<Vec<_>>();
        assert_eq!(plain(&again), plain(&labels));
    }

    #[test]
    fn a_wrong_line_is_named_with_file_line_and_reason() {
        for (line, reason) in [
            ("walk 1-2", "`walk` is none of zone, line, motion, ignore and tamper"),
            ("motion", "wanted `motion RANGE [in ZONE]`, `ignore RANGE` or `tamper RANGE KIND`"),
            ("motion 5", "`5` is not a range such as 9-30 (frames) or 0.4s-1.2s"),
            ("motion 5-x", "`5-x` is not a range such as 9-30 (frames) or 0.4s-1.2s"),
            ("motion 1s-2", "`1s-2` is not a range such as 9-30 (frames) or 0.4s-1.2s"),
            ("motion 1.1234567s-2s", "`1.1234567s-2s` is not a range such as 9-30 (frames) or 0.4s-1.2s"),
            (
                "motion 99999999999999999999s-2s",
                "`99999999999999999999s-2s` is not a range such as 9-30 (frames) or 0.4s-1.2s",
            ),
            ("motion 9-3", "`9-3` ends before it begins"),
            ("motion 1-2 in moon", "there is no zone `moon` above this line"),
            ("zone", "a zone needs a name"),
            ("zone a 0,0 1,1", "zone `a` needs three corners or more"),
            ("zone a 0,0 1,1 2,2", "the corner `2,2` is outside of the picture"),
            ("zone a 0,0 1,1 nan,0", "`nan,0` is not a corner such as 0.25,0.5"),
            ("line", "a line needs a name"),
            ("line a 0,0", "line `a` needs two points"),
            ("line a 0,0 1,1 0,1", "line `a` needs two points"),
            ("line a 0,0 0,1.5", "the point `0,1.5` is outside of the picture"),
            ("line a 0,0 0,0", "the points of line `a` are the same one"),
            ("line a 0,0 0,x", "`0,x` is not a point such as 0.25,0.5"),
            ("zone a 0,0 1,1 0,1 of 0x0", "`of` wants a size such as 1280x720"),
        ] {
            let error = Labels::parse("l.txt", &format!("# first\n{line}\n")).unwrap_err().to_string();
            assert_eq!(error, format!("l.txt, line 2: {reason}."));
        }
    }
}
