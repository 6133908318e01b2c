//! Judges one clip; see the definitions in the module above.
use super::interval::{Interval, joined};
use super::median::median;
use crate::labels::Truth;

/// How to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How far from a labelled frame an alarm still belongs to it, in microseconds.
    pub tolerance_us: u64,
    /// False alarms with no more than this between them count as one, in microseconds.
    pub join_us: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { tolerance_us: 500_000, join_us: 1_000_000 }
    }
}

/// The alarms that a detector raised on one clip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// All of them, ascending, apart from each other.
    pub all: Vec<Interval>,
    /// Those that touch each zone, by its number. Shorter for who does not say where: then all count.
    pub in_zone: Vec<Vec<Interval>>,
    /// Tampering that was reported, with its kind.
    pub tampers: Vec<(Interval, String)>,
}

impl Alarms {
    fn of(&self, zone: Option<usize>) -> &[Interval] {
        zone.and_then(|zone| self.in_zone.get(zone)).unwrap_or(&self.all)
    }
}

/// One labelled activity, or tampering, and whether it was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The labelled frames.
    #[serde(flatten)]
    pub frames: Interval,
    /// The zone's number, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<usize>,
    /// How the camera is tampered with, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tamper: Option<String>,
    /// The first frame of the alarm that found it.
    pub found_frame: Option<usize>,
    /// From the first labelled frame to that, in frames.
    pub delay_frames: Option<u64>,
    /// The same in milliseconds.
    pub delay_ms: Option<u64>,
}

/// Frames, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct FrameCounts {
    /// Alarm in a labelled frame.
    pub right: u64,
    /// Alarm outside of every window.
    pub wrong: u64,
    /// Labelled without an alarm.
    pub missed: u64,
}

impl FrameCounts {
    /// Share of alarm frames that are right; none without any.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.right + self.wrong)
    }

    /// Share of labelled frames with an alarm; none without any.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.right + self.missed)
    }

    /// Adds those of another clip.
    pub fn add(&mut self, other: &FrameCounts) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How well a detector did on one clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Every labelled activity.
    pub activities: Vec<Found>,
    /// Every labelled tampering.
    pub tampers: Vec<Found>,
    /// False alarms.
    pub false_alarms: Vec<Interval>,
    /// Length of the clip, in microseconds.
    pub length_us: u64,
    /// Frames, counted.
    pub frames: FrameCounts,
}

impl Score {
    /// Activities that were found.
    #[must_use]
    pub fn found(&self) -> usize {
        self.activities.iter().filter(|activity| activity.found_frame.is_some()).count()
    }

    /// Median delay of those, in frames and in milliseconds.
    #[must_use]
    pub fn median_delay(&self) -> Option<(u64, u64)> {
        let frames = median(self.activities.iter().filter_map(|activity| activity.delay_frames))?;
        Some((frames, median(self.activities.iter().filter_map(|activity| activity.delay_ms))?))
    }

    /// False alarms per hour of the clip; none for a clip without length.
    #[must_use]
    pub fn false_per_hour(&self) -> Option<f64> {
        (self.length_us > 0).then(|| self.false_alarms.len() as f64 * 3_600e6 / self.length_us as f64)
    }
}

/// Judges the alarms of a clip whose frames have these times (microseconds, ascending).
#[must_use]
pub fn judge(truth: &Truth, alarms: &Alarms, times_us: &[u64], rules: Rules) -> Score {
    let clock = Clock { times_us, rules };
    let activities = truth.activities.iter().map(|activity| {
        let found = clock.first_in_window(activity.frames, alarms.of(activity.zone));
        clock.found(activity.frames, found, activity.zone, None)
    });
    let tampers = truth.tampers.iter().map(|(frames, kind)| {
        let of_kind: Vec<Interval> =
            alarms.tampers.iter().filter(|(_, told)| told == kind).map(|(frames, _)| *frames).collect();
        clock.found(*frames, clock.first_in_window(*frames, &of_kind), None, Some(kind.clone()))
    });
    let excused = clock.excused(truth);
    let is_false =
        |alarm: &&Interval| !(alarm.first..=alarm.last).any(|frame| excused.get(frame) == Some(&true));
    let false_ones: Vec<Interval> = alarms.all.iter().filter(is_false).copied().collect();
    Score {
        activities: activities.collect(),
        tampers: tampers.collect(),
        false_alarms: joined(&false_ones, times_us, rules.join_us),
        length_us: clock.length_us(),
        frames: clock.count(truth, alarms, &excused),
    }
}

struct Clock<'a> {
    times_us: &'a [u64],
    rules: Rules,
}

impl Clock<'_> {
    fn time(&self, frame: usize) -> u64 {
        self.times_us.get(frame).copied().unwrap_or_default()
    }

    /// From the first frame to the end of the last one, which is as long as the others on average.
    fn length_us(&self) -> u64 {
        let span = self.times_us.last().copied().unwrap_or_default() - self.time(0);
        let gaps = self.times_us.len().saturating_sub(1) as u64;
        span + span.checked_div(gaps).unwrap_or_default()
    }

    fn window(&self, frames: Interval) -> Interval {
        let from = self.time(frames.first).saturating_sub(self.rules.tolerance_us);
        let to = self.time(frames.last).saturating_add(self.rules.tolerance_us);
        let first = self.times_us.partition_point(|&time| time < from);
        Interval::new(first, self.times_us.partition_point(|&time| time <= to).saturating_sub(1).max(first))
    }

    /// The first frame of an alarm in the window of these frames.
    fn first_in_window(&self, frames: Interval, alarms: &[Interval]) -> Option<usize> {
        let window = self.window(frames);
        let alarm = alarms.iter().find(|alarm| alarm.last >= window.first && alarm.first <= window.last)?;
        Some(alarm.first.max(window.first))
    }

    fn found(
        &self,
        frames: Interval,
        found: Option<usize>,
        zone: Option<usize>,
        tamper: Option<String>,
    ) -> Found {
        let delay_ms = |frame| self.time(frame).saturating_sub(self.time(frames.first)) / 1000;
        Found {
            frames,
            zone,
            tamper,
            found_frame: found,
            delay_frames: found.map(|frame| frame.saturating_sub(frames.first) as u64),
            delay_ms: found.map(delay_ms),
        }
    }

    /// For each frame, whether an alarm in it is not false.
    fn excused(&self, truth: &Truth) -> Vec<bool> {
        let mut excused = vec![false; self.times_us.len()];
        let windows = truth.activities.iter().map(|activity| self.window(activity.frames));
        let tampers = truth.tampers.iter().map(|(frames, _)| self.window(*frames));
        for interval in windows.chain(tampers).chain(truth.ignored.iter().copied()) {
            mark(&mut excused, interval);
        }
        excused
    }

    fn count(&self, truth: &Truth, alarms: &Alarms, excused: &[bool]) -> FrameCounts {
        let marked = |intervals: &mut dyn Iterator<Item = Interval>| {
            let mut frames = vec![false; self.times_us.len()];
            intervals.for_each(|interval| mark(&mut frames, interval));
            frames
        };
        let alarm = marked(&mut alarms.all.iter().copied());
        let labelled = marked(&mut truth.activities.iter().map(|activity| activity.frames));
        let tampers = truth.tampers.iter().map(|(frames, _)| *frames);
        let ignored = marked(&mut truth.ignored.iter().copied().chain(tampers));
        let mut counts = FrameCounts::default();
        for frame in 0..self.times_us.len() {
            match (alarm[frame], labelled[frame]) {
                _ if ignored[frame] => {}
                (true, true) => counts.right += 1,
                (false, true) => counts.missed += 1,
                (true, false) if !excused[frame] => counts.wrong += 1,
                _ => {}
            }
        }
        counts
    }
}

fn mark(frames: &mut [bool], interval: Interval) {
    let end = (interval.last + 1).min(frames.len());
    if let Some(part) = frames.get_mut(interval.first..end) {
        part.fill(true);
    }
}

#[cfg(test)]
mod tests {
    use super::{Alarms, Interval, Rules, Score, judge};
    use crate::labels::{Labels, Truth};

    const FRAME_US: u64 = 100_000;

    /// 100 frames at 10 a second, tolerance two frames, false alarms join over three.
    fn score(labels: &str, alarms: &[(usize, usize)]) -> Score {
        let times: Vec<u64> = (0..100).map(|frame| frame * FRAME_US).collect();
        let truth = Truth::of(&Labels::parse("l", labels).unwrap(), &times).unwrap();
        let all = alarms.iter().map(|&(first, last)| Interval::new(first, last)).collect();
        let rules = Rules { tolerance_us: 2 * FRAME_US, join_us: 3 * FRAME_US };
        judge(&truth, &Alarms { all, ..Alarms::default() }, &times, rules)
    }

    fn delays(score: &Score) -> Vec<Option<u64>> {
        score.activities.iter().map(|activity| activity.delay_frames).collect()
    }

    #[test]
    fn an_alarm_in_the_window_finds_the_activity_and_one_outside_is_false() {
        for (alarm, delay, false_alarms) in [
            ((17, 17), None, 1),
            ((18, 18), Some(0), 0),
            ((20, 20), Some(0), 0),
            ((24, 50), Some(4), 0),
            ((30, 30), Some(10), 0),
            ((32, 32), Some(12), 0),
            ((33, 33), None, 1),
            ((0, 99), Some(0), 0),
        ] {
            let score = score("motion 20-30", &[alarm]);
            assert_eq!((delays(&score), score.false_alarms.len()), (vec![delay], false_alarms), "{alarm:?}");
            assert_eq!(score.activities[0].delay_ms, delay.map(|frames| frames * 100));
        }
    }

    #[test]
    fn one_alarm_may_find_several_activities_and_each_is_judged_for_itself() {
        let score = score("motion 20-30\nmotion 34-40\nmotion 60-70", &[(25, 36)]);
        assert_eq!(delays(&score), [Some(5), Some(0), None]);
        assert_eq!((score.found(), score.median_delay()), (2, Some((0, 0))));
    }

    #[test]
    fn false_alarms_near_each_other_are_one_and_true_ones_do_not_join_them() {
        let flicker = score("motion 50-60", &[(10, 10), (13, 14), (18, 18), (40, 41), (51, 52), (64, 64)]);
        let pairs: Vec<_> = flicker.false_alarms.iter().map(|a| (a.first, a.last)).collect();
        assert_eq!(pairs, [(10, 14), (18, 18), (40, 41), (64, 64)]);
        assert_eq!(flicker.false_per_hour(), Some(4.0 * 360.0));
    }

    #[test]
    fn frames_are_counted_outside_of_rims_and_ignored_ones() {
        let score =
            score("motion 20-29\nignore 25-26\nignore 50-59", &[(10, 10), (19, 24), (26, 27), (55, 61)]);
        // Right 20-24 and 27; missed 28 and 29; wrong 10, 60 and 61; ignored 25, 26, 55 to 59; on the rim 19.
        assert_eq!((score.frames.right, score.frames.missed, score.frames.wrong), (6, 2, 3));
        assert_eq!((score.frames.precision(), score.frames.recall()), (Some(6.0 / 9.0), Some(0.75)));
        assert_eq!(score.false_alarms.len(), 1, "the one that begins in ignored frames is excused");
    }

    #[test]
    fn without_labels_every_alarm_is_false_and_without_alarms_nothing_is() {
        let nothing = score("", &[]);
        assert_eq!((nothing.found(), nothing.false_per_hour(), nothing.median_delay()), (0, Some(0.0), None));
        assert_eq!((nothing.frames.precision(), nothing.frames.recall()), (None, None));
        let noise = score("", &[(5, 5)]);
        assert_eq!((noise.false_alarms.len(), noise.frames.precision()), (1, Some(0.0)));
    }

    #[test]
    fn a_clip_of_no_or_one_frame_does_no_harm() {
        for times in [&[][..], &[0]] {
            let score = judge(&Truth::default(), &Alarms::default(), times, Rules::default());
            assert_eq!((score.length_us, score.false_per_hour()), (0, None));
        }
    }

    #[test]
    fn an_activity_in_a_zone_wants_an_alarm_there() {
        let times: Vec<u64> = (0..100).map(|frame| frame * FRAME_US).collect();
        let labels = Labels::parse(
            "l",
            "zone a 0,0 1,0 1,1\nzone b 0,0 1,0 1,1\nmotion 20-30 in a\nmotion 20-30 in b",
        );
        let truth = Truth::of(&labels.unwrap(), &times).unwrap();
        let alarm = vec![Interval::new(22, 25)];
        let said = Alarms { all: alarm.clone(), in_zone: vec![alarm.clone(), vec![]], tampers: vec![] };
        let unsaid = Alarms { all: alarm, ..Alarms::default() };
        let found = |alarms| judge(&truth, &alarms, &times, Rules::default()).found();
        assert_eq!((found(said), found(unsaid)), (1, 2));
    }

    #[test]
    fn tampering_is_found_by_its_own_kind_and_excuses_alarms() {
        let times: Vec<u64> = (0..100).map(|frame| frame * FRAME_US).collect();
        let truth = Truth::of(&Labels::parse("l", "tamper 40-60 covered").unwrap(), &times).unwrap();
        let all = vec![Interval::new(41, 41)];
        let tell = |kind: &str| vec![(Interval::new(45, 60), kind.to_owned())];
        let judged = |tampers| {
            judge(
                &truth,
                &Alarms { all: all.clone(), tampers, ..Alarms::default() },
                &times,
                Rules::default(),
            )
        };
        assert_eq!(judged(tell("covered")).tampers[0].delay_frames, Some(5));
        assert_eq!(judged(tell("blinded")).tampers[0].delay_frames, None);
        assert!(judged(vec![]).false_alarms.is_empty());
    }
}
