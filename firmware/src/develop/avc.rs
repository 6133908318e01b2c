//! Pictures of H.264 from the form in which cameras send them to that of MP4.
//!
//! A camera sends NAL units behind start codes (ISO/IEC 14496-10, annex B); MP4 holds each behind its length, and nothing that only
//! separates or fills (ISO/IEC 14496-15, 5.3.2). A key picture gets the parameter sets put before it, whether the camera repeats them or not, so
//! that a clip may begin with any. Must not look into a slice.

/// Bytes of a parameter set: a few dozen with cameras.
const SET_BYTES_MAX: usize = 256;
/// NAL units in a picture: a slice for each row of macroblocks of the highest picture, and more.
const UNITS_MAX: usize = 1024;

/// Kinds of NAL units (ISO/IEC 14496-10, table 7-1).
mod kind {
    pub const SLICE: u8 = 1;
    pub const IDR_SLICE: u8 = 5;
    pub const SEQUENCE_SET: u8 = 7;
    pub const PICTURE_SET: u8 = 8;
    /// Information, which is kept: some cameras date their pictures there.
    pub const INFORMATION: u8 = 6;
}

/// Why a picture cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    /// There is no start code, or a unit that cannot be.
    #[error("The camera's H.264 data are damaged.")]
    Damaged,
    /// Units, but no slice of a picture among them.
    #[error("The camera's H.264 data hold no picture.")]
    NoSlice,
    /// A key picture, and the camera has never sent its parameter sets.
    #[error("The camera has not sent the parameter sets of its H.264 pictures.")]
    NoSets,
    /// It is longer than the buffer.
    #[error("The picture is too large for a slot.")]
    TooLong,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repacked {
    /// Bytes in the buffer.
    pub bytes: usize,
    /// Whether it needs no other picture: all its slices are of an IDR picture.
    pub is_key: bool,
}

/// Remembers the parameter sets, which a camera may send once.
#[derive(Debug, Default)]
pub struct Repacker {
    sequence: heapless::Vec<u8, SET_BYTES_MAX>,
    picture: heapless::Vec<u8, SET_BYTES_MAX>,
}

impl Repacker {
    /// Writes a picture in the form of MP4 to the beginning of `out`.
    ///
    /// # Errors
    /// See [`NoPicture`].
    pub fn repack(&mut self, annex_b: &[u8], out: &mut [u8]) -> Result<Repacked, NoPicture> {
        let (mut slices, mut key_slices) = (0, 0);
        for unit in units(annex_b)? {
            match kind_of(unit)? {
                kind::SLICE..kind::IDR_SLICE => slices += 1,
                kind::IDR_SLICE => key_slices += 1,
                kind::SEQUENCE_SET => remember(&mut self.sequence, unit)?,
                kind::PICTURE_SET => remember(&mut self.picture, unit)?,
                _ => {}
            }
        }
        let is_key = key_slices > 0 && slices == 0;
        let mut writer = Writer { out, bytes: 0 };
        if is_key {
            if self.sequence.is_empty() || self.picture.is_empty() {
                return Err(NoPicture::NoSets);
            }
            writer.unit(&self.sequence)?;
            writer.unit(&self.picture)?;
        } else if slices == 0 {
            return Err(NoPicture::NoSlice);
        }
        for unit in units(annex_b)? {
            if (kind::SLICE..=kind::INFORMATION).contains(&kind_of(unit)?) {
                writer.unit(unit)?;
            }
        }
        Ok(Repacked { bytes: writer.bytes, is_key })
    }
}

fn remember(set: &mut heapless::Vec<u8, SET_BYTES_MAX>, unit: &[u8]) -> Result<(), NoPicture> {
    set.clear();
    set.extend_from_slice(unit).map_err(|_| NoPicture::Damaged)
}

/// The kind of a unit; bit 7 is always clear.
fn kind_of(unit: &[u8]) -> Result<u8, NoPicture> {
    let first = unit.first().copied().filter(|first| first & 0x80 == 0);
    first.map(|first| first & 0x1f).ok_or(NoPicture::Damaged)
}

struct Writer<'a> {
    out: &'a mut [u8],
    bytes: usize,
}

impl Writer<'_> {
    fn unit(&mut self, unit: &[u8]) -> Result<(), NoPicture> {
        let length = u32::try_from(unit.len()).map_err(|_| NoPicture::TooLong)?;
        let place = self.out.get_mut(self.bytes..self.bytes + 4 + unit.len()).ok_or(NoPicture::TooLong)?;
        let (head, body) = place.split_at_mut(4);
        head.copy_from_slice(&length.to_be_bytes());
        body.copy_from_slice(unit);
        self.bytes += 4 + unit.len();
        Ok(())
    }
}

/// The NAL units of annex B: each behind `00 00 01`, zeros before and after it are no part of it.
fn units(annex_b: &[u8]) -> Result<impl Iterator<Item = &[u8]>, NoPicture> {
    let lead = annex_b.iter().position(|&byte| byte != 0).unwrap_or(annex_b.len());
    if lead < 2 || annex_b.get(lead) != Some(&1) {
        return Err(NoPicture::Damaged);
    }
    let mut rest = Some(&annex_b[lead + 1..]);
    let next = move || {
        let bytes = rest?;
        let end = start_code(bytes);
        rest = end.map(|end| &bytes[end + 3..]);
        let unit = &bytes[..end.unwrap_or(bytes.len())];
        let length = unit.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        Some(&unit[..length])
    };
    Ok(std::iter::from_fn(next).filter(|unit| !unit.is_empty()).take(UNITS_MAX))
}

/// Where the next `00 00 01` begins. Most bytes of a slice are none of these, so two at a time are passed over.
fn start_code(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    while let Some(&last) = bytes.get(at) {
        match last {
            1 if bytes[at - 2..at] == [0, 0] => return Some(at - 2),
            0 => at += 1,
            _ => at += 3,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{NoPicture, Repacked, Repacker, units};

    const SEQUENCE: [u8; 4] = [0x67, 66, 0, 30];
    const PICTURE: [u8; 2] = [0x68, 0xce];

    fn annex_b(all: &[&[u8]]) -> Vec<u8> {
        all.iter().enumerate().flat_map(|(at, unit)| [&[0, 0, 0, 1][at % 2..], unit].concat()).collect()
    }

    fn mp4(all: &[&[u8]]) -> Vec<u8> {
        all.iter().flat_map(|unit| [&(unit.len() as u32).to_be_bytes(), *unit].concat()).collect()
    }

    #[test]
    fn key_pictures_begin_with_the_parameter_sets_whether_repeated_or_not() {
        let mut repacker = Repacker::default();
        let mut out = vec![0; 1000];
        let mut repack = |all: &[&[u8]]| {
            let done = repacker.repack(&annex_b(all), &mut out)?;
            Ok((out[..done.bytes].to_vec(), done.is_key))
        };
        let (key, slice, information) = ([0x65, 1, 2, 0, 0, 3, 1], [0x41, 9, 9], [0x06, 5, 1, 7]);
        assert_eq!(repack(&[&key]), Err(NoPicture::NoSets));
        assert_eq!(repack(&[&slice, &slice]), Ok((mp4(&[&slice, &slice]), false)));
        let delimiter = [0x09, 0x10];
        let whole = mp4(&[&SEQUENCE, &PICTURE, &information, &key, &key]);
        assert_eq!(
            repack(&[&delimiter, &SEQUENCE, &PICTURE, &information, &key, &key]),
            Ok((whole.clone(), true))
        );
        assert_eq!(repack(&[&information, &key, &key]), Ok((whole, true)), "remembered");
        assert_eq!(repack(&[&delimiter, &SEQUENCE]), Err(NoPicture::NoSlice));
        let mixed = repack(&[&key, &slice]).map(|(_, is_key)| is_key);
        assert_eq!(mixed, Ok(false), "part of it needs another picture");
    }

    #[test]
    fn units_are_found_between_start_codes_of_either_length_and_zeros() {
        let list = |bytes: &[u8]| units(bytes).map(|found| found.map(<[u8]>::to_vec).collect::<Vec<_>>());
        assert_eq!(list(&[0, 0, 1, 5, 0, 0, 0, 1, 6, 7, 0, 0]), Ok(vec![vec![5], vec![6, 7]]));
        assert_eq!(
            list(&[0, 0, 0, 0, 1, 5, 0, 2, 0, 0, 3, 0, 0, 1, 8]),
            Ok(vec![vec![5, 0, 2, 0, 0, 3], vec![8]])
        );
        assert_eq!(list(&[0, 0, 1]), Ok(vec![]));
        for none in [&[][..], &[0, 0], &[1, 2, 3], &[0, 1, 2], &[0xff; 9]] {
            assert_eq!(list(none), Err(NoPicture::Damaged), "{none:?}");
        }
    }

    #[test]
    fn nothing_is_written_beyond_the_buffer_and_nothing_panics() {
        let whole = annex_b(&[&SEQUENCE, &PICTURE, &[0x65, 1, 2, 3]]);
        let mut out = [0; 40];
        let Repacked { bytes, .. } = Repacker::default().repack(&whole, &mut out).expect("a picture");
        for room in 0..bytes {
            assert_eq!(Repacker::default().repack(&whole, &mut out[..room]), Err(NoPicture::TooLong));
        }
        let mut state = 7_u32;
        for _ in 0..20_000 {
            let mut damaged = whole.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = state as usize >> 8;
                let length = damaged.len();
                damaged[at % length] = [0, 1, 0x80, 0x67, 0x65, 9][(state >> 4) as usize % 6];
            }
            let _ = Repacker::default().repack(&damaged, &mut out);
        }
    }
}
