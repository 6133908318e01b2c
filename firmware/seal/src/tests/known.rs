//! Known answers: the age specification's keys, a file of its test kit, and a longer payload.

use sha2::{Digest as _, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{OWNER, SECRET, owner, scripted};
use crate::opener::open;
use crate::recipient::of_bytes;
use crate::{CHUNK_BYTES, Recipient, Sealer};

/// The test kit's owner (C2SP CCTV, age, `x25519`); the bytes of its AGE-SECRET-KEY-1XMWWC06LY3...
const KIT_SECRET: [u8; 32] = hex("36dcec3f5f24739a0c8b36cbb4ffa25729a94a51d41fb205a37419fe7f5adb2a");
/// What its generator, ChaCha20 with the key "TEST RANDOMNESS TEST RANDOMNESS!", gives first.
const KIT_EPHEMERAL: [u8; 32] = hex("ac5d3f3706e55071d3a604204697b9091b35c6e687dd00da3ac379ac9f742c21");
const KIT_NONCE: [u8; 16] = hex("eecf62c7ce91b433274e68d4f2f9134c");

const fn hex<const BYTES: usize>(digits: &str) -> [u8; BYTES] {
    const fn digit(character: u8) -> u8 {
        if character.is_ascii_digit() { character - b'0' } else { character - b'a' + 10 }
    }
    let digits = digits.as_bytes();
    let mut bytes = [0; BYTES];
    let mut at = 0;
    while at < BYTES {
        bytes[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

fn public(secret: [u8; 32]) -> Recipient {
    of_bytes(PublicKey::from(&StaticSecret::from(secret)).to_bytes()).expect("a key")
}

#[test]
fn the_specifications_key_is_read_and_written() {
    assert_eq!(public(SECRET), owner());
    assert_eq!(owner().to_string(), OWNER);
    assert_eq!(format!(" {OWNER}\n").parse(), Ok(owner()));
}

#[test]
fn the_test_kits_file_is_made_to_the_byte() {
    let mut random = scripted(&[b"YELLOW SUBMARINE", &KIT_EPHEMERAL, &KIT_NONCE]);
    let mut sealer = Sealer::begin(&[public(KIT_SECRET)], &mut random, Vec::new()).expect("begins");
    sealer.finish(b"age").expect("finished");
    let header = "age-encryption.org/v1\n\
        -> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n\
        EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n\
        --- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n";
    let payload: [u8; 35] = hex("eecf62c7ce91b433274e68d4f2f9134cb74c5bfef7beaa52c8f0bc0e992c1e8331fb66");
    assert_eq!(sealer.unwritten(), [header.as_bytes(), &payload].concat());
    let opened = open(sealer.unwritten(), KIT_SECRET).expect("its owner");
    assert_eq!((opened.plaintext.as_slice(), opened.is_finished), (b"age".as_slice(), true));
}

/// The plaintext, file key and nonce of the test kit's `stream_three_chunks`, with its last chunk full; the hash is of the
/// payload that a plain transcription of RFC 8439 and RFC 5869 made of them.
#[test]
fn a_payload_of_three_chunks_is_made_to_the_byte() {
    let (file_key, nonce): ([u8; 16], [u8; 16]) =
        (hex("7aa5bdac0e6afeed3dd0a7eccb42af44"), hex("c82f71eb82029b77136399e485e879f4"));
    let mut random = scripted(&[&file_key, &KIT_EPHEMERAL, &nonce]);
    let mut sealer = Sealer::begin(&[owner()], &mut random, Vec::new()).expect("begins");
    for number in 0..2 {
        sealer.push(&[number; CHUNK_BYTES]).expect("pushed");
    }
    sealer.finish(&[2; CHUNK_BYTES]).expect("finished");
    let payload = &sealer.unwritten()[crate::header_bytes(1) - nonce.len()..];
    assert_eq!(payload.len(), 196_672);
    let expected: [u8; 32] = hex("a72951abae0d53f5d9d462a6613b2d5adc6587187f2b953e9ce4038310ac8ccc");
    assert_eq!(<[u8; 32]>::from(Sha256::digest(payload)), expected);
}
