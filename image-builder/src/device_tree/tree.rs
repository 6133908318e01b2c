//! A device tree as a flat list of nodes, with what the coverage check asks of them. Pure.

use std::collections::BTreeMap;

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node as _, Property as _};

use super::Error;

/// Longest name of a property in the specification (2.2.4.1). Linux's own trees have longer ones, such as
/// `rockchip,system-power-controller`.
const NAME_MAX: usize = 31;
/// Where a blob's header says where its names are, and how many bytes they take (specification, 5.2).
const NAMES_AT: usize = 12;
const NAMES_SIZE_AT: usize = 32;

/// A node.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Full path.
    pub path: String,
    /// Index of the parent; the root is its own.
    pub parent: usize,
    /// Indices of the children.
    pub children: Vec<usize>,
    /// Properties, values as they are.
    pub properties: BTreeMap<String, Vec<u8>>,
}

/// A device tree.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The nodes, root first, parents before children.
    pub nodes: Vec<Node>,
}

/// A supplier that a property names, and what it says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Index of the node.
    pub target: usize,
    /// The numbers behind the reference.
    pub arguments: Vec<u32>,
}

/// A copy of a blob, each name in it cut at the specification's length.
fn with_short_names(blob: &[u8]) -> Vec<u8> {
    let number = |at: usize| {
        let bytes = blob.get(at..at + size_of::<u32>())?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let mut copy = blob.to_vec();
    let names = number(NAMES_AT).zip(number(NAMES_SIZE_AT));
    let names = names.and_then(|(start, size)| copy.get_mut(start..start.checked_add(size)?));
    let mut length = 0;
    for byte in names.into_iter().flatten() {
        length = if *byte == 0 { 0 } else { length + 1 };
        if length > NAME_MAX {
            *byte = 0;
            length = 0;
        }
    }
    copy
}

impl Tree {
    /// Reads a flattened device tree (Devicetree Specification 0.4, chapter 5).
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(blob: &[u8]) -> Result<Self, Error> {
        // Held to the specification but for the length of names; after that the blob itself can be read.
        Fdt::new(&with_short_names(blob)).map_err(|error| Error::Parse(error.to_string()))?;
        let fdt = Fdt::new_unchecked(blob);
        let mut tree = Self::default();
        tree.add(&fdt.root(), 0, String::new());
        Ok(tree)
    }

    fn add(&mut self, node: &dtoolkit::fdt::FdtNode<'_>, parent: usize, path: String) -> usize {
        let index = self.nodes.len();
        let properties = node.properties().map(|one| (one.name().to_owned(), one.value().to_vec())).collect();
        let shown = if path.is_empty() { "/".to_owned() } else { path.clone() };
        self.nodes.push(Node { path: shown, parent, children: Vec::new(), properties });
        // Labels of the whole tree, for overlays: no hardware.
        for child in node.children().filter(|child| child.name() != "__symbols__") {
            let child = self.add(&child, index, format!("{path}/{}", child.name()));
            if let Some(this) = self.nodes.get_mut(index) {
                this.children.push(child);
            }
        }
        index
    }

    /// The node at a full path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.path == path)
    }

    /// The node with a phandle.
    #[must_use]
    pub fn by_phandle(&self, phandle: u32) -> Option<usize> {
        self.nodes.iter().position(|node| node.cells("phandle").first() == Some(&phandle))
    }

    /// What a property refers to: a reference, then as many numbers as the supplier's property `cells` says, and so on.
    ///
    /// # Errors
    /// A reference to nowhere, or numbers that are missing.
    pub fn references(
        &self,
        node: &Node,
        property: &str,
        cells: Option<&str>,
    ) -> Result<Vec<Reference>, Error> {
        let dangling = || node.dangling(property);
        let mut references = Vec::new();
        let mut numbers = node.cells(property).into_iter();
        while let Some(phandle) = numbers.next() {
            // Zero keeps a place in a list free.
            if phandle == 0 {
                continue;
            }
            let target = self.by_phandle(phandle).ok_or_else(dangling)?;
            let count = cells.map_or(0, |cells| self.number_of(target, cells));
            let arguments =
                (0..count).map(|_| numbers.next().ok_or_else(dangling)).collect::<Result<_, _>>()?;
            references.push(Reference { target, arguments });
        }
        Ok(references)
    }

    /// A node's property of one number; 0 where it is not there.
    #[must_use]
    pub fn number_of(&self, index: usize, property: &str) -> u32 {
        self.nodes.get(index).and_then(|node| node.cells(property).first().copied()).unwrap_or(0)
    }

    /// The address of the node's first registers as the processor sees them: translated by the `ranges` of every bus above it (Devicetree
    /// Specification 0.4, 2.3.8).
    #[must_use]
    pub fn address_of(&self, index: usize) -> Option<u64> {
        let cells = |bus: usize, property: &str, default: u32| {
            let node = self.nodes.get(bus)?;
            usize::try_from(node.cells(property).first().copied().unwrap_or(default)).ok()
        };
        let number = |cells: &[u32]| cells.iter().fold(0_u64, |sum, cell| sum << 32 | u64::from(*cell));
        let node = self.nodes.get(index)?;
        let mut bus = node.parent;
        let mut address = number(node.cells("reg").get(..cells(bus, "#address-cells", 2)?)?);
        while bus != 0 {
            let node = self.nodes.get(bus)?;
            // Without `ranges` what is on the bus has no address of the processor's.
            node.properties.get("ranges")?;
            let child = cells(bus, "#address-cells", 2)?;
            let (parent, size) = (cells(node.parent, "#address-cells", 2)?, cells(bus, "#size-cells", 1)?);
            let ranges = node.cells("ranges");
            if !ranges.is_empty() {
                let found = ranges.chunks_exact(child + parent + size).find_map(|range| {
                    let (from, rest) = range.split_at_checked(child)?;
                    let (to, length) = rest.split_at_checked(parent)?;
                    let inside = address.checked_sub(number(from))?;
                    (inside < number(length)).then(|| number(to) + inside)
                });
                address = found?;
            }
            bus = node.parent;
        }
        Some(address)
    }

    /// What the kernel calls the platform device of the node: `ADDRESS.NAME` (`drivers/of/device.c`, `of_device_make_bus_id`).
    #[must_use]
    pub fn device_name(&self, index: usize) -> Option<String> {
        Some(format!("{:x}.{}", self.address_of(index)?, self.nodes.get(index)?.name()))
    }

    /// Whether the node and everything above it is enabled.
    #[must_use]
    pub fn is_in_use(&self, index: usize) -> bool {
        self.ancestors(index).all(|(_, node)| node.is_enabled())
    }

    /// The node and everything above it, up to the root.
    pub fn ancestors(&self, from: usize) -> impl Iterator<Item = (usize, &Node)> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let index = next?;
            let node = self.nodes.get(index)?;
            next = (node.parent != index).then_some(node.parent);
            Some((index, node))
        })
    }
}

impl Node {
    /// Its name without its unit address.
    #[must_use]
    pub fn name(&self) -> &str {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        last.split('@').next().unwrap_or_default()
    }

    /// A property as big-endian 32-bit numbers; empty when it is not there.
    #[must_use]
    pub fn cells(&self, property: &str) -> Vec<u32> {
        let value = self.properties.get(property).map_or(&[][..], Vec::as_slice);
        value.as_chunks::<4>().0.iter().map(|cell| u32::from_be_bytes(*cell)).collect()
    }

    /// A property as a list of strings; empty when it is not there.
    #[must_use]
    pub fn strings(&self, property: &str) -> Vec<&str> {
        let value = self.properties.get(property).map_or(&[][..], Vec::as_slice);
        value
            .split(|byte| *byte == 0)
            .filter_map(|text| std::str::from_utf8(text).ok())
            .filter(|t| !t.is_empty())
            .collect()
    }

    /// A property of this node that refers to nowhere, or is cut short.
    #[must_use]
    pub fn dangling(&self, property: &str) -> Error {
        Error::Dangling { path: self.path.clone(), property: property.to_owned() }
    }

    /// Whether the node's status allows its use.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        matches!(self.strings("status").as_slice(), [] | ["okay" | "ok"])
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::device_tree::dtc_for_tests;

    #[test]
    fn names_longer_than_the_specification_has_them_are_read_whole() {
        let tree = Tree::parse(&dtc_for_tests("/ { pmic { rockchip,system-power-controller; a = <7>; }; };"));
        let tree = tree.expect("as the kernel takes it");
        let pmic = &tree.nodes[tree.find("/pmic").expect("there")];
        assert!(pmic.properties.contains_key("rockchip,system-power-controller"));
        assert_eq!(pmic.cells("a"), [7]);
    }

    #[test]
    fn what_is_cut_or_no_tree_is_refused() {
        let blob = dtc_for_tests("/ { pmic { rockchip,system-power-controller; }; };");
        for length in 0..blob.len() {
            assert!(Tree::parse(&blob[..length]).is_err(), "{length} of {} bytes", blob.len());
        }
        assert!(Tree::parse(&[0xff; 64]).is_err());
    }
}
