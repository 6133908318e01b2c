//! Text that somebody else chose (a device, a file on a card), as a terminal may have it. Must not lengthen it.

/// Only what stands on a typewriter: nothing moves the cursor, rings, or is taken for something else.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect()
}
