/* SPDX-License-Identifier: Apache-2.0 */
/* What the language lacks: array sizes, cleanup with the scope, handing on. */
#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a)          (sizeof(a) / sizeof((a)[0]))

#define attr_printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define attr_unused            __attribute__((unused))

/* The structure that 'ptr' is the member 'member' of. */
#define container_of(ptr, type, member) ((type *) ((char *) (ptr) -offsetof(type, member)))

/* Takes the value out of '*ptr' and leaves null there, so that a cleanup
 * attribute no longer frees it. */
#define steal(ptr)                                        \
    __extension__({                                       \
        __typeof__(ptr) steal_ptr_ = (ptr);               \
        __typeof__(*steal_ptr_) steal_val_ = *steal_ptr_; \
        *steal_ptr_ = NULL;                               \
        steal_val_;                                       \
    })

/* The same for a file descriptor, which leaves -1. */
static inline int steal_fd(int *fd)
{
    int v = *fd;

    *fd = -1;
    return v;
}

static inline void auto_free_cleanup(void *p)
{
    free(*(void **) p);
}

static inline void auto_close_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

#define auto_free  __attribute__((cleanup(auto_free_cleanup)))
#define auto_close __attribute__((cleanup(auto_close_cleanup)))

/* Defines auto_NAME's cleanup function for an owned pointer type. */
#define DEFINE_CLEANUP(type, free_fn)             \
    static inline void free_fn##_cleanup(type *p) \
    {                                             \
        if (*p)                                   \
            free_fn(*p);                          \
    }                                             \
    struct free_fn##_needs_semicolon

#define auto_cleanup(fn) __attribute__((cleanup(fn##_cleanup)))
