//! What becomes of a block under marks, and the coefficients that it gets.
//!
//! Must not know how coefficients are coded.
use super::codes::{AC_MAX, DC_MAX, DC_MIN};
use super::dct;
use super::marks::{Mark, Rect};
use super::picture::Picture;
use crate::luma::ac::COEFFICIENTS;
use crate::luma::inverse::ZIGZAG;
use crate::luma::scan::Place;
use crate::luma::size::BLOCK_PX;

/// Coefficients of a block in zigzag order.
pub type Coefficients = [i32; COEFFICIENTS];

/// What becomes of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It stays, bit for bit.
    Keep,
    /// All coefficients become 0: no colour.
    Clear,
    /// Nothing of it stays: this grey, and marks on it.
    Replace(u8),
    /// Marks are painted on what it shows.
    PaintOver,
}

/// The marks on one picture.
#[derive(Clone, Copy)]
pub struct Paint<'a> {
    /// Its headers.
    pub picture: &'a Picture,
    /// From the lowest to the highest, but for masks, which lie below all.
    pub marks: &'a [Mark<'a>],
}

impl Paint<'_> {
    /// Some block of an MCU may change.
    pub fn touches(&self, mcu: &Rect) -> bool {
        let shown = mcu.cut(&self.picture.pixels());
        self.marks.iter().any(|mark| mark.touches(&shown))
    }

    /// What becomes of a block.
    pub fn change(&self, mcu: &Rect, place: &Place) -> Change {
        match (self.mask(mcu), place.component) {
            (Some(grey), 0) => return Change::Replace(grey),
            (Some(_), _) => return Change::Clear,
            _ => {}
        }
        let shown = self.picture.block(mcu, place).cut(&self.picture.pixels());
        let covered = self.marks.iter().any(|mark| mark.covers(&shown));
        match place.component {
            0 if covered => Change::Replace(0),
            0 if self.marks.iter().any(|mark| mark.touches(&shown)) => Change::PaintOver,
            0 => Change::Keep,
            _ if covered => Change::Clear,
            _ => Change::Keep,
        }
    }

    /// The grey of an MCU under a mask.
    fn mask(&self, mcu: &Rect) -> Option<u8> {
        let shown = mcu.cut(&self.picture.pixels());
        self.marks.iter().find_map(|mark| match *mark {
            Mark::Mask { grey, .. } if mark.touches(&shown) => Some(grey),
            _ => None,
        })
    }

    /// A luma block that shows `grey` below the marks: its DC, and its coefficients if it is not flat.
    pub fn replace(&self, mcu: &Rect, place: &Place, grey: u8) -> (i32, Option<Coefficients>) {
        let area = self.picture.block(mcu, place);
        let shown = area.cut(&self.picture.pixels());
        let painted =
            self.marks.iter().any(|mark| !matches!(mark, Mark::Mask { .. }) && mark.touches(&shown));
        let mut samples = [grey; COEFFICIENTS];
        if painted {
            self.paint(&area, &mut samples);
        }
        // Most of a mask, and much of a plate: nothing to transform.
        if !painted || samples.iter().all(|&sample| sample == samples[0]) {
            return (self.dc(dct::flat(samples[0])), None);
        }
        let block = self.quantise(&samples);
        (block[0], Some(block))
    }

    /// Coefficients of a luma block with marks over what it shows.
    pub fn paint_over(&self, mcu: &Rect, place: &Place, block: &Coefficients) -> Coefficients {
        let mut coefficients = [0; COEFFICIENTS];
        for ((&place, &quantised), &quantiser) in ZIGZAG.iter().zip(block).zip(&self.picture.quantisers) {
            coefficients[usize::from(place) % COEFFICIENTS] = quantised.saturating_mul(quantiser.into());
        }
        let mut samples = dct::inverse(&coefficients);
        self.paint(&self.picture.block(mcu, place), &mut samples);
        self.quantise(&samples)
    }

    /// Paints all marks but masks. What lies outside the picture shows what the picture's edge does, which costs the fewest coefficients.
    fn paint(&self, block: &Rect, samples: &mut [u8; COEFFICIENTS]) {
        let picture = self.picture.pixels();
        let shown = block.cut(&picture);
        let visible = |mark: &&Mark<'_>| !matches!(mark, Mark::Mask { .. }) && mark.touches(&shown);
        for mark in self.marks.iter().filter(visible) {
            let bounds = mark.bounds();
            for (line, samples) in (block.y.start..).zip(samples.chunks_exact_mut(BLOCK_PX)) {
                let y = line.min(picture.y.end - 1);
                if !bounds.y.contains(&y) {
                    continue;
                }
                for (column, sample) in (block.x.start..).zip(samples) {
                    let x = column.min(picture.x.end - 1);
                    if bounds.x.contains(&x)
                        && let Some(grey) = mark.grey_at(x, y)
                    {
                        *sample = grey;
                    }
                }
            }
        }
    }

    fn quantise(&self, samples: &[u8; COEFFICIENTS]) -> Coefficients {
        let exact = dct::forward(samples);
        let mut quantised = [0; COEFFICIENTS];
        for ((out, &place), &quantiser) in quantised.iter_mut().zip(&ZIGZAG).zip(&self.picture.quantisers) {
            *out = nearest(exact[usize::from(place) % COEFFICIENTS], quantiser).clamp(-AC_MAX, AC_MAX);
        }
        quantised[0] = self.dc(exact[0]);
        quantised
    }

    fn dc(&self, exact: i32) -> i32 {
        nearest(exact, self.picture.quantisers[0]).clamp(DC_MIN, DC_MAX)
    }
}

/// Quantises a coefficient to the nearest step (ITU T.81, A.3.4).
fn nearest(exact: i32, quantiser: u16) -> i32 {
    let step = u32::from(quantiser) << dct::FRACTION_BITS;
    // No quantiser is 0.
    exact.signum() * (exact.unsigned_abs() + step / 2).checked_div(step).unwrap_or(0) as i32
}
