/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as they come, and as attackers write them. */
#include "image/model/format.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "kit/test.h"

struct disk {
    uint8_t *data;
    struct format_source src;
};

static int read_disk(void *ctx, uint64_t offset, void *buf, size_t n)
{
    const struct disk *d = ctx;

    EXPECT_TRUE(offset <= d->src.size && d->src.size - offset >= n);
    memcpy(buf, d->data + offset, n);
    return 0;
}

static struct disk *disk_new(struct test *t, size_t size)
{
    struct disk *d = arena_new(test_arena(t), struct disk);

    d->data = arena_alloc(test_arena(t), size ? size : 1);
    d->src = (struct format_source){ size, read_disk, d };
    return d;
}

static void put_be(struct disk *d, size_t at, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++)
        d->data[at + i] = (uint8_t) (v >> 8 * (bytes - 1 - i));
}

static void put_le(struct disk *d, size_t at, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++)
        d->data[at + i] = (uint8_t) (v >> 8 * i);
}

static void put_text(struct disk *d, size_t at, const char *text)
{
    memcpy(d->data + at, text, strlen(text));
}

static struct format_facts look(struct disk *d)
{
    struct format_facts f = { 0 };
    struct err err = { 0 };

    EXPECT_OK(format_inspect(&d->src, &f, &err), &err);
    return f;
}

static void expect(struct disk *d, const char *format, uint64_t virtual_size, const char *unsafe)
{
    struct format_facts f = look(d);

    EXPECT_STR(format_name(f.format), format);
    if (virtual_size)
        EXPECT_INT(f.virtual_size, virtual_size);
    if (unsafe)
        EXPECT_MATCH(f.unsafe ? f.unsafe : "(safe)", unsafe);
    else
        EXPECT_STR(f.unsafe, NULL);
}

/* --- raw ------------------------------------------------------------------------- */

TEST(what_is_not_known_is_raw)
{
    struct disk *d = disk_new(t, 4096);

    expect(d, "raw", 4096, NULL);
    put_text(d, 0, "just some text, of no format");
    expect(d, "raw", 4096, NULL);
    expect(disk_new(t, 0), "raw", 0, NULL);
    expect(disk_new(t, 3), "raw", 3, NULL);
}

/* --- qcow2 ------------------------------------------------------------------------- */

static struct disk *qcow2_new(struct test *t, uint32_t version)
{
    struct disk *d = disk_new(t, 512 * 1024);

    put_text(d, 0, "QFI\xfb");
    put_be(d, 4, 4, version);
    put_be(d, 20, 4, 16);
    put_be(d, 24, 8, 10 << 20);
    put_be(d, 100, 4, 104);
    return d;
}

TEST(a_qcow2_tells_its_virtual_size)
{
    expect(qcow2_new(t, 2), "qcow2", 10 << 20, NULL);
    expect(qcow2_new(t, 3), "qcow2", 10 << 20, NULL);
}

TEST(a_qcow2_with_a_backing_file_is_refused)
{
    struct disk *d = qcow2_new(t, 3);

    put_be(d, 8, 8, 0x200);
    put_be(d, 16, 4, 11);
    put_text(d, 0x200, "/etc/passwd");
    expect(d, "qcow2", 10 << 20, "backing file");
}

TEST(a_qcow2_whose_backing_file_has_no_name_is_refused_too)
{
    struct disk *d = qcow2_new(t, 2);

    put_be(d, 8, 8, 1);
    expect(d, "qcow2", 0, "backing file");
}

TEST(a_qcow2_with_a_data_file_is_refused)
{
    struct disk *d = qcow2_new(t, 3);

    put_be(d, 72, 8, 4);
    expect(d, "qcow2", 0, "another file");
}

TEST(features_and_versions_that_are_not_known_are_refused)
{
    struct disk *d = qcow2_new(t, 3);

    put_be(d, 72, 8, 1);
    expect(d, "qcow2", 0, NULL);
    put_be(d, 72, 8, 1 << 5);
    expect(d, "qcow2", 0, "not known");
    put_be(d, 72, 8, UINT64_C(1) << 63);
    expect(d, "qcow2", 0, "not known");
    expect(qcow2_new(t, 1), "qcow2", 0, "version");
    expect(qcow2_new(t, 4), "qcow2", 0, "version");
}

TEST(a_qcow2_that_lies_about_its_size_is_refused)
{
    struct disk *d = qcow2_new(t, 3);

    put_be(d, 24, 8, UINT64_MAX);
    expect(d, "qcow2", 0, "larger than any disk");
    d = qcow2_new(t, 3);
    put_be(d, 20, 4, 63);
    expect(d, "qcow2", 0, "impossible size");
}

TEST(qed_is_refused)
{
    struct disk *d = disk_new(t, 4096);

    memcpy(d->data, "QED\0", 4);
    expect(d, "qed", 0, "not allowed");
}

/* --- vmdk ------------------------------------------------------------------------- */

#define DESCRIPTOR(type, extents)                                                            \
    "# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"" type \
    "\"\n\n" extents "\n# The Disk Data Base\nddb.adapterType = \"ide\"\n"

static struct disk *vmdk_new(struct test *t, const char *descriptor)
{
    struct disk *d = disk_new(t, 64 * 1024);

    put_text(d, 0, "KDMV");
    put_le(d, 4, 4, 1);
    put_le(d, 12, 8, 20480);
    put_le(d, 28, 8, 1);
    put_le(d, 36, 8, 20);
    put_le(d, 56, 8, 30);
    put_text(d, 512, descriptor);
    return d;
}

TEST(a_vmdk_that_is_whole_is_fine)
{
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 20480 SPARSE \"a.vmdk\"")), "vmdk", 20480 * 512,
           NULL);
    expect(vmdk_new(t, DESCRIPTOR("streamOptimized", "RW 20480 SPARSE \"a.vmdk\"")), "vmdk", 20480 * 512,
           NULL);
}

TEST(a_vmdk_with_foreign_extents_is_refused)
{
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 20480 SPARSE \"/etc/passwd\"")), "vmdk", 0,
           "another folder");
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 1 SPARSE \"a\"\nRW 1 FLAT \"b\" 0")), "vmdk", 0,
           "several files");
    expect(vmdk_new(t, DESCRIPTOR("monolithicFlat", "RW 20480 FLAT \"x\" 0")), "vmdk", 0,
           "needs other files");
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "")), "vmdk", 0, "no extents");
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 1 SPARSE \"a\"\nsurprise")), "vmdk", 0,
           "not known");
    expect(vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 1 SPARSE \"a\"\nparentFileNameHint=\"b\"")), "vmdk",
           0, "difference");
    expect(vmdk_new(t, "nothing"), "vmdk", 0, "needs other files");
}

TEST(a_descriptor_alone_is_refused)
{
    struct disk *d = disk_new(t, 4096);

    put_text(d, 0, DESCRIPTOR("monolithicFlat", "RW 20480 FLAT \"/etc/passwd\" 0"));
    expect(d, "vmdk", 0, "only a descriptor");
    memset(d->data, '\n', d->src.size);
    put_text(d, 1000, "createType=\"custom\"");
    expect(d, "vmdk", 0, "only a descriptor");
}

TEST(a_vmdk_whose_descriptor_lies_elsewhere_is_refused)
{
    struct disk *d = vmdk_new(t, DESCRIPTOR("monolithicSparse", "RW 20480 SPARSE \"a.vmdk\""));

    put_le(d, 28, 8, 2);
    expect(d, "vmdk", 0, "in its place");
    put_le(d, 28, 8, 1);
    put_le(d, 36, 8, UINT64_MAX);
    expect(d, "vmdk", 0, "in its place");
    put_le(d, 36, 8, 0);
    expect(d, "vmdk", 0, "in its place");
}

static struct disk *stream_new(struct test *t)
{
    struct disk *d = vmdk_new(t, DESCRIPTOR("streamOptimized", "RW 20480 SPARSE \"a.vmdk\""));
    size_t end = (size_t) d->src.size - (size_t) 3 * 512;

    put_le(d, 56, 8, UINT64_MAX);
    memcpy(d->data + end + 512, d->data, 512);
    put_le(d, end + 12, 4, 3);
    put_le(d, end + 512 + 56, 8, 40);
    return d;
}

TEST(the_footer_of_a_stream_says_what_its_header_says)
{
    struct disk *d = stream_new(t);
    size_t footer = (size_t) d->src.size - (size_t) 2 * 512;

    expect(d, "vmdk", 20480 * 512, NULL);
    put_le(d, footer + 28, 8, 7);
    expect(d, "vmdk", 0, "differ");
    d = stream_new(t);
    put_le(d, footer + 12, 8, 1);
    expect(d, "vmdk", 0, "different sizes");
    d = stream_new(t);
    put_le(d, footer - 512 + 12, 4, 9);
    expect(d, "vmdk", 0, "broken");
}

/* --- vhd, vhdx, vdi, luks ------------------------------------------------------------ */

TEST(a_vhd_tells_its_size_and_whether_it_is_a_difference)
{
    struct disk *d = disk_new(t, 4096);

    put_text(d, 0, "conectix");
    put_be(d, 40, 8, 123 << 20);
    put_be(d, 60, 4, 3);
    expect(d, "vhd", 123 << 20, NULL);
    put_be(d, 60, 4, 4);
    expect(d, "vhd", 0, "difference");
}

TEST(a_vdi_tells_its_size)
{
    struct disk *d = disk_new(t, 4096);

    put_le(d, 0x40, 4, 0xbeda107f);
    put_le(d, 0x170, 8, 77 << 20);
    expect(d, "vdi", 77 << 20, NULL);
}

static const uint8_t region_guid[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                         0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const uint8_t size_guid[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                       0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };

static struct disk *vhdx_new(struct test *t)
{
    struct disk *d = disk_new(t, 1 << 20);
    size_t regions = 192 * 1024, metadata = 512 * 1024;

    put_text(d, 0, "vhdxfile");
    put_text(d, regions, "regi");
    put_le(d, regions + 8, 4, 1);
    memcpy(d->data + regions + 16, region_guid, 16);
    put_le(d, regions + 32, 8, metadata);
    put_text(d, metadata, "metadata");
    put_le(d, metadata + 10, 2, 1);
    memcpy(d->data + metadata + 32, size_guid, 16);
    put_le(d, metadata + 48, 4, 65536);
    put_le(d, metadata + 52, 4, 8);
    put_le(d, metadata + 65536, 8, 55 << 20);
    return d;
}

TEST(a_vhdx_tells_its_size_through_its_tables)
{
    expect(vhdx_new(t), "vhdx", 55 << 20, NULL);
}

TEST(a_vhdx_whose_tables_lead_nowhere_is_refused)
{
    struct disk *d = vhdx_new(t);

    put_le(d, 192 * 1024 + 32, 8, UINT64_MAX - 100);
    expect(d, "vhdx", 0, "broken");
    d = vhdx_new(t);
    put_le(d, 192 * 1024 + 8, 4, UINT32_MAX);
    expect(d, "vhdx", 0, "broken");
    d = vhdx_new(t);
    put_le(d, 512 * 1024 + 48, 4, UINT32_MAX);
    expect(d, "vhdx", 0, "broken");
}

TEST(luks_is_told_by_its_version)
{
    struct disk *d = disk_new(t, 4 << 20);

    memcpy(d->data, "LUKS\xba\xbe", 6);
    put_be(d, 6, 2, 1);
    put_be(d, 104, 4, 4096);
    expect(d, "luks", 2 << 20, NULL);
    put_be(d, 6, 2, 2);
    expect(d, "luks", 0, "version");
}

/* --- iso, partition tables -------------------------------------------------------------- */

static struct disk *iso_new(struct test *t)
{
    struct disk *d = disk_new(t, 64 * 1024);

    d->data[32768] = 1;
    put_text(d, 32769, "CD001");
    put_le(d, 32768 + 80, 4, 300);
    put_le(d, 32768 + 128, 2, 2048);
    return d;
}

/* A protective entry, as GPT wants it. */
static void put_gpt(struct disk *d)
{
    put_le(d, 510, 2, 0xaa55);
    d->data[446 + 2] = 2;
    d->data[446 + 4] = 0xee;
    put_le(d, 446 + 8, 4, 1);
}

TEST(an_iso_tells_its_size)
{
    expect(iso_new(t), "iso", 300 * 2048, NULL);
}

TEST(an_iso_that_boots_from_a_stick_too_is_an_iso)
{
    struct disk *d = iso_new(t);

    put_gpt(d);
    expect(d, "iso", 300 * 2048, NULL);
}

TEST(a_disk_with_partitions_is_known)
{
    struct disk *d = disk_new(t, 4096);

    put_gpt(d);
    expect(d, "gpt", 4096, NULL);
    d->data[446 + 16 + 4] = 0x83;
    expect(d, "gpt", 0, "beside the protective one");
    d->data[446 + 4] = 0x83;
    expect(d, "gpt", 0, NULL);
    d->data[446] = 7;
    expect(d, "gpt", 0, "boot flag");
}

TEST(a_boot_sector_without_partitions_is_refused_but_not_that_of_fat)
{
    struct disk *d = disk_new(t, 4096);

    put_le(d, 510, 2, 0xaa55);
    expect(d, "gpt", 0, "no entries");
    d->data[0x10] = 2;
    d->data[0x15] = 0xf8;
    expect(d, "raw", 4096, NULL);
}

TEST(what_is_two_things_at_once_is_refused)
{
    struct disk *d = qcow2_new(t, 3);
    struct format_facts f = { 0 };

    d->data[32768] = 1;
    put_text(d, 32769, "CD001");
    EXPECT_INT(format_inspect(&d->src, &f, NULL), -EINVAL);
    EXPECT_MATCH(f.unsafe, "Multiple formats");
}

TEST_MAIN()
