//! The console's password: typed twice when it is set, asked for when somebody comes.
//!
//! There is none from the factory: whoever has the cable has the board. Kept is its Argon2id hash (RFC 9106), in the setting
//! `console.password`; whoever forgot it sets that to "off" in `kerberos.toml`, for which the card has to be taken out. Must not keep or
//! show what was typed.

use super::desk::Desk;
use super::dialogue::{Dialogue, Then};
use super::{context::Context, reply::Reply};
use crate::record::random;
use crate::settings::{self, HASH_BYTES, PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

/// One of the parameters that OWASP's Password Storage Cheat Sheet calls equal, and the one that a board of 256 MiB can spare.
const MEMORY_KIB: u32 = 12_288;
/// See above.
const PASSES: u32 = 3;
/// See above.
const LANES: u32 = 1;
/// Shorter ones are guessed by hand.
const PASSWORD_CHARS_MIN: usize = 8;
/// After each wrong one nobody is heard for this long, twice as long after the next.
const WAIT_US: u64 = 1_000_000;
/// But no longer than this: the owner mistypes, too.
const WAIT_US_MAX: u64 = 60_000_000;

/// `password`.
pub fn password(_: &mut Context<'_>) -> Reply {
    let text = format!(
        "A password for this console, of {PASSWORD_CHARS_MIN} characters or more; nothing at all for none.\n\
         It is asked for after each start, after `lock`, and when nothing was typed for ten minutes.\n"
    );
    Reply::done(text).then(Choosing::default())
}

/// `lock`.
pub fn lock(context: &mut Context<'_>) -> Reply {
    match &context.desk.in_force().console_password {
        Some(_) => Reply::done("Locked.\n").then(Login::default()),
        None => Reply::refused("There is no password; `password` sets one.\n"),
    }
}

/// The hash of a password. `salt` is at random.
fn hash(password: &str, like: PasswordHash) -> Result<PasswordHash, String> {
    let unusable = |error: argon2::Error| format!("it cannot be hashed: {error}");
    let params = Params::new(like.memory_kib, like.passes, like.lanes, Some(HASH_BYTES)).map_err(unusable)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), &like.salt, &mut hash)
        .map_err(unusable)?;
    Ok(PasswordHash { hash, ..like })
}

/// A hash of it with a new salt.
fn new_hash(password: &str) -> Result<PasswordHash, String> {
    let mut salt = [0; settings::SALT_BYTES];
    random::fill(&mut salt).map_err(|error| format!("there is no salt: {error}"))?;
    let like =
        PasswordHash { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt, hash: [0; HASH_BYTES] };
    hash(password, like)
}

/// Whether it is the one. How long that takes does not depend on how much of it is right.
fn is_right(kept: &PasswordHash, typed: &str) -> bool {
    let Ok(typed) = hash(typed, kept.clone()) else { return false };
    kept.hash.iter().zip(&typed.hash).fold(0, |differ, (kept, typed)| differ | (kept ^ typed)) == 0
}

/// A new one is typed, twice.
#[derive(Default)]
struct Choosing {
    first: Option<PasswordHash>,
}

impl Choosing {
    fn first(&mut self, typed: &str, desk: &mut Desk) -> (String, Then) {
        if typed.is_empty() {
            let done = desk.set_password(None).map(|()| "There is no password.\n".into());
            return (done.unwrap_or_else(|why| format!("{why}\n")), Then::Over);
        }
        if typed.chars().count() < PASSWORD_CHARS_MIN {
            return (format!("That is shorter than {PASSWORD_CHARS_MIN} characters.\n"), Then::Next);
        }
        match new_hash(typed) {
            Ok(hash) => {
                self.first = Some(hash);
                (String::new(), Then::Next)
            }
            Err(why) => (format!("Not done: {why}.\n"), Then::Over),
        }
    }
}

impl Dialogue for Choosing {
    fn prompt(&self) -> String {
        if self.first.is_none() { "new password: ".into() } else { "once more: ".into() }
    }

    fn is_secret(&self) -> bool {
        true
    }

    fn answer(&mut self, line: &str, desk: &mut Desk, _: u64) -> (String, Then) {
        let Some(first) = self.first.take() else { return self.first(line, desk) };
        if !is_right(&first, line) {
            return ("That was another one. Nothing was changed.\n".into(), Then::Over);
        }
        let done = desk.set_password(Some(first)).map(|()| "The password is set, and kept.\n".into());
        (done.unwrap_or_else(|why| format!("{why}\n")), Then::Over)
    }

    fn interrupt(&mut self) -> (String, Then) {
        ("Nothing was changed.\n".into(), Then::Over)
    }
}

/// Nobody is heard who does not know it, as it is now: another console may have changed it meanwhile, or taken it away.
#[derive(Default)]
pub struct Login {
    wrong: u32,
    heard_from_us: u64,
}

impl Dialogue for Login {
    fn prompt(&self) -> String {
        "password: ".into()
    }

    fn is_secret(&self) -> bool {
        true
    }

    fn is_lock(&self) -> bool {
        true
    }

    fn answer(&mut self, line: &str, desk: &mut Desk, now_us: u64) -> (String, Then) {
        let Some(hash) = &desk.in_force().console_password else {
            return ("There is no password any more.\n".into(), Then::Over);
        };
        // Noise and empty lines are no try.
        if line.is_empty() {
            return (String::new(), Then::Next);
        }
        if now_us < self.heard_from_us {
            let seconds = (self.heard_from_us - now_us).div_ceil(1_000_000);
            return (format!("Wait {seconds} s.\n"), Then::Next);
        }
        if is_right(hash, line) {
            return (String::new(), Then::Over);
        }
        let wait_us = WAIT_US.checked_shl(self.wrong).unwrap_or(WAIT_US_MAX).min(WAIT_US_MAX);
        self.wrong = (self.wrong + 1).min(16);
        self.heard_from_us = now_us.saturating_add(wait_us);
        ("That is not it.\n".into(), Then::Next)
    }

    fn interrupt(&mut self) -> (String, Then) {
        (String::new(), Then::Next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Choosing, Login, hash, is_right};
    use crate::console::desk::Desk;
    use crate::console::dialogue::{Dialogue, Then};
    use crate::settings::{PasswordHash, Settings};

    fn with_password(password: Option<&str>) -> Desk {
        Desk::of(Settings { console_password: password.map(quick), ..Settings::default() })
    }

    fn quick(password: &str) -> PasswordHash {
        let like = PasswordHash { memory_kib: 1024, passes: 1, lanes: 1, salt: [7; 16], hash: [0; 32] };
        hash(password, like).expect("hashed")
    }

    #[test]
    fn the_right_one_is_told_from_all_others() {
        let kept = quick("correct horse");
        assert!(is_right(&kept, "correct horse"));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!is_right(&kept, wrong), "{wrong}");
        }
    }

    #[test]
    fn whoever_guesses_waits_longer_each_time_and_the_owner_gets_in() {
        let (mut login, mut desk) = (Login::default(), with_password(Some("correct horse")));
        let mut now_us = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            assert!(login.answer("guess", &mut desk, now_us).0.contains("not it"));
            assert!(login.answer("correct horse", &mut desk, now_us).0.starts_with("Wait "), "not heard");
            waits.push((login.heard_from_us - now_us) / 1_000_000);
            now_us = login.heard_from_us;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(matches!(login.interrupt().1, Then::Next), "Ctrl-C does not open it");
        assert!(matches!(login.answer("", &mut desk, now_us).1, Then::Next));
        assert!(matches!(login.answer("correct horse", &mut desk, now_us).1, Then::Over));
    }

    /// UG7.
    #[test]
    fn a_lock_opens_to_the_password_as_it_is_now() {
        let mut login = Login::default();
        assert!(
            login.answer("correct horse", &mut with_password(Some("battery staple")), 0).0.contains("not it")
        );
        let now_us = login.heard_from_us;
        assert!(matches!(
            login.answer("correct horse", &mut with_password(Some("correct horse")), now_us).1,
            Then::Over
        ));
        let (said, then) = Login::default().answer("anything", &mut with_password(None), 0);
        assert!(said.contains("no password any more") && matches!(then, Then::Over));
    }

    #[test]
    fn a_short_one_and_two_that_differ_change_nothing() {
        let (mut choosing, mut desk) = (Choosing::default(), Desk::default());
        assert!(choosing.answer("short", &mut desk, 0).0.contains("shorter than 8"));
        choosing.answer("long enough", &mut desk, 0);
        assert_eq!(choosing.prompt(), "once more: ");
        let (said, then) = choosing.answer("long enouhg", &mut desk, 0);
        assert!(said.contains("another one") && matches!(then, Then::Over));
        assert_eq!(desk.in_force().console_password, None);
    }
}
