/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/die.h"
#include "base/time.h"

#define EVENTS_AT_ONCE 64
#define NOT_IN_HEAP    SIZE_MAX

enum source_kind { SOURCE_FD, SOURCE_TIMER, SOURCE_CHILD, SOURCE_SIGNALS, SOURCE_WAKE };

struct loop_source {
    struct loop *loop;
    struct loop_source *prev, *next; /* All sources, or all that await their end. */
    enum source_kind kind;
    bool dead; /* Removed; freed when no event of this round can name it. */
    int fd;
    void *ctx;
    union {
        void (*on_fd)(void *ctx, uint32_t events);
        void (*on_timer)(void *ctx);
        void (*on_child)(void *ctx, pid_t pid, int status);
    };
    pid_t pid;
    int64_t due_us;
    uint64_t every_ms, seq; /* Timers due at the same time run in their order of making. */
    size_t heap_i;
};

struct post {
    void (*fn)(void *ctx);
    void *ctx;
};

struct loop {
    int epfd;
    struct loop_source *sources, *dead;
    struct loop_source **heap; /* Timers, the next one first. */
    size_t heap_n, heap_cap;
    uint64_t seq;

    sigset_t signals;
    struct loop_source *signal_source;
    struct {
        void (*fn)(void *ctx, int signo);
        void *ctx;
    } on_signal[_NSIG];

    /* What other threads touch. */
    int wake_fd;
    atomic_bool stopping;
    pthread_mutex_t lock;
    struct post *posts;
    size_t posts_n, posts_cap;
};

static void *must_realloc(void *p, size_t size)
{
    p = realloc(p, size);
    if (!p)
        die("out of memory");
    return p;
}

/* --- sources --- */

static struct loop_source *source_new(struct loop *l, enum source_kind kind, int fd, void *ctx)
{
    struct loop_source *s = must_realloc(NULL, sizeof(*s));

    *s = (struct loop_source){ .loop = l, .kind = kind, .fd = fd, .ctx = ctx, .heap_i = NOT_IN_HEAP };
    s->next = l->sources;
    if (s->next)
        s->next->prev = s;
    l->sources = s;
    return s;
}

/* As source_new() for something that epoll watches. */
static int source_watch(struct loop *l, enum source_kind kind, int fd, uint32_t events, void *ctx,
                        struct loop_source **ret)
{
    struct loop_source *s = source_new(l, kind, fd, ctx);
    struct epoll_event ev = { .events = events, .data.ptr = s };

    if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) < 0) {
        int r = -errno;

        s->fd = -1;
        loop_remove(s);
        return r;
    }
    *ret = s;
    return 0;
}

static void source_unlink(struct loop_source *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        s->loop->sources = s->next;
    if (s->next)
        s->next->prev = s->prev;
    s->prev = NULL;
}

static void free_dead(struct loop *l)
{
    while (l->dead) {
        struct loop_source *s = l->dead;

        l->dead = s->next;
        free(s);
    }
}

/* --- the heap of timers --- */

static bool timer_before(const struct loop_source *a, const struct loop_source *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->seq < b->seq;
}

static void heap_set(struct loop *l, size_t i, struct loop_source *s)
{
    l->heap[i] = s;
    s->heap_i = i;
}

/* Moves 's' from the place 'i' to where it belongs. */
static void heap_sift(struct loop *l, size_t i, struct loop_source *s)
{
    size_t child;

    for (; i > 0 && timer_before(s, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap_set(l, i, l->heap[(i - 1) / 2]);
    while ((child = 2 * i + 1) < l->heap_n) {
        if (child + 1 < l->heap_n && timer_before(l->heap[child + 1], l->heap[child]))
            child++;
        if (!timer_before(l->heap[child], s))
            break;
        heap_set(l, i, l->heap[child]);
        i = child;
    }
    heap_set(l, i, s);
}

static void heap_insert(struct loop *l, struct loop_source *s)
{
    if (l->heap_n == l->heap_cap) {
        l->heap_cap = l->heap_cap ? 2 * l->heap_cap : 16;
        l->heap = must_realloc(l->heap, l->heap_cap * sizeof(struct loop_source *));
    }
    s->seq = l->seq++;
    l->heap_n++;
    heap_sift(l, l->heap_n - 1, s);
}

static void heap_delete(struct loop *l, struct loop_source *s)
{
    size_t i = s->heap_i;
    struct loop_source *last;

    if (i == NOT_IN_HEAP)
        return;
    s->heap_i = NOT_IN_HEAP;
    last = l->heap[--l->heap_n];
    if (last != s)
        heap_sift(l, i, last);
}

static int64_t due_after(int64_t now_us, uint64_t ms)
{
    const uint64_t max_ms = (uint64_t) INT64_MAX / 4000;

    return now_us + (int64_t) (ms < max_ms ? ms : max_ms) * 1000;
}

static void run_timers(struct loop *l)
{
    int64_t now = time_mono_us();
    uint64_t seq = l->seq; /* What a timer adds waits for the next round. */

    while (l->heap_n > 0 && l->heap[0]->due_us <= now && l->heap[0]->seq < seq) {
        struct loop_source *s = l->heap[0];

        heap_delete(l, s);
        if (s->every_ms) {
            /* What was missed is not made up for. */
            s->due_us = due_after(s->due_us, s->every_ms);
            if (s->due_us <= now)
                s->due_us = due_after(now, s->every_ms);
            heap_insert(l, s);
        }
        s->on_timer(s->ctx);
    }
}

static int wait_ms(const struct loop *l)
{
    int64_t left_us;

    if (l->heap_n == 0)
        return -1;
    left_us = l->heap[0]->due_us - time_mono_us();
    if (left_us <= 0)
        return 0;
    return left_us < (int64_t) INT_MAX * 1000 ? (int) ((left_us + 999) / 1000) : INT_MAX;
}

/* --- other threads --- */

static void wake(struct loop *l)
{
    uint64_t one = 1;
    ssize_t n;

    do
        n = write(l->wake_fd, &one, sizeof(one));
    while (n < 0 && errno == EINTR);
}

static void run_posts(struct loop *l)
{
    struct post *posts;
    uint64_t count;
    size_t n;

    /* Read before the list is taken, so that a later post wakes us again. */
    if (read(l->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN && errno != EINTR)
        return;
    pthread_mutex_lock(&l->lock);
    posts = l->posts;
    n = l->posts_n;
    l->posts = NULL;
    l->posts_n = l->posts_cap = 0;
    pthread_mutex_unlock(&l->lock);

    for (size_t i = 0; i < n; i++)
        posts[i].fn(posts[i].ctx);
    free(posts);
}

void loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&l->lock);
    if (l->posts_n == l->posts_cap) {
        l->posts_cap = l->posts_cap ? 2 * l->posts_cap : 16;
        l->posts = must_realloc(l->posts, l->posts_cap * sizeof(l->posts[0]));
    }
    l->posts[l->posts_n++] = (struct post){ fn, ctx };
    pthread_mutex_unlock(&l->lock);
    wake(l);
}

void loop_stop(struct loop *l)
{
    atomic_store(&l->stopping, true);
    wake(l);
}

/* --- the loop --- */

static void run_signals(struct loop *l, int fd)
{
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        unsigned signo = info.ssi_signo;

        if (signo < _NSIG && l->on_signal[signo].fn)
            l->on_signal[signo].fn(l->on_signal[signo].ctx, (int) signo);
    }
}

static void run_child(struct loop_source *s)
{
    int status = -1;
    pid_t r;

    do
        r = waitpid(s->pid, &status, WNOHANG);
    while (r < 0 && errno == EINTR);
    if (r == 0) /* Not yet. */
        return;
    if (r < 0)
        status = -1;
    s->on_child(s->ctx, s->pid, status);
    loop_remove(s);
}

static void run_source(struct loop *l, struct loop_source *s, uint32_t events)
{
    if (s->dead)
        return;
    switch (s->kind) {
    case SOURCE_FD:
        s->on_fd(s->ctx, events);
        break;
    case SOURCE_CHILD:
        run_child(s);
        break;
    case SOURCE_SIGNALS:
        run_signals(l, s->fd);
        break;
    case SOURCE_WAKE:
        run_posts(l);
        break;
    case SOURCE_TIMER: /* Never in epoll. */
        break;
    }
}

int loop_run(struct loop *l, struct err *err)
{
    struct epoll_event events[EVENTS_AT_ONCE];

    while (!atomic_exchange(&l->stopping, false)) {
        int n = epoll_wait(l->epfd, events, EVENTS_AT_ONCE, wait_ms(l));

        if (n < 0 && errno != EINTR)
            return err_set(err, -errno, "cannot wait for events: %s", strerror(errno));
        for (int i = 0; i < n; i++)
            run_source(l, events[i].data.ptr, events[i].events);
        run_timers(l);
        free_dead(l);
    }
    return 0;
}

int loop_new(struct loop **ret, struct err *err)
{
    struct loop *l = must_realloc(NULL, sizeof(*l));
    struct loop_source *s = NULL;
    int r;

    memset(l, 0, sizeof(*l));
    sigemptyset(&l->signals);
    pthread_mutex_init(&l->lock, NULL);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->epfd = epoll_create1(EPOLL_CLOEXEC);
    r = l->epfd < 0 || l->wake_fd < 0 ? -errno : source_watch(l, SOURCE_WAKE, l->wake_fd, EPOLLIN, NULL, &s);
    if (r < 0) {
        loop_free(l);
        return err_set(err, r, "cannot make an event loop: %s", strerror(-r));
    }
    *ret = l;
    return 0;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (l->sources)
        loop_remove(l->sources);
    free_dead(l);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    if (l->epfd >= 0)
        close(l->epfd);
    pthread_mutex_destroy(&l->lock);
    free(l->posts);
    free(l->heap);
    free(l);
}

int loop_fd(struct loop *l, int fd, uint32_t events, void (*fn)(void *ctx, uint32_t events), void *ctx,
            struct loop_source **ret)
{
    struct loop_source *s = NULL;
    int r;

    r = source_watch(l, SOURCE_FD, fd, events, ctx, &s);
    if (r < 0)
        return r;
    s->on_fd = fn;
    if (ret)
        *ret = s;
    return 0;
}

void loop_fd_events(struct loop_source *s, uint32_t events)
{
    struct epoll_event ev = { .events = events, .data.ptr = s };

    if (!s->dead)
        epoll_ctl(s->loop->epfd, EPOLL_CTL_MOD, s->fd, &ev);
}

struct loop_source *loop_timer(struct loop *l, uint64_t delay_ms, uint64_t every_ms, void (*fn)(void *ctx),
                               void *ctx)
{
    struct loop_source *s = source_new(l, SOURCE_TIMER, -1, ctx);

    s->on_timer = fn;
    s->every_ms = every_ms;
    s->due_us = due_after(time_mono_us(), delay_ms);
    heap_insert(l, s);
    return s;
}

void loop_timer_set(struct loop_source *s, uint64_t delay_ms)
{
    if (s->dead)
        return;
    heap_delete(s->loop, s);
    s->due_us = due_after(time_mono_us(), delay_ms);
    heap_insert(s->loop, s);
}

int loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx)
{
    sigset_t set = l->signals;
    int fd, r;

    if (signo < 1 || signo >= _NSIG || sigaddset(&set, signo) < 0)
        return -EINVAL;
    r = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (r != 0)
        return -r;
    fd = signalfd(l->signal_source ? l->signal_source->fd : -1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (!l->signal_source) {
        r = source_watch(l, SOURCE_SIGNALS, fd, EPOLLIN, NULL, &l->signal_source);
        if (r < 0) {
            close(fd);
            return r;
        }
    }
    l->signals = set;
    l->on_signal[signo].fn = fn;
    l->on_signal[signo].ctx = ctx;
    return 0;
}

int loop_child(struct loop *l, pid_t pid, void (*fn)(void *ctx, pid_t pid, int status), void *ctx)
{
    struct loop_source *s = NULL;
    int fd, r;

    fd = pidfd_open(pid, 0);
    if (fd < 0)
        return -errno;
    r = source_watch(l, SOURCE_CHILD, fd, EPOLLIN, ctx, &s);
    if (r < 0) {
        close(fd);
        return r;
    }
    s->pid = pid;
    s->on_child = fn;
    return 0;
}

void loop_remove(struct loop_source *s)
{
    struct loop *l;

    if (!s || s->dead)
        return;
    l = s->loop;
    s->dead = true;
    heap_delete(l, s);
    if (s->fd >= 0)
        epoll_ctl(l->epfd, EPOLL_CTL_DEL, s->fd, NULL);
    if (s->fd >= 0 && (s->kind == SOURCE_CHILD || s->kind == SOURCE_SIGNALS))
        close(s->fd);
    s->fd = -1;
    source_unlink(s);
    s->next = l->dead;
    l->dead = s;
}
