//! The owner's outputs as init holds them: requested when the guard asks, safe when the guard dies, given up safe.
//!
//! The guard gets a copy of each descriptor and switches the lines; init's own copies outlive it. It must not decide when a line is
//! on.

use super::line::{self, OutputLine};
use super::pwm;
use crate::warning;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

/// What is done to lines: by the kernel, or in a list of the tests.
pub trait Outputs {
    /// A line that is held.
    type Line;
    /// Requests a line at its initial level, which is inactive unless its owner wants it otherwise.
    fn request(&mut self, line: &OutputLine) -> Result<Self::Line, String>;
    /// Drives a held line in another way; it is at its initial level then.
    fn change(&mut self, held: &Self::Line, line: &OutputLine) -> Result<(), String>;
    /// Puts a line back to its initial level.
    fn make_safe(&mut self, held: &Self::Line, line: &OutputLine);
}

/// The lines that are held now.
pub struct Held<O: Outputs> {
    outputs: O,
    lines: Vec<(OutputLine, O::Line)>,
}

impl<O: Outputs> Held<O> {
    /// None yet.
    pub fn new(outputs: O) -> Self {
        Self { outputs, lines: Vec::new() }
    }

    /// Holds exactly these lines from now on; says of each whether it is held, or why not. One that is given up or driven in another
    /// way is at its initial level first; one that stays as it is is not touched.
    pub fn hold(&mut self, wanted: &[OutputLine]) -> Vec<Result<(), String>> {
        let outputs = &mut self.outputs;
        self.lines.retain(|(line, held)| {
            let stays = wanted.iter().any(|other| other.address == line.address);
            if !stays {
                outputs.make_safe(held, line);
            }
            stays
        });
        wanted.iter().map(|line| self.hold_one(line)).collect()
    }

    fn hold_one(&mut self, wanted: &OutputLine) -> Result<(), String> {
        if let Some((line, held)) = self.lines.iter_mut().find(|(line, _)| line.address == wanted.address) {
            if line != wanted {
                self.outputs.make_safe(held, line);
                self.outputs.change(held, wanted)?;
                line.clone_from(wanted);
            }
            return Ok(());
        }
        let held = self.outputs.request(wanted)?;
        self.lines.push((wanted.clone(), held));
        Ok(())
    }

    /// Puts every line back to its initial level.
    pub fn make_safe(&mut self) {
        for (line, held) in &self.lines {
            self.outputs.make_safe(held, line);
        }
    }

    /// The line, if it is held.
    pub fn line(&self, wanted: &OutputLine) -> Option<&O::Line> {
        self.lines.iter().find(|(line, _)| line == wanted).map(|(_, held)| held)
    }
}

impl Held<Gpio> {
    /// The descriptors of those of these lines that are held, in their order.
    pub fn descriptors(&self, wanted: &[OutputLine]) -> Vec<BorrowedFd<'_>> {
        wanted.iter().filter_map(|line| self.line(line)).map(AsFd::as_fd).collect()
    }
}

/// The kernel: its character device, or a channel of its PWM.
pub struct Gpio;

impl Outputs for Gpio {
    type Line = File;

    fn request(&mut self, line: &OutputLine) -> Result<File, String> {
        match &line.wave {
            Some(wave) => {
                pwm::request(wave, line.active_low, line.initial_on).map_err(|error| error.to_string())
            }
            None => line::request_output(line).map_err(|error| error.to_string()),
        }
    }

    fn change(&mut self, held: &File, line: &OutputLine) -> Result<(), String> {
        match &line.wave {
            // To ask for a channel again is to change it.
            Some(_) => self.request(line).map(drop),
            None => line::change_output(held, line).map_err(|error| error.to_string()),
        }
    }

    fn make_safe(&mut self, held: &File, line: &OutputLine) {
        let done = match &line.wave {
            Some(wave) => pwm::rest(held, wave, line.initial_on).map_err(|error| error.to_string()),
            None => line::set(held, line.initial_on).map_err(|error| error.to_string()),
        };
        if let Err(error) = done {
            warning!("output: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, OutputLine, Outputs};
    use crate::alarm::place::Address;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// Writes down what is done.
    #[derive(Clone, Default)]
    struct List(Rc<RefCell<Vec<String>>>);

    impl Outputs for List {
        type Line = u32;
        fn request(&mut self, line: &OutputLine) -> Result<u32, String> {
            let offset = line.address.offset;
            self.0.borrow_mut().push(format!("request {offset}"));
            if offset == 9 { Err("busy".into()) } else { Ok(offset) }
        }
        fn change(&mut self, held: &u32, line: &OutputLine) -> Result<(), String> {
            self.0.borrow_mut().push(format!("change {held} {}", line.active_low));
            Ok(())
        }
        fn make_safe(&mut self, held: &u32, _: &OutputLine) {
            self.0.borrow_mut().push(format!("safe {held}"));
        }
    }

    fn line(offset: u32, active_low: bool) -> OutputLine {
        let address = Address { chip: "c".into(), offset };
        OutputLine { address, active_low, open_drain: false, initial_on: false, wave: None }
    }

    #[test]
    fn what_is_given_up_or_changed_is_safe_first_and_the_rest_is_not_touched() {
        let list = List::default();
        let said = || std::mem::take(&mut *list.0.borrow_mut());
        let mut held = Held::new(list.clone());
        assert_eq!(held.hold(&[line(1, false), line(2, false)]), [Ok(()), Ok(())]);
        assert_eq!(said(), ["request 1", "request 2"]);
        held.hold(&[line(1, false), line(2, true), line(3, false)]);
        assert_eq!(said(), ["safe 2", "change 2 true", "request 3"]);
        held.hold(&[line(3, false)]);
        assert_eq!(said(), ["safe 1", "safe 2"]);
        held.make_safe();
        assert_eq!(said(), ["safe 3"]);
        held.hold(&[]);
        held.make_safe();
        assert_eq!(said(), ["safe 3"], "what is not held is nobody's business");
    }

    #[test]
    fn a_line_that_cannot_be_had_is_told_and_the_others_are_held() {
        let mut held = Held::new(List::default());
        let answers = held.hold(&[line(9, false), line(1, false)]);
        assert_eq!(answers, [Err("busy".into()), Ok(())]);
        assert_eq!((held.line(&line(9, false)), held.line(&line(1, false))), (None, Some(&1)));
    }
}
