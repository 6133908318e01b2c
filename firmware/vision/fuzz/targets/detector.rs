//! Fuzz target: any sequence of frames, sizes, times and settings for the detector.
#![no_main]
#[path = "../detector_probe.rs"]
mod detector_probe;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detector_probe::detector(bytes));
