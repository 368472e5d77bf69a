/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/advertiser.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/str.h"
#include "io/loop.h"

/* Well below the lifetime, so that two may be lost. */
#define ADVERT_EVERY_MS (60 * 1000)

/* A second announcement soon after the first, for who was not ready yet. */
#define ADVERT_AGAIN_MS 3000

struct interface {
    struct interface *next;
    struct advertiser *owner;
    struct advert advert; /* Strings owned. */
    ino_t namespace;
    int fd;
    struct loop_source *source;
    bool keep;
};

struct advertiser {
    const struct log *log;
    struct loop *loop;
    pthread_t thread;
    struct interface *interfaces; /* The thread's own. */
};

/* What travels to the thread. */
struct change {
    struct advertiser *owner;
    struct arena arena;
    struct advert *list;
    size_t n;
};

static void say(struct interface *i)
{
    struct err err = { 0 };

    if (ra_send(i->fd, &i->advert.spec, i->advert.mac, &err) < 0)
        log_warning(i->owner->log, "cannot advertise a router", "device", i->advert.device, "error", err.msg);
}

static void on_question(void *ctx, uint32_t events)
{
    struct interface *i = ctx;
    char buf[512];
    bool asked = false;

    /* However many ask at once, one answer reaches them all. */
    while (recv(i->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
        asked = true;
    if (asked)
        say(i);
}

static void on_time(void *ctx)
{
    struct advertiser *a = ctx;

    for (struct interface *i = a->interfaces; i; i = i->next)
        say(i);
}

static ino_t namespace_of(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static bool is_same_place(const struct interface *i, const struct advert *want)
{
    return str_eq(i->advert.netns, want->netns) && str_eq(i->advert.device, want->device) &&
           i->advert.index == want->index && i->namespace == namespace_of(want->netns);
}

static void interface_free(struct interface *i)
{
    if (i->source)
        loop_remove(i->source);
    if (i->fd >= 0)
        close(i->fd);
    free((char *) i->advert.netns);
    free((char *) i->advert.device);
    free(i);
}

static void begin(struct advertiser *a, const struct advert *want)
{
    struct interface *i = calloc(1, sizeof(*i));
    struct err err = { 0 };

    if (!i)
        return;
    *i = (struct interface){
        .owner = a, .advert = *want, .namespace = namespace_of(want->netns), .keep = true
    };
    i->advert.netns = strdup(want->netns);
    i->advert.device = strdup(want->device);
    i->fd = ra_open(want->netns, want->device, &err);
    if (i->fd < 0 || loop_fd(a->loop, i->fd, EPOLLIN, on_question, i, &i->source) < 0) {
        /* The next round asks again. */
        log_warning(a->log, "cannot advertise a router", "device", want->device, "error", err.msg);
        interface_free(i);
        return;
    }
    i->next = a->interfaces;
    a->interfaces = i;
    say(i);
}

static void drop_others(struct advertiser *a)
{
    for (struct interface **at = &a->interfaces; *at;) {
        struct interface *i = *at;

        if (i->keep) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        interface_free(i);
    }
}

static void want_one(struct advertiser *a, const struct advert *want)
{
    for (struct interface *i = a->interfaces; i; i = i->next) {
        if (!is_same_place(i, want))
            continue;
        i->keep = true;
        if (memcmp(&i->advert.spec, &want->spec, sizeof(want->spec)) != 0 ||
            memcmp(i->advert.mac, want->mac, MAC_LEN) != 0) {
            i->advert.spec = want->spec;
            memcpy(i->advert.mac, want->mac, MAC_LEN);
            say(i);
        }
        return;
    }
    begin(a, want);
    loop_timer(a->loop, ADVERT_AGAIN_MS, 0, on_time, a);
}

static void on_change(void *ctx)
{
    struct change *c = ctx;

    for (struct interface *i = c->owner->interfaces; i; i = i->next)
        i->keep = false;
    for (size_t k = 0; k < c->n; k++)
        want_one(c->owner, &c->list[k]);
    drop_others(c->owner);
    arena_done(&c->arena);
    free(c);
}

void advertiser_set(struct advertiser *a, const struct advert *list, size_t n)
{
    struct change *c = calloc(1, sizeof(*c));

    if (!c)
        return;
    c->owner = a;
    c->n = n;
    c->list = arena_memdup(&c->arena, list, n * sizeof(*list));
    for (size_t i = 0; i < n; i++) {
        c->list[i].netns = arena_strdup(&c->arena, list[i].netns);
        c->list[i].device = arena_strdup(&c->arena, list[i].device);
    }
    loop_post(a->loop, on_change, c);
}

static void *run(void *arg)
{
    struct advertiser *a = arg;
    struct err err = { 0 };

    if (loop_run(a->loop, &err) < 0)
        log_error(a->log, "router advertisements ended", "error", err.msg);
    return NULL;
}

int advertiser_new(const struct log *log, struct advertiser **ret, struct err *err)
{
    struct advertiser *a = calloc(1, sizeof(*a));
    int r;

    if (!a)
        return err_set(err, -ENOMEM, "Out of memory");
    a->log = log;
    r = loop_new(&a->loop, err);
    if (r < 0) {
        free(a);
        return r;
    }
    loop_timer(a->loop, ADVERT_EVERY_MS, ADVERT_EVERY_MS, on_time, a);
    r = pthread_create(&a->thread, NULL, run, a);
    if (r != 0) {
        loop_free(a->loop);
        free(a);
        return err_set(err, -r, "Cannot start a thread: %s", strerror(r));
    }
    *ret = a;
    return 0;
}

void advertiser_free(struct advertiser *a)
{
    if (!a)
        return;
    loop_stop(a->loop);
    pthread_join(a->thread, NULL);
    for (struct interface *i = a->interfaces; i; i = i->next)
        i->keep = false;
    drop_others(a);
    loop_free(a->loop);
    free(a);
}
