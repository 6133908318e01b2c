//! Checks that the kernel has a driver for every device-tree node that a board relies on, and for their suppliers.
//!
//! A kernel without, say, the regulator of the card slot boots and never finds the card; nothing in its log says
//! why. A node counts as driven when one of its `compatible` strings stands in the kernel's match tables. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Error;
use super::tree::{Node, Tree};

/// Properties that refer to suppliers, and the property of the supplier that says how many numbers follow each
/// reference (none: no numbers follow). A name with a leading `*` stands for every property that ends so.
const REFERENCES: &[(&str, Option<&str>)] = &[
    ("*-gpio", Some("#gpio-cells")),
    ("*-gpios", Some("#gpio-cells")),
    ("*-supply", None),
    ("clocks", Some("#clock-cells")),
    ("dmas", Some("#dma-cells")),
    ("gpio", Some("#gpio-cells")),
    ("gpios", Some("#gpio-cells")),
    ("interrupt-parent", None),
    ("interrupts-extended", Some("#interrupt-cells")),
    ("io-channels", Some("#io-channel-cells")),
    ("iommus", Some("#iommu-cells")),
    ("mboxes", Some("#mbox-cells")),
    ("msi-parent", Some("#msi-cells")),
    ("mmc-pwrseq", None),
    ("nvmem-cells", None),
    ("phys", Some("#phy-cells")),
    ("pinctrl-0", None),
    ("power-domains", Some("#power-domain-cells")),
    ("pwms", Some("#pwm-cells")),
    ("resets", Some("#reset-cells")),
    ("usb-phy", None),
];
/// Longest `compatible` that a kernel's match table can hold (`struct of_device_id`), with its NUL.
const COMPATIBLE_MAX: usize = 128;

/// The strings of a kernel that may be the `compatible` of a driver.
#[derive(Debug)]
pub struct Drivers<'a>(HashSet<&'a [u8]>);

impl<'a> Drivers<'a> {
    /// Collects them from an uncompressed kernel: match tables hold them NUL-terminated, in fields padded with NULs.
    #[must_use]
    pub fn of_kernel(image: &'a [u8]) -> Self {
        let printable = |text: &&[u8]| {
            (1..COMPATIBLE_MAX).contains(&text.len()) && text.iter().all(|byte| byte.is_ascii_graphic())
        };
        Self(image.split(|byte| *byte == 0).filter(printable).collect())
    }

    fn drive(&self, node: &Node) -> bool {
        node.strings("compatible").iter().any(|text| self.0.contains(text.as_bytes()))
    }
}

/// Checks the nodes in `rely_on` (role to path), and returns the paths of all nodes that were found to be needed.
///
/// # Errors
/// The first node that is missing, disabled, or without a driver.
pub fn check(
    tree: &Tree,
    drivers: &Drivers<'_>,
    rely_on: &BTreeMap<String, String>,
) -> Result<Vec<String>, Error> {
    let mut needed = BTreeSet::new();
    for (role, path) in rely_on {
        let no_node = || Error::NoNode { role: role.clone(), path: path.clone() };
        let start = tree.find(path).ok_or_else(no_node)?;
        let mut waiting = vec![start];
        let mut seen = BTreeSet::new();
        while let Some(index) = waiting.pop() {
            if !seen.insert(index) {
                continue;
            }
            let Some(node) = tree.nodes.get(index) else { continue };
            if !node.is_enabled() {
                return Err(Error::Disabled { role: role.clone(), path: node.path.clone() });
            }
            if !drivers.drive(node) {
                return Err(Error::NoDriver {
                    role: role.clone(),
                    path: node.path.clone(),
                    compatible: node.strings("compatible").join(", "),
                });
            }
            needed.insert(node.path.clone());
            waiting.extend(needs_of(tree, index)?);
        }
    }
    Ok(needed.into_iter().collect())
}

/// The devices that a device needs: the bus it sits on, and what it and its own subnodes refer to.
fn needs_of(tree: &Tree, index: usize) -> Result<BTreeSet<usize>, Error> {
    let mut needs = BTreeSet::new();
    // The first device above it; that one's own bus is found when its turn comes.
    needs.extend(
        tree.ancestors(index).skip(1).find_map(|(above, node)| is_device(above, node).then_some(above)),
    );
    let mut parts = vec![index];
    while let Some(part) = parts.pop() {
        let Some(node) = tree.nodes.get(part) else { continue };
        // Subnodes without a `compatible` are read by the device's own driver (an LED, a regulator of a PMIC).
        let own = |child: &usize| {
            tree.nodes.get(*child).is_some_and(|child| !child.properties.contains_key("compatible"))
        };
        parts.extend(node.children.iter().copied().filter(own));
        for (property, cells) in references(node) {
            for reference in tree.references(node, &property, cells)? {
                let supplier = device_of(tree, reference.target);
                if !is_spare_clock(tree, node, &property, supplier) {
                    needs.extend(supplier);
                }
            }
        }
        // Devicetree Specification, 2.4: without `interrupt-parent` the nearest one above counts.
        if node.properties.contains_key("interrupts") {
            let inherited =
                tree.ancestors(part).find_map(|(_, above)| above.cells("interrupt-parent").first().copied());
            needs.extend(
                inherited
                    .and_then(|phandle| tree.by_phandle(phandle))
                    .and_then(|target| device_of(tree, target)),
            );
        }
    }
    needs.remove(&index);
    Ok(needs)
}

/// A clock controller may name parents that this board has switched off (a display's PHY); it then never selects them. For
/// everybody else a clock from a disabled device is one that never comes.
fn is_spare_clock(tree: &Tree, node: &Node, property: &str, supplier: Option<usize>) -> bool {
    property == "clocks"
        && node.properties.contains_key("#clock-cells")
        && supplier.and_then(|index| tree.nodes.get(index)).is_some_and(|supplier| !supplier.is_enabled())
}

/// The root is a device only by name: its `compatible` names the board.
fn is_device(index: usize, node: &Node) -> bool {
    index != 0 && node.properties.contains_key("compatible")
}

/// A reference may lead to a part of a device (a regulator of a PMIC, a pin group): the device is meant.
fn device_of(tree: &Tree, target: usize) -> Option<usize> {
    tree.ancestors(target).find_map(|(index, node)| is_device(index, node).then_some(index))
}

fn references(node: &Node) -> Vec<(String, Option<&'static str>)> {
    let matches = |property: &str, pattern: &str| match pattern.strip_prefix('*') {
        Some(end) => property.ends_with(end),
        None => property == pattern,
    };
    node.properties
        .keys()
        .filter_map(|property| {
            let (_, cells) = REFERENCES.iter().find(|(pattern, _)| matches(property, pattern))?;
            Some((property.clone(), *cells))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Drivers, check};
    use crate::device_tree::{Error, Tree, dtc_for_tests};

    fn tree(source: &str) -> Tree {
        Tree::parse(&dtc_for_tests(source)).expect("a tree")
    }

    const BOARD: &str = r#"/ {
        compatible = "vendor,board"; #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
        gic: interrupt-controller@0 { compatible = "v,gic"; #interrupt-cells = <1>; };
        clk: clock@1 { compatible = "v,clk"; #clock-cells = <1>; clocks = <&osc>; };
        osc: oscillator { compatible = "v,osc"; #clock-cells = <0>; };
        soc { compatible = "v,bus";
            mmc: mmc@2 { compatible = "v,mmc-new", "v,mmc"; interrupts = <5>; clocks = <&clk 3>, <&osc>;
                vmmc-supply = <&reg>; pinctrl-0 = <&pins>; };
            i2c@3 { compatible = "v,i2c"; pmic@4 { compatible = "v,pmic"; regulators { reg: ldo { }; }; }; };
            pinctrl@5 { compatible = "v,pinctrl"; pins: mmc-pins { }; };
            gpio: gpio@6 { compatible = "v,gpio"; #gpio-cells = <2>; };
            off: spi@7 { compatible = "v,spi"; status = "disabled"; };
        };
        leds { compatible = "gpio-leds"; one { gpios = <&gpio 1 0>; }; };
    };"#;
    /// Everything that the card needs.
    const CARD: [&str; 8] = ["v,bus", "v,clk", "v,gic", "v,i2c", "v,mmc", "v,osc", "v,pinctrl", "v,pmic"];

    fn kernel(compatibles: &[&str]) -> Vec<u8> {
        compatibles.iter().flat_map(|text| [&[0][..], text.as_bytes(), &[0, 0]].concat()).collect()
    }

    fn checked(source: &str, compatibles: &[&str], path: &str) -> Result<Vec<String>, Error> {
        let rely_on = BTreeMap::from([("role".to_owned(), path.to_owned())]);
        check(&tree(source), &Drivers::of_kernel(&kernel(compatibles)), &rely_on)
    }

    #[test]
    fn a_card_needs_its_bus_clocks_regulator_pins_and_interrupts() {
        let needed = checked(BOARD, &CARD, "/soc/mmc@2").expect("covered");
        let expected = [
            "/clock@1",
            "/interrupt-controller@0",
            "/oscillator",
            "/soc",
            "/soc/i2c@3",
            "/soc/i2c@3/pmic@4",
            "/soc/mmc@2",
            "/soc/pinctrl@5",
        ];
        assert_eq!(needed, expected);
    }

    #[test]
    fn each_missing_driver_is_named_with_its_node() {
        for missing in CARD {
            let others: Vec<&str> = CARD.into_iter().filter(|text| *text != missing).collect();
            let error = checked(BOARD, &others, "/soc/mmc@2").expect_err(missing);
            assert!(
                matches!(&error, Error::NoDriver { compatible, .. } if compatible.contains(missing)),
                "{error}"
            );
        }
    }

    #[test]
    fn an_led_needs_the_chip_of_its_line() {
        assert!(checked(BOARD, &["gpio-leds", "v,gpio", "v,bus"], "/leds").is_ok());
        let error = checked(BOARD, &["gpio-leds", "v,bus"], "/leds").expect_err("no GPIO driver").to_string();
        assert!(
            error.starts_with(
                "the kernel has no driver for the device-tree node /soc/gpio@6 (compatible v,gpio)"
            ),
            "{error}"
        );
    }

    #[test]
    fn a_clock_controller_does_without_a_parent_that_is_switched_off() {
        let source = |cells: &str| {
            format!(
                "/ {{ off: phy {{ compatible = \"v,phy\"; #clock-cells = <0>; status = \"disabled\"; }};
                user {{ compatible = \"v,user\"; {cells} clocks = <&off>; }}; }};"
            )
        };
        assert_eq!(
            checked(&source("#clock-cells = <1>;"), &["v,user"], "/user").expect("covered"),
            ["/user"]
        );
        let error = checked(&source(""), &["v,user"], "/user").expect_err("no clock");
        assert!(matches!(error, Error::Disabled { .. }), "{error}");
    }

    #[test]
    fn a_part_of_a_string_is_no_driver() {
        assert!(checked(BOARD, &["gpio-leds-x", "v,gpio", "v,bus"], "/leds").is_err());
    }

    #[test]
    fn missing_disabled_and_dangling_are_told_apart() {
        assert!(matches!(checked(BOARD, &CARD, "/soc/mmc@9"), Err(Error::NoNode { .. })));
        assert!(matches!(checked(BOARD, &["v,spi", "v,bus"], "/soc/spi@7"), Err(Error::Disabled { .. })));
        let dangling = "/ { a { compatible = \"x\"; clocks = <77 1>; }; };";
        assert!(matches!(checked(dangling, &["x"], "/a"), Err(Error::Dangling { .. })));
        let short = "/ { c: c { compatible = \"x\"; #clock-cells = <2>; }; a { compatible = \"x\"; clocks = <&c 1>; }; };";
        assert!(matches!(checked(short, &["x"], "/a"), Err(Error::Dangling { .. })));
        assert!(matches!(Tree::parse(b"no tree"), Err(Error::Parse(_))));
    }
}
