//! Wrong keys: each gets its sentence, and none is taken.

use bech32::{Bech32, Hrp};

use super::{OWNER, owner};
use crate::recipient::of_bytes;
use crate::{Recipient, RecipientError};

fn refusal(text: &str) -> RecipientError {
    text.parse::<Recipient>().expect_err(text)
}

fn bech32(prefix: &str, bytes: &[u8]) -> String {
    bech32::encode::<Bech32>(Hrp::parse(prefix).expect("a prefix"), bytes).expect("short enough")
}

#[test]
fn a_typo_in_every_position_is_refused() {
    for at in 0..OWNER.len() {
        for typo in ('0'..='9').chain('a'..='z').chain(['A', ' ', '-', 'é']) {
            let mut characters: Vec<_> = OWNER.chars().collect();
            if std::mem::replace(&mut characters[at], typo) == typo {
                continue;
            }
            let expected = match (at, typo) {
                (0..4, 'A') if at == 0 => RecipientError::Case,
                (0..4, _) => RecipientError::Beginning,
                (_, 'A') => RecipientError::Case,
                (61, ' ') => RecipientError::Length(61),
                (_, '1' | 'b' | 'i' | 'o' | ' ' | '-' | 'é') => RecipientError::Character(at + 1),
                _ => RecipientError::Misspelt,
            };
            assert_eq!(refusal(&characters.iter().collect::<String>()), expected, "{typo} at {at}");
        }
    }
}

#[test]
fn two_swapped_a_lost_and_a_doubled_character_are_refused() {
    for at in 4..OWNER.len() {
        let mut swapped: Vec<_> = OWNER.chars().collect();
        swapped.swap(at - 1, at);
        let swapped: String = swapped.into_iter().collect();
        if swapped != OWNER {
            refusal(&swapped);
        }
        let lost = [&OWNER[..at], &OWNER[at + 1..]].concat();
        assert_eq!(refusal(&lost), RecipientError::Length(61));
        let doubled = [&OWNER[..=at], &OWNER[at..]].concat();
        assert_eq!(refusal(&doubled), RecipientError::Length(63));
    }
}

#[test]
fn a_secret_key_is_named_wherever_it_stands_and_never_repeated() {
    // The specification's example.
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let file = format!("# public key: {OWNER}\n{secret}\n");
    let lower = secret.to_lowercase();
    for text in [secret, &lower, &file, "AGE-SECRET-KEY-PQ-1XX76", &secret[..20]] {
        assert_eq!(refusal(text), RecipientError::SecretKey, "{text}");
    }
    let told = format!("{} {:?}", RecipientError::SecretKey, RecipientError::SecretKey);
    assert!(told.contains("secret key") && !told.contains("GFPYY"), "{told}");
}

#[test]
fn keys_of_other_kinds_get_their_sentence() {
    let tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
    for other in [tag, "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pz", "age1yubikey1q"] {
        assert_eq!(refusal(other), RecipientError::OtherKind, "{other}");
    }
    let bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    for other in ["", "a", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", bitcoin, "äge1", "hunter2"] {
        assert_eq!(refusal(other), RecipientError::Beginning, "{other}");
    }
    assert_eq!(refusal(&bech32("agf", owner().as_bytes())), RecipientError::Beginning);
    assert_eq!(refusal(&OWNER.to_uppercase()), RecipientError::Case);
    assert_eq!(refusal(&OWNER.replace("uj", "UJ")), RecipientError::Case);
    for bytes in [0, 31, 33] {
        assert!(matches!(refusal(&bech32("age", &[7; 64][..bytes])), RecipientError::Length(_)), "{bytes}");
    }
    // The same bytes with another checksum: Bech32m.
    let m = bech32::encode::<bech32::Bech32m>(Hrp::parse("age").expect("a prefix"), owner().as_bytes());
    assert_eq!(refusal(&m.expect("short enough")), RecipientError::Misspelt);
}

#[test]
fn a_key_that_has_two_spellings_has_one_here() {
    // The last of 52 characters holds four bits that belong to no byte.
    use bech32::primitives::iter::{ByteIterExt as _, Fe32IterExt as _};
    let prefix = Hrp::parse("age").expect("a prefix");
    let mut fives: Vec<_> = owner().as_bytes().iter().copied().bytes_to_fes().collect();
    let last = fives.pop().expect("52 of them").to_u8();
    fives.push(bech32::Fe32::try_from(last | 1).expect("five bits"));
    let text: String = fives.into_iter().with_checksum::<Bech32>(&prefix).chars().collect();
    assert_eq!((text.len(), refusal(&text)), (OWNER.len(), RecipientError::Misspelt));
}

#[test]
fn keys_without_a_secret_are_refused() {
    let p_and = |more: u8| {
        let mut u = [0xff; 32];
        (u[0], u[31]) = (0xed + more, 0x7f);
        u
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut below_p = p_and(0);
    below_p[0] = 0xec;
    // The points of order 8, from https://cr.yp.to/ecdh.html#validate.
    let order_8 = [
        [
            224, 235, 122, 124, 59, 65, 184, 174, 22, 86, 227, 250, 241, 159, 196, 106, 218, 9, 141, 235,
            156, 50, 177, 253, 134, 98, 5, 22, 95, 73, 184, 0,
        ],
        [
            95, 156, 149, 188, 163, 80, 140, 36, 177, 208, 177, 85, 156, 131, 239, 91, 4, 68, 92, 196, 88,
            28, 142, 134, 216, 34, 78, 221, 208, 159, 17, 87,
        ],
    ];
    let mut far = *owner().as_bytes();
    far[31] |= 0x80;
    for u in [[0; 32], one, below_p, order_8[0], order_8[1], p_and(0), p_and(1), p_and(18), far, [0xff; 32]] {
        assert_eq!(of_bytes(u), Err(RecipientError::NoSecretKey), "{u:?}");
        assert_eq!(refusal(&bech32("age", &u)), RecipientError::NoSecretKey, "{u:?}");
    }
}

#[test]
fn every_sentence_is_one() {
    use RecipientError as E;
    for error in [
        E::SecretKey,
        E::Beginning,
        E::OtherKind,
        E::Case,
        E::Length(61),
        E::Character(17),
        E::Misspelt,
        E::NoSecretKey,
    ] {
        let text = error.to_string();
        assert!(text.ends_with('.') && text.starts_with(char::is_uppercase), "{text}");
    }
}
