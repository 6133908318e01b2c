//! Lines that are too long for the smallest terminal are broken between words. Pure.
//!
//! A line that goes on below ends with a space, as in RFC 3676: a script that takes each such space, the line end and the spaces behind it
//! for one space has the line as it was. Must not touch a line that fits.

use super::terminal::COLUMNS_MAX;

/// A line that goes on has its space within the smallest terminal.
const ROOM: usize = COLUMNS_MAX - 1;
/// Behind a gap like this a row's own text begins, which goes on below itself.
const GAP: &str = "  ";
/// What is no longer than that behind a number is its unit, and stays with it.
const UNIT_MAX: usize = 4;
/// Not further to the right than that: there would be little room.
const HANG_MAX: usize = COLUMNS_MAX / 2;

/// The text, each line of which fits but for words that are longer themselves.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let line = line.trim_end_matches('\n');
        if line.chars().count() <= COLUMNS_MAX {
            out += line;
        } else {
            break_up(line, &mut out);
        }
        out += end;
    }
    out
}

fn break_up(line: &str, out: &mut String) {
    let hang = hang(line);
    let mut at = 0;
    for (number, word) in words(line).into_iter().enumerate() {
        let length = word.chars().count();
        if number > 0 {
            out.push(' ');
            at += 1;
        }
        // One that does not fit below either stays where it is.
        if number > 0 && at > hang && at + length > ROOM && hang + length <= ROOM {
            *out += &format!("\n{:hang$}", "");
            at = hang;
        }
        *out += word;
        at += length;
    }
}

/// What is between spaces, a number with its unit in one.
fn words(line: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let (mut from, mut at) = (0, 0);
    for word in line.split(' ') {
        let is_unit = (1..=UNIT_MAX).contains(&word.chars().count())
            && words.last().is_some_and(|last| last.ends_with(|letter: char| letter.is_ascii_digit()));
        if is_unit {
            words.pop();
        } else {
            from = at;
        }
        at += word.len();
        words.push(&line[from..at]);
        // The space behind it.
        at += 1;
    }
    words
}

/// The column in which a line goes on.
fn hang(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let lead = line.len() - text.len();
    let gap = text.find(GAP).map(|gap| {
        let behind = text[gap..].trim_start_matches(' ');
        lead + text[..text.len() - behind.len()].chars().count()
    });
    gap.filter(|&column| column <= HANG_MAX).unwrap_or(if lead <= HANG_MAX { lead } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS_MAX, fold};

    /// As a script does.
    fn joined(text: &str) -> String {
        let mut lines = text.split('\n');
        let mut out = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            if out.ends_with(' ') {
                out += line.trim_start_matches(' ');
            } else {
                out.push('\n');
                out += line;
            }
        }
        out
    }

    #[test]
    fn long_lines_break_between_words_and_what_fits_stays() {
        let fits = format!("{}\n  a  b \n\n{}", "x".repeat(COLUMNS_MAX), "y ".repeat(COLUMNS_MAX / 2));
        assert_eq!(fold(&fits), fits);
        let words = "a word and another one ".repeat(9);
        for long in [
            words.trim_end().to_owned(),
            format!("  {words}end\nshort\n{words}end\n"),
            format!("motion    {words}end"),
        ] {
            let folded = fold(&long);
            assert!(folded.lines().all(|line| line.len() <= COLUMNS_MAX), "{folded}");
            assert!(folded.lines().count() > long.lines().count());
            assert_eq!(joined(&folded), long);
        }
    }

    #[test]
    fn a_row_goes_on_below_its_own_text() {
        let folded = fold(&format!("motion    {}end", "words ".repeat(20)));
        assert!(folded.starts_with("motion    words "));
        assert!(folded.lines().skip(1).all(|line| line.starts_with("          words ")), "{folded}");
        let folded = fold(&format!("  {}end", "words ".repeat(20)));
        assert!(folded.lines().all(|line| line.starts_with("  words ")), "{folded}");
        let sentence = fold(&format!("A sentence {}end", "words ".repeat(20)));
        assert!(sentence.lines().skip(1).all(|line| line.starts_with("words ")), "{sentence}");
    }

    #[test]
    fn a_word_that_fits_nowhere_stays_where_it_is() {
        let long = "x".repeat(COLUMNS_MAX + 1);
        assert_eq!(fold(&long), long);
        assert_eq!(fold(&format!("  {long} y\n")), format!("  {long} \n  y\n"));
        assert_eq!(fold(&format!("name      {long}")), format!("name      {long}"));
    }

    #[test]
    fn a_number_keeps_its_unit() {
        let at_the_edge = format!("{} 207 frames, 16468 KiB\n", "x".repeat(60));
        assert!(fold(&at_the_edge).ends_with(" 207 frames, \n16468 KiB\n"), "{}", fold(&at_the_edge));
        assert_eq!(joined(&fold(&at_the_edge)), at_the_edge);
    }

    #[test]
    fn letters_are_counted_and_not_bytes() {
        let umlauts = "ä".repeat(COLUMNS_MAX);
        assert_eq!(fold(&umlauts), umlauts);
        assert_eq!(fold(&format!("ü  {} {umlauts}", "ö".repeat(50))).lines().count(), 1);
    }
}
