//! A device tree as a flat list of nodes, with what the coverage check asks of them. Pure.

use std::collections::BTreeMap;

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node as _, Property as _};

use super::Error;

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

impl Tree {
    /// Reads a flattened device tree (Devicetree Specification 0.4, chapter 5).
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(blob: &[u8]) -> Result<Self, Error> {
        let fdt = Fdt::new(blob).map_err(|error| Error::Parse(error.to_string()))?;
        let mut tree = Self::default();
        tree.add(&fdt.root(), 0, String::new());
        Ok(tree)
    }

    fn add(&mut self, node: &dtoolkit::fdt::FdtNode<'_>, parent: usize, path: String) -> usize {
        let index = self.nodes.len();
        let properties = node.properties().map(|one| (one.name().to_owned(), one.value().to_vec())).collect();
        let shown = if path.is_empty() { "/".to_owned() } else { path.clone() };
        self.nodes.push(Node { path: shown, parent, children: Vec::new(), properties });
        for child in node.children() {
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

    /// Whether the node's status allows its use.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        matches!(self.strings("status").as_slice(), [] | ["okay" | "ok"])
    }
}
