//! Enums that say what they mean: a plain sentence for each variant, and for some a word.
//!
//! One table makes the enum, the list of its variants, and what they are called. No policy.

/// `=> "A sentence."` for each variant, with a literal before it where machines need a word as well.
macro_rules! spoken {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$attribute:meta])* $variant:ident $word:literal => $sentence:literal,)+
    }) => {
        $crate::words::spoken! {
            $(#[$meta])* $name { $($(#[$attribute])* $variant => $sentence,)+ }
        }

        impl $name {
            /// A few lower-case letters, for machines and tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident {
        $($(#[$attribute:meta])* $variant:ident => $sentence:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $sentence] $(#[$attribute])* $variant,)+ }

        impl $name {
            /// Every one, in declaration order: for counters and their names.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $($name::$variant => $sentence,)+ })
            }
        }
    };
}
pub(crate) use spoken;
