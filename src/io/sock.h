/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets and files that several parts need. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* Listening TCP socket (close-on-exec, SO_REUSEADDR; blocking); null or ""
 * listens on all addresses, port 0 lets the kernel choose.  Descriptor or
 * -errno.  Connected sockets are close-on-exec and blocking too. */
int sock_listen_tcp(const char *address, uint16_t port, int backlog, struct err *err);
/* Tries each address of the name; at most 'timeout_ms' (0: no limit) in all. */
int sock_connect_tcp(const char *address, uint16_t port, unsigned timeout_ms, struct err *err);

/* Port that a socket is bound to, or -errno. */
int sock_port(int fd);

/* Unix stream sockets; a stale path is replaced when nobody listens. */
int sock_listen_unix(const char *path, unsigned mode, int backlog, struct err *err);
int sock_connect_unix(const char *path, struct err *err);

/* Whole-buffer I/O that goes on after EINTR and short transfers, and waits when
 * the descriptor does not block.  Raises no SIGPIPE on sockets.  0 or -errno. */
int write_all(int fd, const void *data, size_t n);
int read_all(int fd, void *data, size_t n); /* -ENODATA at the end of file. */

/* A whole small file, null-terminated; -EFBIG above 'max'. 'ret_n' may be null. */
int file_read(struct arena *a, const char *path, size_t max, char **ret, size_t *ret_n);

/* Writes aside, fsyncs and renames, so that readers see old or new. */
int file_write_atomic(const char *path, const void *data, size_t n, unsigned mode);

/* mkdir -p. */
int dir_make(const char *path, unsigned mode);

/* Removes a tree; what is not there is fine. Never follows symlinks. */
int dir_remove(const char *path);
