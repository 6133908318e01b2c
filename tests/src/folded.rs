//! Lines that the console broke for a small terminal, as the lines that they were: tests look for whole sentences.
//!
//! Such a line ends with a space (README.md, "Setting it up"). It must not touch a picture, whose rows may end so by themselves.

/// Before a picture's row stands a number or nothing, three columns wide, and a space.
const RULER: usize = 4;

/// Joins what comes in pieces.
#[derive(Debug, Default)]
pub struct Joiner {
    line: String,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Within,
    /// Behind a carriage return, which is kept back.
    Returned,
    /// Behind the line end of a line that goes on.
    Below,
}

impl Joiner {
    /// Takes what came; adds what it is to `out`.
    pub fn take(&mut self, text: &str, out: &mut String) {
        for letter in text.chars() {
            match (self.state, letter) {
                (State::Below, ' ') => {}
                (State::Returned, '\n') if self.goes_on() => self.state = State::Below,
                (State::Returned, '\n') => {
                    out.push_str("\r\n");
                    *self = Joiner::default();
                }
                (State::Returned, _) => {
                    // What follows is drawn over it.
                    out.push('\r');
                    self.line.clear();
                    self.within(letter, out);
                }
                _ => self.within(letter, out),
            }
        }
    }

    fn within(&mut self, letter: char, out: &mut String) {
        self.state = State::Within;
        match letter {
            '\r' => {
                self.state = State::Returned;
                return;
            }
            '\n' => self.line.clear(),
            _ => self.line.push(letter),
        }
        out.push(letter);
    }

    fn goes_on(&self) -> bool {
        self.line.ends_with(' ') && !self.is_picture()
    }

    fn is_picture(&self) -> bool {
        let ruler = self.line.get(..RULER).unwrap_or_default();
        ruler.ends_with(' ') && ruler.trim().chars().all(|digit| digit.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::Joiner;

    /// In two pieces, split anywhere.
    fn joined(text: &str) -> String {
        let all: Vec<String> = (0..text.len())
            .map(|at| {
                let (mut joiner, mut out) = (Joiner::default(), String::new());
                joiner.take(&text[..at], &mut out);
                joiner.take(&text[at..], &mut out);
                out
            })
            .collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
        all[0].clone()
    }

    #[test]
    fn lines_that_go_on_are_one_line_wherever_the_pieces_end() {
        let text = "motion    one two \r\n          three \r\n          four\r\narmed     yes\r\n";
        assert_eq!(joined(text), "motion    one two three four\r\narmed     yes\r\n");
        let after_a_prompt = "kerberos> \r          \ra notice; it \r\nis long\r\n";
        assert_eq!(joined(after_a_prompt), "kerberos> \r          \ra notice; it is long\r\n");
        assert_eq!(joined("a sentence \r\nwith an end\r\nb"), "a sentence with an end\r\nb");
    }

    #[test]
    fn pictures_prompts_and_what_is_drawn_over_stay() {
        for text in ["    @@   \r\n 10 ##   \r\n", "kerberos> \r\x1b[Kevent 1\r\n", "a\r\n b\r\n"] {
            assert_eq!(joined(text), text);
        }
    }
}
