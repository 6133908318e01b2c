//! Records a file of joined JPEGs as one event, for `cost/record.sh` to measure.
//!
//! Arguments: the file, a folder, and `plain`, `sealed`, `hash`, which only hashes the pictures, or `nothing`, which only finds them in the
//! file. Every second's frames are synced, as on a card.

use std::path::Path;

use firmware::record::{Cause, Directory, EventStart, Limits, Outcome, Recorder, Sink, Verdict};

/// The example key of the age specification: nothing is kept that it could open.
const OWNER: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
const FRAME_US: u64 = 66_667;

/// Counts what came back.
#[derive(Default)]
struct Count {
    recorded: usize,
    lost: usize,
}

impl<'a> Sink<&'a [u8]> for Count {
    fn settle(&mut self, _: &'a [u8], verdict: Verdict) {
        if verdict == Verdict::Recorded { self.recorded += 1 } else { self.lost += 1 }
    }

    fn report(&mut self, outcome: Outcome) {
        if let Outcome::Failed { sentence, .. } = outcome {
            eprintln!("{sentence}");
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder, mode] = arguments.as_slice() else {
        return Err("FILE FOLDER plain|sealed|hash|nothing".into());
    };
    let joined = std::fs::read(file)?;
    if mode == "nothing" {
        println!("{} frames", frames(&joined).count());
        return Ok(());
    }
    if mode == "hash" {
        let mut hasher = evidence::Hasher::default();
        frames(&joined).for_each(|frame| hasher.update(frame));
        println!("{}", hasher.hash());
        return Ok(());
    }
    let key = if mode == "sealed" { Some(OWNER.parse()?) } else { None };
    let limits =
        Limits { clip_ms_max: 600_000, keep_free_percent: 1, used_bytes_max: None, seal_keys: [key, None] };
    let mut recorder = Recorder::new(Directory::new(Path::new(folder), false), limits);
    let mut count = Count::default();
    recorder.begin(
        EventStart {
            wall_us: 1_800_000_000_000_000,
            wall_trusted: true,
            monotonic_us: 0,
            region: [1, 2, 3, 4],
            changes: 5,
            token_seed: 6,
            instance_name: "cost".try_into().map_err(|_| "a name")?,
            width_px: 1280,
            height_px: 720,
            pre_roll_ms: 0,
            cause: Cause::Motion,
            has_lines: false,
        },
        &mut count,
    );
    for (index, frame) in frames(&joined).enumerate() {
        recorder.frame(frame, index as u64 * FRAME_US, 0, &mut count);
    }
    recorder.end(&mut count);
    println!("{} frames recorded, {} lost", count.recorded, count.lost);
    Ok(())
}

/// The pictures of a file: each ends with its end-of-image marker, which nothing else within it can be.
fn frames(joined: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = joined;
    std::iter::from_fn(move || {
        let end = rest.windows(2).position(|pair| pair == [0xff, 0xd9])? + 2;
        let (frame, behind) = rest.split_at(end);
        rest = behind;
        Some(frame)
    })
}
