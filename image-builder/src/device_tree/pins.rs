//! Holds a board's pin header against its device tree. Pure.
//!
//! Every line must be there, and exactly those pins must be marked as taken that an enabled node claims.
//! A node claims a line by a GPIO property, by a pin group that it selects, or by a hog below the chip.

use std::collections::BTreeSet;

use boards::{ChipView, Header};

use super::Error;
use super::tree::{Node, Reference, Tree};

/// Lines of one port where a chip's references have three numbers: port, pin, flags (Allwinner's, `sunxi-pinctrl`).
const PORT_LINES: u32 = 32;

/// How many numbers stand behind a reference to a chip.
const CELLS: &str = "#gpio-cells";

/// Rockchip's pin groups: bank, pin, function and settings of each pin.
const BANK_PINS: &str = "rockchip,pins";
const BANK_PINS_CELLS: usize = 4;

/// What the kernel calls chips of which a SoC has one (`pinctrl-bcm2835.c`), the later ones first: they are compatible with the earlier.
const FIXED_LABELS: [(&str, &str); 2] =
    [("brcm,bcm2711-gpio", "pinctrl-bcm2711"), ("brcm,bcm2835-gpio", "pinctrl-bcm2835")];

/// A chip of the header, as the tree has it.
struct Chip {
    /// Its node.
    index: usize,
    /// The node that its pin groups are in: its own, or, where one pin controller has several chips (Rockchip's), that one's.
    groups: usize,
    /// Its number there.
    bank: Option<u32>,
}

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

/// Checks a header, and writes down in it the lines of its chips that enabled nodes claim.
///
/// # Errors
/// The first thing that does not fit.
pub fn check_header(tree: &Tree, header: &mut Header) -> Result<(), Error> {
    let mut claimed: Vec<(Option<String>, BTreeSet<u32>)> = Vec::new();
    for view in header.chips() {
        let lines = check_chip(tree, header, view)?;
        claimed.push((view.name.map(str::to_owned), lines));
    }
    for (name, lines) in claimed {
        if let Some(list) = header.claimed_mut(name.as_deref()) {
            *list = lines.into_iter().collect();
        }
    }
    Ok(())
}

/// Checks one chip of a header and the pins on it; gives back its lines that are claimed.
fn check_chip(tree: &Tree, header: &Header, view: ChipView<'_>) -> Result<BTreeSet<u32>, Error> {
    let (chip, node) = find(tree, view.node).ok_or_else(|| Error::NoChip { path: view.node.to_owned() })?;
    if let Some(found) = lines_of(node).filter(|found| *found < view.lines) {
        return Err(Error::FewLines { path: node.path.clone(), wanted: view.lines, found });
    }
    if let Some(label) = label_of(tree, node, &chip).filter(|label| label != view.label) {
        return Err(Error::Label { path: node.path.clone(), written: view.label.to_owned(), label });
    }
    let claims = claims(tree, &chip)?;
    let pins = || (1..).zip(&header.pins).filter(|(_, pin)| pin.on.as_deref() == view.name);
    for (number, pin) in pins() {
        let Some(line) = pin.line else { continue };
        let is_it = |claim: &&Claim| match &claim.of {
            Claimed::Line(number) => *number == line,
            Claimed::Pin(name) => *name == pin.is,
        };
        let is = pin.is.clone();
        match (claims.iter().find(is_it), &pin.taken) {
            (Some(claim), None) => return Err(Error::PinClaimed { number, is, by: claim.by.clone() }),
            (None, Some(taken)) => return Err(Error::PinFree { number, is, taken: taken.clone() }),
            _ => {}
        }
    }
    let line = |claim: &Claim| match &claim.of {
        Claimed::Line(line) => Some(*line),
        // Of a pin beside the header the number is not known; drivers that name pins refuse what is in use themselves.
        Claimed::Pin(name) => pins().find(|(_, pin)| pin.is == *name)?.1.line,
    };
    Ok(claims.iter().filter_map(line).collect())
}

/// The enabled chip at a path.
fn find<'a>(tree: &'a Tree, path: &str) -> Option<(Chip, &'a Node)> {
    let index = tree.find(path).filter(|index| is_chip(tree, *index))?;
    let node = tree.nodes.get(index)?;
    let is_bank = node.strings("compatible").contains(&"rockchip,gpio-bank");
    let bank = is_bank.then(|| bank_of(tree, node));
    let groups = if is_bank { node.parent } else { index };
    Some((Chip { index, groups, bank }, node))
}

/// The number of a Rockchip chip: its alias's, or else its place among its neighbours, as its driver counts.
fn bank_of(tree: &Tree, node: &Node) -> u32 {
    let aliases = tree.find("/aliases").and_then(|aliases| tree.nodes.get(aliases));
    let alias =
        aliases.into_iter().flat_map(|aliases| aliases.properties.keys().map(move |key| (aliases, key)));
    let mut numbers = alias
        .filter(|(aliases, key)| aliases.strings(key).contains(&node.path.as_str()))
        .filter_map(|(_, key)| key.strip_prefix("gpio")?.parse().ok());
    numbers.next().unwrap_or_else(|| {
        let neighbours = tree
            .nodes
            .iter()
            .filter(|other| other.parent == node.parent && other.properties.contains_key("gpio-controller"));
        (0..).zip(neighbours).find(|(_, other)| other.path == node.path).map_or(0, |(number, _)| number)
    })
}

/// What the kernel calls a chip, where we know how its driver does that.
fn label_of(tree: &Tree, node: &Node, chip: &Chip) -> Option<String> {
    if let Some(bank) = chip.bank {
        return Some(format!("gpio{bank}"));
    }
    let compatible = node.strings("compatible");
    if let Some((_, label)) = FIXED_LABELS.iter().find(|(name, _)| compatible.contains(name)) {
        return Some((*label).to_owned());
    }
    // Allwinner's driver takes the device's name.
    let is_allwinner = |name: &&str| name.starts_with("allwinner,") && name.ends_with("-pinctrl");
    compatible.iter().any(is_allwinner).then(|| tree.device_name(chip.index))?
}

/// Who has a line of the chip at `path`, if anybody.
///
/// # Errors
/// No such chip, or a reference to nowhere.
pub fn claimant_of(tree: &Tree, path: &str, line: u32) -> Result<Option<String>, Error> {
    let (chip, _) = find(tree, path).ok_or_else(|| Error::NoChip { path: path.to_owned() })?;
    let mut claims = claims(tree, &chip)?.into_iter();
    Ok(claims.find(|claim| claim.of == Claimed::Line(line)).map(|claim| claim.by))
}

fn is_chip(tree: &Tree, index: usize) -> bool {
    tree.is_in_use(index)
        && tree.nodes.get(index).is_some_and(|node| node.properties.contains_key("gpio-controller"))
}

/// How many lines the tree gives a chip, where it says so.
fn lines_of(chip: &Node) -> Option<u32> {
    let names = chip.properties.get("gpio-line-names");
    // Names may be empty, so the strings' ends are counted.
    let names = names.map(|names| names.iter().filter(|byte| **byte == 0).count());
    names.and_then(|count| u32::try_from(count).ok())
}

fn claims(tree: &Tree, chip: &Chip) -> Result<Vec<Claim>, Error> {
    let mut claims = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate().filter(|(index, _)| tree.is_in_use(*index)) {
        let by = |of: Claimed| Claim { of, by: node.path.clone() };
        for property in node.properties.keys() {
            if ["gpio", "gpios"].iter().any(|end| property.rsplit('-').next() == Some(end)) {
                claims.extend(
                    lines_in(tree, index, property, chip.index)?.into_iter().map(Claimed::Line).map(by),
                );
            }
            if property.strip_prefix("pinctrl-").is_some_and(|state| state.parse::<u32>().is_ok()) {
                for phandle in node.cells(property) {
                    let group = tree.by_phandle(phandle).ok_or_else(|| node.dangling(property))?;
                    if tree.ancestors(group).any(|(above, _)| above == chip.groups) {
                        claims.extend(pins_of(tree, group, chip).into_iter().map(by));
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

/// What a pin group holds of a chip, in the spellings of the drivers that we know.
fn pins_of(tree: &Tree, group: usize, chip: &Chip) -> Vec<Claimed> {
    let mut found = Vec::new();
    let mut parts = vec![group];
    while let Some(node) = parts.pop().and_then(|part| tree.nodes.get(part)) {
        found.extend(node.cells("brcm,pins").into_iter().map(Claimed::Line));
        found.extend(node.strings("pins").into_iter().map(named));
        found.extend(node.cells(BANK_PINS).chunks(BANK_PINS_CELLS).filter_map(|entry| match *entry {
            [bank, pin, ..] if chip.bank == Some(bank) => Some(Claimed::Line(pin)),
            _ => None,
        }));
        parts.extend(&node.children);
    }
    found
}

/// A pin as a group names it; Broadcom's driver names its pins by their lines, `gpio18`.
fn named(name: &str) -> Claimed {
    match name.strip_prefix("gpio").and_then(|line| line.parse().ok()) {
        Some(line) => Claimed::Line(line),
        None => Claimed::Pin(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use boards::{Header, Pin};

    use super::check_header;
    use crate::device_tree::{Error, Tree, dtc_for_tests};

    const BOARD: &str = r#"/ {
        chip: pinctrl@1 { gpio-controller; #gpio-cells = <2>; gpio-line-names = "a", "", "", "", "", "", "", "";
            on: uart-pins { brcm,pins = <1 2>; };
            deep: deep { one { pins = "P3"; }; two { pins = "gpio7"; }; };
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
        [(0, false), (1, true), (2, true), (3, true), (4, false), (5, true), (6, true), (7, true)];

    fn header(lines: u32, taken: impl Fn(u32) -> bool) -> Header {
        let pin = |line: u32| Pin {
            is: format!("P{line}"),
            line: Some(line),
            taken: taken(line).then(|| "somebody".to_owned()),
            ..Pin::default()
        };
        Header {
            name: "h".into(),
            source: "s".into(),
            chip: "c".into(),
            node: "/pinctrl@1".into(),
            lines,
            pins: std::iter::once(Pin { is: "GND".into(), ..Pin::default() })
                .chain((0..8).map(pin))
                .collect(),
            ..Header::default()
        }
    }

    fn check(tree: &Tree, mut header: Header) -> Result<Header, Error> {
        check_header(tree, &mut header).map(|()| header)
    }

    fn tree() -> Tree {
        Tree::parse(&dtc_for_tests(BOARD)).expect("a tree")
    }

    #[test]
    fn exactly_the_pins_that_an_enabled_node_claims_are_taken() {
        let truth = |line: u32| TAKEN.iter().any(|(number, taken)| *number == line && *taken);
        assert_eq!(check(&tree(), header(8, truth)).expect("it fits").claimed, [1, 2, 3, 5, 6, 7]);
        for (line, taken) in TAKEN {
            let wrong = |number: u32| if number == line { !taken } else { truth(number) };
            let error = check(&tree(), header(8, wrong)).expect_err("wrong").to_string();
            assert!(error.contains(&format!("pin {} (P{line})", line + 2)), "{error}");
        }
    }

    #[test]
    fn the_claimant_is_named() {
        let error = check(&tree(), header(8, |line| line != 6 && TAKEN[line as usize].1));
        let error = error.expect_err("line 6 is an LED's").to_string();
        assert!(error.contains("/leds/led"), "{error}");
        let of_port = r#"/ { c: pinctrl@1 { gpio-controller; #gpio-cells = <3>; }; leds { led { gpios = <&c 3 14 0>; }; }; };"#;
        let mut header = header(224, |_| false);
        header.pins = vec![Pin { is: "PD14".into(), line: Some(110), ..Pin::default() }];
        let error = check(&Tree::parse(&dtc_for_tests(of_port)).expect("a tree"), header);
        assert!(error.expect_err("claimed").to_string().contains("/leds/led"));
    }

    #[test]
    fn a_chip_that_is_not_there_or_has_fewer_lines_is_told() {
        let mut absent = header(8, |_| false);
        absent.node = "/uart".into();
        assert!(check(&tree(), absent).expect_err("no chip").to_string().contains("/uart"));
        let error = check(&tree(), header(9, |_| false)).expect_err("too many").to_string();
        assert!(error.contains("9 lines") && error.contains("has 8"), "{error}");
    }

    const BANKS: &str = r#"/ {
        aliases { gpio2 = &two; gpio0 = &zero; };
        pinctrl {
            two: gpio@20 { compatible = "rockchip,gpio-bank"; gpio-controller; #gpio-cells = <2>; };
            zero: gpio@0 { compatible = "rockchip,gpio-bank"; gpio-controller; #gpio-cells = <2>; };
            none: none { };
            i2c { pins: xfer { rockchip,pins = <2 1 1 &none>, <0 3 1 &none>; }; };
            off: spi { rockchip,pins = <2 4 1 &none>; };
        };
        i2c { pinctrl-0 = <&pins>; };
        spi { status = "disabled"; pinctrl-0 = <&off>; };
        led { gpios = <&two 5 0>; };
    };"#;

    /// A header on both banks: lines 0 to 7 of bank 0, then of bank 2.
    fn on_banks(taken: impl Fn(&str, u32) -> bool) -> Header {
        let second = boards::Chip {
            chip: "gpio2".into(),
            node: "/pinctrl/gpio@20".into(),
            lines: 32,
            claimed: Vec::new(),
        };
        let own = header(32, |line| taken("own", line));
        let other = header(32, |line| taken("two", line));
        let other = other.pins.into_iter().map(|pin| Pin { on: pin.line.map(|_| "two".into()), ..pin });
        Header {
            chip: "gpio0".into(),
            node: "/pinctrl/gpio@0".into(),
            chips: [("two".to_owned(), second)].into(),
            pins: own.pins.into_iter().chain(other).collect(),
            ..own
        }
    }

    #[test]
    fn of_several_chips_each_has_its_own_claims() {
        let tree = Tree::parse(&dtc_for_tests(BANKS)).expect("a tree");
        let truth = |chip: &str, line: u32| [("own", 3), ("two", 1), ("two", 5)].contains(&(chip, line));
        let fits = check(&tree, on_banks(truth)).expect("it fits");
        assert_eq!((fits.claimed, &fits.chips["two"].claimed), (vec![3], &vec![1, 5]));
        for (chip, line, pin, what) in [
            ("own", 3, "pin 5 (P3)", "node /i2c claims it"),
            ("two", 1, "pin 12 (P1)", "node /i2c claims it"),
            ("two", 5, "pin 16 (P5)", "node /led claims it"),
            ("own", 5, "pin 7 (P5)", "no enabled node of the device tree claims it"),
            ("two", 4, "pin 15 (P4)", "no enabled node of the device tree claims it"),
        ] {
            let wrong = |on: &str, number: u32| ((on, number) == (chip, line)) != truth(on, number);
            let error = check(&tree, on_banks(wrong)).expect_err("wrong").to_string();
            assert!(error.contains(pin) && error.contains(what), "{error}");
        }
    }

    #[test]
    fn a_label_that_the_kernel_will_not_give_is_told() {
        let misnamed = Header { chip: "gpio1".into(), ..on_banks(|_, _| false) };
        let tree = Tree::parse(&dtc_for_tests(BANKS)).expect("a tree");
        let error = check(&tree, misnamed).expect_err("the alias says 0").to_string();
        assert!(error.contains("gpio1") && error.contains("gpio0"), "{error}");
        let tree = r#"/ { #address-cells = <1>; #size-cells = <1>;
            pinctrl@1 { compatible = "allwinner,sun8i-h3-pinctrl"; reg = <1 1>; gpio-controller; #gpio-cells = <3>; }; };"#;
        let tree = Tree::parse(&dtc_for_tests(tree)).expect("a tree");
        let error = check(&tree, header(8, |_| false)).expect_err("c").to_string();
        assert!(error.contains("1.pinctrl"), "{error}");
        let tree =
            r#"/ { pinctrl@1 { compatible = "brcm,bcm2835-gpio"; gpio-controller; #gpio-cells = <2>; }; };"#;
        let tree = Tree::parse(&dtc_for_tests(tree)).expect("a tree");
        let error = check(&tree, header(8, |_| false)).expect_err("c").to_string();
        assert!(error.contains("pinctrl-bcm2835"), "{error}");
    }
}
