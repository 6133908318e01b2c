/* libjpeg-turbo beside `firmware/examples/develop.rs`: a JPEG of each frame of a file of YUYV frames.
 *
 *   libjpeg_encode FILE WIDTH HEIGHT PASSES
 *     The cheapest way through its interface: raw samples (chroma averaged here, to 4:2:0), its fastest DCT, typical Huffman tables, quality 80.
 *     The values are widened from video's range as ours are. */
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

#define SIDE_MAX 4096
#define QUALITY 80

static unsigned char luma[16][SIDE_MAX], blue[8][SIDE_MAX], red[8][SIDE_MAX];

static int clamp(int value) {
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

static unsigned char wide_luma(int value) {
    return (unsigned char)clamp(((value - 16) * 19077 + 8192) >> 14);
}

static unsigned char wide_chroma(int value) {
    return (unsigned char)clamp((((value - 128) * 18651 + 8192) >> 14) + 128);
}

/* Sixteen rows from `top` on. */
static void fill(const unsigned char *frame, int width, int top) {
    for (int line = 0; line < 16; line++) {
        const unsigned char *row = frame + (size_t)(top + line) * width * 2;
        for (int x = 0; x < width; x++)
            luma[line][x] = wide_luma(row[2 * x]);
    }
    for (int line = 0; line < 8; line++) {
        const unsigned char *upper = frame + (size_t)(top + 2 * line) * width * 2, *lower = upper + width * 2;
        for (int x = 0; x < width / 2; x++) {
            blue[line][x] = wide_chroma((upper[4 * x + 1] + lower[4 * x + 1] + 1) >> 1);
            red[line][x] = wide_chroma((upper[4 * x + 3] + lower[4 * x + 3] + 1) >> 1);
        }
    }
}

int main(int count, char **words) {
    if (count != 5)
        return 2;
    FILE *file = fopen(words[1], "rb");
    int width = atoi(words[2]), height = atoi(words[3]), passes = atoi(words[4]);
    size_t frame_bytes = (size_t)width * height * 2;
    unsigned char *frame = malloc(frame_bytes), *room = malloc(1 << 20);
    unsigned long length = 0;
    JSAMPROW y[16], u[8], v[8];
    JSAMPARRAY planes[3] = {y, u, v};
    if (!file || !frame || !room)
        return 1;
    for (int line = 0; line < 16; line++)
        y[line] = luma[line];
    for (int line = 0; line < 8; line++)
        u[line] = blue[line], v[line] = red[line];
    struct jpeg_compress_struct out;
    struct jpeg_error_mgr errors;
    out.err = jpeg_std_error(&errors);
    jpeg_create_compress(&out);
    for (int pass = 0; pass < passes; pass++) {
        rewind(file);
        while (fread(frame, 1, frame_bytes, file) == frame_bytes) {
            unsigned char *place = room;
            length = 1 << 20;
            jpeg_mem_dest(&out, &place, &length);
            out.image_width = width, out.image_height = height;
            out.input_components = 3, out.in_color_space = JCS_YCbCr;
            jpeg_set_defaults(&out);
            jpeg_set_quality(&out, QUALITY, TRUE);
            out.raw_data_in = TRUE, out.dct_method = JDCT_IFAST;
            jpeg_start_compress(&out, TRUE);
            for (int top = 0; top < height; top += 16) {
                fill(frame, width, top);
                jpeg_write_raw_data(&out, planes, 16);
            }
            jpeg_finish_compress(&out);
        }
    }
    printf("%lu bytes\n", length);
    return 0;
}
