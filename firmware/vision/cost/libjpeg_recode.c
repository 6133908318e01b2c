/* libjpeg-turbo beside `luma-cost splice`: the peer's work, and the judge of ours.
 *
 *   libjpeg_recode time FILE PASSES
 *     Decodes each frame of a file of joined JPEGs, blackens a plate, and encodes it with the same quantisers and sampling: what marks cost who cannot
 *     splice. The cheapest way through its interface: raw samples (no colour is converted, nothing resampled), its fastest DCTs, typical Huffman tables.
 *   libjpeg_recode same BEFORE AFTER LEFT TOP RIGHT BOTTOM
 *     Compares all quantised coefficients. Outside of the rectangle (pixels) grown to whole MCUs none may differ, and nothing may be warned of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <jpeglib.h>

#define SIDE_MAX 8192

static unsigned char planes[3][32 * SIDE_MAX];
static JSAMPROW rows[3][32];
static JSAMPARRAY groups[3] = {rows[0], rows[1], rows[2]};

static unsigned char *load(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*length);
    if (fread(bytes, 1, *length, file) != *length)
        exit(1);
    fclose(file);
    return bytes;
}

static void recode(struct jpeg_decompress_struct *in, struct jpeg_compress_struct *out, const unsigned char *jpeg, size_t length,
                   unsigned char *buffer, unsigned long room) {
    jpeg_mem_src(in, jpeg, length);
    jpeg_read_header(in, TRUE);
    in->raw_data_out = TRUE;
    in->dct_method = JDCT_IFAST;
    jpeg_start_decompress(in);
    unsigned long written = room;
    jpeg_mem_dest(out, &buffer, &written);
    jpeg_copy_critical_parameters(in, out);
    out->raw_data_in = TRUE;
    out->dct_method = JDCT_IFAST;
    jpeg_start_compress(out, TRUE);
    unsigned lines = in->max_v_samp_factor * DCTSIZE;
    while (in->output_scanline < in->output_height) {
        unsigned top = in->output_scanline;
        jpeg_read_raw_data(in, groups, lines);
        for (unsigned line = 0; line < lines && top + line < 16; line++)
            memset(rows[0][line], 0, 208);
        jpeg_write_raw_data(out, groups, lines);
    }
    jpeg_finish_compress(out);
    jpeg_finish_decompress(in);
}

static int time_it(const char *path, size_t passes) {
    size_t length, frames = 0;
    unsigned char *stream = load(path, &length);
    size_t *starts = malloc(length * sizeof *starts / 4 + 16);
    for (size_t at = 0; at + 4 <= length; at++)
        if (at == 0 || (at >= 2 && !memcmp(stream + at - 2, "\xFF\xD9\xFF\xD8", 4)))
            starts[frames++] = at;
    starts[frames] = length;
    for (int component = 0; component < 3; component++)
        for (int row = 0; row < 32; row++)
            rows[component][row] = planes[component] + row * SIDE_MAX;
    struct jpeg_decompress_struct in;
    struct jpeg_compress_struct out;
    struct jpeg_error_mgr errors;
    in.err = out.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&in);
    jpeg_create_compress(&out);
    unsigned long room = 4 << 20;
    unsigned char *buffer = malloc(room);
    double best = 1e300;
    for (size_t pass = 0; pass < passes; pass++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (size_t frame = 0; frame < frames; frame++)
            recode(&in, &out, stream + starts[frame], starts[frame + 1] - starts[frame], buffer, room);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ns = (to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec);
        best = ns < best ? ns : best;
    }
    printf("%zu frames, %.0f ns each\n", frames, best / frames);
    return 0;
}

static int same(char **argv) {
    struct jpeg_decompress_struct pictures[2];
    struct jpeg_error_mgr errors[2];
    jvirt_barray_ptr *coefficients[2];
    for (int which = 0; which < 2; which++) {
        size_t length;
        unsigned char *jpeg = load(argv[which], &length);
        pictures[which].err = jpeg_std_error(&errors[which]);
        jpeg_create_decompress(&pictures[which]);
        jpeg_mem_src(&pictures[which], jpeg, length);
        jpeg_read_header(&pictures[which], TRUE);
        coefficients[which] = jpeg_read_coefficients(&pictures[which]);
    }
    struct jpeg_decompress_struct *one = &pictures[0];
    unsigned mcu_w = one->max_h_samp_factor * DCTSIZE, mcu_h = one->max_v_samp_factor * DCTSIZE;
    unsigned left = strtoul(argv[2], NULL, 10) / mcu_w, top = strtoul(argv[3], NULL, 10) / mcu_h;
    unsigned right = (strtoul(argv[4], NULL, 10) + mcu_w - 1) / mcu_w;
    unsigned bottom = (strtoul(argv[5], NULL, 10) + mcu_h - 1) / mcu_h;
    unsigned long blocks = 0, outside = 0, inside = 0;
    for (int number = 0; number < one->num_components; number++) {
        jpeg_component_info *component = &one->comp_info[number];
        for (unsigned y = 0; y < component->height_in_blocks; y++) {
            JBLOCKARRAY lines[2];
            for (int which = 0; which < 2; which++)
                lines[which] = one->mem->access_virt_barray((j_common_ptr)&pictures[which], coefficients[which][number], y, 1, FALSE);
            for (unsigned x = 0; x < component->width_in_blocks; x++) {
                unsigned column = x / component->h_samp_factor, row = y / component->v_samp_factor;
                int hit = column >= left && column < right && row >= top && row < bottom;
                int differs = memcmp(lines[0][0][x], lines[1][0][x], sizeof(JBLOCK)) != 0;
                blocks++;
                *(hit ? &inside : &outside) += differs;
            }
        }
    }
    long warnings = errors[0].num_warnings + errors[1].num_warnings;
    jpeg_finish_decompress(&pictures[1]);
    warnings += errors[1].num_warnings;
    printf("%lu of %lu blocks differ under the mark, %lu elsewhere, %ld warnings\n", inside, blocks, outside, warnings);
    return outside || warnings || !inside;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "time"))
        return time_it(argv[2], strtoul(argv[3], NULL, 10));
    if (argc == 8 && !strcmp(argv[1], "same"))
        return same(argv + 2);
    fprintf(stderr, "usage: libjpeg_recode time FILE PASSES | same BEFORE AFTER LEFT TOP RIGHT BOTTOM\n");
    return 1;
}
