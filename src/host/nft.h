/* SPDX-License-Identifier: Apache-2.0 */
/* Packet filter tables (nftables), replaced as a whole.
 *
 * A table is written as text in nft(8)'s language and set in one transaction,
 * so that no packet ever meets half of it, and connections live on.  A hash of
 * the text stands in the table as an empty chain's name, by which a later
 * round sees that nothing is to be done. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Makes the table 'name' of 'family' ("inet", "bridge", "ip") in the namespace
 * at 'netns' (null: the thread's own) have exactly 'body' (chains, sets and maps
 * without the table's braces).  Returns 1 when it was changed, 0 when it was
 * so already, or -errno with nft's words. */
int nft_table_ensure(const char *netns, const char *family, const char *name, const char *body,
                     struct err *err);

/* True when the table was made from exactly 'body'. */
bool nft_table_is(const char *netns, const char *family, const char *name, const char *body);

/* Removes the table; what is gone already is fine. */
int nft_table_delete(const char *netns, const char *family, const char *name, struct err *err);

bool nft_table_exists(const char *netns, const char *family, const char *name);

/* A chain of somebody else that drops what is forwarded unless it says otherwise
 * ("chain FORWARD of table ip filter"), in the arena, or null.  Bridged packets
 * pass it too, where br_netfilter is on. */
char *nft_find_shut_forward(struct arena *a, const char *netns);

/* Runs any commands of nft's language; '*ret_out' (may be null) is what they
 * print. */
int nft_run(struct arena *a, const char *netns, const char *commands, char **ret_out, struct err *err);
