//! The list that the Raspberry Pi Imager offers images from (`rpi-imager`, doc/json-schema/os-list-schema.json).

use boards::Profile;
use serde_json::{Value, json};

use super::Packed;

/// The list: the boards that the Imager has a name for. `url` is where the files are, without a slash at the end.
pub fn list(profiles: &[Profile], packed: &[Packed], url: &str) -> Value {
    let entry = |packed: &Packed| {
        let profile =
            profiles.iter().find(|profile| profile.id == packed.board && !profile.imager.is_empty())?;
        Some(json!({
            "name": format!("Kerberos for {}", profile.name),
            "description": "A camera that records what moves and raises an alarm, set up over its serial console",
            "url": format!("{url}/{}", packed.name),
            "extract_size": packed.bytes,
            "extract_sha256": packed.sha256,
            "image_download_size": packed.packed_bytes,
            "image_download_sha256": packed.packed_sha256,
            "devices": profile.imager,
            // The Imager must not try to add a user or a network to it.
            "init_format": "none",
        }))
    };
    json!({ "os_list": packed.iter().filter_map(entry).collect::<Vec<_>>() })
}
