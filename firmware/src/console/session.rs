//! One person, or one script, on the line.
//!
//! What is typed goes to the editor, what it means to commands and dialogues, what they say to the line. It must not know a command.

use super::complete::{self, Names};
use super::context::Context;
use super::desk::Desk;
use super::dialogue::{Dialogue, Then};
use super::fold::fold;
use super::line::{Editor, Input};
use super::live::Running;
use super::password::Login;
use super::pulse;
use super::reply::Reply;
use super::send::{self, Batch};
use super::terminal::Terminal;
use super::{answers, commands, export, machine, reset};
use crate::clock;
use crate::gadget::{PROBE_MACHINE, PROBE_PERSON, PROBE_WRITES};
use crate::paths;
use crate::record::folder::Directory;
use crate::record::retention::{self, LISTED_MAX};
use nix::sys::signalfd::SignalFd;

/// What stands before the cursor.
pub const PROMPT: &str = "kerberos> ";
/// An empty screen, the cursor in its corner (ECMA-48: ED, CUP). Sent only to whoever types Ctrl-L.
const CLEAR_SCREEN: &str = "\x1b[2J\x1b[H";
/// Whoever has left is not followed by somebody else.
const LOCK_US: u64 = 600_000_000;
/// How long the setting is believed, when there was no password to ask for.
const LOOK_AGAIN_US: u64 = 10_000_000;
/// Something cannot be done with this key here.
const BELL: &str = "\x07";

/// See the module.
pub struct Session {
    terminal: Terminal,
    editor: Editor,
    desk: Desk,
    dialogue: Option<Box<dyn Dialogue>>,
    is_machine: bool,
    /// Whether prompt and line are on the screen.
    is_shown: bool,
    /// What goes on until a key, in the place of prompt and line.
    running: Option<Running>,
    /// The rest of the key that ended it is still to come.
    swallows: bool,
    /// When something was last typed.
    typed_us: u64,
    /// When whoever listens was last asked for a sign of life.
    probed_us: u64,
}

impl Session {
    /// Welcomes whoever is there.
    pub fn new(mut terminal: Terminal) -> Session {
        let desk = Desk::open();
        terminal.write(&fold(&answers::welcome(desk.is_new())));
        let mut session = Session {
            terminal,
            editor: Editor::default(),
            desk,
            dialogue: None,
            is_machine: false,
            is_shown: false,
            running: None,
            swallows: false,
            typed_us: clock::monotonic_us(),
            probed_us: 0,
        };
        session.lock();
        session
    }

    /// The line.
    pub fn terminal(&mut self) -> &mut Terminal {
        &mut self.terminal
    }

    /// Tells something that happened; the line being typed comes back below it with [`Session::show`].
    pub fn tell(&mut self, notice: &str) {
        if self.is_machine {
            return self.terminal.write(&machine::notice(notice));
        }
        let mut out = String::new();
        if std::mem::take(&mut self.is_shown) {
            self.editor.erase(&self.prompt(), &mut out);
        }
        self.terminal.write(&(out + &fold(notice) + "\n"));
        self.running.iter_mut().for_each(Running::interrupt);
    }

    /// Does what the reset button is held down for.
    pub fn reset_if_wanted(&mut self) {
        if reset::is_wanted() {
            reset::act(&mut self.desk);
        }
    }

    /// Whether nobody may see or do anything before the password was given.
    pub fn is_locked(&self) -> bool {
        self.dialogue.as_ref().is_some_and(|dialogue| dialogue.is_lock())
    }

    /// Asks for the password, if there is one and nothing was typed for a while.
    pub fn lock_if_idle(&mut self) {
        let now_us = clock::monotonic_us();
        if now_us.saturating_sub(self.typed_us) <= LOCK_US || self.is_locked() {
            return;
        }
        // Another console may have set the password. Without one, it is looked for again a while later.
        self.desk.refresh();
        self.typed_us += LOOK_AGAIN_US;
        if self.desk.in_force().console_password.is_some() {
            if self.running.is_some() {
                self.end_running();
            }
            self.tell("Locked, because nothing was typed for a while.");
            self.lock();
        }
    }

    /// Asks for the password, if there is one.
    fn lock(&mut self) {
        if self.desk.in_force().console_password.is_some() {
            self.dialogue = Some(Box::new(Login::default()));
            self.listen();
            self.editor.forget();
        }
    }

    /// How long nothing has to be shown, if nothing happens; at most `ms_max`.
    pub fn wait_ms(&self, ms_max: u16) -> u16 {
        self.running.as_ref().map_or(ms_max, |running| running.wait_ms(clock::monotonic_us(), ms_max))
    }

    /// Brings to the screen what goes on, or prompt and line, if they are not there.
    pub fn show(&mut self) {
        if let Some(running) = &mut self.running {
            match running.draw(clock::monotonic_us()) {
                Some(text) => return self.terminal.write(&text),
                None => self.end_running(),
            }
        }
        if self.is_machine || std::mem::replace(&mut self.is_shown, true) {
            return;
        }
        self.paint(Editor::draw);
    }

    /// Takes what was typed.
    pub fn take(&mut self, bytes: &[u8], stop: &SignalFd) {
        if !bytes.is_empty() {
            self.typed_us = clock::monotonic_us();
        }
        for (index, byte) in bytes.iter().enumerate() {
            if self.running.is_some() {
                self.key(*byte);
                continue;
            }
            if self.swallows {
                self.swallows = self.editor.swallow(*byte);
                continue;
            }
            let input = self.editor.feed(*byte);
            // A person strikes it and looks; within a burst of bytes it is noise, or was pasted.
            let is_struck = index + 1 == bytes.len() && !self.is_machine && self.dialogue.is_none();
            match input {
                // Once for all that came together: a paste costs no more than itself on the line, and noise less.
                Input::Nothing if index + 1 == bytes.len() => self.follow(),
                Input::Nothing => {}
                Input::Complete if is_struck => self.complete(),
                Input::Explain if is_struck => self.explain(),
                Input::Complete => {}
                // In a dialogue it is a character as others; no command has any.
                Input::Explain if self.dialogue.is_some() => self.editor.insert("?"),
                Input::Explain => {}
                Input::Redraw if is_struck => self.say(CLEAR_SCREEN),
                Input::Redraw => {}
                Input::Interrupt => self.interrupt(),
                Input::TooLong => {
                    let why = format!(
                        "A line is {} characters at most; this one was dropped.\n",
                        super::line::LINE_BYTES_MAX
                    );
                    self.answer("", Reply::refused(why));
                }
                Input::Line(line) => {
                    if let Some(batch) = self.line(&line) {
                        // What came behind the line was for the receiver.
                        return self.send(batch, stop);
                    }
                }
            }
        }
    }

    /// Asks whoever listens for a sign of life, once nothing was typed for `quiet_us`. A terminal shows nothing of it.
    pub fn probe(&mut self, now_us: u64, quiet_us: u64) {
        if now_us.saturating_sub(self.typed_us.max(self.probed_us)) >= quiet_us {
            self.probed_us = now_us;
            let byte = if self.is_machine { PROBE_MACHINE } else { PROBE_PERSON };
            self.terminal.probe(byte, PROBE_WRITES);
        }
    }

    /// The line, without the session.
    pub fn into_terminal(self) -> Terminal {
        self.terminal
    }

    /// The system goes down: what was typed stays as it is on the screen.
    pub fn part(&mut self) {
        if !self.is_machine {
            self.terminal.write("\n");
        }
    }

    /// Any key ends what goes on, but the line feed of the line end that began it. It is no part of a line, whole as it is.
    fn key(&mut self, byte: u8) {
        let more_comes = self.editor.swallow(byte);
        if byte != b'\n' {
            self.swallows = more_comes;
            self.end_running();
        }
    }

    /// What goes on is over: its last words, then prompt and line.
    fn end_running(&mut self) {
        let words = self.running.take().map(Running::end).unwrap_or_default();
        self.say(&fold(&words));
    }

    /// The screen follows the line.
    fn follow(&mut self) {
        self.paint(Editor::show);
    }

    /// Writes what the editor makes for a person; a machine sees no line.
    fn paint(&mut self, make: impl FnOnce(&mut Editor, &str, &mut String)) {
        if !self.is_machine {
            let (prompt, mut out) = (self.prompt(), String::new());
            make(&mut self.editor, &prompt, &mut out);
            self.terminal.write(&out);
        }
    }

    fn prompt(&self) -> String {
        self.dialogue.as_ref().map_or_else(|| PROMPT.into(), |dialogue| dialogue.prompt())
    }

    /// Takes a line; what it wants sent.
    fn line(&mut self, line: &str) -> Option<Batch> {
        self.paint(|editor, prompt, out| editor.settle(line, prompt, out));
        let now_us = clock::monotonic_us();
        let mut reply = match &mut self.dialogue {
            Some(dialogue) => {
                self.desk.refresh();
                let (text, then) = dialogue.answer(line, &mut self.desk, now_us);
                let mut reply = Reply::done(text);
                match then {
                    Then::Next => {}
                    Then::Watch(live) => reply.live = Some(live),
                    Then::Over => self.dialogue = None,
                }
                reply
            }
            None => {
                let (desk, is_machine) = (&mut self.desk, &mut self.is_machine);
                commands::run(line, Context { desk, arguments: &[], now_us, is_machine })
            }
        };
        let batch = reply.batch.take();
        if let Some(batch) = &batch {
            reply.text = send::announcement(batch, self.terminal.baud());
        }
        if batch.is_none() || self.is_machine {
            self.answer(line, reply);
        } else {
            self.terminal.write(&format!("\n{}", fold(&reply.text)));
        }
        batch
    }

    /// The line is the transfer's until it is over.
    fn send(&mut self, batch: Batch, stop: &SignalFd) {
        self.is_shown = false;
        if let Some(words) = send::run(&mut self.terminal, stop, batch) {
            self.tell(&words);
        }
    }

    /// Shows an answer below the line that it is to.
    fn answer(&mut self, line: &str, mut reply: Reply) {
        if let Some(dialogue) = reply.then.take() {
            self.dialogue = Some(dialogue);
        }
        self.listen();
        if self.is_machine {
            if reply.live.take().is_some() {
                reply = Reply::refused("That goes on until a key: it is for people, not for `machine on`.\n");
            }
            let asks = self.dialogue.as_ref().map(|dialogue| dialogue.prompt());
            // An empty line asks nothing, but in a dialogue.
            if !line.is_empty() || !reply.text.is_empty() || asks.is_some() {
                let text = machine::answer(line, &reply, asks.as_deref());
                self.terminal.write(&text);
            }
            return;
        }
        let text = if reply.is_verbatim { reply.text } else { fold(&reply.text) };
        match reply.live.take() {
            None => self.say(&format!("\n{text}")),
            Some(live) => {
                self.terminal.write(&format!("\n{text}"));
                (self.running, self.is_shown) = (Some(Running::new(live)), false);
            }
        }
    }

    /// The editor takes what comes as a command, an answer, or a secret.
    fn listen(&mut self) {
        let is_secret = self.dialogue.as_ref().is_some_and(|dialogue| dialogue.is_secret());
        self.editor.discuss(self.dialogue.is_some(), is_secret);
    }

    /// Text in place of prompt and line, which come back below it.
    fn say(&mut self, text: &str) {
        let mut out = text.to_owned();
        self.editor.draw(&self.prompt(), &mut out);
        self.terminal.write(&out);
        self.is_shown = true;
        pulse::beat();
    }

    fn interrupt(&mut self) {
        let said = match self.dialogue.take() {
            Some(mut dialogue) => {
                let (said, then) = dialogue.interrupt();
                self.dialogue = if matches!(then, Then::Over) { None } else { Some(dialogue) };
                said
            }
            None => export::interrupt(),
        };
        self.answer("", Reply::refused(said));
    }

    fn complete(&mut self) {
        let completion = complete::complete(self.editor.before(), &self.desk);
        if !completion.choices.is_empty() {
            self.say(&format!("\n{}", completion.choices));
        } else if completion.insert.is_empty() {
            self.terminal.write(BELL);
        } else {
            self.editor.insert(&completion.insert);
            self.follow();
        }
    }

    fn explain(&mut self) {
        let text = complete::explain(self.editor.before(), &self.desk);
        if text.is_empty() { self.terminal.write(BELL) } else { self.say(&format!("\n{}", fold(&text))) }
    }
}

impl Names for Desk {
    fn clips(&self) -> Vec<String> {
        let folder = Directory::new(paths::CLIPS_DIR, false);
        // Without a card there are none to name; `clips` says why.
        let listing = retention::list(&folder, LISTED_MAX).map(|listing| listing.newest).unwrap_or_default();
        listing.iter().map(|clip| clip.name.to_string()).collect()
    }

    fn value(&self, setting: &str) -> Option<String> {
        self.in_force().get(setting)
    }
}
