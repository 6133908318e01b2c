#!/bin/sh
# Writes src/zones.txt: today's rule of every time zone that Debian's newest tzdata knows, and the zones that follow it.
# The last line of a compiled zone is its rule for all times to come, in POSIX's words (RFC 8536, 3.3).
# usage: zones.sh            (fetches the package with apt, installs nothing)
set -eu
export LC_ALL=C
cd "$(dirname "$0")"
out=$PWD/src/zones.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q tzdata
# Names of former times are a package of their own since Debian 13.
apt-get download -q tzdata-legacy || true
for package in ./*.deb; do
    dpkg-deb -x "$package" .
done
cd usr/share/zoneinfo
{
    printf '# Made by zones.sh from tzdata, %s. A rule, then the zones that follow it.\n' "$(sed -n '1s/^# //p' tzdata.zi)"
    # Left out: other copies of the same files, and what is no zone.
    find -L . -type f ! -path './posix/*' ! -path './right/*' ! -name 'posix*' ! -name localtime ! -name Factory |
        while read -r file; do
            if [ "$(head -c 4 "$file")" = TZif ]; then
                printf '%s %s\n' "$(tail -n 1 "$file")" "${file#./}"
            fi
        done | sort | awk '$1 != rule { printf "%s%s", (NR > 1 ? "\n" : ""), $1; rule = $1 } { printf " %s", $2 } END { print "" }'
} > "$out.new"
mv "$out.new" "$out"
