/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

/* Under AddressSanitizer free room is poisoned and a gap stays after each
 * piece, so that running past a piece's end is found as with malloc(). */
#ifdef __has_feature
#    if __has_feature(address_sanitizer)
#        define ARENA_POISONS 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(ARENA_POISONS)
#    include <sanitizer/asan_interface.h>
#    define ARENA_GAP          16
#    define mem_unpoison(p, n) __asan_unpoison_memory_region((p), (n))

/* Neither inlined nor const: gcc would warn that a fresh block is not set. */
static __attribute__((noinline)) void mem_poison(void *p, size_t n)
{
    __asan_poison_memory_region(p, n);
}
#else
#    define ARENA_GAP          0
#    define mem_poison(p, n)   ((void) (p), (void) (n))
#    define mem_unpoison(p, n) ((void) (p), (void) (n))
#endif

#define ALIGNMENT   16
#define BLOCK_FIRST ((size_t) 4 << 10)
#define BLOCK_MAX   ((size_t) 64 << 10)
#define PIECE_MAX   (BLOCK_MAX / 4) /* A bigger piece gets a block of its own. */
#define SIZE_LIMIT  (SIZE_MAX / 2)

struct arena_block {
    struct arena_block *prev;
    size_t size; /* With this header; 0 for the block of one big piece. */
    _Alignas(ALIGNMENT) char data[];
};

static struct arena_block *block_new(size_t size)
{
    struct arena_block *b = malloc(size);

    if (!b)
        die("out of memory");
    return b;
}

/* The room that a piece takes.  A piece of no bytes has an address too. */
static size_t piece_room(size_t size)
{
    return (((size ? size : 1) + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1)) + ARENA_GAP;
}

void arena_init(struct arena *a)
{
    *a = (struct arena){ 0 };
}

static void blocks_free(struct arena_block *b)
{
    while (b) {
        struct arena_block *prev = b->prev;

        free(b);
        b = prev;
    }
}

void arena_done(struct arena *a)
{
    blocks_free(a->head);
    arena_init(a);
}

static void use_block(struct arena *a, struct arena_block *b)
{
    a->head = b;
    a->next = b->data;
    a->end = (char *) b + b->size;
    mem_poison(a->next, (size_t) (a->end - a->next));
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->head;

    if (!keep || !keep->size) {
        arena_done(a);
        return;
    }
    blocks_free(keep->prev);
    keep->prev = NULL;
    use_block(a, keep);
    a->used = 0;
}

/* A block for one big piece goes below the newest one, which keeps its room. */
static void *alloc_big(struct arena *a, size_t room)
{
    struct arena_block *b = block_new(sizeof(*b) + room);

    b->size = 0;
    if (a->head && a->head->size) {
        b->prev = a->head->prev;
        a->head->prev = b;
    } else {
        b->prev = a->head;
        a->head = b;
    }
    return b->data;
}

static void add_block(struct arena *a, size_t room)
{
    size_t size = a->head && a->head->size ? a->head->size * 2 : BLOCK_FIRST;
    struct arena_block *b;

    while (size < sizeof(*b) + room)
        size *= 2;
    if (size > BLOCK_MAX)
        size = BLOCK_MAX;
    b = block_new(size);
    b->prev = a->head;
    b->size = size;
    use_block(a, b);
}

/* Room that its taker fills; not zeroed. */
static void *take(struct arena *a, size_t size)
{
    size_t room;
    char *p;

    if (size > SIZE_LIMIT)
        die("out of memory: impossible size");
    room = piece_room(size);
    a->used += size;
    if (room > PIECE_MAX) {
        p = alloc_big(a, room);
    } else {
        if (room > (size_t) (a->end - a->next))
            add_block(a, room);
        p = a->next;
        a->next += room;
    }
    mem_unpoison(p, size);
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return memset(take(a, size), 0, size);
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(n, size, &total))
        die("out of memory: impossible size");
    return arena_alloc(a, total);
}

/* Whether the newest piece can become 'size' bytes where it is; if so, makes it. */
static bool grow_in_place(struct arena *a, char *old, size_t old_size, size_t size)
{
    if (!a->next || old + piece_room(old_size) != a->next || size > SIZE_LIMIT)
        return false;
    if (piece_room(size) > (size_t) (a->end - old))
        return false;
    a->next = old + piece_room(size);
    a->used += size - old_size;
    mem_unpoison(old, size);
    memset(old + old_size, 0, size - old_size);
    return true;
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t size)
{
    void *p;

    if (!old)
        return arena_alloc(a, size);
    if (size <= old_size || grow_in_place(a, old, old_size, size))
        return old;
    p = take(a, size);
    memset((char *) p + old_size, 0, size - old_size);
    return memcpy(p, old, old_size);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    return s ? arena_text(a, s, strnlen(s, n)) : NULL;
}

char *arena_text(struct arena *a, const void *p, size_t n)
{
    char *copy = take(a, n + 1);

    copy[n] = '\0';
    return memcpy(copy, p, n);
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
    void *copy;

    if (!p)
        return NULL;
    copy = take(a, n);
    return memcpy(copy, p, n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    char small[256], *s;
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    if (n < 0)
        die("cannot format text");
    s = arena_alloc(a, (size_t) n + 1);
    if ((size_t) n < sizeof(small))
        memcpy(s, small, (size_t) n);
    else
        vsnprintf(s, (size_t) n + 1, fmt, again);
    va_end(again);
    return s;
}
