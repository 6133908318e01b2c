//! Headers: their length, where they end, and what is not taken for one.

use super::{noise, owner, sealed};
use crate::length::{HEADER_BYTES_MAX, RECIPIENTS_MAX, SEALED_CHUNK_BYTES};
use crate::{CHUNK_BYTES, HeaderError, SealError, Sealer, Whole, header_bytes, header_end, whole_chunks};

fn header(recipients: usize) -> Vec<u8> {
    let recipients = vec![owner(); recipients];
    let sealer = Sealer::begin(&recipients, &mut noise(3), Vec::new()).expect("begins");
    sealer.unwritten().to_vec()
}

#[test]
fn a_header_is_as_long_as_was_said_and_its_end_is_found() {
    for recipients in 1..=RECIPIENTS_MAX {
        let mut file = header(recipients);
        assert_eq!(file.len(), header_bytes(recipients));
        assert_eq!(header_end(&file), Ok(file.len()), "{recipients}");
        file.extend_from_slice(b"-> X25519 and whatever follows");
        assert_eq!(header_end(&file), Ok(header_bytes(recipients)), "{recipients}");
    }
    assert_eq!((header_bytes(1), HEADER_BYTES_MAX), (184, 1654));
}

#[test]
fn a_header_cut_anywhere_is_torn() {
    let header = header(3);
    for length in 0..header.len() {
        assert_eq!(header_end(&header[..length]), Err(HeaderError::Torn), "{length}");
        // Zeros where bytes were to come, as a cut leaves them too. In the nonce they cannot be told from one.
        let mut zeros = header[..length].to_vec();
        zeros.resize(header.len(), 0);
        let is_nonce = length >= header.len() - 16;
        let expected = if is_nonce { Ok(header.len()) } else { Err(HeaderError::NotOurs) };
        assert_eq!(header_end(&zeros), expected, "{length}");
    }
}

#[test]
fn a_changed_header_never_ends_elsewhere() {
    let mut file = header(2);
    let end = file.len();
    file.extend_from_slice(&[b'A'; 4096]);
    for at in 0..end - 16 {
        for value in 0..=u8::MAX {
            let mut changed = file.clone();
            changed[at] = value;
            assert!(
                matches!(header_end(&changed), Err(HeaderError::NotOurs)) || header_end(&changed) == Ok(end)
            );
        }
    }
    // Many bytes at once: taken away, doubled, made noise. It may find another end, but one within bounds.
    let mut random = noise(11);
    for _ in 0..20_000 {
        let mut dice = [0; 8];
        random(&mut dice).expect("noise");
        let [kind, high, low, length, ..] = dice;
        let at = usize::from(u16::from_be_bytes([high, low])) % end;
        let upto = (at + usize::from(length)).min(end);
        let mut changed = file.clone();
        match kind % 3 {
            0 => drop(changed.drain(at..upto)),
            1 => drop(changed.splice(at..at, file[at..upto].to_vec())),
            _ => random(&mut changed[at..upto]).expect("noise"),
        }
        if let Ok(found) = header_end(&changed) {
            assert!((1..=RECIPIENTS_MAX).any(|recipients| header_bytes(recipients) == found), "{found}");
        }
    }
}

#[test]
fn what_the_camera_does_not_write_is_no_header() {
    let text = String::from_utf8(header(1)[..header_bytes(1) - 16].to_vec()).expect("text");
    let more = header_bytes(RECIPIENTS_MAX + 1);
    let stanza = &text[22..text.find("---").expect("an end")];
    let too_many = text.replace(stanza, &stanza.repeat(RECIPIENTS_MAX + 1));
    let base64 = text.replace('+', "-").replacen("X25519 ", "X25519 =", 1);
    let stock = ["-> grease\n\n", "-> X25519 a b\n", ""].map(|line| text.replace(stanza, line));
    let others = [too_many, base64, text.replace('\n', "\r\n"), text.replace("v1", "v2")];
    for other in others.iter().chain(&stock) {
        let mut file = other.clone().into_bytes();
        file.resize(more, 0);
        assert_eq!(header_end(&file), Err(HeaderError::NotOurs), "{other}");
    }
    assert_eq!(header_end(b"\0\0\0\x18ftypiso5"), Err(HeaderError::NotOurs));
}

#[test]
fn nobody_too_many_and_no_randomness_are_refused() {
    let begin =
        |recipients: usize| Sealer::begin(&vec![owner(); recipients], &mut noise(1), Vec::new()).err();
    assert!(matches!(begin(0), Some(SealError::NoRecipient)));
    assert!(matches!(begin(RECIPIENTS_MAX + 1), Some(SealError::TooManyRecipients)));
    // A source that fails, or says yes and gives nothing, at each of the three draws.
    for good in 0..3 {
        for is_silent in [false, true] {
            let (mut noise, mut drawn) = (noise(1), 0);
            let mut random = |bytes: &mut [u8]| {
                drawn += 1;
                match (drawn > good, is_silent) {
                    (false, _) => noise(bytes),
                    (true, true) => Ok(()),
                    (true, false) => Err(std::io::ErrorKind::WouldBlock.into()),
                }
            };
            let error = Sealer::begin(&[owner()], &mut random, Vec::new()).err().expect("an error");
            assert_eq!(matches!(error, SealError::RandomIsZero), is_silent, "{error}");
            assert_eq!(matches!(error, SealError::Random(_)), !is_silent, "{error}");
        }
    }
}

#[test]
fn whole_chunks_follow_from_lengths_alone() {
    let (header, chunk) = (184, SEALED_CHUNK_BYTES as u64);
    assert_eq!(whole_chunks(183, header), None);
    for (payload, chunks) in [(0, 0), (chunk - 1, 0), (chunk, 1), (2 * chunk - 1, 1), (5 * chunk + 17, 5)] {
        let whole = Whole { bytes: header + chunks * chunk, plaintext_bytes: chunks * CHUNK_BYTES as u64 };
        assert_eq!(whole_chunks(header + payload, header), Some(whole), "{payload}");
    }
    assert!(whole_chunks(u64::MAX, header).is_some_and(|whole| whole.bytes > u64::MAX - chunk));
    let file = sealed(&super::plaintext(3 * CHUNK_BYTES));
    assert_eq!(whole_chunks(file.len() as u64, header).map(|whole| whole.bytes), Some(file.len() as u64));
}
