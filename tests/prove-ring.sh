#!/bin/sh
# The lock-free ring under Miri (undefined behaviour, data races in its own memory model) and ThreadSanitizer (races in the
# real one). Both need a nightly Rust with its components. Where rustup cannot install one, each says that it is left out.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
target=x86_64-unknown-linux-gnu

have() {
    rustup component list --toolchain nightly --installed 2>/dev/null | grep -q "^$1"
}

want() {
    have "$1" || rustup toolchain install nightly --profile minimal --component "$1" >/dev/null 2>&1 || true
    have "$1"
}

if want miri && want rust-src; then
    MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-ignore-leaks" \
        cargo +nightly miri test --locked --package firmware --lib ring::
else
    echo "LEFT OUT: Miri (rustup cannot install it here)"
fi

if want rust-src; then
    RUSTFLAGS="-Zsanitizer=thread" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/tsan" \
        cargo +nightly test --locked -Zbuild-std --target "$target" --package firmware --lib ring::
else
    echo "LEFT OUT: ThreadSanitizer (rustup cannot install rust-src for nightly here)"
fi
