/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/store/domain_config.h"

/* A null part of the name stands for every one. */
static struct val part(const char *s)
{
    return val_text(s ? s : "");
}

int domain_options_find(struct txn *t, struct arena *a, const char *domain_id, const char *section,
                        const char *name, struct rows *ret, struct err *err)
{
    return sql_query(t, a, ret, err,
                     "SELECT section, name, value, is_secret FROM domain_options WHERE domain_id = ? AND "
                     "(? = '' OR section = ?) AND (? = '' OR name = ?) ORDER BY section, name",
                     val_text(domain_id), part(section), part(section), part(name), part(name));
}

int domain_options_delete(struct txn *t, const char *domain_id, const char *section, const char *name,
                          struct err *err)
{
    int64_t n = sql_exec(
        t, err,
        "DELETE FROM domain_options WHERE domain_id = ? AND (? = '' OR section = ?) AND (? = '' OR name = ?)",
        val_text(domain_id), part(section), part(section), part(name), part(name));

    return n < 0 ? (int) n : 0;
}

int domain_option_put(struct txn *t, const char *domain_id, const char *section, const char *name,
                      const char *value, bool sensitive, struct err *err)
{
    int64_t n = domain_options_delete(t, domain_id, section, name, err);

    if (n >= 0)
        n = sql_exec(
            t, err,
            "INSERT INTO domain_options (domain_id, section, name, value, is_secret) VALUES (?, ?, ?, ?, ?)",
            val_text(domain_id), val_text(section), val_text(name), val_text(value), val_int(sensitive));
    return n < 0 ? (int) n : 0;
}
