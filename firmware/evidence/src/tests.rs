//! The chain read back: whole, torn, and changed in every way.

use super::segment::{file_name, parse_file_name};
use super::{Chain, ChainFault, Hash, Link, What, Why};

/// Links that follow from each other, as lines.
fn lines(whats: Vec<What>) -> Vec<Vec<u8>> {
    let mut previous = Hash::NONE;
    let mut lines = Vec::new();
    for (what, number) in whats.into_iter().zip(1..) {
        let line = Link { number, previous, what }.to_line();
        previous = Hash::of(&line);
        lines.push(line);
    }
    lines
}

fn clip(name: &str) -> What {
    let files = [(".mp4", Hash::of(name.as_bytes())), (".json", Hash::of(b"description"))];
    What::Clip { name: name.into(), files: files.map(|(file, hash)| (file.to_owned(), hash)).into() }
}

fn sample() -> Vec<Vec<u8>> {
    let removed = What::Removed { why: Why::Room, names: vec!["one".into(), "foreign".into()] };
    lines(vec![What::Begins, clip("one"), clip("two"), removed, clip("three")])
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect()
}

fn read(content: &[u8]) -> Chain {
    let mut chain = Chain::new();
    chain.segment(&file_name(1), content, true);
    chain
}

#[test]
fn a_chain_says_which_clips_there_are_and_which_went() {
    let lines = sample();
    let chain = read(&joined(&lines));
    assert_eq!((chain.faults.as_slice(), chain.torn_bytes), (&[][..], 0));
    assert_eq!(chain.head(), Some((5, Hash::of(&lines[4]))));
    assert_eq!(chain.clips["one"].removed, Some((Why::Room, 4)));
    assert_eq!((chain.clips["two"].removed, chain.clips["two"].number), (None, 3));
    assert_eq!(chain.clips.len(), 3);
    let third = Hash::of(&lines[2]).to_string();
    assert_eq!(
        (chain.find(&third), chain.find(&third[..16]), chain.find(&"0".repeat(64))),
        (Some(3), Some(3), None)
    );
}

#[test]
fn the_spelling_is_what_the_documentation_says() {
    let line = String::from_utf8(sample()[1].clone()).expect("text");
    let begins = Hash::of(&sample()[0]);
    let (video, description) = (Hash::of(b"one"), Hash::of(b"description"));
    assert_eq!(
        line,
        format!(
            r#"{{"number":2,"previous":"{begins}","kind":"clip","name":"one","files":{{".json":"{description}",".mp4":"{video}"}}}}"#
        )
    );
    // FIPS 180-4's own example.
    assert_eq!(
        Hash::of(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn a_line_torn_at_any_byte_is_told_and_no_fault() {
    let all = joined(&sample());
    for length in 0..all.len() {
        let chain = read(&all[..length]);
        assert_eq!(chain.faults, [], "cut at {length}");
        let whole = all[..length].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        assert_eq!(chain.torn_bytes, length - whole, "cut at {length}");
        // Zeros where bytes were to come, as a cut leaves them too.
        let mut zeros = all[..length].to_vec();
        zeros.resize(all.len(), 0);
        assert_eq!(read(&zeros).faults, [], "zeros from {length}");
    }
}

#[test]
fn every_flipped_bit_shows() {
    let lines = sample();
    let all = joined(&lines);
    let head = read(&all).head();
    for at in 0..all.len() {
        for bit in 0..8 {
            let mut changed = all.clone();
            changed[at] ^= 1 << bit;
            let chain = read(&changed);
            let shows = !chain.faults.is_empty() || chain.torn_bytes > 0 || chain.head() != head;
            assert!(shows, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_link_that_is_cut_out_moved_or_written_anew_is_named() {
    let lines = sample();
    let without = [&lines[..2], &lines[3..]].concat();
    assert_eq!(read(&joined(&without)).faults, [ChainFault::Missing { first: 3, last: 3 }]);
    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    assert!(read(&joined(&swapped)).faults.contains(&ChainFault::Misplaced { number: 3 }));
    let mut changed = lines.clone();
    let mut link = Link::parse(&lines[2]).expect("a link");
    link.what = clip("another");
    changed[2] = link.to_line();
    assert_eq!(read(&joined(&changed)).faults, [ChainFault::Broken { number: 4 }]);
    let mut again = lines.clone();
    let previous = Hash::of(&lines[4]);
    again.push(Link { number: 6, previous, what: What::Begins }.to_line());
    assert_eq!(read(&joined(&again)).faults, [ChainFault::BeginsAgain { number: 6 }]);
}

#[test]
fn a_bad_line_within_the_chain_is_named_with_its_file() {
    let lines = sample();
    let mut all = joined(&lines[..2]);
    all.extend_from_slice(b"{\"number\":3}\n");
    all.extend(joined(&lines[3..]));
    let chain = read(&all);
    let [ChainFault::BadLine { file, line: 3, .. }, ChainFault::Missing { first: 3, last: 3 }] =
        &chain.faults[..]
    else {
        panic!("{:?}", chain.faults)
    };
    assert_eq!(file, "chain-0000000001.jsonl");
    // At the end of a segment that is not the last one, it is a fault too.
    let mut chain = Chain::new();
    chain.segment(&file_name(1), &joined(&lines)[..40], false);
    assert!(matches!(&chain.faults[..], [ChainFault::BadLine { line: 1, .. }]), "{:?}", chain.faults);
}

#[test]
fn a_beginning_is_said_by_the_link_that_lets_go_of_more() {
    // Both files before link 513 were to go, and the power went between them.
    let begins = |first: u64, said: u64| {
        let what = [clip("kept"), What::LetGo { first: said }];
        let mut chain = Chain::new();
        let mut previous = Hash::NONE;
        for (number, what) in (first..).zip(what) {
            let line = Link { number, previous, what }.to_line();
            previous = Hash::of(&line);
            chain.segment(&file_name(first), &joined(&[line]), true);
        }
        chain.beginning_said_by()
    };
    assert_eq!(begins(257, 513), Some(258));
    assert_eq!(begins(513, 513), Some(514));
    assert_eq!(begins(769, 513), None, "more is gone than was said");
    assert_eq!(begins(1, 513), None, "nothing is gone yet");
}

#[test]
fn segments_are_told_by_their_names() {
    assert_eq!(file_name(257), "chain-0000000257.jsonl");
    assert_eq!(parse_file_name(b"chain-0000000257.jsonl"), Some(257));
    for other in [
        "chain-257.jsonl",
        "chain-0000000000.jsonl",
        "chain-00000002+7.jsonl",
        "chain.jsonl",
        "a.mp4",
        "chain-18446744073709551615.jsonl",
    ] {
        assert_eq!(parse_file_name(other.as_bytes()), None, "{other}");
    }
}
