//! The kept corpus of the fuzz targets, each input once, through the very probes that are fuzzed.
//!
//! New inputs come from `fuzz/run.sh`; an input that once broke something is kept for ever.
#[path = "../fuzz/detector_probe.rs"]
mod detector_probe;
#[path = "../fuzz/probes.rs"]
mod probes;

use std::path::Path;

fn each_input(target: &str, probe: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        probe(&std::fs::read(&path).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 8, "{} holds only {inputs} inputs", folder.display());
}

#[test]
fn the_kept_corpus_of_jpeg_frames_does_no_harm() {
    each_input("jpeg", probes::jpeg);
}

#[test]
fn the_kept_corpus_of_spliced_frames_does_no_harm() {
    each_input("splice", probes::splice);
}

#[test]
fn the_kept_corpus_of_raw_frames_does_no_harm() {
    each_input("raw", probes::raw);
}

#[test]
fn the_kept_corpus_of_frame_sequences_does_no_harm() {
    each_input("detector", detector_probe::detector);
}
