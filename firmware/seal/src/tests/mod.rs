//! Sealing held against the format's own examples, and against a reader that knows the secret key.

mod headers;
mod keys;
mod known;
mod sealing;

use std::io;

use super::{Recipient, Sealer};

/// The secret key that opens what [`owner`] is sealed for.
const SECRET: [u8; 32] = [0x42; 32];

/// The example key of the age specification, "The X25519 recipient type"; its secret is [`SECRET`].
const OWNER: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

fn owner() -> Recipient {
    OWNER.parse().expect("a key")
}

/// Bytes that look random and are the same each time (xorshift, Marsaglia 2003).
fn noise(seed: u64) -> impl FnMut(&mut [u8]) -> io::Result<()> {
    let mut state = seed | 1;
    move |bytes| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// A generator that gives these, one after the other, each with the length that is asked for.
fn scripted(answers: &[&[u8]]) -> impl FnMut(&mut [u8]) -> io::Result<()> + use<> {
    let mut answers: Vec<_> = answers.iter().rev().map(|answer| answer.to_vec()).collect();
    move |bytes| {
        bytes.copy_from_slice(&answers.pop().expect("an answer"));
        Ok(())
    }
}

fn plaintext(bytes: usize) -> Vec<u8> {
    let mut plaintext = vec![0; bytes];
    noise(bytes as u64)(&mut plaintext).expect("noise");
    plaintext
}

fn begin(seed: u64) -> Sealer {
    Sealer::begin(&[owner()], &mut noise(seed), Vec::new()).expect("a sealer")
}

/// A file in one piece.
fn sealed(plaintext: &[u8]) -> Vec<u8> {
    let mut sealer = begin(7);
    sealer.finish(plaintext).expect("finished");
    sealer.unwritten().to_vec()
}
