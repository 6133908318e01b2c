//! Boxes of the ISO base media file format (ISO/IEC 14496-12:2015, 4.2) and their numbers, appended to a buffer. Pure.

/// 4.2: a box around `content`, its size patched in afterwards.
pub(super) fn boxed(out: &mut Vec<u8>, kind: [u8; 4], content: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    u32_be(out, 0);
    out.extend_from_slice(&kind);
    content(out);
    let length = length_u32(out.len() - at);
    patch(out, at, length);
}

/// 4.2: a box with version and flags.
pub(super) fn full_box(
    out: &mut Vec<u8>,
    kind: [u8; 4],
    version: u8,
    flags: u32,
    content: impl FnOnce(&mut Vec<u8>),
) {
    boxed(out, kind, |out| {
        u32_be(out, u32::from(version) << 24 | flags);
        content(out);
    });
}

pub(super) fn patch(out: &mut [u8], at: usize, number: u32) {
    if let Some(bytes) = out.get_mut(at..at + 4) {
        bytes.copy_from_slice(&number.to_be_bytes());
    }
}

/// The boxes that are measured hold headers only: they are far below 4 GiB.
pub(super) fn length_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

pub(super) fn u16_be(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_be_bytes());
}

pub(super) fn u32_be(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

pub(super) fn u64_be(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_be_bytes());
}

/// The number at `at`, if it is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
