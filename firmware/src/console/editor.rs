//! A line editor for the dumbest terminal there is: no escape sequences out, none needed in.
//!
//! Whatever arrives, including megabytes of line noise, ends in a prompt and changes nothing: the line is bounded, control
//! characters are swallowed, a line with noise in it is an unknown command. It must not interpret a line.

/// Longest line: a zone with all its corners; other commands are well under 100 characters. A longer line is refused as a whole.
pub const LINE_BYTES_MAX: usize = 256;

const CTRL_C: u8 = 0x03;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

/// What one byte led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing to do.
    Nothing,
    /// Show this.
    Echo(&'static str),
    /// Take this many characters back from the screen.
    Erase(usize),
    /// A line is complete (without its end). Empty when it was too long.
    Line(String),
    /// Ctrl-C: the line is gone.
    Interrupt,
}

/// The line so far.
#[derive(Default)]
pub struct Editor {
    line: String,
    /// The line is too long and is thrown away up to its end.
    overflow: bool,
    /// After a carriage return a line feed is part of the same end.
    after_return: bool,
    escape: Escape,
}

/// Where in a terminal's escape sequence we are (ECMA-48): they are swallowed whole.
#[derive(Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Parameters,
}

impl Editor {
    /// The line as typed so far.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Takes one byte from the terminal.
    pub fn feed(&mut self, byte: u8) -> Input {
        let after_return = std::mem::take(&mut self.after_return);
        if self.swallow_escape(byte) {
            return Input::Nothing;
        }
        match byte {
            b'\n' if after_return => Input::Nothing,
            b'\r' | b'\n' => {
                self.after_return = byte == b'\r';
                self.overflow = false;
                Input::Line(std::mem::take(&mut self.line))
            }
            CTRL_C => {
                self.line.clear();
                Input::Interrupt
            }
            CTRL_U => {
                let length = self.line.len();
                self.line.clear();
                Input::Erase(length)
            }
            BACKSPACE | DELETE if self.line.pop().is_some() => Input::Erase(1),
            ESCAPE => {
                self.escape = Escape::Begun;
                Input::Nothing
            }
            b' '..=b'~' => self.insert(byte),
            _ => Input::Nothing,
        }
    }

    fn insert(&mut self, byte: u8) -> Input {
        if self.overflow {
            return Input::Nothing;
        }
        if self.line.len() == LINE_BYTES_MAX {
            self.overflow = true;
            self.line.clear();
            return Input::Nothing;
        }
        self.line.push(char::from(byte));
        Input::Echo(PRINTABLE.get(usize::from(byte - b' ')..=usize::from(byte - b' ')).unwrap_or(""))
    }

    /// Whether the byte belongs to an escape sequence.
    fn swallow_escape(&mut self, byte: u8) -> bool {
        let (next, swallowed) = match (&self.escape, byte) {
            (Escape::Begun, b'[' | b'O') => (Escape::Parameters, true),
            // A line's end always counts: a stray escape must not eat it.
            (_, b'\r' | b'\n') | (Escape::None, _) => (Escape::None, false),
            (Escape::Begun, _) => (Escape::None, true),
            (Escape::Parameters, 0x20..=0x3f) => (Escape::Parameters, true),
            (Escape::Parameters, _) => (Escape::None, true),
        };
        self.escape = next;
        swallowed
    }
}

/// The printable characters in order, so that an echo is a slice of it.
static PRINTABLE: &str =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

#[cfg(test)]
mod tests {
    use super::{Editor, Input, LINE_BYTES_MAX, PRINTABLE};

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut editor = Editor::default();
        let line = |b: &u8| match editor.feed(*b) {
            Input::Line(line) => Some(line),
            Input::Interrupt => Some("^C".into()),
            _ => None,
        };
        bytes.iter().filter_map(line).collect()
    }

    #[test]
    fn lines_end_the_way_every_terminal_ends_them() {
        assert_eq!(lines(b"one\rtwo\nthree\r\nfour\n\r"), ["one", "two", "three", "four", ""]);
    }

    #[test]
    fn editing_keys_work() {
        assert_eq!(lines(b"stax\x08tus\r"), ["status"]);
        assert_eq!(lines(b"nonsense\x15help\r"), ["help"]);
        assert_eq!(lines(b"nonsense\x03help\r"), ["^C", "help"]);
        assert_eq!(lines(b"\x7f\x7fhelp\r"), ["help"]);
        assert_eq!(lines(b"he\x1b[1;5Cl\x1bOAp\x1bx\r"), ["help"]);
    }

    #[test]
    fn noise_ends_in_a_prompt() {
        let mut noise: Vec<u8> =
            (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        noise.retain(|b| !matches!(b, b'\r' | b'\n'));
        noise.extend(b"\r\rhelp\r");
        let seen = lines(&noise);
        assert_eq!(seen.last().map(String::as_str), Some("help"));
        assert!(seen.iter().all(|l| l.len() <= LINE_BYTES_MAX));
        let mut long = vec![b'x'; 1_000_000];
        long.push(b'\r');
        assert_eq!(lines(&long), [""]);
    }

    #[test]
    fn what_is_typed_is_echoed() {
        assert_eq!(PRINTABLE.len(), 95);
        for byte in b' '..=b'~' {
            let expected = char::from(byte).to_string();
            assert!(matches!(Editor::default().feed(byte), Input::Echo(text) if text == expected));
        }
    }
}
