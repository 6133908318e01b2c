//! The kinds of tampering: what is done to the camera itself.
//!
//! Words only; `tamper_watch` finds them.
use crate::words::spoken;

spoken! {
    /// What is done to the camera; `Display` gives a sentence for the log.
    Tamper {
        Covered "covered" => "The camera is covered.",
        Defocused "defocused" => "The picture has lost its sharpness.",
        Turned "turned" => "The camera looks somewhere else.",
        Blinded "blinded" => "The camera is blinded by light.",
        Frozen "frozen" => "The picture is frozen: the camera delivers the same one again and again.",
    }
}
