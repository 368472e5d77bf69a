/* SPDX-License-Identifier: Apache-2.0 */
/* Which options a domain may have of its own. */
#pragma once

#include <stdbool.h>

struct domain_option {
    const char *section, *name;
    const char *value; /* JSON: what holds when the domain has none. */
    bool sensitive;    /* Taken and never shown. */
};

/* Section by section, ended by a null name. */
extern const struct domain_option domain_options_known[];

/* That option, or with a null name any of the section; null: there is none. */
const struct domain_option *domain_option_known(const char *section, const char *name);
