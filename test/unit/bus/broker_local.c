/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include "bus/bus.h"

/* The one hub of this program. */
static struct {
    struct bus_hub *hub;
    char dir[64], path[80], url[96];
} local;

static void stop_at_exit(void)
{
    if (local.hub)
        bus_hub_stop(local.hub);
    rmdir(local.dir);
}

static const char *local_start(struct test *t)
{
    struct err e = { 0 };

    if (!local.url[0]) {
        snprintf(local.dir, sizeof(local.dir), "/tmp/stackd-bus-XXXXXX");
        EXPECT_TRUE(mkdtemp(local.dir) != NULL);
        snprintf(local.path, sizeof(local.path), "%s/hub.sock", local.dir);
        snprintf(local.url, sizeof(local.url), "local:%s", local.path);
        atexit(stop_at_exit);
    }
    if (!local.hub)
        EXPECT_OK(bus_hub_start(local.path, 0600, NULL, &local.hub, &e), &e);
    return local.url;
}

static void local_kill(struct test *t)
{
    bus_hub_stop(local.hub);
    local.hub = NULL;
}

const struct broker broker_local = { .name = "local", .start = local_start, .kill = local_kill };
