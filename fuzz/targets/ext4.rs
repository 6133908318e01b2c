//! Fuzz target: a file system of a card, changed in any of its structures, with sums that are right all the same.
#![no_main]
#[path = "../ext4_probe.rs"]
mod ext4_probe;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = ext4_probe::ext4(bytes);
});
