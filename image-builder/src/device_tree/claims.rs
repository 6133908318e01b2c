//! Holds what a profile says against the device tree: console, LEDs, clock module, device port, alarm line. Pure.
//!
//! Whether a node has a driver is the business of `coverage`, whether a header's pins are free that of `pins`.

use boards::Profile;

use super::tree::{Node, Tree};
use super::{Error, pins};

/// What the profile calls the console among the nodes that it relies on.
const CONSOLE: &str = "console";
/// LED colours by number (kernel, `include/dt-bindings/leds/common.h` and `drivers/leds/led-core.c`, `led_colors`).
const COLOURS: [&str; 15] = [
    "white",
    "red",
    "green",
    "blue",
    "amber",
    "violet",
    "yellow",
    "ir",
    "multicolor",
    "rgb",
    "purple",
    "orange",
    "pink",
    "cyan",
    "lime",
];
/// Drivers whose subnodes are LEDs.
const LED_DRIVERS: [&str; 2] = ["gpio-leds", "pwm-leds"];

/// Checks everything that the profile claims beyond its `rely-on` and its header.
///
/// # Errors
/// The first claim that the tree does not bear out.
pub fn check_claims(tree: &Tree, profile: &Profile) -> Result<(), Error> {
    let wrong = |claim: &str, why: String| Error::Claim { claim: claim.to_owned(), why };
    if let Some(path) = profile.device_tree.rely_on.get(CONSOLE) {
        let found = console_path(tree);
        if found.as_deref() != Some(path) {
            let found = found.unwrap_or_else(|| "nowhere".to_owned());
            return Err(wrong(
                "console",
                format!("it is {path}, but /chosen's stdout-path leads to {found}"),
            ));
        }
    }
    let leds = led_names(tree);
    for led in [&profile.leds.status, &profile.leds.alarm].into_iter().flatten() {
        if !leds.contains(led) {
            return Err(wrong("leds", format!("there is no LED {led}; there are: {}", leds.join(", "))));
        }
    }
    let devices = [
        ("clock-module", profile.clock_module.as_ref().map(|module| &module.bus)),
        ("device-port", profile.device_port.as_ref().map(|port| &port.controller)),
    ];
    for (claim, device) in devices {
        if let Some(device) = device
            && enabled(tree, device).is_none()
        {
            return Err(wrong(claim, format!("no enabled node makes the device {device}")));
        }
    }
    alarm_line(tree, profile).map_or(Ok(()), |why| Err(wrong("alarm", why)))
}

/// Where `/chosen` says that the console is (Devicetree Specification 0.4, 3.6): an alias or a path, with its settings after a colon.
fn console_path(tree: &Tree) -> Option<String> {
    let text = |path: &str, property: &str| {
        let node = tree.nodes.get(tree.find(path)?)?;
        node.strings(property).first().map(|text| (*text).to_owned())
    };
    let wanted = text("/chosen", "stdout-path")?;
    let place = wanted.split(':').next().unwrap_or_default();
    if place.starts_with('/') { Some(place.to_owned()) } else { text("/aliases", place) }
}

/// The class names of all LEDs, as the kernel makes them up (`drivers/leds/led-core.c`, `led_compose_name`): the label, or else colour and
/// function, or else the node's name.
fn led_names(tree: &Tree) -> Vec<String> {
    let drives = |node: &Node| {
        node.is_enabled() && node.strings("compatible").iter().any(|text| LED_DRIVERS.contains(text))
    };
    let parents = tree.nodes.iter().filter(|node| drives(node));
    let children = parents.flat_map(|node| &node.children).filter_map(|child| tree.nodes.get(*child));
    children.filter(|led| led.is_enabled()).map(led_name).collect()
}

fn led_name(led: &Node) -> String {
    if let [label, ..] = led.strings("label").as_slice() {
        return (*label).to_owned();
    }
    let function = led.strings("function").first().map_or(String::new(), |text| (*text).to_owned());
    let colour = led.cells("color").first().and_then(|number| COLOURS.get(usize::try_from(*number).ok()?));
    if !function.is_empty() || colour.is_some() {
        let enumerator = led.cells("function-enumerator").first().map(|number| format!("-{number}"));
        return format!("{}:{function}{}", colour.unwrap_or(&""), enumerator.unwrap_or_default());
    }
    led.name().to_owned()
}

/// The enabled node that becomes the device of that name.
fn enabled<'tree>(tree: &'tree Tree, device: &str) -> Option<&'tree Node> {
    let is_it = |index: usize| tree.is_in_use(index) && tree.device_name(index).as_deref() == Some(device);
    tree.nodes.iter().enumerate().find_map(|(index, node)| is_it(index).then_some(node))
}

/// What is wrong with the alarm line, which is on a chip that the kernel calls after its device.
fn alarm_line(tree: &Tree, profile: &Profile) -> Option<String> {
    let alarm = profile.alarm.as_ref()?;
    let (chip, line) = (alarm.chip.as_ref()?, alarm.offset?);
    let in_header = profile.header.iter().flat_map(boards::Header::chips).find(|one| one.label == chip);
    let by_device = || enabled(tree, chip).map(|node| node.path.as_str());
    let Some(node) = in_header.map(|one| one.node).or_else(by_device) else {
        return Some(format!("no enabled node makes the chip {chip}"));
    };
    match pins::claimant_of(tree, node, line) {
        Ok(None) => None,
        Ok(Some(by)) => Some(format!("line {line} of {chip} is claimed by {by}")),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use boards::{Alarm, ClockModule, DevicePort, Profile};

    use super::{check_claims, led_names};
    use crate::device_tree::{Tree, dtc_for_tests};
    use crate::host::workspace::Workspace;

    const BOARD: &str = r#"/ {
        #address-cells = <1>; #size-cells = <1>;
        aliases { serial0 = "/soc/serial@7e001000"; };
        chosen { stdout-path = "serial0:115200n8"; };
        leds { compatible = "gpio-leds";
            led-0 { label = "x:green:one"; gpios = <&gpio 4 0>; };
            led-1 { function = "status"; color = <3>; };
            led-2 { function = "disk"; function-enumerator = <1>; };
            led@3 { };
            led-4 { label = "off"; status = "disabled"; };
        };
        soc { compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>; ranges = <0x7e000000 0x3f000000 0x1000000>;
            serial@7e001000 { reg = <0x7e001000 4>; };
            i2c@7e002000 { reg = <0x7e002000 4>; };
            usb@7e003000 { reg = <0x7e003000 4>; status = "disabled"; };
            gpio: pinctrl@7e004000 { reg = <0x7e004000 4>; gpio-controller; #gpio-cells = <2>; };
        };
    };"#;

    /// A profile whose claims are all right; the test makes one wrong.
    fn profile() -> Profile {
        let mut profile = boards::load(&Workspace::find().boards(), "virt").expect("a board");
        profile.device_tree.rely_on = [("console".to_owned(), "/soc/serial@7e001000".to_owned())].into();
        profile.leds.status = Some("blue:status".to_owned());
        profile.leds.alarm = Some("x:green:one".to_owned());
        profile.header = None;
        profile.clock_module = Some(ClockModule { bus: "3f002000.i2c".to_owned() });
        let chip = Some("3f004000.pinctrl".to_owned());
        profile.alarm = Some(Alarm { line: None, chip, offset: Some(5), active_low: false });
        profile
    }

    fn tree() -> Tree {
        Tree::parse(&dtc_for_tests(BOARD)).expect("a tree")
    }

    #[test]
    fn leds_have_the_kernels_names() {
        assert_eq!(led_names(&tree()), ["x:green:one", "blue:status", ":disk-1", "led"]);
    }

    #[test]
    fn a_claim_that_the_tree_does_not_bear_out_is_named() {
        check_claims(&tree(), &profile()).expect("all true");
        type Change<'a> = &'a dyn Fn(&mut Profile);
        let wrong: [(Change<'_>, &str); 7] = [
            (
                &|p| *p.device_tree.rely_on.entry("console".to_owned()).or_default() = "/x".to_owned(),
                "[console]: it is /x, but /chosen's stdout-path leads to /soc/serial@7e001000",
            ),
            (
                &|p| p.leds.status = Some("red".to_owned()),
                "[leds]: there is no LED red; there are: x:green:one, ",
            ),
            (&|p| p.leds.alarm = Some("off".to_owned()), "[leds]: there is no LED off; "),
            (
                &|p| p.clock_module = Some(ClockModule { bus: "7e002000.i2c".to_owned() }),
                "[clock-module]: no enabled node makes the device 7e002000.i2c",
            ),
            (
                &|p| p.device_port = Some(DevicePort { controller: "3f003000.usb".to_owned() }),
                "[device-port]: no enabled node makes the device 3f003000.usb",
            ),
            (
                &|p| p.alarm.iter_mut().for_each(|alarm| alarm.offset = Some(4)),
                "[alarm]: line 4 of 3f004000.pinctrl is claimed by /leds/led-0",
            ),
            (
                &|p| p.alarm.iter_mut().for_each(|alarm| alarm.chip = Some("x".to_owned())),
                "[alarm]: no enabled node makes the chip x",
            ),
        ];
        for (change, expected) in wrong {
            let mut profile = profile();
            change(&mut profile);
            let said = check_claims(&tree(), &profile).expect_err(expected).to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
