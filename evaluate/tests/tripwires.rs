//! Tripwires in generated scenes: what the whole detector counts is what the scene's truth says.
use std::collections::BTreeMap;

use evaluate::labels::Line;
use evaluate::watch::{FrameIn, Kerberos, Watcher, sensitivity};
use jpeg_encoder::{ColorType, Encoder};
use scenes::Picture;

const SIZE: (usize, usize) = (640, 480);
/// A target has a side when it is so far from the line, as a part of the picture's width.
const CLEAR: f32 = 0.02;

/// An upright line: what goes to the right goes in.
fn upright(x: f32) -> Line {
    Line { name: format!("at {x}"), from: (x, 1.0), to: (x, 0.0) }
}

/// In and out for each line: as the detector counts, and in truth by the targets' foot points.
fn play(scene: &str, lines: &[Line]) -> [Vec<(u32, u32)>; 2] {
    let (mut counted, mut truth) = (vec![(0, 0); lines.len()], vec![(0, 0); lines.len()]);
    let mut player = scenes::find(scene).unwrap().play(SIZE.0, SIZE.1, 1);
    let mut watcher = Kerberos::new(sensitivity(50).unwrap());
    watcher.set_lines(lines);
    let (mut picture, mut jpeg) = (Picture::default(), Vec::new());
    let mut sides: BTreeMap<(u32, usize), bool> = BTreeMap::new();
    let mut index = 0;
    while let Some(frame) = player.next_frame(&mut picture) {
        jpeg.clear();
        let (width, height) = (SIZE.0 as u16, SIZE.1 as u16);
        Encoder::new(&mut jpeg, 85).encode(&picture.luma, width, height, ColorType::Luma).unwrap();
        let size = (width.into(), height.into());
        let seen = watcher.watch(&FrameIn { index, timestamp_us: frame.timestamp_us, jpeg: &jpeg, size });
        index += 1;
        seen.crossings.iter().for_each(|crossed| count(&mut counted[crossed.line], crossed.is_in));
        for target in &frame.targets {
            let foot = (target.bounds.left + target.bounds.right) as f32 / 2.0 / SIZE.0 as f32;
            for (number, line) in
                lines.iter().enumerate().filter(|(_, line)| (foot - line.from.0).abs() > CLEAR)
            {
                let is_right = foot > line.from.0;
                if sides.insert((target.id, number), is_right).is_some_and(|before| before != is_right) {
                    count(&mut truth[number], is_right);
                }
            }
        }
    }
    [counted, truth]
}

fn count((inward, outward): &mut (u32, u32), is_in: bool) {
    *(if is_in { inward } else { outward }) += 1;
}

#[test]
fn what_crosses_tripwires_in_scenes_is_counted_as_the_truth_says() {
    for (scene, lines, expected) in [
        ("walker-near", vec![upright(0.2), upright(0.4), upright(0.6)], vec![(1, 0); 3]),
        ("walkers-crossing", vec![upright(0.2), upright(0.6)], vec![(1, 1); 2]),
    ] {
        let [counted, truth] = play(scene, &lines);
        assert_eq!(truth, expected, "{scene}: what really happens");
        assert_eq!(counted, truth, "{scene}: what is counted");
    }
}
