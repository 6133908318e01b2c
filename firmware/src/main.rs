//! Kerberos: the one program on the card. As PID 1 it is init; init starts it again in its other roles.
//!
//! This file chooses the role and does nothing else.
#![deny(unsafe_code)]

use firmware::services::{self, Role};
use firmware::{card, console, export, guard, init, progress, screen, sys, warning, witness};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = sys::relro::seal() {
        warning!("start-up data stays writable: {error}");
    }
    // The kernel hands unknown words of its command line to PID 1 as arguments: they do not count there.
    let role = match std::process::id() {
        1 => Some(Role::Init),
        _ => std::env::args().nth(1).as_deref().and_then(services::role_named),
    };
    if let Some(service) = role.and_then(services::service)
        && let Err(error) = sys::process::set_niceness(service.nice)
    {
        warning!("{}: its niceness could not be set: {error}", service.name);
    }
    progress::adopt();
    match role {
        Some(Role::Init) => init::run(),
        Some(Role::Card) => card::run(),
        Some(Role::Witness) => witness::run(),
        Some(Role::Guard) => guard::run(),
        Some(Role::Console) => console::run(),
        Some(Role::ConsoleUsb) => console::run_usb(),
        Some(Role::Screen) => screen::run(),
        Some(Role::Export) => export::run(),
        None => {
            eprintln!(
                "kerberos {}: this program is the init of a camera's card image.",
                sys::version::VERSION
            );
            ExitCode::FAILURE
        }
    }
}
