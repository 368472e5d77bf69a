/* SPDX-License-Identifier: Apache-2.0 */
#include "host/libvirt.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct libvirt_events {
    pthread_t thread;
    atomic_bool stop;
    int timer;
};

/* Otherwise every failure goes to stderr as well. */
static void be_quiet(void *ctx, virErrorPtr e)
{
}

/* The loop needs something to wake up for, to see that it should end. */
static void on_tick(int timer, void *ctx)
{
}

static void *run_events(void *arg)
{
    struct libvirt *lv = arg;

    while (!atomic_load(&lv->events->stop))
        if (lv->virEventRunDefaultImpl() < 0)
            break;
    return NULL;
}

static int load(struct libvirt *lv, struct err *err)
{
    lv->handle = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!lv->handle)
        return err_set(err, -ENOENT, "There is no libvirt on this host: %s", dlerror());
#define LOAD(name)                                   \
    *(void **) &lv->name = dlsym(lv->handle, #name); \
    if (!lv->name)                                   \
        return err_set(err, -ENOENT, "This host's libvirt is too old: it has no %s", #name);
    LIBVIRT_FUNCTIONS(LOAD)
#undef LOAD
    return 0;
}

static int start_events(struct libvirt *lv, struct err *err)
{
    int r;

    lv->events = calloc(1, sizeof(*lv->events));
    if (!lv->events)
        return err_set(err, -ENOMEM, "Out of memory");
    /* A second time in a process there is one already, which serves as well. */
    if (lv->virEventRegisterDefaultImpl() < 0)
        return libvirt_error(lv, err, "Cannot start libvirt's event loop");
    lv->events->timer = lv->virEventAddTimeout(500, on_tick, NULL, NULL);
    r = -pthread_create(&lv->events->thread, NULL, run_events, lv);
    if (r < 0) {
        free(lv->events);
        lv->events = NULL;
        return err_set(err, r, "Cannot start a thread: %s", strerror(-r));
    }
    return 0;
}

int libvirt_open(const char *uri, struct libvirt **ret, struct err *err)
{
    struct libvirt *lv = calloc(1, sizeof(*lv));
    int r;

    if (!lv)
        return err_set(err, -ENOMEM, "Out of memory");
    r = load(lv, err);
    if (r >= 0 && lv->virInitialize() < 0)
        r = libvirt_error(lv, err, "Cannot start libvirt");
    if (r >= 0) {
        lv->virSetErrorFunc(NULL, be_quiet);
        r = start_events(lv, err);
    }
    if (r >= 0) {
        lv->conn = lv->virConnectOpen(uri);
        if (!lv->conn)
            r = libvirt_error(lv, err, "Cannot start libvirt's QEMU driver");
    }
    if (r < 0) {
        libvirt_close(lv);
        return r;
    }
    *ret = lv;
    return 0;
}

void libvirt_close(struct libvirt *lv)
{
    if (!lv)
        return;
    if (lv->conn)
        lv->virConnectClose(lv->conn);
    if (lv->events) {
        atomic_store(&lv->events->stop, true);
        pthread_join(lv->events->thread, NULL);
        free(lv->events);
    }
    free(lv);
}

int libvirt_error(const struct libvirt *lv, struct err *err, const char *words)
{
    virErrorPtr e = lv->virGetLastError();
    int code = e ? e->code : 0;
    int r = code == VIR_ERR_NO_DOMAIN                                                 ? -ENOENT
            : code == VIR_ERR_OPERATION_TIMEOUT || code == VIR_ERR_AGENT_UNRESPONSIVE ? -EAGAIN
            : code == VIR_ERR_INVALID_ARG || code == VIR_ERR_XML_ERROR                ? -EINVAL
                                                                                      : -EIO;

    return err_set(err, r, "%s: %s", words, e && e->message ? e->message : "no reason given");
}
