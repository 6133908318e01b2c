#!/bin/sh
# The front door: boards | image | card | emulate | pull-clips. Makes sure that a C linker is there, which Rust itself needs, and hands
# everything to the image builder. `./flash.sh` alone shows how it is used.
set -eu

root=$(cd "$(dirname "$0")" && pwd)

# rustup puts cargo where only new logins find it.
cargo_home=${CARGO_HOME:-${HOME:-}/.cargo}
if ! command -v cargo >/dev/null 2>&1 && [ -x "$cargo_home/bin/cargo" ]; then
    PATH="$cargo_home/bin:$PATH"
fi
if ! command -v cargo >/dev/null 2>&1; then
    echo "error: Rust is not installed; see https://rustup.rs and try again" >&2
    exit 1
fi

if ! command -v cc >/dev/null 2>&1; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: there is no C compiler (cc) and no apt-get to install one with" >&2
        exit 1
    fi
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo=sudo
        command -v sudo >/dev/null 2>&1 || {
            echo "error: build-essential must be installed, and this is not root and there is no sudo" >&2
            exit 1
        }
    fi
    echo "==> Installing what this host lacks: build-essential (the C linker that Rust uses)" >&2
    # Some source of the host may be broken without any harm to us; a fresh host may be at its own updates.
    apt_get="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300"
    $apt_get update >&2 || echo "warning: apt-get update failed; trying with the lists that are there" >&2
    $apt_get install --yes --no-install-recommends build-essential >&2 || {
        echo "error: build-essential could not be installed; apt-get's message is above" >&2
        exit 1
    }
fi

# cargo is quiet when there is little to do, and shows its progress when there is much.
quiet=--quiet
if [ ! -x "${CARGO_TARGET_DIR:-$root/target}/host/image-builder" ]; then
    echo "==> Building the image builder (a minute or two, once)" >&2
    quiet=
fi
# shellcheck disable=SC2086  # $quiet is one word or none
exec cargo run $quiet --locked --manifest-path "$root/Cargo.toml" --profile host --package image-builder -- "$@"
