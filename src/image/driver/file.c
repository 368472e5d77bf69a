/* SPDX-License-Identifier: Apache-2.0 */
/* Images as files of one folder, named by their ids.  Data comes into
 * ".ID.part" and gets its name when all of it is on the disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/uuid.h"
#include "image/driver/driver.h"
#include "io/sock.h"

#define PART_SUFFIX ".part"

struct store {
    int dirs[2]; /* By enum image_area. */
    char *paths[2];
};

struct image_writer {
    const struct store *store;
    enum image_area area;
    int fd;
    char name[64], part[80];
};

static int open_dir(const char *path, int *ret, struct err *err)
{
    int r = dir_make(path, 0750);

    if (r < 0)
        return err_set(err, r, "cannot create the folder of images '%s'", path);
    *ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0)
        return err_set(err, -errno, "cannot open the folder of images '%s'", path);
    return 0;
}

static void file_close(void *self)
{
    struct store *s = self;

    for (int i = 0; i < 2; i++) {
        if (s->dirs[i] >= 0)
            close(s->dirs[i]);
        free(s->paths[i]);
    }
    free(s);
}

static int file_open(const char *data, const char *staging, void **ret, struct err *err)
{
    struct store *s = calloc(1, sizeof(*s));
    int r;

    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->dirs[IMAGE_DATA] = s->dirs[IMAGE_STAGING] = -1;
    s->paths[IMAGE_DATA] = strdup(data);
    s->paths[IMAGE_STAGING] = strdup(staging);
    r = s->paths[0] && s->paths[1] ? 0 : err_set(err, -ENOMEM, "out of memory");
    if (r >= 0)
        r = open_dir(data, &s->dirs[IMAGE_DATA], err);
    if (r >= 0)
        r = open_dir(staging, &s->dirs[IMAGE_STAGING], err);
    if (r < 0) {
        file_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

/* Ids are settled before they come here; a path must never be made of another. */
static int check_id(const char *id, struct err *err)
{
    return uuid_is_dashed(id) ? 0 : err_set(err, -EINVAL, "'%.64s' is not the id of an image", id);
}

static int file_begin(void *self, enum image_area area, const char *id, struct image_writer **ret,
                      struct err *err)
{
    const struct store *s = self;
    struct image_writer *w;
    int r = check_id(id, err);

    if (r < 0)
        return r;
    w = calloc(1, sizeof(*w));
    if (!w)
        return err_set(err, -ENOMEM, "out of memory");
    w->store = s;
    w->area = area;
    snprintf(w->name, sizeof(w->name), "%s", id);
    snprintf(w->part, sizeof(w->part), ".%s" PART_SUFFIX, id);
    w->fd = openat(s->dirs[area], w->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (w->fd < 0) {
        r = err_set(err, -errno, "cannot create '%s/%s'", s->paths[area], w->part);
        free(w);
        return r;
    }
    *ret = w;
    return 0;
}

static int file_write(struct image_writer *w, const void *data, size_t n, struct err *err)
{
    int r = write_all(w->fd, data, n);

    if (r == -EDQUOT || r == -EFBIG)
        r = -ENOSPC;
    return r < 0 ? err_set(err, r, "cannot write the data of image '%s'", w->name) : 0;
}

static int file_peek(struct image_writer *w, uint64_t offset, void *buf, size_t n)
{
    ssize_t got = pread(w->fd, buf, n, (off_t) offset);

    return got < 0 ? -errno : (size_t) got == n ? 0 : -ENODATA;
}

static void file_abort(struct image_writer *w)
{
    unlinkat(w->store->dirs[w->area], w->part, 0);
    close(w->fd);
    free(w);
}

static int file_commit(struct image_writer *w, struct err *err)
{
    int dir = w->store->dirs[w->area], r = 0;

    if (fsync(w->fd) < 0)
        r = -errno;
    if (r >= 0 && renameat(dir, w->part, dir, w->name) < 0)
        r = -errno;
    if (r < 0) {
        err_set(err, r, "cannot finish the data of image '%s'", w->name);
        file_abort(w);
        return r;
    }
    fsync(dir);
    close(w->fd);
    free(w);
    return 0;
}

static int file_read_data(void *self, enum image_area area, const char *id, int *ret_fd, uint64_t *ret_size,
                          struct err *err)
{
    const struct store *s = self;
    auto_close int fd = -1;
    struct stat st;
    int r = check_id(id, err);

    if (r < 0)
        return r;
    fd = openat(s->dirs[area], id, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(err, -errno, "cannot open the data of image '%s'", id);
    *ret_size = (uint64_t) st.st_size;
    *ret_fd = steal_fd(&fd);
    return 0;
}

static int file_promote(void *self, const char *id, struct err *err)
{
    const struct store *s = self;
    int r = check_id(id, err);

    if (r < 0)
        return r;
    if (renameat(s->dirs[IMAGE_STAGING], id, s->dirs[IMAGE_DATA], id) < 0)
        return err_set(err, -errno, "cannot move the staged data of image '%s'", id);
    fsync(s->dirs[IMAGE_DATA]);
    fsync(s->dirs[IMAGE_STAGING]);
    return 0;
}

static int file_remove(void *self, enum image_area area, const char *id, struct err *err)
{
    const struct store *s = self;
    int r = check_id(id, err);

    if (r < 0)
        return r;
    if (unlinkat(s->dirs[area], id, 0) < 0 && errno != ENOENT)
        return err_set(err, -errno, "cannot remove the data of image '%s'", id);
    return 0;
}

static char *file_url(void *self, struct arena *a, const char *id)
{
    const struct store *s = self;

    return arena_printf(a, "file://%s/%s", s->paths[IMAGE_DATA], id);
}

static bool is_part(const char *name)
{
    return name[0] == '.' && str_has_suffix(name, PART_SUFFIX);
}

static int recover_area(const struct store *s, enum image_area area,
                        bool (*keep)(void *ctx, enum image_area area, const char *id), void *ctx,
                        struct err *err)
{
    int fd = openat(s->dirs[area], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (!d)
        return err_set(err, -errno, "cannot read the folder of images '%s'", s->paths[area]);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (is_part(e->d_name) || (uuid_is_dashed(e->d_name) && !keep(ctx, area, e->d_name)))
            unlinkat(s->dirs[area], e->d_name, 0);
    closedir(d);
    return 0;
}

static int file_recover(void *self, bool (*keep)(void *ctx, enum image_area area, const char *id), void *ctx,
                        struct err *err)
{
    int r = recover_area(self, IMAGE_DATA, keep, ctx, err);

    return r < 0 ? r : recover_area(self, IMAGE_STAGING, keep, ctx, err);
}

const struct image_driver image_driver_file = {
    .name = "file",
    .open = file_open,
    .close = file_close,
    .begin = file_begin,
    .write = file_write,
    .peek = file_peek,
    .commit = file_commit,
    .abort = file_abort,
    .read = file_read_data,
    .promote = file_promote,
    .remove = file_remove,
    .url = file_url,
    .recover = file_recover,
};
