//! Holds a board's pin header against its device tree. Pure.
//!
//! Every line must be there, and exactly those pins must be marked as taken that an enabled node claims.
//! A node claims a line by a GPIO property, by a pin group that it selects, or by a hog below the chip.

use std::collections::BTreeSet;

use boards::Header;

use super::Error;
use super::tree::{Node, Reference, Tree};

/// Lines of one port where a chip's references have three numbers: port, pin, flags (Allwinner's, `sunxi-pinctrl`).
const PORT_LINES: u32 = 32;

/// How many numbers stand behind a reference to a chip.
const CELLS: &str = "#gpio-cells";

/// A line or a pin that is in use, and by whom.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    of: Claimed,
    by: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Claimed {
    /// The line of this number.
    Line(u32),
    /// The pin of this name.
    Pin(String),
}

/// Checks a header, and returns the lines of its chip that enabled nodes claim.
///
/// # Errors
/// The first thing that does not fit.
pub fn check_header(tree: &Tree, header: &Header) -> Result<Vec<u32>, Error> {
    let chip = tree.find(&header.node).filter(|chip| is_chip(tree, *chip));
    let Some((chip, node)) = chip.and_then(|chip| Some((chip, tree.nodes.get(chip)?))) else {
        return Err(Error::NoChip { path: header.node.clone() });
    };
    if let Some(found) = lines_of(node).filter(|found| *found < header.lines) {
        return Err(Error::FewLines { path: node.path.clone(), wanted: header.lines, found });
    }
    let claims = claims(tree, chip)?;
    for (index, pin) in header.pins.iter().enumerate() {
        let Some(line) = pin.line else { continue };
        let is_it = |claim: &&Claim| match &claim.of {
            Claimed::Line(number) => *number == line,
            Claimed::Pin(name) => *name == pin.is,
        };
        let (number, is) = (index + 1, pin.is.clone());
        match (claims.iter().find(is_it), &pin.taken) {
            (Some(claim), None) => return Err(Error::PinClaimed { number, is, by: claim.by.clone() }),
            (None, Some(taken)) => return Err(Error::PinFree { number, is, taken: taken.clone() }),
            _ => {}
        }
    }
    let line = |claim: &Claim| match &claim.of {
        Claimed::Line(line) => Some(*line),
        // Of a pin beside the header the number is not known; drivers that name pins refuse what is in use themselves.
        Claimed::Pin(name) => header.pins.iter().find(|pin| pin.is == *name)?.line,
    };
    let lines: BTreeSet<u32> = claims.iter().filter_map(line).collect();
    Ok(lines.into_iter().collect())
}

/// Who has a line of the chip at `chip`, if anybody.
///
/// # Errors
/// A reference to nowhere.
pub fn claimant_of(tree: &Tree, chip: usize, line: u32) -> Result<Option<String>, Error> {
    let mut claims = claims(tree, chip)?.into_iter();
    Ok(claims.find(|claim| claim.of == Claimed::Line(line)).map(|claim| claim.by))
}

fn is_chip(tree: &Tree, index: usize) -> bool {
    is_in_use(tree, index)
        && tree.nodes.get(index).is_some_and(|node| node.properties.contains_key("gpio-controller"))
}

/// How many lines the tree gives a chip, where it says so.
fn lines_of(chip: &Node) -> Option<u32> {
    let names = chip.properties.get("gpio-line-names");
    // Names may be empty, so the strings' ends are counted.
    let names = names.map(|names| names.iter().filter(|byte| **byte == 0).count());
    names.and_then(|count| u32::try_from(count).ok())
}

/// Enabled, and everything above it too.
fn is_in_use(tree: &Tree, index: usize) -> bool {
    tree.ancestors(index).all(|(_, node)| node.is_enabled())
}

fn claims(tree: &Tree, chip: usize) -> Result<Vec<Claim>, Error> {
    let mut claims = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate().filter(|(index, _)| is_in_use(tree, *index)) {
        let by = |of: Claimed| Claim { of, by: node.path.clone() };
        for property in node.properties.keys() {
            if ["gpio", "gpios"].iter().any(|end| property.rsplit('-').next() == Some(end)) {
                claims.extend(lines_in(tree, index, property, chip)?.into_iter().map(Claimed::Line).map(by));
            }
            if property.strip_prefix("pinctrl-").is_some_and(|state| state.parse::<u32>().is_ok()) {
                for phandle in node.cells(property) {
                    let group = tree.by_phandle(phandle).ok_or_else(|| node.dangling(property))?;
                    if tree.ancestors(group).any(|(above, _)| above == chip) {
                        claims.extend(pins_of(tree, group).into_iter().map(by));
                    }
                }
            }
        }
    }
    Ok(claims)
}

/// The lines of `chip` that a GPIO property refers to.
fn lines_in(tree: &Tree, index: usize, property: &str, chip: usize) -> Result<Vec<u32>, Error> {
    let Some(node) = tree.nodes.get(index) else { return Ok(Vec::new()) };
    let references = match node.properties.contains_key("gpio-hog") {
        true => hogged(tree, node, property)?,
        false => tree.references(node, property, Some(CELLS))?,
    };
    if references.iter().any(|reference| reference.arguments.is_empty()) {
        return Err(node.dangling(property));
    }
    let line = |reference: &Reference| match *reference.arguments {
        [port, pin, _] => Some(port * PORT_LINES + pin),
        [line, ..] => Some(line),
        [] => None,
    };
    Ok(references.iter().filter(|reference| reference.target == chip).filter_map(line).collect())
}

/// A hog is a part of its chip, and does not name it.
fn hogged(tree: &Tree, node: &Node, property: &str) -> Result<Vec<Reference>, Error> {
    let count = usize::try_from(tree.number_of(node.parent, CELLS)).unwrap_or(0);
    let numbers = node.cells(property);
    // Below what is no chip it refers to nowhere.
    if count == 0 || !numbers.len().is_multiple_of(count) {
        return Err(node.dangling(property));
    }
    let of_parent = |arguments: &[u32]| Reference { target: node.parent, arguments: arguments.to_vec() };
    Ok(numbers.chunks(count).map(of_parent).collect())
}

/// What a pin group holds, in the spellings of the drivers that we know.
fn pins_of(tree: &Tree, group: usize) -> Vec<Claimed> {
    let mut found = Vec::new();
    let mut parts = vec![group];
    while let Some(node) = parts.pop().and_then(|part| tree.nodes.get(part)) {
        found.extend(node.cells("brcm,pins").into_iter().map(Claimed::Line));
        found.extend(node.strings("pins").into_iter().map(|name| Claimed::Pin(name.to_owned())));
        parts.extend(&node.children);
    }
    found
}

#[cfg(test)]
mod tests {
    use boards::{Header, Pin};

    use super::check_header;
    use crate::device_tree::{Tree, dtc_for_tests};

    const BOARD: &str = r#"/ {
        chip: pinctrl@1 { gpio-controller; #gpio-cells = <2>; gpio-line-names = "a", "", "", "", "", "", "", "";
            on: uart-pins { brcm,pins = <1 2>; };
            deep: deep { one { pins = "P3"; }; };
            off: spi-pins { pins = "P4"; };
            hog { gpio-hog; gpios = <5 0>; output-high; };
        };
        other: gpio@2 { gpio-controller; #gpio-cells = <3>; };
        uart { pinctrl-0 = <&on>; pinctrl-names = "default"; };
        i2c { pinctrl-0 = <&deep>; };
        spi { status = "disabled"; pinctrl-0 = <&off>; };
        sleepy { status = "disabled"; led { gpios = <&chip 0 0>; }; };
        leds { led { gpios = <&other 1 2 0>, <0>, <&chip 6 0>; }; };
    };"#;
    const TAKEN: [(u32, bool); 8] =
        [(0, false), (1, true), (2, true), (3, true), (4, false), (5, true), (6, true), (7, false)];

    fn header(lines: u32, taken: impl Fn(u32) -> bool) -> Header {
        let pin = |line: u32| Pin {
            is: format!("P{line}"),
            line: Some(line),
            taken: taken(line).then(|| "somebody".to_owned()),
            pwm: None,
        };
        Header {
            name: "h".into(),
            source: "s".into(),
            chip: "c".into(),
            node: "/pinctrl@1".into(),
            lines,
            pins: std::iter::once(Pin { is: "GND".into(), line: None, taken: None, pwm: None })
                .chain((0..8).map(pin))
                .collect(),
            claimed: Vec::new(),
        }
    }

    fn tree() -> Tree {
        Tree::parse(&dtc_for_tests(BOARD)).expect("a tree")
    }

    #[test]
    fn exactly_the_pins_that_an_enabled_node_claims_are_taken() {
        let truth = |line: u32| TAKEN.iter().any(|(number, taken)| *number == line && *taken);
        assert_eq!(check_header(&tree(), &header(8, truth)).expect("it fits"), [1, 2, 3, 5, 6]);
        for (line, taken) in TAKEN {
            let wrong = |number: u32| if number == line { !taken } else { truth(number) };
            let error = check_header(&tree(), &header(8, wrong)).expect_err("wrong").to_string();
            assert!(error.contains(&format!("pin {} (P{line})", line + 2)), "{error}");
        }
    }

    #[test]
    fn the_claimant_is_named() {
        let error = check_header(&tree(), &header(8, |line| line != 6 && TAKEN[line as usize].1));
        let error = error.expect_err("line 6 is an LED's").to_string();
        assert!(error.contains("/leds/led"), "{error}");
        let of_port = r#"/ { c: pinctrl@1 { gpio-controller; #gpio-cells = <3>; }; leds { led { gpios = <&c 3 14 0>; }; }; };"#;
        let mut header = header(224, |_| false);
        header.pins = vec![Pin { is: "PD14".into(), line: Some(110), taken: None, pwm: None }];
        let error = check_header(&Tree::parse(&dtc_for_tests(of_port)).expect("a tree"), &header);
        assert!(error.expect_err("claimed").to_string().contains("/leds/led"));
    }

    #[test]
    fn a_chip_that_is_not_there_or_has_fewer_lines_is_told() {
        let mut absent = header(8, |_| false);
        absent.node = "/uart".into();
        assert!(check_header(&tree(), &absent).expect_err("no chip").to_string().contains("/uart"));
        let error = check_header(&tree(), &header(9, |_| false)).expect_err("too many").to_string();
        assert!(error.contains("9 lines") && error.contains("has 8"), "{error}");
    }
}
