/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "base/time.h"
#include "kit/test.h"

static void free_loop(void *l)
{
    loop_free(l);
}

static struct loop *new_loop(struct test *t)
{
    struct loop *l = NULL;
    struct err err = { 0 };

    EXPECT_OK(loop_new(&l, &err), &err);
    test_cleanup(t, free_loop, l);
    return l;
}

static void run(struct loop *l)
{
    struct err err = { 0 };

    EXPECT_OK(loop_run(l, &err), &err);
}

static void stop(void *l)
{
    loop_stop(l);
}

/* What happened, in order, and when to stop. */
struct story {
    struct loop *loop;
    struct loop_source *source, *other;
    char text[64];
    size_t stop_at;
};

static void tell(struct story *s, char c)
{
    size_t n = strlen(s->text);

    if (n + 1 < sizeof(s->text))
        s->text[n] = c;
    if (n + 1 >= s->stop_at)
        loop_stop(s->loop);
}

static void tell_a(void *s)
{
    tell(s, 'a');
}

static void tell_b(void *s)
{
    tell(s, 'b');
}

static void tell_c(void *s)
{
    tell(s, 'c');
}

TEST(timers_run_in_order_of_time_then_of_making)
{
    struct story s = { .loop = new_loop(t), .stop_at = 5 };

    loop_timer(s.loop, 30, 0, tell_c, &s);
    loop_timer(s.loop, 1, 0, tell_a, &s);
    loop_timer(s.loop, 15, 0, tell_b, &s);
    loop_timer(s.loop, 0, 0, tell_c, &s);
    loop_timer(s.loop, 0, 0, tell_a, &s);
    run(s.loop);
    EXPECT_STR(s.text, "caabc");
}

TEST(many_timers_run_sorted)
{
    struct story s = { .loop = new_loop(t), .stop_at = 60 };

    for (unsigned i = 0; i < 60; i++) {
        unsigned ms = (i * 37) % 60;

        loop_timer(s.loop, ms, 0, ms < 20 ? tell_a : ms < 40 ? tell_b : tell_c, &s);
    }
    run(s.loop);
    EXPECT_STR(s.text, "aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbcccccccccccccccccccc");
}

TEST(timer_repeats_and_waits_its_time)
{
    struct story s = { .loop = new_loop(t), .stop_at = 3 };
    int64_t start = time_mono_us();

    loop_timer(s.loop, 5, 10, tell_a, &s);
    run(s.loop);
    EXPECT_STR(s.text, "aaa");
    EXPECT_TRUE(time_mono_us() - start >= 25000);
}

static void tell_and_remove(void *arg)
{
    struct story *s = arg;

    tell(s, 'r');
    loop_remove(s->source);
    loop_remove(s->other);
}

TEST(timer_may_remove_itself_and_others)
{
    struct story s = { .loop = new_loop(t), .stop_at = 9 };

    s.source = loop_timer(s.loop, 1, 1, tell_and_remove, &s);
    s.other = loop_timer(s.loop, 1, 0, tell_a, &s);
    loop_timer(s.loop, 10, 0, stop, s.loop);
    run(s.loop);
    EXPECT_STR(s.text, "r");
}

static void add_next(void *arg)
{
    struct story *s = arg;

    tell(s, 'n');
    loop_timer(s->loop, 0, 0, add_next, s);
}

TEST(timer_of_no_delay_that_makes_another_does_not_starve_descriptors)
{
    struct story s = { .loop = new_loop(t), .stop_at = 60 };

    loop_timer(s.loop, 0, 0, add_next, &s);
    loop_post(s.loop, stop, s.loop);
    run(s.loop);
    EXPECT_TRUE(strlen(s.text) < 5);
}

TEST(timer_that_ran_can_be_set_again)
{
    struct story s = { .loop = new_loop(t), .stop_at = 1 };
    struct loop_source *timer = loop_timer(s.loop, 0, 0, tell_a, &s);

    run(s.loop);
    loop_timer_set(timer, 1);
    loop_timer_set(timer, 2);
    run(s.loop);
    EXPECT_STR(s.text, "aa");
}

struct pipe_story {
    struct story story;
    int fds[2];
    struct loop_source *source;
};

static void on_readable(void *arg, uint32_t events)
{
    struct pipe_story *p = arg;
    char c = '?';

    if (events & EPOLLIN && read(p->fds[0], &c, 1) != 1)
        c = '!';
    tell(&p->story, c);
}

static void write_x(void *arg)
{
    struct pipe_story *p = arg;

    if (write(p->fds[1], "x", 1) != 1)
        tell(&p->story, '!');
}

static void close_pipe(void *arg)
{
    struct pipe_story *p = arg;

    close(p->fds[0]);
    close(p->fds[1]);
}

static struct pipe_story *new_pipe(struct test *t, size_t stop_at)
{
    struct pipe_story *p = arena_new(test_arena(t), struct pipe_story);

    EXPECT_INT(pipe(p->fds), 0);
    test_cleanup(t, close_pipe, p);
    p->story.loop = new_loop(t);
    p->story.stop_at = stop_at;
    return p;
}

TEST(descriptor_is_reported_while_it_is_readable)
{
    struct pipe_story *p = new_pipe(t, 3);

    EXPECT_INT(loop_fd(p->story.loop, p->fds[0], EPOLLIN, on_readable, p, &p->source), 0);
    EXPECT_INT(write(p->fds[1], "xy", 2), 2);
    loop_timer(p->story.loop, 5, 0, write_x, p);
    run(p->story.loop);
    EXPECT_STR(p->story.text, "xyx");
}

TEST(descriptor_with_no_events_or_removed_is_not_reported)
{
    struct pipe_story *p = new_pipe(t, 9);

    EXPECT_INT(loop_fd(p->story.loop, p->fds[0], EPOLLIN, on_readable, p, &p->source), 0);
    EXPECT_INT(loop_fd(p->story.loop, p->fds[0], EPOLLIN, on_readable, p, NULL), -EEXIST);
    EXPECT_INT(write(p->fds[1], "xy", 2), 2);
    loop_fd_events(p->source, 0);
    loop_timer(p->story.loop, 3, 0, stop, p->story.loop);
    run(p->story.loop);
    EXPECT_STR(p->story.text, "");

    loop_remove(p->source);
    loop_timer(p->story.loop, 3, 0, stop, p->story.loop);
    run(p->story.loop);
    EXPECT_STR(p->story.text, "");
    EXPECT_INT(loop_fd(p->story.loop, -1, EPOLLIN, on_readable, p, NULL), -EBADF);
}

struct pair {
    struct loop *loop;
    struct loop_source *a, *b;
    int calls;
};

static void remove_both(void *arg, uint32_t events)
{
    struct pair *p = arg;

    p->calls++;
    loop_remove(p->a);
    loop_remove(p->b);
    loop_timer(p->loop, 2, 0, stop, p->loop);
}

TEST(removing_a_descriptor_whose_event_is_pending_drops_the_event)
{
    struct pipe_story *x = new_pipe(t, 9), *y = new_pipe(t, 9);
    struct pair p = { .loop = x->story.loop };

    EXPECT_INT(write(x->fds[1], "x", 1), 1);
    EXPECT_INT(write(y->fds[1], "y", 1), 1);
    EXPECT_INT(loop_fd(p.loop, x->fds[0], EPOLLIN, remove_both, &p, &p.a), 0);
    EXPECT_INT(loop_fd(p.loop, y->fds[0], EPOLLIN, remove_both, &p, &p.b), 0);
    run(p.loop);
    EXPECT_INT(p.calls, 1);
}

TEST(stop_before_run_makes_run_return_at_once)
{
    struct loop *l = new_loop(t);

    loop_stop(l);
    run(l);
    loop_timer(l, 1, 0, stop, l);
    run(l);
}

struct poster {
    struct loop *loop;
    int count;      /* On the loop's thread. */
    pthread_t self; /* Where it ran. */
};

static void count_post(void *arg)
{
    struct poster *p = arg;

    p->self = pthread_self();
    if (++p->count == 4000)
        loop_stop(p->loop);
}

static void *post_many(void *arg)
{
    struct poster *p = arg;

    for (int i = 0; i < 1000; i++)
        loop_post(p->loop, count_post, p);
    return NULL;
}

TEST(posts_of_other_threads_run_on_the_loops_thread)
{
    struct poster p = { .loop = new_loop(t) };
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, post_many, &p);
    run(p.loop);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    EXPECT_INT(p.count, 4000);
    EXPECT_TRUE(pthread_equal(p.self, pthread_self()));
}

static void on_signal(void *arg, int signo)
{
    tell(arg, signo == SIGUSR1 ? '1' : '2');
}

TEST(signals_are_delivered_to_their_functions)
{
    struct story s = { .loop = new_loop(t), .stop_at = 2 };

    EXPECT_INT(loop_signal(s.loop, SIGUSR1, on_signal, &s), 0);
    EXPECT_INT(loop_signal(s.loop, SIGUSR2, on_signal, &s), 0);
    EXPECT_INT(loop_signal(s.loop, 0, on_signal, &s), -EINVAL);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    run(s.loop);
    EXPECT_STR(s.text, "12");
}

struct child_story {
    struct loop *loop;
    pid_t pid;
    int status;
};

static void on_child(void *arg, pid_t pid, int status)
{
    struct child_story *c = arg;

    c->pid = pid;
    c->status = status;
    loop_stop(c->loop);
}

TEST(end_of_a_child_is_reported_with_its_status)
{
    struct child_story c = { .loop = new_loop(t) };
    pid_t pid = fork();

    if (pid == 0)
        _exit(7);
    EXPECT_INT(loop_child(c.loop, pid, on_child, &c), 0);
    run(c.loop);
    EXPECT_INT(c.pid, pid);
    EXPECT_TRUE(WIFEXITED(c.status));
    EXPECT_INT(WEXITSTATUS(c.status), 7);
    EXPECT_INT(waitpid(pid, NULL, 0), -1); /* Was reaped. */
    EXPECT_INT(loop_child(c.loop, pid, on_child, &c), -ESRCH);
}

TEST_MAIN()
