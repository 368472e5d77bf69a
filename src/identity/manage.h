/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does from the command line: `stackd identity COMMAND`. */
#pragma once

#include "rest/server.h"

typedef int manage_run(struct server *s, const char *const *words, struct strbuf *out, struct err *err);

struct manage_command {
    const char *name, *help;
    /* 'words' is what was written behind the name, ended by null; may be null.
     * 'out' gets words for the person.  The server has its databases open and
     * its keys loaded; nobody talks to it.  0, -errno, or an exit code above 0. */
    manage_run *run;
    const char *options;      /* What 'words' may be, for the help; null: nothing. */
    bool as_it_is;            /* The database stays at its version; the server has nothing else. */
    const char *const *looks; /* Options with which the same holds; null: none. */
};

manage_run bootstrap_run, project_setup_run, user_setup_run, reset_last_active_run;
manage_run db_check_run, db_sync_run, db_version_run;
manage_run setup_run, fernet_rotate_run, token_rotate_run, receipt_rotate_run, jws_keypair_run, pki_setup_run,
    credential_rotate_run, credential_migrate_run;
manage_run mapping_populate_run, mapping_purge_run, domain_config_upload_run, doctor_run;

/* How many credentials are encrypted with another key than the primary one. */
int credentials_unmigrated(struct server *s, int64_t *ret, struct err *err);

/* The domain that keystone.DOMAIN.conf is for, or null for another name of a file. */
const char *domain_config_file_domain(struct arena *a, const char *file);

/* Asks the directory of each domain; what is wrong goes to 'out', its number is added to '*found'. */
int directories_doctor(struct server *s, struct strbuf *out, int *found, struct err *err);

extern const struct manage_command identity_commands[]; /* Ended by a null name. */
