//! What the recorder asks of a picture besides its bytes.

use super::mp4::{Codec, ParameterSets};

/// A picture to be recorded.
pub trait Shot: AsRef<[u8]> {
    /// How it is coded.
    fn codec(&self) -> Codec {
        Codec::Jpeg
    }

    /// It needs no other picture: a clip may begin with it.
    fn is_key(&self) -> bool {
        true
    }
}

/// A JPEG, for whoever has no more than its bytes.
impl Shot for &[u8] {}

/// The parameter sets at the front of a key picture of H.264, each NAL unit with its length in four bytes before it (ISO/IEC 14496-15,
/// 5.3.4.2.1). `None` if it does not begin with them.
pub fn parameter_sets(picture: &[u8]) -> Option<ParameterSets<'_>> {
    const SEQUENCE: u8 = 7;
    const PICTURE: u8 = 8;
    let (sequence, rest) = unit(picture)?;
    let (picture, _) = unit(rest)?;
    let kind = |unit: &[u8]| unit.first().map(|first| first & 0x1f);
    (kind(sequence) == Some(SEQUENCE) && kind(picture) == Some(PICTURE))
        .then_some(ParameterSets { sequence, picture })
}

/// The first NAL unit, and what follows it.
pub fn unit(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
        .filter(|(unit, _)| !unit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{ParameterSets, parameter_sets};

    #[test]
    fn parameter_sets_are_found_at_the_front_only() {
        let picture = [0, 0, 0, 3, 0x67, 1, 2, 0, 0, 0, 2, 0x68, 9, 0, 0, 0, 1, 0x65];
        let expected = ParameterSets { sequence: &[0x67, 1, 2], picture: &[0x68, 9] };
        assert_eq!(parameter_sets(&picture), Some(expected));
        assert_eq!(parameter_sets(&picture[7..]), None);
        for length in 0..13 {
            assert_eq!(parameter_sets(&picture[..length]), None, "{length}");
        }
        assert_eq!(parameter_sets(&[0xff; 20]), None);
    }
}
