//! Tests of the settings: the promises that go across their files.

mod documents;
mod drawing;
mod table;
mod torn_slots;
mod wiring;

use super::{AlarmMode, CameraSize, Kind, SETTINGS, Settings};

/// Holds a file that is made from the table, its path relative to the repository, to what is made; `KERBEROS_WRITE_DOCS=1 cargo test -p
/// settings` writes it anew.
pub(super) fn is_kept(path: &str, made: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("KERBEROS_WRITE_DOCS").is_some() {
        std::fs::write(&file, made).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(kept == made, "{path} is not what the table says; see the head of `is_kept`");
}

/// A small seeded generator (G. Marsaglia, "Xorshift RNGs", 2003), so that every run tests the same values.
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// A value that the kind allows, in typed form.
    fn value(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Bool => (self.below(2) == 0).to_string(),
            Kind::Integer { min, max } => (u64::from(min) + self.below(u64::from(max - min) + 1)).to_string(),
            Kind::Choice(words) => words[self.below(words.len() as u64) as usize].into(),
            Kind::CameraFormat => kind.words()[self.below(kind.words().len() as u64) as usize].into(),
            Kind::CameraSize if self.below(4) == 0 => "auto".into(),
            Kind::CameraSize => format!("{}x{}", 64 + self.below(4033), 64 + self.below(4033)),
            kind if kind.words() == ["off"] && self.below(4) == 0 => "off".into(),
            Kind::Output => {
                let (pin, zone, ms) = (1 + self.below(40), 1 + self.below(8), 100 + self.below(600_000));
                format!("pin {pin} on zone {zone} pulse 2s pattern blink max {ms}ms")
            }
            Kind::Input => format!("chip:{} as trigger debounce {}ms", self.below(65_536), self.below(5001)),
            Kind::Zone => {
                let count = 3 + self.below(14);
                let corners: String = (0..count).map(|_| format!(" {}", self.place())).collect();
                match self.below(4) {
                    0 => format!("exclude{corners}"),
                    1 => format!("include{corners}"),
                    2 => format!("include{corners} sensitivity {}", 1 + self.below(100)),
                    _ => format!("include{corners} smallest {}.{:02}", self.below(100), 1 + self.below(99)),
                }
            }
            Kind::Key => "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj".into(),
            Kind::Password => "$argon2id$v=19$m=12288,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY".into(),
            Kind::Mask => (0..3 + self.below(3)).map(|_| self.place()).collect::<Vec<_>>().join(" "),
            Kind::Line => format!("{} {}.5,100", self.place(), self.below(100)),
            Kind::Controls => (0..1 + self.below(10))
                .map(|n| format!("control_{n} {}", self.below(9999)))
                .collect::<Vec<_>>()
                .join(" "),
            Kind::Perspective => format!("{}% {}%", 1 + self.below(1000), 1 + self.below(1000)),
            Kind::TimeZone => match self.below(4) {
                0 => format!("<+{:02}>-{0}CEST,M3.5.0,M10.5.0/3", self.below(14)),
                _ => {
                    let all: Vec<_> = hours::zones::names().collect();
                    all[self.below(all.len() as u64) as usize].into()
                }
            },
            Kind::Schedule => match self.below(4) {
                0 => "always".into(),
                _ => format!("mo-fr 18:{:02}-07:00, su 00:00-{:02}:30", self.below(60), 1 + self.below(23)),
            },
            Kind::Name => {
                let chars = b"abcXYZ019-";
                let length = 1 + self.below(32);
                (0..length).map(|_| char::from(chars[self.below(10) as usize])).collect()
            }
        }
    }

    fn place(&mut self) -> String {
        format!("{}.{:02},{}", self.below(100), self.below(100), self.below(100))
    }

    /// Settings of which about half differ from the defaults.
    pub fn settings(&mut self) -> Settings {
        let mut settings = Settings::default();
        for row in SETTINGS {
            if self.below(2) == 0 {
                settings.set(row.name, &self.value(row.kind)).expect("an allowed value");
            }
        }
        settings
    }
}

#[test]
fn typed_fields_hold_what_was_set() {
    let mut settings = Settings::default();
    settings.set("alarm.mode", "hold").unwrap();
    settings.set("camera.size", "1280x720").unwrap();
    settings.set("name", "back-yard").unwrap();
    assert_eq!(settings.alarm_mode, AlarmMode::Hold);
    assert_eq!(settings.camera_size, CameraSize::Exactly { width_px: 1280, height_px: 720 });
    assert_eq!(settings.name, "back-yard");
    let changed: Vec<_> = settings.changed().collect();
    let expected = [("name", "back-yard"), ("camera.size", "1280x720"), ("alarm.mode", "hold")];
    assert_eq!(changed, expected.map(|(name, value)| (name, value.to_string())));
}
