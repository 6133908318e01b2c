//! The detector by night: beams that sweep over the picture, moths before the infrared lamps, and people all the same.
//!
//! Planes are drawn directly, from seeds.
mod common;

use common::scene::{Plane, Scene, W, ground, with_thing};
use vision::motion::Decision;

/// The ground by night: half as bright.
fn night() -> Plane {
    ground().iter().map(|&grey| grey / 2).collect()
}

/// A beam whose middle lies at this column: up to four times as bright, fading over 50 pixels to both sides.
fn with_beam(plane: &Plane, middle: i32) -> Plane {
    let lit = |(at, &grey): (usize, &u8)| {
        let near = (50 - ((at % W) as i32 - middle).abs()).max(0);
        (i32::from(grey) + i32::from(grey) * 3 * near / 50).min(255) as u8
    };
    plane.iter().enumerate().map(lit).collect()
}

#[test]
fn beams_that_sweep_over_the_picture_are_no_motion_and_leave_nothing_behind() {
    let night = night();
    let mut scene = Scene::learnt(2, &night);
    for pass in 0..5 {
        for step in 0..60 {
            // From outside on the left to outside on the right in two seconds and a half.
            let verdict = scene.show(&with_beam(&night, step * 5 - 60));
            assert_ne!(verdict.decision, Decision::Motion, "pass {pass}, step {step}: {verdict:?}");
        }
        for frame in 0..100 {
            let verdict = scene.show(&night);
            assert_ne!(verdict.decision, Decision::Motion, "pass {pass}, {frame} frames after: {verdict:?}");
            assert!(frame < 40 || verdict.changes < 60, "pass {pass}, {frame} frames after: {verdict:?}");
        }
    }
    // Somebody who comes after the beams is found at once.
    let found = (0..5).position(|step| {
        scene.show(&with_thing(night.clone(), 41 + 3 * step, 41, 16, 160)).decision == Decision::Motion
    });
    assert_eq!(found, Some(1));
}

#[test]
fn a_moth_by_night_is_no_motion_and_a_cat_is() {
    let night = night();
    let mut scene = Scene::learnt(2, &night);
    for frame in 0..250 {
        // It comes in from the left and circles before the lens.
        let angle = f64::from(frame) * 0.17;
        let x = 70.0 + 14.0 * angle.cos() - f64::from(30 - frame.min(30)) * 2.0;
        let moth = with_thing(night.clone(), x as usize, (40.0 + 14.0 * angle.sin()) as usize, 7, 180);
        let verdict = scene.show(&moth);
        assert_ne!(verdict.decision, Decision::Motion, "frame {frame}: {verdict:?}");
    }
    (0..50).for_each(|_| {
        scene.show(&night);
    });
    let found = (0..40).position(|frame| {
        scene.show(&with_thing(night.clone(), 10 + frame, 60, 7, 180)).decision == Decision::Motion
    });
    assert!(found.is_some_and(|frames| frames <= 12), "a cat that walks, half a second later: {found:?}");
}

/// The ground as a lamp beside the camera lights it, this far up (0..=30): a cone in the middle, a post that throws its shadow.
fn with_lamp(plane: &Plane, up: usize) -> Plane {
    let lit = |(at, &grey): (usize, &u8)| {
        let (x, y) = (at % W, at / W);
        let far = (x.abs_diff(80) * 2 + y.abs_diff(60)).min(160);
        let shade = (96..112).contains(&x) && y < 70;
        let gain = if shade { 2 } else { (160 - far) / 8 };
        (usize::from(grey) * (8 + gain * up / 30) / 8).min(255) as u8
    };
    plane.iter().enumerate().map(lit).collect()
}

#[test]
fn a_lamp_that_was_announced_is_no_motion_however_slowly_it_comes_and_people_are_seen_after_it() {
    let night: Plane = ground().iter().map(|&grey| grey / 8).collect();
    // At once, and in one second and a half, as automatic exposure follows it.
    for steps in [1, 37] {
        let mut scene = Scene::learnt(2, &night);
        scene.detector.expect_switch(scene.time_us);
        // The lamp takes a moment.
        (0..5).for_each(|_| assert_ne!(scene.show(&night).decision, Decision::Motion));
        for step in 1..=150 {
            let verdict = scene.show(&with_lamp(&night, 30 * step.min(steps) / steps));
            assert_ne!(verdict.decision, Decision::Motion, "{steps} steps, step {step}: {verdict:?}");
        }
        let lit = with_lamp(&night, 30);
        let found = (0..20).position(|step| {
            scene.show(&with_thing(lit.clone(), 40 + 3 * step, 41, 16, 90)).decision == Decision::Motion
        });
        assert!(found.is_some_and(|frames| frames <= 5), "somebody who comes then: {found:?}");
    }
}
