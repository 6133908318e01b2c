#!/bin/sh
# Marks put into 1280x720 frames, beside libjpeg-turbo's decode and encode of the same frames, as instructions (callgrind) and time. Prints two tables.
#
#   firmware/vision/cost/splice.sh [VIDEO ...]
#
# A generated picture and each video become MJPEG with typical Huffman tables, as cameras send it, in 4:2:0 and 4:2:2. Then
# libjpeg-turbo reads the coefficients of each first frame before and after: the script fails if a block elsewhere than under the mark differs, or it warns.
# Needs valgrind, ffmpeg, libjpeg62-turbo-dev and a C compiler. Instructions are the difference between one pass over the frames and three, so
# that starting does not count. The time is that of the quickest pass of five alternating runs each.
set -eu

cd "$(dirname "$0")/../../.."
ours=${CARGO_TARGET_DIR:-target}/release/luma-cost
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
frames=${FRAMES:-10}

cargo build --quiet --release --locked --package luma-cost
cc -O2 -o "$folder/recode" firmware/vision/cost/libjpeg_recode.c -ljpeg

instructions() {
    for passes in 1 3; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" "$passes" 2>&1 | sed -n 's/.*Collected : //p'
    done | paste -s -d ' ' | awk -v frames="$count" '{ printf "%.0f", ($2 - $1) / 2 / frames }'
}

# The quickest run's nanoseconds a frame, of ours and of the peer in turn. Marks, way.
quickest() {
    for _ in 1 2 3 4 5; do
        "$ours" splice "$clip" "$1" "$2" 3 | sed 's/.*frames, \([0-9]*\) ns.*/ours \1/'
        "$folder/recode" time "$clip" 3 | sed 's/.*frames, \([0-9]*\) ns.*/theirs \1/'
    done | awk '!($1 in best) || $2 < best[$1] { best[$1] = $2 } END { print best["ours"], best["theirs"] }'
}

# Where the marks of a set lie, as left, top, right and bottom.
place() {
    case $1 in
        text-16) echo 0 0 208 16 ;;
        text-20) echo 8 8 268 28 ;;
        # From the text to the mask.
        both) echo 0 0 800 450 ;;
        *) echo 480 270 800 450 ;;
    esac
}

# Name, pixel format, ffmpeg's input options.
clip() {
    name=$1
    pixels=$2
    shift 2
    ffmpeg -v error -y "$@" -frames:v "$frames" -vf scale=1280:720 -c:v mjpeg -huffman default -q:v 4 -pix_fmt "$pixels" \
        -fps_mode passthrough -f mjpeg "$clip"
    count=$("$ours" mjpeg "$clip" 1 | sed 's/ frames.*//')
    kilobytes=$(($(wc -c <"$clip") / count / 1000))
    peer=$(instructions "$folder/recode" time "$clip")
    for set in text-16 text-20 box mask both; do
        for way in index walk; do
            counted=$(instructions "$ours" splice "$clip" "$set" "$way")
            # shellcheck disable=SC2046
            "$folder/recode" same "$clip.before" "$clip.after" $(place "$set") >"$folder/same"
            echo "$counted $peer $(quickest "$set" "$way")" |
                awk -v clip="$name, ${pixels#yuvj}" -v kilobytes="$kilobytes" -v set="$set" -v way="$way" -v same="$(cat "$folder/same")" '{
                    printf "| %s | %d | %s | %s | %.2f M | %.2f M | 1/%.0f | %.0f µs | %.0f µs | 1/%.0f | %s |\n",
                        clip, kilobytes, set, way, $1 / 1e6, $2 / 1e6, $2 / $1, $3 / 1000, $4 / 1000, $4 / $3, same }'
        done
    done
    echo "| $name, ${pixels#yuvj} | $(instructions "$ours" mjpeg "$clip") | $(instructions "$ours" mjpeg-index "$clip") |" >>"$folder/index"
}

clip=$folder/clip
echo '| clip | KB a frame | marks | rows known by | ours | libjpeg-turbo | ratio | ours, time | libjpeg-turbo | ratio | judged by libjpeg-turbo |'
echo '|---|---|---|---|---|---|---|---|---|---|---|'
for pixels in yuvj420p yuvj422p; do
    clip generated $pixels -f lavfi -i "testsrc2=s=1280x720:r=25,noise=alls=6:allf=t"
    for video in "$@"; do
        clip "$(basename "$video")" $pixels -i "$video"
    done
done
echo
echo '| clip | luma decode, instructions a frame | with an index |'
echo '|---|---|---|'
cat "$folder/index"
