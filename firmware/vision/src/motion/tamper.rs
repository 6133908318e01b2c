//! The kinds of tampering: what is done to the camera itself.
//!
//! Words only; `tamper_watch` finds them.
use core::fmt;

macro_rules! tampers {
    ($($name:ident, $word:literal => $text:literal,)+) => {
        /// What is done to the camera; `Display` gives a sentence for the log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Tamper { $(#[doc = $text] $name,)+ }

        impl Tamper {
            /// Every kind, in declaration order: for counters and their names.
            pub const ALL: &'static [Tamper] = &[$(Tamper::$name,)+];

            /// One lower-case word, for machines.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Tamper::$name => $word,)+ }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Tamper::$name => $text,)+ }
            }
        }
    };
}

tampers! {
    Covered, "covered" => "The camera is covered.",
    Defocused, "defocused" => "The picture has lost its sharpness.",
    Turned, "turned" => "The camera looks somewhere else.",
    Blinded, "blinded" => "The camera is blinded by light.",
    Frozen, "frozen" => "The picture is frozen: the camera delivers the same one again and again.",
}

impl fmt::Display for Tamper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
