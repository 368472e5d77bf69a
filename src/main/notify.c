/* SPDX-License-Identifier: Apache-2.0 */
#include "main/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/macros.h"
#include "io/sock.h"

void notify_systemd(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    auto_close int fd = -1;
    size_t n = path ? strlen(path) : 0;

    if (!n || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *) &to,
               (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n));
}

void notify_pipe(int fd, const char *line)
{
    if (fd <= 0)
        return;
    write_all(fd, line, strlen(line));
    write_all(fd, "\n", 1);
}
