/* SPDX-License-Identifier: Apache-2.0 */
/* What a host's networks must be, as an agent hears it: it is refused, or the
 * files and tables that are made of it have no line that a user wrote. */
#include "agent/wishes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/dhcp.h"
#include "agent/firewall.h"
#include "agent/l3.h"
#include "base/str.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t count_lines(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += *s == '\n';
    return n;
}

/* Braces are even, and nothing but printable text and line ends is in it. */
static void check_table(const char *s)
{
    int depth = 0;

    for (; *s; s++) {
        if (!isprint((unsigned char) *s) && *s != '\n' && *s != '\t')
            abort();
        depth += *s == '{' ? 1 : *s == '}' ? -1 : 0;
        if (depth < 0)
            abort();
    }
    if (depth)
        abort();
}

static void check_text(const char *s)
{
    for (; *s; s++)
        if ((unsigned char) *s < ' ' && *s != '\n' && *s != '\t')
            abort();
}

static void check_network(struct arena *a, const struct wish_network *n)
{
    const char *options = dnsmasq_options(a, n);

    if (count_lines(dnsmasq_hosts(a, n)) > n->n_hosts * 2)
        abort();
    check_text(dnsmasq_hosts(a, n));
    check_text(dnsmasq_names(a, n));
    check_text(options);
    strv_foreach (line, str_split(a, options, '\n'))
        if (**line && !str_has_prefix(*line, "tag:") && !str_has_prefix(*line, "option") &&
            !isdigit((unsigned char) **line))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_json json_t *j = NULL;
    auto_arena struct arena a;
    struct wishes w;

    arena_init(&a);
    if (json_read((const char *) data, n, &j, NULL) < 0 || wishes_read(&a, j, &w, NULL) < 0)
        return 0;
    check_table(firewall_bridge_table(&a, &w));
    for (size_t i = 0; i < w.n_routers; i++)
        if (!w.routers[i].bad)
            check_table(router_nat_table(&a, &w.routers[i]));
    for (size_t i = 0; i < w.n_networks; i++)
        if (!w.networks[i].bad)
            check_network(&a, &w.networks[i]);
    return 0;
}
