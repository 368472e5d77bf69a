/* SPDX-License-Identifier: Apache-2.0 */
/* What every command starts from: the configuration file, the options of
 * [stackd] and the one directory that holds all of a cloud's state:
 *
 *   stackd.conf            the configuration
 *   clouds.yaml, openrc    for clients, with admin's password
 *   secrets/NAME           passwords and shared secrets, a file each
 *   SERVICE/               databases and keys of a service
 *   logs/ROLE.log
 *   run/                   sockets, pids and what may be lost with a reboot */
#pragma once

#include "base/config.h"
#include "base/log.h"
#include "main/cli.h"

/* Section [stackd]. */
struct main_options {
    const char *state_dir;
    const char **roles;
    const char *user;
    const char *bus;
    const char *log_level, *log_format;
    const char *public_host, *region;
    int64_t token_cache_s, stop_grace_s, restart_max_ms;
    const char *stop_file;
};
extern const struct option main_option_table[];

struct setup {
    struct arena arena;
    const struct cli *cli;
    const char *state_dir;   /* Absolute. */
    const char *config_path; /* Null: there is no file. */
    struct config *config;
    struct main_options opt;
};

/* Where the state is (--state, then $STACKD_STATE, the file of --config, the
 * usual places), what the file there says, and --set on top.  Without a file
 * everything has its default.  Release with setup_done(). */
int setup_load(struct setup *s, const struct cli *cli, struct err *err);
void setup_done(struct setup *s);
#define auto_setup __attribute__((cleanup(setup_done)))

/* As setup_load(), but -ENOENT says that there is no cloud yet. */
int setup_load_existing(struct setup *s, const struct cli *cli, struct err *err);

/* STATE/part/name, in the setup's arena. */
char *setup_path(struct setup *s, const char *part, const char *name);

/* The log of 'component' on descriptor 'fd'. */
struct log setup_log(const struct setup *s, const char *component, int fd);

/* All options of all sections: -EINVAL at the first that is wrong or unknown. */
int setup_check(struct setup *s, struct err *err);

/* Adds every section with its options, as share/stackd.conf has them. */
void setup_write_sample(struct strbuf *b);
