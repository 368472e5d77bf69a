/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sock.h"

int pem_write_new(const char *path, unsigned mode, BIO *b, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), r;
    char *text;
    long n = BIO_get_mem_data(b, &text);

    if (fd < 0)
        return err_set(err, -errno, "cannot create '%s': %s", path, strerror(errno));
    r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text, (size_t) n);
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    close(fd);
    return r < 0 ? err_set(err, r, "cannot write '%s': %s", path, strerror(-r)) : 0;
}
