//! Streams: in pieces, padded, cut, written again, and never one chunk number twice.

use super::{SECRET, begin, noise, owner, plaintext, sealed};
use crate::length::SEALED_CHUNK_BYTES;
use crate::opener::{Opened, file_key, open};
use crate::{
    CHUNK_BYTES, Recipient, SealError, Sealer, header_bytes, padding_bytes, sealed_bytes, whole_chunks,
};

/// Around every boundary.
const LENGTHS: [usize; 9] = [
    0,
    1,
    15,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    3 * CHUNK_BYTES - 1,
    5 * CHUNK_BYTES + 777,
];

#[test]
fn what_is_sealed_opens_and_is_as_long_as_was_said() {
    for length in LENGTHS {
        let plaintext = plaintext(length);
        let file = sealed(&plaintext);
        assert_eq!(file.len() as u64, sealed_bytes(1, length as u64), "{length}");
        assert_eq!(open(&file, SECRET), Some(Opened { plaintext, is_finished: true }), "{length}");
    }
}

#[test]
fn pieces_make_the_same_file_as_the_whole() {
    for length in LENGTHS {
        let plaintext = plaintext(length);
        let whole = sealed(&plaintext);
        for piece in [1_usize, 8, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            if length / piece > 10_000 {
                continue;
            }
            let mut sealer = begin(7);
            let (before, end) = plaintext.split_at(length.saturating_sub(piece.min(9)));
            before.chunks(piece).for_each(|piece| sealer.push(piece).expect("pushed"));
            sealer.finish(end).expect("finished");
            assert!(sealer.unwritten() == whole, "{length} in pieces of {piece}");
        }
    }
}

#[test]
fn each_recipient_opens_it_alone_and_nobody_else() {
    let key = |secret: [u8; 32]| {
        let secret = x25519_dalek::StaticSecret::from(secret);
        crate::recipient::of_bytes(x25519_dalek::PublicKey::from(&secret).to_bytes()).expect("a key")
    };
    let secrets = [[3; 32], [4; 32], SECRET];
    let recipients: Vec<Recipient> = secrets.into_iter().map(key).collect();
    let mut sealer = Sealer::begin(&recipients, &mut noise(5), Vec::new()).expect("begins");
    sealer.finish(b"for three").expect("finished");
    for secret in secrets {
        assert_eq!(open(sealer.unwritten(), secret).expect("theirs").plaintext, b"for three");
    }
    assert_eq!(open(sealer.unwritten(), [5; 32]), None);
    // Another file to the same owner has another key, and other shares.
    assert_ne!(file_key(begin(1).unwritten(), SECRET), file_key(begin(2).unwritten(), SECRET));
}

#[test]
fn a_padded_fragment_is_whole_chunks_at_once() {
    for length in LENGTHS {
        for least in [0, 1, 8, CHUNK_BYTES, 2 * CHUNK_BYTES + 1] {
            let mut sealer = begin(7);
            sealer.push(&plaintext(length)).expect("pushed");
            let padding = sealer.padding_bytes(least);
            assert_eq!(padding, padding_bytes(length as u64, least));
            let is_aligned = length % CHUNK_BYTES == 0;
            assert!(if is_aligned { padding == 0 } else { padding >= least.max(1) }, "{length} {least}");
            assert!(padding < least + CHUNK_BYTES, "{length} {least}: no more than needed");
            sealer.push(&vec![0; padding]).expect("pushed");
            assert_eq!((sealer.room_in_chunk(), sealer.padding_bytes(8)), (0, 0));
            let chunks = sealer.unwritten().len() - header_bytes(1);
            assert_eq!(chunks % SEALED_CHUNK_BYTES, 0);
            assert_eq!(chunks / SEALED_CHUNK_BYTES, (length + padding) / CHUNK_BYTES);
        }
    }
    assert_eq!(
        (padding_bytes(CHUNK_BYTES as u64 - 8, 8), padding_bytes(CHUNK_BYTES as u64 - 7, 8)),
        (8, 65_543)
    );
    assert_eq!(begin(1).room_in_chunk(), 0);
}

#[test]
fn an_empty_last_chunk_is_refused_and_the_sealer_goes_on() {
    let mut sealer = begin(7);
    sealer.push(&[1; 2 * CHUNK_BYTES]).expect("pushed");
    let before = sealer.unwritten().to_vec();
    assert!(matches!(sealer.finish(b""), Err(SealError::NothingLeft)));
    assert_eq!(sealer.unwritten(), before);
    sealer.push(&[1; CHUNK_BYTES]).expect("pushed");
    sealer.finish(b"\0\0\0\x08free").expect("finished");
    for error in [sealer.push(b"more").err(), sealer.finish(b"").err(), sealer.push(b"").err()] {
        assert!(matches!(error, Some(SealError::Ended)));
    }
    let opened = open(sealer.unwritten(), SECRET).expect("whole");
    assert_eq!((opened.plaintext.len(), opened.is_finished), (3 * CHUNK_BYTES + 8, true));
}

#[test]
fn what_could_not_be_written_is_written_again_to_the_byte() {
    let plaintext = plaintext(4 * CHUNK_BYTES);
    let mut file = Vec::new();
    let mut sealer = begin(7);
    for (fragment, number) in plaintext.chunks(CHUNK_BYTES).zip(0..) {
        sealer.push(fragment).expect("pushed");
        let first_try = sealer.unwritten().to_vec();
        // The card takes half of it, then says no; more comes while it does.
        file.extend_from_slice(&first_try[..first_try.len() / 2]);
        sealer.push(&[number; 9]).expect("pushed");
        sealer.push(&vec![number; sealer.room_in_chunk()]).expect("pushed");
        file.truncate(sealer.written_bytes() as usize);
        assert!(sealer.unwritten().starts_with(&first_try), "the same bytes, and what came after them");
        file.extend_from_slice(sealer.unwritten());
        let written = sealer.unwritten().len();
        // What comes between writing and saying so is not lost; and of two chunks, one may be said to be written.
        sealer.push(&[number; 2 * CHUNK_BYTES]).expect("pushed");
        sealer.written(written);
        assert_eq!(sealer.written_bytes(), file.len() as u64);
        assert_eq!(sealer.unwritten().len(), 2 * SEALED_CHUNK_BYTES);
        file.extend_from_slice(&sealer.unwritten()[..SEALED_CHUNK_BYTES]);
        sealer.written(SEALED_CHUNK_BYTES);
        file.extend_from_slice(sealer.unwritten());
        sealer.written(usize::MAX);
        assert_eq!((sealer.unwritten().len(), sealer.written_bytes()), (0, file.len() as u64));
    }
    sealer.finish(b"end").expect("finished");
    file.extend_from_slice(sealer.unwritten());
    let opened = open(&file, SECRET).expect("whole");
    assert_eq!((opened.plaintext.len(), opened.is_finished), (16 * CHUNK_BYTES + 3, true));
}

/// Zeros give the key stream away, which differs wherever the number does.
#[test]
fn no_chunk_is_sealed_under_a_number_twice() {
    let mut in_one = begin(7);
    in_one.push(&[0; 6 * CHUNK_BYTES]).expect("pushed");
    let expected: Vec<_> = in_one.unwritten()[header_bytes(1)..].chunks(SEALED_CHUNK_BYTES).collect();
    for (at, chunk) in expected.iter().enumerate() {
        assert!(expected[..at].iter().all(|before| before[..32] != chunk[..32]), "{at}");
    }
    // Whether it is said to be written, and what becomes of it, makes no difference.
    let mut sealer = begin(7);
    sealer.push(&[0; 3 * CHUNK_BYTES]).expect("pushed");
    sealer.written(sealer.unwritten().len());
    sealer.push(&[0; 3 * CHUNK_BYTES]).expect("pushed");
    let behind: Vec<_> = sealer.unwritten().chunks(SEALED_CHUNK_BYTES).collect();
    assert_eq!(behind, expected[3..]);
}

#[test]
fn a_file_cut_anywhere_keeps_its_whole_chunks() {
    let plaintext = plaintext(3 * CHUNK_BYTES + 500);
    let file = sealed(&plaintext);
    let header = header_bytes(1);
    for cut in (header..file.len()).step_by(997).chain([file.len() - 1]) {
        let whole = whole_chunks(cut as u64, header as u64).expect("a header");
        let opened = open(&file[..cut], SECRET).expect("a header");
        let kept = &plaintext[..whole.plaintext_bytes as usize];
        assert!(opened.plaintext == kept && !opened.is_finished, "cut at {cut}");
        assert_eq!(open(&file[..whole.bytes as usize], SECRET), Some(opened), "mended after {cut}");
    }
}

#[test]
fn the_outboxs_room_is_kept() {
    let mut sealer = Sealer::begin(&[owner()], &mut noise(1), Vec::with_capacity(1 << 20)).expect("begins");
    let at = sealer.unwritten().as_ptr();
    for _ in 0..50 {
        sealer.push(&[1; 8 * CHUNK_BYTES]).expect("pushed");
        assert_eq!(sealer.unwritten().as_ptr(), at, "nothing was allocated");
        sealer.written(sealer.unwritten().len());
    }
    sealer.push(&[1; CHUNK_BYTES]).expect("pushed");
    let outbox = sealer.into_outbox();
    assert!(outbox.is_empty() && outbox.capacity() == 1 << 20);
}
