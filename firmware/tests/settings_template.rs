//! The `kerberos.toml` that goes on every card is the one that the settings table makes.
//!
//! After a change of the table: `KERBEROS_BLESS=1 cargo test -p firmware --test settings_template`.

use firmware::settings;

#[test]
fn the_template_on_the_card_is_made_from_the_settings_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../image-builder/assets/kerberos.toml");
    let made = settings::template();
    if std::env::var_os("KERBEROS_BLESS").is_some() {
        std::fs::write(path, &made).expect("the asset can be written");
    }
    assert_eq!(std::fs::read_to_string(path).expect("the asset"), made);
    let reading = settings::from_toml(&made, "the template");
    assert_eq!((reading.settings, reading.complaints), (settings::Settings::default(), Vec::new()));
}
