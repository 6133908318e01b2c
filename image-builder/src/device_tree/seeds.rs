//! Fills the secrets that a boot loader hands to the kernel: where it lies in memory, and its first entropy.

use std::io::{self, Read};

use dtoolkit::Property as _;
use dtoolkit::fdt_mut::FdtMut;

use super::Error;

/// Properties of `/chosen` that must differ at each boot (Linux, Documentation/devicetree/bindings and `chosen.yaml`
/// of dt-schema).
const SEEDS: [&str; 2] = ["kaslr-seed", "rng-seed"];

/// Fills those of them that the tree has, in place, from `random`.
///
/// # Errors
/// When the blob is no device tree.
pub fn fill(blob: &mut [u8], random: &mut impl Read) -> Result<(), Error> {
    let broken = |error: &dyn std::fmt::Display| Error::Parse(error.to_string());
    let mut tree = FdtMut::from_slice(blob).map_err(|error| broken(&error))?;
    let Some(mut chosen) = tree.find_node_mut("/chosen") else { return Ok(()) };
    for name in SEEDS {
        let Some(mut property) = chosen.property_mut(name) else { continue };
        let mut value = vec![0; property.as_read_only().value().len()];
        random.read_exact(&mut value).map_err(|error: io::Error| broken(&error))?;
        property.set_value(value.as_slice()).map_err(|error| broken(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fill;
    use crate::device_tree::{Tree, dtc_for_tests};

    #[test]
    fn both_seeds_are_filled_and_nothing_else_changes() {
        let source = "/ { chosen { kaslr-seed = <0 0>; bootargs = \"a\"; rng-seed = <0 0 0 0 0 0 0 0>; }; };";
        let mut blob = dtc_for_tests(source);
        let length = blob.len();
        fill(&mut blob, &mut &[0xab; 40][..]).expect("filled");
        let tree = Tree::parse(&blob).expect("a tree");
        let chosen = &tree.nodes[tree.find("/chosen").expect("there")];
        assert_eq!(
            (&chosen.properties["kaslr-seed"], &chosen.properties["rng-seed"]),
            (&vec![0xab; 8], &vec![0xab; 32])
        );
        assert_eq!((chosen.strings("bootargs"), blob.len()), (vec!["a"], length));
    }

    #[test]
    fn a_tree_without_seeds_is_left_alone() {
        let mut blob = dtc_for_tests("/ { chosen { }; };");
        let before = blob.clone();
        fill(&mut blob, &mut std::io::empty()).expect("nothing to fill");
        assert_eq!(blob, before);
        assert!(fill(&mut [0; 64], &mut std::io::empty()).is_err());
    }
}
