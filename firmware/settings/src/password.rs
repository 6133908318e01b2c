//! A password as it is kept: its Argon2id hash, in the PHC string format (`$argon2id$v=19$m=12288,t=3,p=1$SALT$HASH`).
//!
//! Only the form is known here. Must not hash anything, and never see a password.

use base64ct::{Base64Unpadded, Encoding};

/// What stands before the parameters: the algorithm, and its version 1.3 (RFC 9106).
const HEAD: &str = "$argon2id$v=19$";
/// Bytes of salt, as RFC 9106 recommends.
pub const SALT_BYTES: usize = 16;
/// Bytes of the hash.
pub const HASH_BYTES: usize = 32;
/// What a board of 256 MiB can spare for the moment in which a password is checked.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 1024..=65_536;
/// More would keep whoever knows the password waiting for seconds.
const PASSES: std::ops::RangeInclusive<u32> = 1..=10;
/// The smallest boards have one core, the others four.
const LANES: std::ops::RangeInclusive<u32> = 1..=4;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash {
    /// Memory that checking takes, KiB, 1024..=65536.
    pub memory_kib: u32,
    /// Passes over it, 1..=10.
    pub passes: u32,
    /// Lanes, 1..=4.
    pub lanes: u32,
    /// At random.
    pub salt: [u8; SALT_BYTES],
    /// Of the password.
    pub hash: [u8; HASH_BYTES],
}

impl PasswordHash {
    /// Reads it; nothing where it is no hash of this kind.
    pub(super) fn read(text: &str) -> Option<PasswordHash> {
        let mut fields = text.strip_prefix(HEAD)?.split('$');
        let (parameters, salt, hash) = (fields.next()?, fields.next()?, fields.next()?);
        let mut numbers = parameters.split(',');
        let mut number = |name: &str, range: std::ops::RangeInclusive<u32>| {
            let digits = numbers.next()?.strip_prefix(name)?;
            // One spelling of each number.
            let number: u32 = digits.parse().ok().filter(|number: &u32| number.to_string() == digits)?;
            range.contains(&number).then_some(number)
        };
        let read = PasswordHash {
            memory_kib: number("m=", MEMORY_KIB)?,
            passes: number("t=", PASSES)?,
            lanes: number("p=", LANES)?,
            salt: bytes(salt)?,
            hash: bytes(hash)?,
        };
        (fields.next().is_none() && numbers.next().is_none()).then_some(read)
    }

    /// In the form in which it is kept.
    pub(super) fn print(&self) -> String {
        let (salt, hash) =
            (Base64Unpadded::encode_string(&self.salt), Base64Unpadded::encode_string(&self.hash));
        format!("{HEAD}m={},t={},p={}${salt}${hash}", self.memory_kib, self.passes, self.lanes)
    }
}

fn bytes<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let read = Base64Unpadded::decode(text, &mut bytes).ok()?.len();
    (read == BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::PasswordHash;
    use crate::Settings;

    const GOOD: &str =
        "$argon2id$v=19$m=12288,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    #[test]
    fn a_hash_is_read_and_printed_in_one_spelling() {
        let read = PasswordHash::read(GOOD).expect("a hash");
        assert_eq!((read.memory_kib, read.passes, read.lanes, read.salt[15]), (12_288, 3, 1, 15));
        assert_eq!(read.print(), GOOD);
        let mut settings = Settings::default();
        settings.set("console.password", GOOD).expect("allowed");
        assert_eq!(settings.get("console.password").as_deref(), Some(GOOD));
    }

    #[test]
    fn what_is_no_hash_is_refused_and_never_repeated() {
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("m=12288", "m=012288"),
            ("m=12288", "m=1"),
            ("t=3", "t=99"),
            ("p=1", "p=0"),
            ("p=1", "p=1,x=1"),
            ("DA0ODw", "DA0OD"),
            ("kZWY", "kZWY$"),
        ] {
            assert_eq!(PasswordHash::read(&GOOD.replace(from, to)), None, "{to}");
        }
        let error = Settings::default().set("console.password", "hunter2").expect_err("it is no hash");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
