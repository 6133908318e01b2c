//! The editor as a terminal shows it.
//!
//! What it sends is given to an emulated terminal, whose row must hold prompt and line.

use super::{Editor, Input, LINE_BYTES_MAX};

const PROMPT: &str = "kerberos> ";

/// An editor and the terminal before it.
struct Desk {
    editor: Editor,
    terminal: vt100::Parser,
    lines: Vec<String>,
}

impl Desk {
    fn new() -> Desk {
        let mut desk =
            Desk { editor: Editor::default(), terminal: vt100::Parser::new(4, 80, 0), lines: Vec::new() };
        let mut out = String::new();
        desk.editor.draw(PROMPT, &mut out);
        desk.terminal.process(out.as_bytes());
        desk
    }

    fn type_in(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let mut out = String::new();
            match self.editor.feed(*byte) {
                Input::Line(line) => {
                    self.editor.settle(&line, PROMPT, &mut out);
                    self.lines.push(line);
                    out.push_str("\r\n");
                    self.editor.draw(PROMPT, &mut out);
                }
                Input::TooLong => {
                    self.lines.push("(too long)".into());
                    out.push_str("\r\n");
                    self.editor.draw(PROMPT, &mut out);
                }
                _ => self.editor.show(PROMPT, &mut out),
            }
            self.terminal.process(out.as_bytes());
        }
    }

    /// The row with the cursor.
    fn row(&self) -> String {
        let (row, _) = self.terminal.screen().cursor_position();
        self.terminal.screen().rows(0, 80).nth(row.into()).unwrap_or_default().trim_end().to_owned()
    }

    fn column(&self) -> usize {
        self.terminal.screen().cursor_position().1.into()
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let mut desk = Desk::new();
    desk.type_in(bytes);
    desk.lines
}

#[test]
fn editing_keys_work() {
    assert_eq!(lines(b"stax\x08tus\r"), ["status"]);
    assert_eq!(lines(b"nonsense\x15help\r"), ["help"]);
    assert_eq!(lines(b"nonsense\x03help\r"), ["help"]);
    assert_eq!(lines(b"\x7f\x7fhelp\r"), ["help"]);
    assert_eq!(lines(b"elp\x1b[Hh\r"), ["help"]);
    assert_eq!(
        lines(b"set name frontdoor\x17back\x1b[1;5D\x1b[1;5D\x1b[3~\x05\x02\x02X\r"),
        ["set ame baXck"]
    );
    assert_eq!(lines(b"one two\x01\x1bd\x0b\x1b[Atail\r"), ["tail"]);
    assert_eq!(
        lines(b"first\rsecond\r\x1b[A\x1b[A\r\x1b[A\x1b[A\x1b[A\x1b[B!\r"),
        ["first", "second", "first", "second!"]
    );
}

#[test]
fn a_line_longer_than_the_row_moves_sideways_and_stays_whole() {
    let long: String = (0..200).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
    let mut desk = Desk::new();
    desk.type_in(long.as_bytes());
    let row = desk.row();
    assert!(row.starts_with("kerberos> <") && long.ends_with(&row[11..]), "{row}");
    assert_eq!(desk.column(), row.len());
    desk.type_in(b"\x01");
    assert_eq!((desk.row().get(10..).map(|shown| long.starts_with(shown)), desk.column()), (Some(true), 10));
    desk.type_in(b"\r");
    assert_eq!(desk.lines, [long]);
}

#[test]
fn a_notice_takes_the_line_away_and_brings_it_back() {
    let mut desk = Desk::new();
    desk.type_in(b"set na\x02");
    let mut out = String::new();
    desk.editor.erase(PROMPT, &mut out);
    out.push_str("event 1: motion\r\n");
    desk.editor.draw(PROMPT, &mut out);
    desk.terminal.process(out.as_bytes());
    assert_eq!((desk.row(), desk.column()), ("kerberos> set na".into(), 15));
    let contents = desk.terminal.screen().contents();
    assert_eq!(contents.lines().next().map(str::trim_end), Some("event 1: motion"));
}

#[test]
fn a_secret_is_neither_shown_nor_remembered_nor_explained() {
    let mut desk = Desk::new();
    desk.editor.discuss(true, true);
    desk.type_in(b"why?\tso\x1b[D\x1b[D-\r");
    assert_eq!((desk.lines.as_slice(), desk.row().as_str()), (&["why?-so".to_string()][..], "kerberos>"));
    assert!(!desk.terminal.screen().contents().contains("why"));
    desk.editor.discuss(false, false);
    desk.type_in(b"\x1b[A\r");
    assert_eq!(desk.lines[1], "");
}

#[test]
fn noise_ends_in_a_prompt() {
    let mut noise: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    noise.retain(|b| !matches!(b, b'\r' | b'\n'));
    noise.extend(b"\r\rhelp\r");
    let seen = lines(&noise);
    assert_eq!(seen.last().map(String::as_str), Some("help"));
    assert!(seen.iter().all(|l| l.len() <= LINE_BYTES_MAX));
    let mut long = vec![b'x'; 1_000_000];
    long.push(b'\r');
    assert_eq!(lines(&long), ["(too long)"]);
}

/// Whatever keys are struck, the terminal shows the line that Enter would give, with the cursor where the next character goes.
#[test]
fn the_terminal_shows_the_line_after_every_key() {
    let keys: [&[u8]; 20] = [
        b"a",
        b"bc ",
        b"word",
        b" ",
        b"0123456789",
        b"\x08",
        b"\x1b[D",
        b"\x1b[C",
        b"\x1b[D\x1b[D\x1b[D",
        b"\x01",
        b"\x05",
        b"\x1b[1;5D",
        b"\x1b[1;5C",
        b"\x17",
        b"\x1bd",
        b"\x1b[3~",
        b"\x1b[A",
        b"\x1b[B",
        b"\x0b",
        b"\r",
    ];
    let mut state = 0x9e37_79b9_u32;
    for _ in 0..60 {
        let mut desk = Desk::new();
        for _ in 0..150 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            // Keys that add are struck more often: the line gets longer than the row.
            let key = keys[(state >> 8) as usize % if state & 3 == 0 { 20 } else { 9 }];
            desk.type_in(key);
            let (row, column) = (desk.row(), desk.column());
            let text = desk.editor.text();
            let shown = row.strip_prefix(PROMPT.trim_end()).expect("the prompt").get(1..).unwrap_or_default();
            let under = column.checked_sub(PROMPT.len()).expect("right of the prompt");
            let shown = shown.strip_prefix('<').map_or(shown, |rest| rest);
            assert!(text.0.contains(shown.trim_end()), "{text:?} {row:?}");
            // What follows the cursor on the screen is what follows it in the line.
            let after: String = row.chars().skip(column).collect();
            assert!(text.0[text.1..].trim_end().starts_with(after.trim_end()), "{text:?} {row:?} {column}");
            let before = &row[PROMPT.len().min(row.len())..column.min(row.len())];
            let before = before.strip_prefix('<').unwrap_or(before);
            assert!(text.0[..text.1].trim_end().ends_with(before.trim_end()), "{text:?} {row:?} {under}");
        }
    }
}
