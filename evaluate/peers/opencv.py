"""OpenCV's background subtractors as people use them: subtract, open, contours of some size.

Usage: opencv.py mog2|knn ZONES < frames > alarms.csv. Frames come as a line `TIMESTAMP_US BYTES` and that many bytes of JPEG.
ZONES is JSON: polygons in parts of the picture. Defaults of OpenCV; what is not its default is a constant here.
"""

import json
import sys

import cv2
import numpy

# As wide as is usual for this: larger pictures are taken at a quarter of their size.
QUARTER_FROM_PX = 640
# Smallest contour, as a share of the picture: the same as the smallest blob of our detector's default.
CONTOUR_SHARE_MIN = 0.003
# Shadows are marked 127 and do not count.
FOREGROUND = 200
# Before this a model knows nothing; everybody leaves out the start.
LEARNING_US = 2_000_000

SUBTRACTORS = {"mog2": cv2.createBackgroundSubtractorMOG2, "knn": cv2.createBackgroundSubtractorKNN}


def zone_mask(zones, shape):
    """255 inside of any zone, or everywhere without zones."""
    height, width = shape[:2]
    mask = numpy.zeros((height, width), numpy.uint8)
    if not zones:
        mask[:] = 255
    for zone in zones:
        corners = numpy.array([[x * width, y * height] for x, y in zone]).round().astype(numpy.int32)
        cv2.fillPoly(mask, [corners], 255)
    return mask


def main(name, zones):
    subtractor = SUBTRACTORS[name]()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    mask, started, frame = None, None, 0
    stream = sys.stdin.buffer
    print("start_frame,end_frame")
    while line := stream.readline():
        timestamp_us, size = map(int, line.split())
        picture = cv2.imdecode(numpy.frombuffer(stream.read(size), numpy.uint8), cv2.IMREAD_COLOR)
        alarm = False
        if picture is not None:
            if picture.shape[1] >= QUARTER_FROM_PX:
                picture = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
            if mask is None or mask.shape != picture.shape[:2]:
                mask = zone_mask(zones, picture.shape)
            moving = subtractor.apply(picture)
            moving = cv2.threshold(moving, FOREGROUND, 255, cv2.THRESH_BINARY)[1]
            moving = cv2.morphologyEx(moving, cv2.MORPH_OPEN, kernel)
            contours = cv2.findContours(moving & mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
            least = CONTOUR_SHARE_MIN * picture.shape[0] * picture.shape[1]
            alarm = timestamp_us >= LEARNING_US and any(cv2.contourArea(c) >= least for c in contours)
        if alarm and started is None:
            started = frame
        if not alarm and started is not None:
            print(f"{started},{frame - 1}")
            started = None
        frame += 1
    if started is not None:
        print(f"{started},{frame - 1}")


def cost(work, path, looks):
    """Looks at the joined JPEGs of a file again and again: what `evaluate cost` measures."""
    cv2.setNumThreads(1)
    start = b"\xff\xd8\xff"
    with open(path, "rb") as file:
        parts = file.read().split(start)[1:]
    frames = [numpy.frombuffer(start + part, numpy.uint8) for part in parts[:60]]
    # A file may end within a frame.
    frames = [frame for frame in frames if cv2.imdecode(frame, cv2.IMREAD_COLOR) is not None]
    subtractor = SUBTRACTORS[work]() if work in SUBTRACTORS else None
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    for look in range(looks):
        jpeg = frames[look % len(frames)]
        if subtractor is None:
            cv2.imdecode(jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_8)
            continue
        picture = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
        picture = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        moving = cv2.threshold(subtractor.apply(picture), FOREGROUND, 255, cv2.THRESH_BINARY)[1]
        moving = cv2.morphologyEx(moving, cv2.MORPH_OPEN, kernel)
        cv2.findContours(moving, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)


if __name__ == "__main__":
    if sys.argv[1].startswith("cost-"):
        cost(sys.argv[1].removeprefix("cost-"), sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1], json.loads(sys.argv[2]))
