//! What a card holds may be anything: good files, changed at random, and the fuzz targets' corpus go through probes.
//!
//! New inputs come from `fuzz/run.sh`; an input that once broke something is kept for ever. Must not use a card.
#[path = "../../fuzz/memory_folder.rs"]
mod memory_folder;
#[path = "../../fuzz/probes.rs"]
mod probes;

use std::path::Path;

use evidence::{Hash, Link, What, Why};
use firmware::record::fragment::{Fragment, Sample, fragment_header};
use firmware::record::mp4::{Film, ParameterSets, init_segment};
use firmware::record::{ClipName, Sidecar};
use seal::Sealer;

/// Changed inputs of each kind in every run.
const MUTATIONS: u64 = 5_000;
const SEED: u64 = 0x4b45_5242;
const CLIP: &str = "1486049622_6-161868_frontdoor_308-250-346-329_194_344";

/// SplitMix64, as the camera's: the same in every run.
struct Random(u64);

impl Random {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.draw() % end.max(1) as u64) as usize
    }
}

/// One to four changes: a byte, a word that is an end of its range, a piece that is cut out or comes twice, the end cut off.
fn mutate(input: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let (at, to) = (random.below(bytes.len()), random.below(bytes.len()));
        let (at, to) = (at.min(to), at.max(to).min(at.min(to) + 64));
        match random.below(8) {
            0 => bytes.truncate(to),
            1 => drop(bytes.drain(at..to)),
            2 => {
                bytes.splice(at..at, input[at.min(input.len())..to.min(input.len())].to_vec()).for_each(drop)
            }
            3 | 4 => {
                let word = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, random.draw() as u32][random.below(6)];
                bytes.iter_mut().skip(at).zip(word.to_be_bytes()).for_each(|(byte, new)| *byte = new);
            }
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
        }
    }
    bytes
}

fn each_mutation(probe: fn(&[u8]), inputs: &[Vec<u8>]) {
    let mut random = Random(SEED);
    inputs.iter().for_each(|input| probe(input));
    for number in 0..MUTATIONS {
        let input = &inputs[random.below(inputs.len())];
        let changed = mutate(input, &mut random);
        // Told where a probe fails: the harness shows what was printed.
        if std::panic::catch_unwind(|| probe(&changed)).is_err() {
            panic!("mutation {number} of seed {SEED:#x}: {}", changed.escape_ascii());
        }
    }
}

fn each_kept(target: &str, probe: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an input").path();
        println!("{}", path.display());
        probe(&std::fs::read(&path).expect("read"));
        inputs += 1;
    }
    assert!(inputs >= 8, "{} holds only {inputs} inputs", folder.display());
}

/// Three fragments of small pictures, JPEG or H.264, with text or without.
fn video(is_avc: bool, has_text: bool) -> Vec<u8> {
    let mut video = Vec::new();
    let avc = is_avc.then_some(ParameterSets { sequence: &[0x67, 66, 0, 30], picture: &[0x68, 0xce] });
    let film = Film { width_px: 64, height_px: 48, avc, has_text };
    init_segment(&mut video, &film);
    let jpeg = [0xff, 0xd8, 1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xd9];
    let units = [0, 0, 0, 2, 0x41, 9, 0, 0, 0, 2, 0x41, 9];
    let text: &[u8] = if has_text { b"\0\x03now" } else { &[] };
    let mut base_us = 0;
    for (sequence, frames) in [(1, 3), (2, 1), (3, 4)] {
        let samples: Vec<Sample> =
            (0..frames).map(|at| Sample { size_bytes: 12, duration_us: 66_667, is_key: at == 0 }).collect();
        let text_bytes = text.len() as u32;
        let fragment = Fragment { sequence, base_us, samples: &samples, text_bytes };
        fragment_header(&mut video, film.layout(), &fragment).expect("it fits");
        samples.iter().for_each(|_| video.extend(if is_avc { units } else { jpeg }));
        video.extend(text);
        base_us += 66_667 * frames as u64;
    }
    video
}

/// One of each kind.
fn videos() -> Vec<Vec<u8>> {
    vec![video(false, false), video(false, true), video(true, false), video(true, true)]
}

fn described() -> Vec<u8> {
    let mut sidecar = Sidecar::of(&ClipName::parse(CLIP.as_bytes()).expect("a name"));
    (sidecar.frames, sidecar.bytes, sidecar.tamper) = (3, 700, Some("covered".into()));
    (sidecar.incoming, sidecar.start_us, sidecar.end_us) = (Some(2), -5_000_000, 7_000_000);
    sidecar.to_json()
}

fn sealed_file(recipients: usize, plaintext: &[u8]) -> Vec<u8> {
    let owner = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj".parse().expect("a key");
    let mut random = Random(SEED);
    let mut draw = |bytes: &mut [u8]| {
        bytes.iter_mut().for_each(|byte| *byte = random.draw() as u8);
        Ok(())
    };
    let mut sealer = Sealer::begin(&vec![owner; recipients], &mut draw, Vec::new()).expect("begun");
    sealer.push(plaintext).expect("sealed");
    sealer.finish(b"end").expect("finished");
    sealer.unwritten().to_vec()
}

/// As the probe takes them apart.
fn clips() -> Vec<Vec<u8>> {
    let of = |what: u8, described: &[u8], video: &[u8]| {
        let length = u16::try_from(described.len()).expect("short").to_le_bytes();
        [&[what], length.as_slice(), described, video].concat()
    };
    let described = described();
    let sealed = sealed_file(2, &vec![7; 66_000]);
    let mut clips =
        vec![of(1, &[], &sealed), of(7, &described, &sealed[..65_900]), of(1, &[], &sealed[..300])];
    for video in videos() {
        clips.extend([
            of(0, &[], &video),
            of(6, &described, &video),
            of(2, &described, &video[..video.len() - 7]),
        ]);
    }
    clips
}

fn chains() -> Vec<Vec<u8>> {
    let mut previous = Hash::NONE;
    let files = [(".mp4".to_string(), Hash::of(b"1")), (".json".to_string(), Hash::of(b"2"))];
    let whats = [
        What::Begins,
        What::Clip { name: CLIP.into(), files: files.into() },
        What::Removed { why: Why::Room, names: vec![CLIP.into(), "other".into()] },
        What::LetGo { first: 3 },
        What::Removed { why: Why::Age, names: Vec::new() },
    ];
    let from = |first: u64, whats: &[What], previous: &mut Hash| {
        let mut file = first.to_le_bytes().to_vec();
        for (number, what) in (first..=u64::MAX).zip(whats) {
            let line = Link { number, previous: *previous, what: what.clone() }.to_line();
            *previous = Hash::of(&line);
            file.extend(line);
            file.push(b'\n');
        }
        file
    };
    let mut inputs = vec![from(1, &whats, &mut previous)];
    inputs.push(from(257, &whats[1..3], &mut previous));
    inputs.push(from(9_999_999_999, &whats[..1], &mut previous));
    inputs.push(from(u64::MAX, &whats[1..2], &mut previous));
    inputs.push(inputs[0][..300].to_vec());
    inputs
}

fn descriptions() -> Vec<Vec<u8>> {
    let hostile = String::from_utf8(described()).expect("text");
    let hostile = hostile
        .replace("\"covered\"", "\"\\u001b[2J\\u0007\"")
        .replace("\"upstream\": 0", "\"upstream\": 18446744073709551615");
    vec![described(), hostile.into_bytes()]
}

fn headers() -> Vec<Vec<u8>> {
    [1, 2, 16]
        .map(|recipients| sealed_file(recipients, &[])[..seal::header_bytes(recipients) + 3].to_vec())
        .into()
}

#[test]
fn no_clip_that_a_card_holds_does_harm() {
    each_mutation(probes::clip, &clips());
    each_kept("clip", probes::clip);
}

#[test]
fn no_description_that_a_card_holds_does_harm() {
    each_mutation(probes::description, &descriptions());
    each_kept("description", probes::description);
}

#[test]
fn no_file_of_settings_that_a_card_holds_does_harm() {
    let examples = settings::SETTINGS.iter().map(|row| {
        let mut settings = settings::Settings::default();
        settings.set(row.name, row.example).unwrap_or_else(|error| panic!("{error}"));
        settings::to_toml(&settings).into_bytes()
    });
    let inputs: Vec<Vec<u8>> = examples.chain([settings::template().into_bytes()]).collect();
    each_mutation(probes::settings, &inputs);
    each_kept("settings", probes::settings);
}

#[test]
fn no_chain_that_a_card_holds_does_harm() {
    each_mutation(probes::chain, &chains());
    each_kept("chain", probes::chain);
}

#[test]
fn no_sealed_file_that_a_card_holds_does_harm() {
    each_mutation(probes::sealed, &headers());
    each_kept("sealed", probes::sealed);
}
