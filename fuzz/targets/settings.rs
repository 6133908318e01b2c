//! Fuzz target: any bytes as a file of settings.
#![no_main]
#[path = "../memory_folder.rs"]
mod memory_folder;
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::settings(bytes));
