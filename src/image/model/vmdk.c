/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/vmdk.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"

#define SECTOR         512
#define DESCRIPTOR_MAX (1024 * 1024 - 1)
#define GD_AT_END      UINT64_MAX
#define MARKER_EOS     0
#define MARKER_FOOTER  3

/* The part of a sparse extent's header that matters here. */
struct header {
    uint32_t version;
    uint64_t sectors, descriptor_sector, descriptor_sectors, gd;
};

static void refuse(struct format_facts *f, const char *check, const char *words)
{
    if (!f->unsafe) {
        f->check = check;
        f->unsafe = words;
    }
}

static struct header read_header(const uint8_t *h)
{
    return (struct header){ .version = read_le32(h + 4),
                            .sectors = read_le64(h + 12),
                            .descriptor_sector = read_le64(h + 28),
                            .descriptor_sectors = read_le64(h + 36),
                            .gd = read_le64(h + 56) };
}

/* --- the descriptor ------------------------------------------------------------------- */

/* Reads 'n' bytes as a lower case text, up to its padding; null when it is no ASCII. */
static int read_text(const struct format_source *src, uint64_t offset, size_t n, char **ret)
{
    auto_free char *text = malloc(n + 1);
    int r;

    *ret = NULL;
    if (!text)
        return -ENOMEM;
    r = src->read(src->ctx, offset, text, n);
    if (r < 0)
        return r;
    text[n] = 0;
    for (char *p = text; *p; p++) {
        if ((unsigned char) *p >= 0x80)
            return 0;
        *p = (char) tolower((unsigned char) *p);
    }
    *ret = steal(&text);
    return 0;
}

/* What stands in createType="…" is one of the two that need no other file. */
static bool is_self_contained(const char *text)
{
    static const char key[] = "createtype=\"";
    const char *p = strstr(text, key), *end;
    size_t n;

    if (!p)
        return false;
    p += sizeof(key) - 1;
    end = strchr(p, '"');
    n = end ? (size_t) (end - p) : 0;
    return (n == strlen("monolithicsparse") && memcmp(p, "monolithicsparse", n) == 0) ||
           (n == strlen("streamoptimized") && memcmp(p, "streamoptimized", n) == 0);
}

static bool first_word_is(const char *line, const char *word)
{
    size_t n = strlen(word);

    return strncmp(line, word, n) == 0 && (line[n] == ' ' || !line[n]);
}

static bool is_extent(const char *line)
{
    return first_word_is(line, "rw") || first_word_is(line, "rdonly") || first_word_is(line, "noaccess");
}

/* KEY=VALUE where KEY has no space. */
static bool is_setting(const char *line)
{
    const char *eq = strchr(line, '='), *space = strchr(line, ' ');

    return eq && (!space || eq < space);
}

static void check_line(const char *line, unsigned *extents, struct format_facts *f)
{
    if (!*line || *line == '#' || strncmp(line, "ddb", 3) == 0)
        return;
    if (strncmp(line, "parentfilenamehint", strlen("parentfilenamehint")) == 0)
        refuse(f, "descriptor", "the image is the difference to another file");
    if (is_setting(line))
        return;
    if (!is_extent(line)) {
        refuse(f, "descriptor", "the descriptor of the image has lines that are not known");
        return;
    }
    (*extents)++;
    if (strpbrk(line, "/\\"))
        refuse(f, "descriptor", "an extent of the image lies in another folder");
}

/* A disk that is whole has one extent: itself. */
static void check_descriptor(char *text, struct format_facts *f)
{
    unsigned extents = 0;
    char *save = NULL;

    if (!is_self_contained(text)) {
        refuse(f, "descriptor", "the image is of a kind that needs other files");
        return;
    }
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        size_t n;

        line += strspn(line, " \t");
        n = strlen(line);
        while (n && isspace((unsigned char) line[n - 1]))
            line[--n] = 0;
        check_line(line, &extents, f);
    }
    if (!extents)
        refuse(f, "descriptor", "the image has no extents");
    else if (extents > 1)
        refuse(f, "descriptor", "the image consists of several files");
}

/* --- the footer of a stream --------------------------------------------------------------- */

static bool is_marker(const uint8_t *m, uint32_t type, bool no_value)
{
    static const uint8_t zeros[SECTOR - 16];

    return (!no_value || read_le64(m) == 0) && read_le32(m + 8) == 0 && read_le32(m + 12) == type &&
           memcmp(m + 16, zeros, sizeof(zeros)) == 0;
}

/* A second header at the end must not say other things than the first. */
static int check_footer(const struct format_source *src, const struct header *first, struct format_facts *f)
{
    uint8_t end[3 * SECTOR];
    struct header second;
    int r;

    if (src->size < sizeof(end)) {
        refuse(f, "footer", "the footer of the image is missing");
        return 0;
    }
    r = src->read(src->ctx, src->size - sizeof(end), end, sizeof(end));
    if (r < 0)
        return r;
    second = read_header(end + SECTOR);
    if (memcmp(end + SECTOR, "KDMV", 4) != 0 || second.version != first->version ||
        second.descriptor_sector != first->descriptor_sector ||
        second.descriptor_sectors != first->descriptor_sectors || second.gd == GD_AT_END)
        refuse(f, "footer", "the header and the footer of the image differ");
    if (second.sectors != first->sectors)
        refuse(f, "footer", "the header and the footer of the image give different sizes");
    if (!is_marker(end, MARKER_FOOTER, false) || !is_marker(end + (size_t) 2 * SECTOR, MARKER_EOS, true))
        refuse(f, "footer", "the footer of the image is broken");
    return 0;
}

/* --- both kinds --------------------------------------------------------------------------- */

static int inspect_sparse(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    const struct header head = read_header(h);
    auto_free char *text = NULL;
    uint64_t n;
    int r;

    f->format = FORMAT_VMDK;
    if (head.version < 1 || head.version > 3) {
        refuse(f, "header", "the version of the image is not supported");
        return 0;
    }
    n = head.descriptor_sectors < DESCRIPTOR_MAX / SECTOR ? head.descriptor_sectors * SECTOR : DESCRIPTOR_MAX;
    if (head.descriptor_sector != 1 || n == 0 || src->size < SECTOR || src->size - SECTOR < n) {
        refuse(f, "descriptor", "the image has no descriptor in its place");
        return 0;
    }
    r = read_text(src, SECTOR, (size_t) n, &text);
    if (r < 0)
        return r;
    if (!text)
        refuse(f, "descriptor", "the descriptor of the image is no text");
    else
        check_descriptor(text, f);
    if (head.sectors <= INT64_MAX / SECTOR)
        f->virtual_size = head.sectors * SECTOR;
    else
        refuse(f, "header", "the image says that it is larger than any disk");
    return head.gd == GD_AT_END ? check_footer(src, &head, f) : 0;
}

/* A descriptor alone, whose data lies in other files. */
static int inspect_text(const struct format_source *src, struct format_facts *f)
{
    size_t n = src->size < DESCRIPTOR_MAX ? (size_t) src->size : DESCRIPTOR_MAX;
    auto_free char *text = NULL;
    int r = read_text(src, 0, n, &text);

    if (r < 0)
        return r;
    if (text && (strstr(text, "createtype=\"") || strstr(text, "# disk descriptorfile"))) {
        f->format = FORMAT_VMDK;
        refuse(f, "descriptor", "the image is only a descriptor of other files");
    }
    return 0;
}

/* What is before the padding, if any, can be read. */
static bool is_text(const uint8_t *h, size_t n)
{
    size_t i = 0;

    for (; i < n && h[i]; i++)
        if (h[i] >= 0x80 || (!isprint(h[i]) && !isspace(h[i])))
            return false;
    return i > 0;
}

int vmdk_inspect(const struct format_source *src, const uint8_t *h, size_t n, struct format_facts *ret)
{
    if (n == SECTOR && memcmp(h, "KDMV", 4) == 0)
        return inspect_sparse(src, h, ret);
    if (n == SECTOR && memcmp(h, "COWD", 4) == 0) {
        ret->format = FORMAT_VMDK;
        refuse(ret, "descriptor", "the image is of a kind that needs other files");
        return 0;
    }
    return is_text(h, n) ? inspect_text(src, ret) : 0;
}
