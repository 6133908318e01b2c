/* libjpeg-turbo's luma at 1/2, 1/4 or 1/8 of each frame of a file of joined JPEGs, a given number of times: the peer of `luma-cost mjpeg`.
 *
 * The cheapest way through its interface: one decompressor for all frames, grey output (no chroma is transformed), its own scaled
 * decode (at 1/8 no AC term is used), rows read as many at a time as it gives. Prints the time per frame of the quickest pass. Damaged frames end it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <jpeglib.h>

static unsigned char plane[1024 * 1024];
static unsigned denominator;

static void decode(struct jpeg_decompress_struct *cinfo, const unsigned char *jpeg, unsigned long length) {
    jpeg_mem_src(cinfo, jpeg, length);
    jpeg_read_header(cinfo, TRUE);
    cinfo->out_color_space = JCS_GRAYSCALE;
    cinfo->scale_num = 1;
    cinfo->scale_denom = denominator;
    cinfo->dct_method = JDCT_IFAST;
    jpeg_start_decompress(cinfo);
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW rows[8];
        for (int row = 0; row < 8; row++)
            rows[row] = plane + (size_t)(cinfo->output_scanline + row) * cinfo->output_width;
        jpeg_read_scanlines(cinfo, rows, 8);
    }
    jpeg_finish_decompress(cinfo);
}

int main(int argc, char **argv) {
    denominator = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    FILE *file = denominator == 2 || denominator == 4 || denominator == 8 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: libjpeg_scaled FILE 2|4|8 PASSES\n");
        return 1;
    }
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file), frames = 0, passes = strtoul(argv[3], NULL, 10);
    unsigned char *stream = malloc(length);
    size_t *starts = malloc(length * sizeof *starts / 4 + 16);
    rewind(file);
    if (fread(stream, 1, length, file) != length)
        return 1;
    for (size_t at = 0; at + 4 <= length; at++)
        if (at == 0 || (at >= 2 && !memcmp(stream + at - 2, "\xFF\xD9\xFF\xD8", 4)))
            starts[frames++] = at;
    starts[frames] = length;
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&cinfo);
    double best = 1e300;
    for (size_t pass = 0; pass < passes; pass++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (size_t frame = 0; frame < frames; frame++)
            decode(&cinfo, stream + starts[frame], starts[frame + 1] - starts[frame]);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ns = (to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec);
        best = ns < best ? ns : best;
    }
    printf("%zu frames, %.0f ns each\n", frames, best / frames);
    return 0;
}
