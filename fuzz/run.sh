#!/bin/sh
# Fuzzes all that reads what a card holds: `fuzz/run.sh [SECONDS-FOR-EACH-TARGET [TARGET ...]]` (default 600, all targets).
#
# As firmware/vision/fuzz/run.sh, which says why there is no sanitizer and how a stable compiler does it. What is found stays in
# `artifacts/`; `KEEP=1` brings the smallest set of inputs that covers the same into `corpus/`, which is kept and run as an ordinary
# test. Inputs kept by hand or because they once broke something stay there.
set -eu

cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1
seconds=${1:-600}
[ "$#" -eq 0 ] || shift
[ "$#" -gt 0 ] || set -- clip description chain sealed settings ext4
work=${CARGO_TARGET_DIR:-target}/fuzz-corpus
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz

for target in "$@"; do
    # Enough for some fragments, a few links, sixteen recipients; a change of the file system is five bytes.
    length=4096
    [ "$target" != ext4 ] || length=80
    dictionary=
    [ ! -f "$target.dict" ] || dictionary="-dict=$target.dict"
    mkdir -p "$work/$target" "corpus/$target"
    cargo fuzz run --sanitizer none --fuzz-dir . "$target" "$work/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len="$length" -timeout=10 -print_final_stats=1 ${dictionary:+"$dictionary"}
    if [ "${KEEP:-}" = 1 ]; then
        cargo fuzz run --sanitizer none --fuzz-dir . "$target" "corpus/$target" "$work/$target" -- \
            -set_cover_merge=1 -use_counters=0 -max_len="$length"
    fi
done
