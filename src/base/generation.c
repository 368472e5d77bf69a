/* SPDX-License-Identifier: Apache-2.0 */
#include "base/generation.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096

int generation_open(struct generation *g, const char *path, bool write, struct err *err)
{
    auto_close int fd = open(path, (write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0644);
    void *p;

    if (fd < 0)
        return err_set(err, -errno, "cannot open '%s'", path);
    if (write && ftruncate(fd, PAGE_BYTES) < 0)
        return err_set(err, -errno, "cannot size '%s'", path);
    p = mmap(NULL, PAGE_BYTES, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return err_set(err, -errno, "cannot map '%s'", path);
    g->value = p;
    return 0;
}

void generation_close(struct generation *g)
{
    if (g->value)
        munmap((void *) g->value, PAGE_BYTES);
    g->value = NULL;
}

uint64_t generation_get(const struct generation *g)
{
    return g->value ? atomic_load_explicit(g->value, memory_order_acquire) : 0;
}

void generation_bump(const struct generation *g)
{
    if (g->value)
        atomic_fetch_add_explicit(g->value, 1, memory_order_acq_rel);
}
