//! Who this binary is, in a section of its own that the image builder reads back into the manifest.
//!
//! Layout: `KERBEROS`, NUL, version, NUL, build id, NUL, padded with NUL.

/// The version of the product.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A hash over the sources that this binary was built from, given by the image builder.
pub const BUILD_ID: &str = match option_env!("KERBEROS_BUILD_ID") {
    Some(id) => id,
    None => "unversioned",
};

/// Seconds since 1970 of the newest source: no clock of ours can be earlier. Given by the image builder.
pub fn build_time_s() -> u64 {
    option_env!("SOURCE_DATE_EPOCH").and_then(|s| s.parse().ok()).unwrap_or(0)
}

const RECORD_BYTES: usize = 64;

// SAFETY: the section is read-only data of our own name; nothing else places anything there or relies on its layout.
#[unsafe(link_section = ".kerberos.version")]
#[used]
static RECORD: [u8; RECORD_BYTES] = record();

const fn record() -> [u8; RECORD_BYTES] {
    let mut out = [0; RECORD_BYTES];
    let at = put(&mut out, 0, b"KERBEROS");
    let at = put(&mut out, at, VERSION.as_bytes());
    let _ = put(&mut out, at, BUILD_ID.as_bytes());
    out
}

/// Copies `part` to `at` and leaves one NUL behind it; returns the next place. Too long a part fails the build.
const fn put(out: &mut [u8; RECORD_BYTES], at: usize, part: &[u8]) -> usize {
    let mut i = 0;
    while i < part.len() {
        out[at + i] = part[i];
        i += 1;
    }
    at + part.len() + 1
}
