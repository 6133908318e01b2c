//! Bytes from a terminal become keys (ECMA-48 control sequences, as VT100 and xterm send them). Must not know a line.

/// A key that means something to the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A printable ASCII character.
    Character(u8),
    /// The end of the line, in any of the ways in which terminals send it.
    Enter,
    /// Completes what is before the cursor.
    Tab,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-L.
    Redraw,
    /// One character back.
    Left,
    /// One character on.
    Right,
    /// To the beginning of the word.
    WordLeft,
    /// To the end of the word.
    WordRight,
    /// To the beginning of the line.
    Home,
    /// To the end of the line.
    End,
    /// The line before this one.
    Up,
    /// The line after this one.
    Down,
    /// Removes the character before the cursor.
    Backspace,
    /// Removes the character under the cursor.
    Delete,
    /// Removes the word before the cursor.
    DeleteWordLeft,
    /// Removes the word after the cursor.
    DeleteWordRight,
    /// Removes everything before the cursor.
    DeleteToStart,
    /// Removes everything after the cursor.
    DeleteToEnd,
}

/// Control characters that are keys. None brings back an earlier line: of noise and a line's end one pair in 65 536 would then give an
/// earlier command again.
#[rustfmt::skip]
static CONTROLS: &[(u8, Key)] = &[
    (0x01, Key::Home), (0x02, Key::Left), (0x03, Key::Interrupt), (0x04, Key::Delete), (0x05, Key::End),
    (0x06, Key::Right), (0x08, Key::Backspace), (0x09, Key::Tab), (0x0b, Key::DeleteToEnd), (0x0c, Key::Redraw),
    (0x15, Key::DeleteToStart), (0x17, Key::DeleteWordLeft), (0x7f, Key::Backspace),
];

/// What may follow an escape character alone (the Alt key).
#[rustfmt::skip]
static AFTER_ESCAPE: &[(u8, Key)] = &[
    (b'b', Key::WordLeft), (b'f', Key::WordRight), (b'd', Key::DeleteWordRight),
    (0x7f, Key::DeleteWordLeft), (0x08, Key::DeleteWordLeft),
];

/// Control sequences by their final byte and first parameter; 0 where there is none.
#[rustfmt::skip]
static SEQUENCES: &[(u8, u8, Key)] = &[
    (b'A', 0, Key::Up), (b'B', 0, Key::Down), (b'C', 0, Key::Right), (b'D', 0, Key::Left),
    (b'H', 0, Key::Home), (b'F', 0, Key::End),
    (b'~', 1, Key::Home), (b'~', 3, Key::Delete), (b'~', 4, Key::End), (b'~', 7, Key::Home), (b'~', 8, Key::End),
];

/// The second parameter that terminals send with Ctrl (5) or Alt (3) held down.
const WITH_CONTROL: [u8; 2] = [3, 5];

/// Where in a sequence we are.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Plain,
    /// After a carriage return a line feed is part of the same end.
    Returned,
    Escaped,
    /// Parameters so far; more than two are counted and not kept.
    Sequence {
        parameters: [u8; 2],
        index: usize,
    },
}

/// Turns bytes into keys, one at a time. Sequences that mean nothing are swallowed whole.
#[derive(Debug, Default)]
pub struct Keys {
    state: State,
}

impl Keys {
    /// Whether a sequence was begun and has not come to its end.
    pub fn is_within(&self) -> bool {
        matches!(self.state, State::Escaped | State::Sequence { .. })
    }

    /// Takes one byte; the key that it completes, if it does.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        let (next, key) = match (self.state, byte) {
            (State::Returned, b'\n') => (State::Plain, None),
            // A line's end always counts: a stray escape must not eat it.
            (_, b'\r') => (State::Returned, Some(Key::Enter)),
            (_, b'\n') => (State::Plain, Some(Key::Enter)),
            (State::Escaped, b'[' | b'O') => (State::Sequence { parameters: [0; 2], index: 0 }, None),
            (State::Escaped, _) => (State::Plain, among(AFTER_ESCAPE, byte)),
            (State::Sequence { parameters, index }, _) => sequence(parameters, index, byte),
            (State::Plain | State::Returned, 0x1b) => (State::Escaped, None),
            (State::Plain | State::Returned, b' '..=b'~') => (State::Plain, Some(Key::Character(byte))),
            (State::Plain | State::Returned, _) => (State::Plain, among(CONTROLS, byte)),
        };
        self.state = next;
        key
    }
}

/// One byte within a control sequence.
fn sequence(mut parameters: [u8; 2], index: usize, byte: u8) -> (State, Option<Key>) {
    match byte {
        b'0'..=b'9' => {
            if let Some(parameter) = parameters.get_mut(index) {
                *parameter = parameter.saturating_mul(10).saturating_add(byte - b'0');
            }
            (State::Sequence { parameters, index }, None)
        }
        b';' => (State::Sequence { parameters, index: index.saturating_add(1) }, None),
        0x20..=0x3f => (State::Sequence { parameters, index }, None),
        _ => (State::Plain, named(parameters, byte)),
    }
}

/// The key of a whole sequence.
fn named([first, second]: [u8; 2], last: u8) -> Option<Key> {
    // `ESC [ C` and `ESC [ 1 ; 5 C` are the same arrow.
    let first = if last == b'~' { first } else { 0 };
    let key = SEQUENCES.iter().find(|(byte, parameter, _)| (*byte, *parameter) == (last, first))?.2;
    Some(match key {
        Key::Left if WITH_CONTROL.contains(&second) => Key::WordLeft,
        Key::Right if WITH_CONTROL.contains(&second) => Key::WordRight,
        Key::Delete if WITH_CONTROL.contains(&second) => Key::DeleteWordRight,
        key => key,
    })
}

fn among(table: &[(u8, Key)], byte: u8) -> Option<Key> {
    table.iter().find(|(of, _)| *of == byte).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys};

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        bytes.iter().filter_map(|byte| keys.feed(*byte)).collect()
    }

    #[test]
    fn lines_end_the_way_every_terminal_ends_them() {
        let enter = |bytes| keys(bytes).iter().filter(|key| **key == Key::Enter).count();
        assert_eq!(
            [enter(b"\r"), enter(b"\n"), enter(b"\r\n"), enter(b"\n\r"), enter(b"\r\r")],
            [1, 1, 1, 2, 2]
        );
        assert_eq!(keys(b"\x1b\r"), [Key::Enter]);
        assert_eq!(keys(b"\x1b[12\r"), [Key::Enter]);
    }

    #[test]
    fn terminals_name_keys_in_several_ways() {
        for (bytes, key) in [
            (&b"\x1b[A"[..], Key::Up),
            (b"\x1bOA", Key::Up),
            (b"\x1b[1;5C", Key::WordRight),
            (b"\x1b[1;3D", Key::WordLeft),
            (b"\x1bb", Key::WordLeft),
            (b"\x1b[H", Key::Home),
            (b"\x1b[1~", Key::Home),
            (b"\x1b[7~", Key::Home),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b[3;5~", Key::DeleteWordRight),
            (b"\x17", Key::DeleteWordLeft),
            (b"\x1b\x7f", Key::DeleteWordLeft),
        ] {
            assert_eq!(keys(bytes), [key], "{bytes:x?}");
        }
    }

    #[test]
    fn what_means_nothing_is_swallowed_whole() {
        assert_eq!(keys(b"\x1b[200~\x1b[?1;2c\x1bx\x00\x1a\xff\xc3\xa4\x1b[99999999;;;;9z"), []);
    }
}
