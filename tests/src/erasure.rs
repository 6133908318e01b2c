//! `erase all` that a power cut ends: the order still stands on the card, or nothing of its owner can be read.
//!
//! It knows when an erasure is in its middle, and what is left on a card. It must not boot anything.

use crate::card::CardImage;
use crate::sparse_card::SparseCard;
use crate::verify::Bench;
use crate::{Failure, Outcome};
use boards::layout::{self, Area};
use std::path::Path;

/// ARCHITECTURE.md, "The card": the order, at the beginning of its sector.
const ORDER: &[u8] = b"KRBERA01";
/// Where clips lie nobody looks for bytes: the card is told to forget them, and whether it does is its business.
const LOOKED_THROUGH: Area = Area {
    name: "everything before the system slots",
    offset_bytes: 0,
    length_bytes: layout::SLOT_A.offset_bytes,
};
/// Where the file system of clips begins: what tells the kernel what it is, and is the first thing of it that is made anew.
const FIRST_BLOCK: Area =
    Area { name: "the clips' first block", offset_bytes: layout::CLIPS.offset_bytes, length_bytes: 4096 };

/// The middles of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Middle {
    /// No settings any more.
    Settings,
    /// The file system of clips is none any more.
    Clips,
}

/// A card on which everything was ordered to be erased.
pub struct Erasure {
    start: SparseCard,
    /// A word that is in the settings, in `kerberos.toml` and in the names of clips, and nowhere else.
    secret: String,
}

impl Erasure {
    /// The card as the order left it.
    ///
    /// # Errors
    /// When there is no order, or nothing to erase.
    pub fn new(start: SparseCard, secret: &str) -> Result<Erasure, Failure> {
        let erasure = Erasure { start, secret: secret.to_owned() };
        let card = &erasure.start;
        if !is_ordered(card) {
            return Err("nothing is ordered on the card".into());
        }
        if !contains(&area(card, &LOOKED_THROUGH), secret) || !erasure.lists(card)? {
            return Err("there is nothing to erase on the card".into());
        }
        Ok(erasure)
    }

    /// Whether an erasure of this card, whose image a machine writes to, has come so far.
    ///
    /// # Errors
    /// The image.
    pub fn has_reached(&self, middle: Middle, image: &Path) -> Result<bool, Failure> {
        let card = CardImage::new(image);
        Ok(match middle {
            Middle::Settings => {
                let [first, second] = layout::SETTINGS.map(|area| card.area(&area));
                !contains(&first?, &self.secret) && !contains(&second?, &self.secret)
            }
            Middle::Clips => card.area(&FIRST_BLOCK)? != area(&self.start, &FIRST_BLOCK),
        })
    }

    /// Whether the order stands; where it does not, nothing is left.
    ///
    /// # Errors
    /// Neither.
    pub fn goes_on(&self, card: &SparseCard) -> Result<bool, Failure> {
        let is_ordered = is_ordered(card);
        if !is_ordered {
            self.nothing_is_left(card)?;
        }
        Ok(is_ordered)
    }

    /// No order, no setting, no clip, and other randomness than before.
    ///
    /// # Errors
    /// What is left.
    pub fn nothing_is_left(&self, card: &SparseCard) -> Outcome {
        if is_ordered(card) {
            return Err("the order stands still".into());
        }
        if contains(&area(card, &LOOKED_THROUGH), &self.secret) {
            return Err("a setting can still be read".into());
        }
        if area(card, &layout::SEED) == area(&self.start, &layout::SEED) {
            return Err("the seed for randomness is the old one".into());
        }
        if self.lists(card)? {
            return Err("a clip is still there".into());
        }
        Ok(())
    }

    /// Whether a clip with the secret in its name is there.
    fn lists(&self, card: &SparseCard) -> Result<bool, Failure> {
        Ok(Bench::new()?.files(card)?.keys().any(|name| name.contains(&self.secret)))
    }
}

fn is_ordered(card: &SparseCard) -> bool {
    card.bytes_at(layout::ERASE.offset_bytes, ORDER.len()) == ORDER
}

fn area(card: &SparseCard, area: &Area) -> Vec<u8> {
    card.bytes_at(area.offset_bytes, usize::try_from(area.length_bytes).unwrap_or(usize::MAX))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Erasure, Middle, ORDER, contains};
    use crate::sparse_card::SparseCard;
    use boards::layout::{CLIPS, ERASE, SETTINGS};

    #[test]
    fn an_order_that_is_gone_too_early_is_found_out() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(CLIPS.offset_bytes + (1 << 20)).expect("sized");
        let mut card = SparseCard::read(file.path()).unwrap_or_else(|error| panic!("{error}"));
        card.write(ERASE.offset_bytes, ORDER);
        card.write(SETTINGS[0].offset_bytes, b"name = \"secret\"");
        let erasure = Erasure { start: card.clone(), secret: "secret".into() };
        assert!(erasure.goes_on(&card).is_ok_and(|goes_on| goes_on));
        assert!(erasure.nothing_is_left(&card).is_err());
        card.write(ERASE.offset_bytes, &[0; 8]);
        let told = erasure.goes_on(&card).map_err(|error| error.to_string());
        assert_eq!(told, Err("a setting can still be read".into()));
        card.save(file.path(), 0, card.bytes).unwrap_or_else(|error| panic!("{error}"));
        for (middle, at) in
            [(Middle::Settings, SETTINGS[0].offset_bytes), (Middle::Clips, CLIPS.offset_bytes)]
        {
            assert!(erasure.has_reached(middle, file.path()).is_ok_and(|reached| !reached), "{middle:?}");
            card.write(at, &[b'x'; 16]);
            card.save(file.path(), 0, card.bytes).unwrap_or_else(|error| panic!("{error}"));
            assert!(erasure.has_reached(middle, file.path()).is_ok_and(|reached| reached), "{middle:?}");
        }
    }

    #[test]
    fn a_word_is_found_anywhere() {
        assert!(!contains(b"secre", "secret") && contains(b"a secret", "secret"));
    }
}
