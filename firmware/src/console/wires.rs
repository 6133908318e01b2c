//! The row of `status` about the owner's outputs and inputs: what is on, what does not work. Nothing where none is set.

use crate::control::{Answer, Question, WireStatus, ask};
use crate::paths;

/// Asks the guard; one that does not answer is told elsewhere in `status`.
pub fn words() -> Option<String> {
    match ask(paths::GUARD_SOCKET, &Question::Wires) {
        Ok(Answer::Wires { list, .. }) => told(&list),
        _ => None,
    }
}

/// What works first, then what does not, with where to read more.
fn told(wires: &[WireStatus]) -> Option<String> {
    let name = |wire: &WireStatus| wire.setting.trim_start_matches("alarm.").to_owned();
    let state = |wire: &WireStatus| match (wire.setting.contains("input"), wire.on) {
        (true, true) => format!("{} active", name(wire)),
        (true, false) => format!("{} quiet", name(wire)),
        (false, true) => format!("{} ON", name(wire)),
        (false, false) => format!("{} off", name(wire)),
    };
    let (good, bad): (Vec<_>, Vec<_>) = wires.iter().partition(|wire| wire.trouble.is_empty());
    let mut parts: Vec<String> = good.into_iter().map(state).collect();
    parts.extend(bad.into_iter().map(|wire| format!("{} does not work (`gpio` says why)", name(wire))));
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::control::WireStatus;

    #[test]
    fn outputs_and_inputs_are_told_where_there_are_any() {
        let wire = |setting: &str, on, trouble: &str| WireStatus {
            setting: setting.into(),
            trouble: trouble.into(),
            on,
            ..WireStatus::default()
        };
        assert_eq!(told(&[]), None);
        let wires = [
            wire("alarm.output1", true, ""),
            wire("alarm.output2", false, "no"),
            wire("alarm.input1", false, ""),
            wire("alarm.input4", true, ""),
        ];
        let expected = "output1 ON, input1 quiet, input4 active, output2 does not work (`gpio` says why)";
        assert_eq!(told(&wires).as_deref(), Some(expected));
    }
}
