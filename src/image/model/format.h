/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of a disk image really are.
 *
 * Looks at headers alone, through a reader, in bounded memory and time, and
 * trusts nothing that they say.  It asks no tool: those open what an image
 * names. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum format {
    FORMAT_NONE,
    FORMAT_RAW, /* Nothing that is known. */
    FORMAT_QCOW2,
    FORMAT_QED,
    FORMAT_VHD,
    FORMAT_VHDX,
    FORMAT_VMDK,
    FORMAT_VDI,
    FORMAT_ISO,
    FORMAT_GPT, /* A raw disk with a partition table, MBR or GPT. */
    FORMAT_LUKS,
};

/* "qcow2"; and back, FORMAT_NONE for what cannot be told by its bytes ("ami"). */
const char *format_name(enum format f);
enum format format_named(const char *name);

struct format_source {
    uint64_t size;
    int (*read)(void *ctx, uint64_t offset, void *buf, size_t n); /* All of it: 0, or -errno. */
    void *ctx;
};

struct format_facts {
    enum format format;
    uint64_t virtual_size; /* What a guest would see; 0: not known. */
    const char *unsafe;    /* Why it must not be used, or null. */
    const char *check;     /* Short name of the check that failed: "backing_file". */
};

/* 0; -EINVAL with 'unsafe' set when the bytes are of several formats at once;
 * or the reader's error. */
int format_inspect(const struct format_source *src, struct format_facts *ret, struct err *err);
