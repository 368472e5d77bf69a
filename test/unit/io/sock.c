/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/str.h"
#include "kit/test.h"

static bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

TEST(tcp_listener_takes_connections)
{
    struct err err = { 0 };
    int l, c, s, port;
    char buf[6] = "";

    l = sock_listen_tcp("127.0.0.1", 0, 5, &err);
    EXPECT_OK(l, &err);
    port = sock_port(l);
    EXPECT_TRUE(port > 0);
    c = sock_connect_tcp("127.0.0.1", (uint16_t) port, 5000, &err);
    EXPECT_OK(c, &err);
    EXPECT_INT(fcntl(c, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_INT(fcntl(c, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    s = accept(l, NULL, NULL);
    EXPECT_TRUE(s >= 0);
    EXPECT_INT(write_all(c, "hello", 5), 0);
    EXPECT_INT(read_all(s, buf, 5), 0);
    EXPECT_STR(buf, "hello");
    close(c);
    EXPECT_INT(read_all(s, buf, 1), -ENODATA);
    close(s);

    EXPECT_INT(sock_listen_tcp("127.0.0.1", (uint16_t) port, 5, &err), -EADDRINUSE);
    close(l);
    EXPECT_INT(sock_connect_tcp("127.0.0.1", (uint16_t) port, 5000, &err), -ECONNREFUSED);
    EXPECT_TRUE(sock_listen_tcp("no.such.host.invalid", 0, 5, &err) < 0);
}

TEST(tcp_listener_without_an_address_takes_all)
{
    struct err err = { 0 };
    int l = sock_listen_tcp("", 0, 5, &err), c;

    EXPECT_OK(l, &err);
    c = sock_connect_tcp("127.0.0.1", (uint16_t) sock_port(l), 5000, &err);
    EXPECT_OK(c, &err);
    close(c);
    close(l);
}

TEST(unix_listener_replaces_a_stale_path_but_no_live_one)
{
    const char *path = test_path(t, "s");
    struct err err = { 0 };
    struct stat st;
    int l, c;

    l = sock_listen_unix(path, 0660, 5, &err);
    EXPECT_OK(l, &err);
    EXPECT_INT(stat(path, &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0660);
    c = sock_connect_unix(path, &err);
    EXPECT_OK(c, &err);
    close(c);
    EXPECT_INT(sock_listen_unix(path, 0660, 5, &err), -EADDRINUSE);
    close(l);
    EXPECT_INT(sock_connect_unix(path, &err), -ECONNREFUSED);
    l = sock_listen_unix(path, 0600, 5, &err);
    EXPECT_OK(l, &err);
    close(l);
}

TEST(unix_listener_touches_no_other_file)
{
    const char *path = test_path(t, "precious");
    struct err err = { 0 };

    EXPECT_INT(file_write_atomic(path, "x", 1, 0600), 0);
    EXPECT_INT(sock_listen_unix(path, 0600, 5, &err), -EEXIST);
    EXPECT_TRUE(exists(path));
    path = memset(arena_alloc(test_arena(t), 301), 'l', 300);
    EXPECT_INT(sock_listen_unix(path, 0600, 5, &err), -ENAMETOOLONG);
    EXPECT_INT(sock_connect_unix(path, &err), -ENAMETOOLONG);
}

static void *read_slowly(void *arg)
{
    int *fds = arg;
    char *buf = malloc(1 << 20);
    int r = read_all(fds[1], buf, 1 << 20);

    for (int i = 0; r == 0 && i < 1 << 20; i++)
        if (buf[i] != 'w')
            r = -1;
    free(buf);
    return r == 0 ? arg : NULL;
}

TEST(write_all_goes_on_when_the_descriptor_does_not_block)
{
    char *data = memset(arena_alloc(test_arena(t), 1 << 20), 'w', 1 << 20);
    pthread_t thread;
    void *ok = NULL;
    int fds[2];

    EXPECT_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    pthread_create(&thread, NULL, read_slowly, fds);
    EXPECT_INT(write_all(fds[0], data, 1 << 20), 0);
    pthread_join(thread, &ok);
    EXPECT_TRUE(ok != NULL);
    close(fds[1]);
    EXPECT_INT(write_all(fds[0], "x", 1), -EPIPE); /* And no signal. */
    close(fds[0]);
}

TEST(file_read_gives_the_whole_or_refuses)
{
    struct arena *a = test_arena(t);
    const char *path = test_path(t, "f");
    char *text = NULL;
    size_t n = 0;

    EXPECT_INT(file_read(a, path, 10, &text, &n), -ENOENT);
    EXPECT_INT(file_write_atomic(path, "0123456789", 10, 0600), 0);
    EXPECT_INT(file_read(a, path, 9, &text, &n), -EFBIG);
    EXPECT_TRUE(text == NULL);
    EXPECT_INT(file_read(a, path, 10, &text, &n), 0);
    EXPECT_STR(text, "0123456789");
    EXPECT_INT(n, 10);
    EXPECT_INT(file_read(a, "/proc/self/maps", 1 << 20, &text, &n), 0); /* Says that it has no size. */
    EXPECT_INT(strlen(text), n);
    EXPECT_TRUE(n > 100);
    EXPECT_INT(file_read(a, "/proc/self/maps", 50, &text, &n), -EFBIG);
    EXPECT_INT(file_read(a, test_tmpdir(t), 10, &text, &n), -EISDIR);
}

TEST(file_write_atomic_replaces_and_leaves_nothing_aside)
{
    struct arena *a = test_arena(t);
    const char *dir = test_path(t, "d"), *path = test_path(t, "d/f");
    char *text = NULL;
    struct stat st;

    EXPECT_INT(file_write_atomic(path, "x", 1, 0600), -ENOENT);
    EXPECT_INT(dir_make(dir, 0700), 0);
    EXPECT_INT(file_write_atomic(path, "old", 3, 0600), 0);
    EXPECT_INT(file_write_atomic(path, "new", 3, 0644), 0);
    EXPECT_INT(file_read(a, path, 10, &text, NULL), 0);
    EXPECT_STR(text, "new");
    EXPECT_INT(stat(path, &st), 0);
    EXPECT_INT(st.st_mode & 0777, 0644);
    EXPECT_INT(unlink(path), 0);
    EXPECT_INT(rmdir(dir), 0); /* So it was empty. */
}

TEST(dir_make_makes_what_is_missing)
{
    struct stat st;

    EXPECT_INT(dir_make(test_path(t, "a//b/c/"), 0750), 0);
    EXPECT_INT(stat(test_path(t, "a/b/c"), &st), 0);
    EXPECT_INT(dir_make(test_path(t, "a/b/c"), 0750), 0);
    EXPECT_INT(file_write_atomic(test_path(t, "a/f"), "", 0, 0600), 0);
    EXPECT_INT(dir_make(test_path(t, "a/f"), 0750), -ENOTDIR);
    EXPECT_INT(dir_make(test_path(t, "a/f/g"), 0750), -ENOTDIR);
    EXPECT_INT(dir_make("", 0750), -ENOENT);
}

TEST(dir_remove_takes_the_tree_and_follows_no_symlink)
{
    EXPECT_INT(dir_make(test_path(t, "keep"), 0700), 0);
    EXPECT_INT(file_write_atomic(test_path(t, "keep/f"), "", 0, 0600), 0);
    EXPECT_INT(dir_make(test_path(t, "tree/a/b"), 0700), 0);
    EXPECT_INT(file_write_atomic(test_path(t, "tree/a/f"), "", 0, 0600), 0);
    EXPECT_INT(symlink(test_path(t, "keep"), test_path(t, "tree/a/link")), 0);
    EXPECT_INT(symlink(test_path(t, "keep"), test_path(t, "link")), 0);

    EXPECT_INT(dir_remove(test_path(t, "tree")), 0);
    EXPECT_TRUE(!exists(test_path(t, "tree")));
    EXPECT_INT(dir_remove(test_path(t, "link")), 0);
    EXPECT_TRUE(!exists(test_path(t, "link")));
    EXPECT_TRUE(exists(test_path(t, "keep/f")));
    EXPECT_INT(dir_remove(test_path(t, "tree")), 0);
    EXPECT_INT(dir_remove(test_path(t, "tree/a/b")), 0);
}

TEST_MAIN()
