//! The console on the USB device port: who comes, is greeted, leaves, comes again.
//!
//! A computer may be there or not, may sleep, may be unplugged at any moment, and may or may not have a terminal open; nothing of it costs
//! anybody else anything, and nothing of it is noise in the log. Must not end because of the line: only init ends it.

use super::notices::Notices;
use super::session::Session;
use super::terminal::Terminal;
use super::{End, IDLE_MS, converse, pulse, wait};
use crate::gadget::{Listening, PROBE_UNHEARD, PROBE_WRITES, Port, TTY};
use crate::{clock, info, warning};
use nix::sys::signalfd::SignalFd;
use std::os::fd::AsFd;

/// A port that is not there yet is looked for so often, at first.
const FIND_MS_MIN: u16 = 1000;
/// And in the end.
const FIND_MS_MAX: u16 = 30_000;
/// How often to look whether a terminal was opened, while a computer is there: it is greeted before it wonders.
const LOOK_MS: u16 = 250;
/// A computer opens a line before it is told not to echo what comes on it. What comes back by then is nobody's command.
const SETTLE_MS: u16 = 300;
/// How often somebody who types nothing must give a sign of life. Whoever closes his terminal has left the console to the next one, its
/// password and what he had half typed included, until this and the wait for an answer are over.
const PROBE_US: u64 = 20_000_000;

/// Serves the port until init asks us to stop.
pub fn serve(controller: &str, board: &str, stop: &SignalFd) {
    let Some(port) = find(controller, board, stop) else { return };
    info!("console-usb: the USB device port is a serial line now");
    while serve_computer(&port, stop).is_some() {}
    port.leave();
}

/// Makes the device on the port, as soon as there is one; nothing when init wants us to stop.
fn find(controller: &str, board: &str, stop: &SignalFd) -> Option<Port> {
    let mut pause_ms = FIND_MS_MIN;
    let mut told = None;
    loop {
        match Port::open(controller, board) {
            Ok(port) => return Some(port),
            Err(error) if told.as_ref() != Some(&error.to_string()) => {
                warning!("console-usb: no console on the USB device port: {error}");
                told = Some(error.to_string());
            }
            Err(_) => {}
        }
        rest(stop, pause_ms)?;
        pause_ms = pause_ms.saturating_mul(2).min(FIND_MS_MAX);
    }
}

/// Waits for a computer and serves its terminals, until it is gone or the line is; nothing when init wants us to stop.
fn serve_computer(port: &Port, stop: &SignalFd) -> Option<()> {
    while !port.is_in_use() {
        rest(stop, IDLE_MS)?;
    }
    let Ok(terminal) = Terminal::open(TTY) else { return rest(stop, IDLE_MS) };
    let (_terminal, end) = serve_terminals(terminal, port, stop);
    if let End::Stopped = end {
        // Before the line is closed, which then waits for nobody.
        port.leave();
        return None;
    }
    Some(())
}

/// Serves one terminal after the other; gives the line back with why that is over.
fn serve_terminals(mut terminal: Terminal, port: &Port, stop: &SignalFd) -> (Terminal, End) {
    loop {
        match await_terminal(&mut terminal, port, stop) {
            Some(true) => {}
            Some(false) => return (terminal, End::Gone),
            None => return (terminal, End::Stopped),
        }
        info!("console-usb: somebody has opened the line");
        let mut session = Session::new(terminal);
        let mut listening = Listening::default();
        let attend = |session: &mut Session| {
            let now_us = clock::monotonic_us();
            session.probe(now_us, PROBE_US);
            port.is_in_use() && listening.is_heard(session.terminal().unsent(), now_us)
        };
        let end = converse(&mut session, &mut Notices::from_now(), stop, attend);
        // With what was not read: when that goes, the next one has come.
        terminal = session.into_terminal();
        if let End::Stopped = end {
            return (terminal, end);
        }
        info!("console-usb: nobody listens any more");
    }
}

/// Waits until somebody reads at the other end; whether somebody does, or else the computer or the line is gone. Nothing when init wants us
/// to stop.
fn await_terminal(terminal: &mut Terminal, port: &Port, stop: &SignalFd) -> Option<bool> {
    if terminal.unsent() == 0 {
        terminal.probe(PROBE_UNHEARD, PROBE_WRITES);
    }
    while terminal.unsent() > 0 {
        rest(stop, LOOK_MS)?;
        // What comes meanwhile is from a program that does not listen.
        if !port.is_in_use() || terminal.read().is_none() {
            return Some(false);
        }
    }
    rest(stop, SETTLE_MS)?;
    terminal.renew();
    Some(port.is_in_use() && terminal.read().is_some())
}

/// Lets time pass; nothing when init wants us to stop.
fn rest(stop: &SignalFd, ms: u16) -> Option<()> {
    pulse::beat();
    wait(&[Some(stop.as_fd())], ms);
    pulse::beat();
    match stop.read_signal() {
        Ok(Some(_)) => None,
        _ => Some(()),
    }
}
