# How the cost scripts count instructions. To be sourced, in the workspace's folder, with $folder a place for what is built here.
#
# On x86-64 by callgrind; on ARM by count_instructions.c, a plugin of QEMU's user emulation, for which qemu-user must take plugins (Debian
# 12's 7.2 does, later ones of Debian do not; QEMU_USER_FOLDER says where another one is).
# shellcheck shell=sh

emulators=${QEMU_USER_FOLDER:-/usr/bin}

# The compiler flags with which the firmware is built for a target.
flags() {
    sed -e '/^#/d' -e '/^$/d' -e "s|{root}|$PWD|" -e "s|{cargo-home}|${CARGO_HOME:-$HOME/.cargo}|" "linker/$1.flags" | tr '\n' ' '
}

# QEMU 8.2 and later ask for version 2 of the plugin interface; what is used of it did not change.
plugin_version() {
    case $("$1" --version | sed -n 's/.*version \([0-9]*\.[0-9]*\).*/\1/p') in
    [1-7].* | 8.[01]) echo 1 ;;
    *) echo 2 ;;
    esac
}

# Builds the plugin that `emulated` needs.
build_counter() {
    # shellcheck disable=SC2154  # $folder is the caller's
    cc -O2 -shared -fPIC -DQEMU_PLUGIN_VERSION="$(plugin_version "$emulators/qemu-arm")" \
        -o "$folder/count.so" firmware/vision/cost/count_instructions.c
}

# Instructions of a program on this machine.
callgrind() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

# Instructions of a program under an emulator: its name, the program, arguments.
emulated() {
    emulator=$emulators/$1
    shift
    "$emulator" -plugin "$folder/count.so" "$@" 2>&1 >/dev/null | sed -n 's/^instructions //p'
}
