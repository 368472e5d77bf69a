/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a stranger's browser and bytes of a stranger's screen: the relay
 * ends when both are gone, whatever they said.  The first byte says how much of
 * the input is the browser's. */
#include "wire/ws.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define END_WITHIN_US (20 * INT64_C(1000000))

/* Sends what fits and hangs up, so that no time is spent on farewells. */
static void say(int fd, const uint8_t *data, size_t n)
{
    if (n)
        send(fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int64_t began = time_mono_us();
    int browser[2], screen[2];
    size_t mine, extra;

    if (n < 2)
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, browser) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, screen) < 0)
        abort();
    mine = (n - 2) * data[0] / 255;
    extra = mine * data[1] / 255;
    data += 2;
    n -= 2;
    say(browser[1], data + extra, mine - extra);
    say(screen[1], data + mine, n - mine);
    ws_relay(browser[0], screen[0], (const char *) data, extra);
    if (time_mono_us() - began > END_WITHIN_US)
        abort();
    close(browser[0]);
    close(screen[0]);
    return 0;
}
