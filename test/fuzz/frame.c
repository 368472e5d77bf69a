/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes on the hub's socket give whole frames or an error; a frame that
 * was read is what was sent. */
#include "bus/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct frame_reader r = { 0 };
    size_t read = 0;
    int fd[2], e = 0;

    if (n > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
        return 0;
    if (n && write(fd[0], data, n) != (ssize_t) n)
        abort();
    close(fd[0]);
    while (e >= 0) {
        struct frame *f = NULL;

        r.budget = 4;
        e = frame_read(&r, fd[1], &f);
        if (e == -EAGAIN)
            e = 0;
        if (!f)
            continue;
        if (read + f->size > n || memcmp(data + read, f->wire, f->size) != 0 ||
            strlen(f->topic) + strlen(f->method) + strlen(f->request_id) + 3 + FRAME_HEADER + f->body_len !=
                f->size)
            abort();
        read += f->size;
        frame_unref(f);
    }
    frame_reader_done(&r);
    close(fd[1]);
    return 0;
}
