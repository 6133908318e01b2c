#!/bin/sh
# Installs what `evaluate peers` and `evaluate cost` compare with: Motion and valgrind from Debian, OpenCV from PyPI into a
# virtual environment in the cache folder. Nothing goes into the checkout; running it again does no harm.
set -eu

cache=${KERBEROS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kerberos}
venv=$cache/opencv

missing=
command -v motion >/dev/null 2>&1 || missing="$missing motion"
command -v ffmpeg >/dev/null 2>&1 || missing="$missing ffmpeg"
command -v valgrind >/dev/null 2>&1 || missing="$missing valgrind"
command -v djpeg >/dev/null 2>&1 || missing="$missing libjpeg-turbo-progs"
python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    # shellcheck disable=SC2086  # $missing is a list of words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends $missing
fi

if ! "$venv/bin/python" -c 'import cv2' >/dev/null 2>&1; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless
fi
"$venv/bin/python" -c 'import cv2; print("OpenCV", cv2.__version__)'
motion -h 2>/dev/null | sed -n '1s/,.*//p'
