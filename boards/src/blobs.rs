//! Checks that boot-loader blobs lie clear of each other and of everything of ours on the card.

use std::collections::BTreeMap;

use crate::Blob;
use crate::layout::{Area, BOOT, RESERVED};

/// A blob that cannot go where the profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The profile's key.
    pub key: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Checks the places of all blobs.
///
/// # Errors
/// The first blob that is empty, reaches into the first partition, or overlaps something.
pub fn check(blobs: &BTreeMap<String, Blob>) -> Result<(), Problem> {
    for (index, (key, blob)) in blobs.iter().enumerate() {
        let problem = |message| Err(Problem { key: key.clone(), message });
        let path = &blob.path;
        if blob.bytes_max == 0 {
            return problem(format!("the blob {path} has no space: bytes-max is 0"));
        }
        if !path.starts_with('/') {
            return problem(format!("the blob's path {path} must be absolute"));
        }
        if blob.offset_bytes.saturating_add(blob.bytes_max) > BOOT.offset_bytes {
            return problem(format!(
                "the blob {path} would reach into the first partition, which starts at byte {}",
                BOOT.offset_bytes
            ));
        }
        if let Some(area) = RESERVED.iter().find(|area| area.overlaps(blob.offset_bytes, blob.bytes_max)) {
            return problem(format!(
                "the blob {path} would overwrite {}, bytes {} to {}",
                area.name,
                area.offset_bytes,
                area.end_bytes() - 1
            ));
        }
        let mine = Area { name: "", offset_bytes: blob.offset_bytes, length_bytes: blob.bytes_max };
        if let Some(other) =
            blobs.values().take(index).find(|other| mine.overlaps(other.offset_bytes, other.bytes_max))
        {
            return problem(format!("the blob {path} overlaps the blob {}", other.path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Problem, check as check_named};
    use crate::Blob;
    use crate::layout::{BOOT, KIB, RESERVED, SETTINGS};

    fn blob(offset_bytes: u64, bytes_max: u64) -> Blob {
        Blob { package: "p".to_owned(), path: format!("/at-{offset_bytes}"), offset_bytes, bytes_max }
    }

    /// As in a profile, named in their order.
    fn check(blobs: &[Blob]) -> Result<(), Problem> {
        check_named(
            &blobs.iter().enumerate().map(|(index, blob)| (index.to_string(), blob.clone())).collect(),
        )
    }

    fn refused(blobs: &[Blob]) -> (String, String) {
        let problem = check(blobs).expect_err("must be refused");
        (problem.key, problem.message)
    }

    #[test]
    fn neighbours_that_touch_are_fine() {
        let end = SETTINGS[0].offset_bytes;
        assert_eq!(check(&[blob(8 * KIB, 8 * KIB), blob(16 * KIB, end - 16 * KIB)]), Ok(()));
        assert_eq!(check(&[blob(512, 512)]), Ok(()));
        let last = RESERVED.iter().map(crate::layout::Area::end_bytes).max().expect("areas");
        assert_eq!(check(&[blob(last, BOOT.offset_bytes - last)]), Ok(()));
    }

    #[test]
    fn blobs_that_overlap_are_refused() {
        let (key, message) = refused(&[blob(8 * KIB, 8 * KIB), blob(16 * KIB - 1, 10)]);
        assert_eq!((key.as_str(), message.as_str()), ("1", "the blob /at-16383 overlaps the blob /at-8192"));
    }

    #[test]
    fn our_own_areas_are_refused() {
        for area in RESERVED {
            for offset in [area.offset_bytes, area.end_bytes() - 1] {
                let (_, message) = refused(&[blob(offset, 1)]);
                assert!(message.contains(&format!("would overwrite {}", area.name)), "{message}");
            }
        }
    }

    #[test]
    fn the_first_partition_is_refused() {
        for blob in [blob(BOOT.offset_bytes - 1, 2), blob(u64::MAX, 2), blob(8 * KIB, u64::MAX)] {
            assert!(refused(&[blob]).1.contains("the first partition"));
        }
    }

    #[test]
    fn an_empty_or_relative_blob_is_refused() {
        assert!(refused(&[blob(8 * KIB, 0)]).1.contains("no space"));
        let mut relative = blob(8 * KIB, 8);
        relative.path = "x".to_owned();
        assert!(refused(&[relative]).1.contains("absolute"));
    }
}
