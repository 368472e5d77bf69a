/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/format.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "base/str.h"
#include "image/model/vmdk.h"

#define SECTOR 512

static const char *const names[] = {
    [FORMAT_RAW] = "raw",   [FORMAT_QCOW2] = "qcow2", [FORMAT_QED] = "qed", [FORMAT_VHD] = "vhd",
    [FORMAT_VHDX] = "vhdx", [FORMAT_VMDK] = "vmdk",   [FORMAT_VDI] = "vdi", [FORMAT_ISO] = "iso",
    [FORMAT_GPT] = "gpt",   [FORMAT_LUKS] = "luks",
};

const char *format_name(enum format f)
{
    return f > FORMAT_NONE && (size_t) f < ARRAY_SIZE(names) ? names[f] : "none";
}

enum format format_named(const char *name)
{
    for (size_t i = FORMAT_RAW; i < ARRAY_SIZE(names); i++)
        if (str_eq(names[i], name))
            return (enum format) i;
    return FORMAT_NONE;
}

static bool starts(const uint8_t *p, const char *magic, size_t n)
{
    return memcmp(p, magic, n) == 0;
}

static int unsafe(struct format_facts *f, const char *check, const char *words)
{
    if (!f->unsafe) {
        f->check = check;
        f->unsafe = words;
    }
    return 0;
}

/* Reads when all of it is there: 0, -ENODATA, or the reader's error. */
static int read_at(const struct format_source *src, uint64_t offset, void *buf, size_t n)
{
    if (offset > src->size || src->size - offset < n)
        return -ENODATA;
    return src->read(src->ctx, offset, buf, n);
}

/* --- qcow2 and qed ------------------------------------------------------------------- */

#define QCOW2_DATA_FILE      (UINT64_C(1) << 2)
#define QCOW2_KNOWN_FEATURES UINT64_C(0x1f) /* dirty, corrupt, data file, compression, extended L2 */

static bool is_qcow2(const uint8_t *h)
{
    return starts(h, "QFI\xfb", 4);
}

static int look_qcow2(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    uint32_t version = read_be32(h + 4), cluster_bits = read_be32(h + 20);
    uint64_t features = read_be64(h + 72);

    f->virtual_size = read_be64(h + 24);
    if (read_be64(h + 8))
        return unsafe(f, "backing_file", "the image has a backing file");
    if (version != 2 && version != 3)
        return unsafe(f, "unknown_features", "the version of qcow2 is not supported");
    if (cluster_bits < 9 || cluster_bits > 21)
        return unsafe(f, "header", "the clusters of the image have an impossible size");
    if (f->virtual_size > INT64_MAX)
        return unsafe(f, "header", "the image says that it is larger than any disk");
    if (version == 2)
        return 0;
    if (features & QCOW2_DATA_FILE)
        return unsafe(f, "data_file", "the image keeps its data in another file");
    if (features & ~QCOW2_KNOWN_FEATURES)
        return unsafe(f, "unknown_features", "the image uses features that are not known");
    return 0;
}

static bool is_qed(const uint8_t *h)
{
    return starts(h, "QED\0", 4);
}

static int look_qed(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    return unsafe(f, "banned", "the format qed is not allowed");
}

/* --- vhd, vdi, luks -------------------------------------------------------------------- */

static bool is_vhd(const uint8_t *h)
{
    return starts(h, "conectix", 8);
}

static int look_vhd(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    f->virtual_size = read_be64(h + 40);
    if (read_be32(h + 60) == 4)
        return unsafe(f, "backing_file", "the image is the difference to another file");
    return 0;
}

static bool is_vdi(const uint8_t *h)
{
    return read_le32(h + 0x40) == 0xbeda107f;
}

static int look_vdi(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    f->virtual_size = read_le64(h + 0x170);
    return 0;
}

static bool is_luks(const uint8_t *h)
{
    return starts(h, "LUKS\xba\xbe", 6);
}

static int look_luks(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    uint64_t payload = (uint64_t) read_be32(h + 104) * SECTOR;

    if ((h[6] << 8 | h[7]) != 1)
        return unsafe(f, "version", "this version of LUKS is not supported");
    f->virtual_size = payload < src->size ? src->size - payload : 0;
    return 0;
}

/* --- vhdx --------------------------------------------------------------------------------- */

#define VHDX_REGIONS (192 * 1024)
#define VHDX_TABLE   (64 * 1024)
#define VHDX_ENTRIES 2047
#define VHDX_FIRST   16 /* Of the region table; of the metadata table: 32. */

static const uint8_t vhdx_metadata_guid[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                                0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const uint8_t vhdx_size_guid[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                            0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };
static const uint8_t vhdx_parent_guid[16] = { 0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45,
                                              0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c };

static bool is_vhdx(const uint8_t *h)
{
    return starts(h, "vhdxfile", 8);
}

/* The 32-byte entry of 'guid' in a table of 'count' entries that begins at
 * 'first', or null. */
static const uint8_t *vhdx_entry(const uint8_t *table, size_t first, uint32_t count, const uint8_t guid[16])
{
    for (uint32_t i = 0; i < count && first + ((size_t) i + 1) * 32 <= VHDX_TABLE; i++)
        if (memcmp(table + first + (size_t) i * 32, guid, 16) == 0)
            return table + first + (size_t) i * 32;
    return NULL;
}

static int vhdx_metadata(const struct format_source *src, uint8_t *table, uint64_t at, struct format_facts *f)
{
    const uint8_t *e;
    uint8_t size[8];
    int r = read_at(src, at, table, VHDX_TABLE);

    if (r < 0)
        return r;
    if (!starts(table, "metadata", 8) || read_le16(table + 10) > VHDX_ENTRIES)
        return -ENODATA;
    if (vhdx_entry(table, 32, read_le16(table + 10), vhdx_parent_guid))
        unsafe(f, "backing_file", "the image is the difference to another file");
    e = vhdx_entry(table, 32, read_le16(table + 10), vhdx_size_guid);
    if (!e)
        return -ENODATA;
    r = read_at(src, at + read_le32(e + 16), size, sizeof(size));
    if (r >= 0)
        f->virtual_size = read_le64(size);
    return r;
}

static int look_vhdx(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    auto_free uint8_t *table = malloc(VHDX_TABLE);
    const uint8_t *e = NULL;
    int r = table ? read_at(src, VHDX_REGIONS, table, VHDX_TABLE) : -ENOMEM;

    if (r >= 0 && read_le32(table) == 0x69676572 && read_le32(table + 8) <= VHDX_ENTRIES)
        e = vhdx_entry(table, VHDX_FIRST, read_le32(table + 8), vhdx_metadata_guid);
    if (r >= 0)
        r = e ? vhdx_metadata(src, table, read_le64(e + 16), f) : -ENODATA;
    return r == -ENODATA ? unsafe(f, "header", "the tables of the image are broken") : r;
}

/* --- iso ------------------------------------------------------------------------------------ */

#define ISO_AT 32768

static int look_iso(const struct format_source *src, struct format_facts *f)
{
    uint8_t d[2048];
    int r = read_at(src, ISO_AT, d, sizeof(d));

    if (r == -ENODATA)
        return 0;
    if (r < 0)
        return r;
    if (!starts(d + 1, "CD001", 5) && !starts(d + 1, "NSR02", 5) && !starts(d + 1, "NSR03", 5))
        return 0;
    f->format = FORMAT_ISO;
    if (d[0] == 1)
        f->virtual_size = (uint64_t) read_le32(d + 80) * read_le16(d + 128);
    return 0;
}

/* --- partition tables ------------------------------------------------------------------------- */

/* The boot sector of a FAT ends alike. */
static bool is_gpt(const uint8_t *h)
{
    return read_le16(h + 510) == 0xaa55 && !(h[0x10] == 2 && h[0x15] == 0xf8);
}

static int look_gpt(const struct format_source *src, const uint8_t *h, struct format_facts *f)
{
    unsigned used = 0, protective = 0;

    f->virtual_size = src->size;
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *p = h + 446 + 16 * i;

        if (p[0] != 0 && p[0] != 0x80)
            return unsafe(f, "mbr", "an entry of the partition table has a wrong boot flag");
        if (p[4])
            used |= 1u << i;
        if (p[4] != 0xee)
            continue;
        protective |= 1u << i;
        if (p[1] != 0 || p[2] != 2 || p[3] != 0 || read_le32(p + 8) != 1)
            return unsafe(f, "mbr", "the protective entry of the partition table begins at a wrong place");
    }
    if (protective && used != 1)
        return unsafe(f, "mbr", "the partition table has entries beside the protective one");
    if (!used)
        return unsafe(f, "mbr", "the partition table has no entries");
    return 0;
}

/* --- all together ------------------------------------------------------------------------------ */

/* Formats whose first sector tells. */
static const struct {
    enum format format;
    bool (*is)(const uint8_t *first_sector);
    int (*look)(const struct format_source *src, const uint8_t *first_sector, struct format_facts *f);
} known[] = {
    { FORMAT_QCOW2, is_qcow2, look_qcow2 }, { FORMAT_QED, is_qed, look_qed },
    { FORMAT_VHD, is_vhd, look_vhd },       { FORMAT_VHDX, is_vhdx, look_vhdx },
    { FORMAT_VDI, is_vdi, look_vdi },       { FORMAT_GPT, is_gpt, look_gpt },
    { FORMAT_LUKS, is_luks, look_luks },
};

/* A disk that boots as a CD too has a partition table in front: it is the CD. */
static bool is_hybrid(const struct format_facts *a, const struct format_facts *b)
{
    return (a->format == FORMAT_ISO && b->format == FORMAT_GPT) ||
           (a->format == FORMAT_GPT && b->format == FORMAT_ISO);
}

static int add_match(struct format_facts *found, const struct format_facts *f)
{
    if (f->format == FORMAT_NONE)
        return 0;
    if (found->format == FORMAT_NONE) {
        *found = *f;
        return 0;
    }
    if (is_hybrid(found, f)) {
        if (f->format == FORMAT_ISO)
            *found = *f;
        return 0;
    }
    found->check = "formats";
    found->unsafe = "Multiple formats detected: the data is of more than one format at once.";
    return -EINVAL;
}

static int inspect(const struct format_source *src, struct format_facts *found)
{
    uint8_t h[SECTOR] = { 0 };
    struct format_facts f = { 0 };
    size_t n = src->size < SECTOR ? (size_t) src->size : SECTOR;
    int r = n ? src->read(src->ctx, 0, h, n) : 0;

    for (size_t i = 0; r >= 0 && n == SECTOR && i < ARRAY_SIZE(known); i++) {
        if (!known[i].is(h))
            continue;
        f = (struct format_facts){ .format = known[i].format };
        r = known[i].look(src, h, &f);
        if (r >= 0)
            r = add_match(found, &f);
    }
    f = (struct format_facts){ 0 };
    if (r >= 0)
        r = vmdk_inspect(src, h, n, &f);
    if (r >= 0)
        r = add_match(found, &f);
    f = (struct format_facts){ 0 };
    if (r >= 0)
        r = look_iso(src, &f);
    return r < 0 ? r : add_match(found, &f);
}

int format_inspect(const struct format_source *src, struct format_facts *ret, struct err *err)
{
    struct format_facts found = { 0 };
    int r = inspect(src, &found);

    if (r < 0 && r != -EINVAL)
        return err_set(err, r, "cannot read the image's headers");
    if (found.format == FORMAT_NONE)
        found = (struct format_facts){ .format = FORMAT_RAW, .virtual_size = src->size };
    *ret = found;
    return r < 0 ? r : 0;
}
