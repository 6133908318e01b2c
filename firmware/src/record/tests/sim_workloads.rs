//! The table of what is recorded on the simulated card.
//!
//! Few and small frames, so that a clip is some sectors long and every order of them can be looked at. Must not judge.

use super::START_US;
use super::sim_workload::{PLAIN, SCARCE, Workload};

/// Links of a file of the chain before the next one begins.
const LINKS_OF_A_FILE: u64 = super::super::chain::LINKS_MAX;

/// All of them.
pub(super) const WORKLOADS: [Workload; 28] = [
    Workload {
        name: "short-clips",
        work: |stage| {
            stage.event(3);
            stage.event(7);
            stage.event(1);
        },
        ..PLAIN
    },
    Workload {
        name: "pre-roll",
        work: |stage| {
            stage.begin(1500);
            stage.frames(6, 250_000);
            stage.frames(10, 200_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "continuation",
        work: |stage| {
            stage.set_clip_ms_max(2500);
            stage.event(26);
        },
        ..PLAIN
    },
    Workload {
        name: "two-events",
        work: |stage| {
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "retention",
        sectors: SCARCE,
        before: |stage| (0..8).for_each(|number| stage.event(3 + number % 3)),
        work: |stage| (0..4).for_each(|number| stage.event(6 + 3 * number)),
        ..PLAIN
    },
    Workload {
        name: "retention-within-a-clip",
        sectors: SCARCE,
        before: |stage| (0..9).for_each(|_| stage.event(2)),
        work: |stage| {
            stage.more_bytes = 400;
            stage.event(24);
        },
        ..PLAIN
    },
    Workload {
        name: "stall",
        work: |stage| {
            stage.begin(0);
            stage.frames(2, 250_000);
            stage.tick(1_600_000);
            stage.tick(500_000);
            stage.frames(3, 250_000);
            stage.tick(1_600_000);
            stage.frames(6, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "suspended",
        work: |stage| {
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.suspend_and_resume();
            stage.frames(1, 250_000);
            stage.suspend_and_resume();
            stage.frames(7, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "full-while-writing",
        work: |stage| {
            stage.begin(0);
            for (after, writes) in [(0, 1), (3, 1), (0, 3), (1, 2)] {
                stage.frames(7, 250_000);
                stage.card.fill(after, writes);
                stage.frames(20, 250_000);
            }
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "full-while-describing",
        work: |stage| {
            for after in 0..7 {
                stage.card.fill(after, 1);
                stage.event(6);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "full-and-room-is-made",
        sectors: SCARCE,
        before: |stage| (0..8).for_each(|_| stage.event(3)),
        work: |stage| {
            for after in 2..6 {
                stage.card.fill(after, 1);
                stage.event(8);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "dying-process-1",
        work: |stage| (1..7).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-2",
        work: |stage| (7..13).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-3",
        work: |stage| (13..19).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-4",
        work: |stage| (19..25).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-5",
        work: |stage| (25..31).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-before-a-sync",
        // The chain again and again, so that the end of a link comes to lie in every part of a sector.
        work: |stage| {
            [".mp4", ".jpg", ".json.new"].into_iter().for_each(|part| stage.die_syncing(part));
            (0..3).for_each(|_| stage.die_syncing("chain-"));
            stage.event(3);
        },
        ..PLAIN
    },
    Workload {
        name: "no-clock",
        has_no_clock: true,
        work: |stage| {
            for frames in [3, 6] {
                stage.now_us = START_US;
                stage.event(frames);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "large-frames",
        work: |stage| {
            stage.more_bytes = 900;
            stage.event(9);
        },
        ..PLAIN
    },
    Workload {
        name: "sealed",
        // Few frames: each fragment is a whole chunk of 64 KiB on the card.
        work: |stage| {
            stage.seal();
            stage.event(6);
            stage.event(2);
        },
        ..PLAIN
    },
    Workload {
        name: "sealed-and-full",
        work: |stage| {
            stage.seal();
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.card.fill(0, 1);
            stage.frames(8, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "protected",
        sectors: SCARCE,
        before: |stage| {
            stage.event(3);
            stage.protect(0);
            (0..7).for_each(|number| stage.event(3 + number % 3));
            stage.protect(4);
        },
        work: |stage| {
            stage.protect(6);
            (0..2).for_each(|number| stage.event(6 + 3 * number));
            stage.release(0);
            stage.begin(0);
            stage.frames(2, 250_000);
            stage.protect_current();
            stage.frames(6, 250_000);
            stage.end();
            stage.event(6);
        },
        ..PLAIN
    },
    Workload {
        name: "protected-before-a-frame-is-kept",
        work: |stage| {
            stage.begin(0);
            stage.frames(1, 250_000);
            stage.protect_current();
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "expiry",
        before: |stage| {
            (0..5).for_each(|number| stage.event(2 + number % 2));
            stage.protect(1);
        },
        work: |stage| {
            stage.expire_before(2);
            stage.begin(0);
            stage.frames(3, 250_000);
            stage.expire_before(4);
            stage.frames(4, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "continuous",
        work: |stage| {
            stage.set_clip_ms_max(2500);
            stage.begin_continuous();
            stage.frames(13, 250_000);
            stage.begin(500);
            stage.frames(7, 250_000);
            stage.begin_continuous();
            stage.frames(3, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "continuous-and-retention",
        sectors: SCARCE,
        before: |stage| {
            for _ in 0..4 {
                stage.event(3);
                stage.begin_continuous();
                stage.frames(3, 250_000);
                stage.end();
            }
        },
        work: |stage| {
            stage.set_clip_ms_max(2500);
            stage.begin_continuous();
            stage.frames(11, 250_000);
            stage.begin(500);
            stage.frames(9, 250_000);
            stage.begin_continuous();
            stage.frames(11, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "chain-file-begins",
        sectors: SCARCE,
        before: |stage| stage.events_up_to_link(LINKS_OF_A_FILE - 3),
        work: |stage| (0..3).for_each(|_| stage.event(3)),
        ..PLAIN
    },
    Workload {
        name: "chain-lets-go",
        sectors: SCARCE,
        before: |stage| stage.events_up_to_link(2 * LINKS_OF_A_FILE - 3),
        work: |stage| (0..3).for_each(|_| stage.event(3)),
        ..PLAIN
    },
];
