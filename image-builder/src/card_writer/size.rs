//! Sizes as people read them on cards, and type them back: binary units, one decimal.

/// Units, each 1024 of the one before.
const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// `29.7 GiB`. Rounded down, so that nothing looks larger than it is.
#[must_use]
pub fn human(bytes: u64) -> String {
    let unit = UNITS.iter().enumerate().rev().find(|(power, _)| bytes >> (10 * power) > 0);
    match unit {
        None | Some((0, _)) => format!("{bytes} B"),
        Some((power, name)) => {
            // In two steps: ten times a size may not fit into 64 bits.
            let (whole, rest) = (bytes >> (10 * power), bytes & ((1 << (10 * power)) - 1));
            format!("{whole}.{} {name}", (rest * 10) >> (10 * power))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_are_read_as_on_the_card() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (256 << 20, "256.0 MiB"),
            (31_914_983_424, "29.7 GiB"),
            (16_021_192_704, "14.9 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }
}
