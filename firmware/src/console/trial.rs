//! `motion test`: walk and watch. A line a second, or when what the detector says changes.
//!
//! Events and clips are made as always, so that nothing which happens meanwhile is lost; but motion gives no alarm, for as long as the guard
//! is asked here. It ends by itself: forgotten, it would leave a camera without a siren.

use super::context::Context;
use super::grammar::{Form, Word};
use super::live::{Live, Next, cut};
use super::reply::Reply;
use super::view::{is_fresh, look, percent, trouble, verdict};
use crate::control::{Look, Looking};
use crate::told::duration;

/// What may follow `motion`.
pub const FORMS: &[Form] = &[Form { words: &[Word::Is("test")], help: "" }];

/// How often the guard is asked; it tells the most that there was in between.
const PERIOD_US: u64 = 200_000;
/// A line at least so often.
const LINE_US: u64 = 1_000_000;
/// The end of a test that was forgotten.
const TEST_US_MAX: u64 = 600 * 1_000_000;
/// Half of the bar: up to what counts.
const BAR: usize = 10;

const ASKED: Looking = Looking { columns_max: 0, rows_max: 0, is_test: true };

/// See the head of this file.
pub fn motion(context: &mut Context<'_>) -> Reply {
    Reply::done(
        "Walk through the picture. The bar shows the largest thing; what reaches the
\
         middle is large enough. Motion gives no alarm meanwhile; events and clips are
\
         made as always. A key ends.
",
    )
    .live(Trial::new(context.now_us))
}

struct Trial {
    began_us: u64,
    line_us: u64,
    word: String,
    /// The most since the last line.
    furthest: Look,
    sum: Sum,
}

/// What the last words are made of.
#[derive(Default)]
struct Sum {
    lines: u32,
    motion_lines: u32,
    largest: Option<(u32, u32)>,
    words: Vec<(String, u32)>,
}

impl Trial {
    fn new(now_us: u64) -> Trial {
        let furthest = Look::default();
        Trial { began_us: now_us, line_us: now_us, word: String::new(), furthest, sum: Sum::default() }
    }

    /// Takes what the detector said; gives a line if it is time for one.
    fn take(&mut self, said: Look, armed: bool, now_us: u64) -> Option<String> {
        if self.furthest.word.is_empty() || reached(&said) > reached(&self.furthest) {
            self.furthest = said.clone();
        }
        let is_news = said.word != self.word && (said.is_motion || self.furthest.word == said.word);
        if !is_news && now_us < self.line_us + LINE_US {
            return None;
        }
        let look = std::mem::take(&mut self.furthest);
        self.line_us = now_us;
        self.word.clone_from(&look.word);
        self.sum.count(&look);
        Some(line(&look, armed, now_us.saturating_sub(self.began_us) / 1_000_000))
    }
}

impl Live for Trial {
    fn period_us(&self) -> u64 {
        PERIOD_US
    }

    fn next(&mut self, now_us: u64) -> Next {
        if now_us.saturating_sub(self.began_us) > TEST_US_MAX {
            return Next::Over;
        }
        let text = match look(ASKED) {
            Ok(view) if is_fresh(&view) => self.take(view.furthest, view.armed, now_us),
            _ if now_us < self.line_us + LINE_US => None,
            Ok(_) => {
                self.line_us = now_us;
                Some(cut(&format!("No picture comes. {}", trouble())))
            }
            Err(why) => {
                self.line_us = now_us;
                Some(format!("Nothing is known: {why}"))
            }
        };
        Next::Text(text.map_or_else(String::new, |text| text + "\n"))
    }

    fn end(&mut self) -> String {
        // If it cannot be told, the guard forgets the test by itself.
        let _ = look(Looking { is_test: false, ..ASKED });
        self.sum.words()
    }
}

/// How far a thing came: what is motion is more than what is not, and larger is more.
fn reached(look: &Look) -> (bool, u64) {
    let parts = look.about.as_ref().map_or(0, |about| {
        u64::from(about.blob_px) * 1000
            / u64::from(if about.is_judged { about.blob_px_min.max(1) } else { u32::MAX })
    });
    (look.is_motion, parts)
}

fn line(look: &Look, armed: bool, seconds: u64) -> String {
    let alarm = match (look.is_motion, armed) {
        (true, true) => " -> would be an alarm",
        (true, false) => " -> no alarm: not armed",
        (false, _) => "",
    };
    cut(&format!("{} [{}] {}{alarm}", &duration(seconds)[3..], bar(look), verdict(look)))
}

/// How large it is beside what counts, which is the middle.
fn bar(look: &Look) -> String {
    let about = look.about.as_ref().filter(|about| about.is_judged && about.blob_px_min > 0);
    let filled = about.map_or(0, |about| {
        let tenths = u64::from(about.blob_px) * BAR as u64 / u64::from(about.blob_px_min);
        usize::try_from(tenths).unwrap_or(2 * BAR).min(2 * BAR)
    });
    let (below, above) = (filled.min(BAR), filled.saturating_sub(BAR));
    format!("{:.<BAR$}|{:.<BAR$}", "#".repeat(below), "#".repeat(above))
}

impl Sum {
    fn count(&mut self, look: &Look) {
        self.lines += 1;
        self.motion_lines += u32::from(look.is_motion);
        if let Some(about) = &look.about
            && self.largest.is_none_or(|(px, _)| about.blob_px > px)
        {
            self.largest = Some((about.blob_px, look.plane_px));
        }
        match self.words.iter_mut().find(|(word, _)| *word == look.word) {
            Some((_, count)) => *count += 1,
            None => self.words.push((look.word.clone(), 1)),
        }
    }

    fn words(&self) -> String {
        let counts: Vec<String> = self.words.iter().map(|(word, count)| format!("{word} {count}")).collect();
        let largest = self.largest.map_or_else(
            || "Nothing moved.".into(),
            |(px, plane_px)| format!("The largest thing was {} % of the picture.", percent(px, plane_px)),
        );
        let motion = match self.motion_lines {
            0 => "No motion was seen.",
            _ => "Motion was seen.",
        };
        format!("{motion} {largest}\nLines: {}.\nAlarms are given again.\n", counts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Trial, bar, line};
    use crate::control::Explained;

    fn look(word: &str, blob_px: u32) -> Look {
        let about = Explained { is_judged: true, blob_px, blob_px_min: 20, ..Explained::default() };
        Look {
            word: word.into(),
            is_motion: word == "motion",
            about: (blob_px > 0).then_some(about),
            region: None,
            plane_px: 10_000,
        }
    }

    #[test]
    fn the_bar_shows_how_close_a_thing_comes() {
        assert_eq!(bar(&look("quiet", 0)), "..........|..........");
        assert_eq!(bar(&look("too small", 10)), "#####.....|..........");
        assert_eq!(bar(&look("motion", 30)), "##########|#####.....");
        assert_eq!(bar(&look("motion", u32::MAX)), "##########|##########");
        assert_eq!(
            line(&look("motion", 30), true, 65),
            "01:05 [##########|#####.....] motion: 0.30 of 0.20 % -> would be an alarm"
        );
        assert!(line(&look("motion", 30), false, 0).ends_with("no alarm: not armed"));
        assert!(!line(&look("too small", 10), true, 0).contains("alarm"));
    }

    #[test]
    fn a_line_comes_each_second_with_the_most_that_there_was_and_at_once_when_motion_begins() {
        let mut trial = Trial::new(0);
        assert!(trial.take(look("quiet", 0), true, 0).is_some(), "the first at once");
        assert_eq!(trial.take(look("quiet", 0), true, 200_000), None);
        let small = trial.take(look("too small", 10), true, 400_000).expect("news");
        assert!(small.contains("too small: 0.10"), "{small}");
        assert_eq!(trial.take(look("too small", 15), true, 600_000), None);
        assert_eq!(trial.take(look("quiet", 0), true, 800_000), None, "a second shows its most");
        let second = trial.take(look("quiet", 0), true, 1_400_000).expect("a second is over");
        assert!(second.contains("too small: 0.15"), "{second}");
        assert!(trial.take(look("motion", 30), true, 1_600_000).expect("motion").contains("alarm"));
        let sum = trial.sum.words();
        assert_eq!(
            sum,
            "Motion was seen. The largest thing was 0.30 % of the picture.\nLines: quiet 1, too small 2, motion 1.\nAlarms \
             are given again.\n"
        );
    }
}
