/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nft.h"

#include <errno.h>
#include <inttypes.h>
#include <nftables/libnftables.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "host/netns.h"

/* libnftables keeps a cache of device names in a variable of its own. */
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

struct nft_job {
    struct arena *arena;
    const char *commands;
    char *out;
};

/* The first line of nft's complaint, without the place in a text nobody sees. */
static int complain(const char *words, struct err *err)
{
    const char *what = strstr(words, "Error: ");

    what = what ? what + strlen("Error: ") : words;
    return err_set(err, strstr(what, "No such file") ? -ENOENT : -EINVAL, "The packet filter refused: %.*s",
                   (int) strcspn(what, "\n"), what);
}

static int run_here(void *ctx, struct err *err)
{
    struct nft_job *job = ctx;
    struct nft_ctx *nft;
    int r = 0;

    pthread_mutex_lock(&library_lock);
    nft = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!nft) {
        pthread_mutex_unlock(&library_lock);
        return err_set(err, -ENOMEM, "Cannot start the packet filter library");
    }
    nft_ctx_buffer_output(nft);
    nft_ctx_buffer_error(nft);
    if (nft_run_cmd_from_buffer(nft, job->commands) != 0)
        r = complain(nft_ctx_get_error_buffer(nft), err);
    else if (job->arena)
        job->out = arena_strdup(job->arena, nft_ctx_get_output_buffer(nft));
    nft_ctx_free(nft);
    pthread_mutex_unlock(&library_lock);
    return r;
}

int nft_run(struct arena *a, const char *netns, const char *commands, char **ret_out, struct err *err)
{
    struct nft_job job = { .arena = ret_out ? a : NULL, .commands = commands };
    int r = netns_run(netns, run_here, &job, err);

    if (r >= 0 && ret_out)
        *ret_out = job.out;
    return r;
}

/* The name of the chain that says which text a table was made from. */
static void seal_name(char *buf, size_t n, const char *body)
{
    /* Fixed keys: the name must be the same in the next life of the agent. */
    snprintf(buf, n, "seal_%016" PRIx64 "%016" PRIx64, siphash13(1, 2, body, strlen(body)),
             siphash13(3, 4, body, strlen(body)));
}

bool nft_table_is(const char *netns, const char *family, const char *name, const char *body)
{
    char seal[64], query[192];

    seal_name(seal, sizeof(seal), body);
    snprintf(query, sizeof(query), "list chain %s %s %s\n", family, name, seal);
    return nft_run(NULL, netns, query, NULL, NULL) == 0;
}

int nft_table_ensure(const char *netns, const char *family, const char *name, const char *body,
                     struct err *err)
{
    auto_strbuf struct strbuf text = { 0 };
    char seal[64];
    int r;

    if (nft_table_is(netns, family, name, body))
        return 0;
    seal_name(seal, sizeof(seal), body);
    /* Naming it first makes the removal right whether or not it was there. */
    strbuf_init(&text, NULL);
    strbuf_printf(&text, "table %s %s\ndelete table %s %s\ntable %s %s {\n", family, name, family, name,
                  family, name);
    strbuf_printf(&text, "chain %s {\n}\n%s\n}\n", seal, body);
    r = nft_run(NULL, netns, strbuf_str(&text), NULL, err);
    return r < 0 ? r : 1;
}

int nft_table_delete(const char *netns, const char *family, const char *name, struct err *err)
{
    char text[256];

    snprintf(text, sizeof(text), "table %s %s\ndelete table %s %s\n", family, name, family, name);
    return nft_run(NULL, netns, text, NULL, err);
}

bool nft_table_exists(const char *netns, const char *family, const char *name)
{
    char text[128];

    snprintf(text, sizeof(text), "list table %s %s\n", family, name);
    return nft_run(NULL, netns, text, NULL, NULL) == 0;
}

char *nft_find_shut_forward(struct arena *a, const char *netns)
{
    const char *table = "", *chain = "";
    char *all = NULL;

    if (nft_run(a, netns, "list chains\n", &all, NULL) < 0)
        return NULL;
    strv_foreach (line, str_split(a, all, '\n')) {
        char *text = str_trim(a, *line);

        text[strcspn(text, "{")] = 0;
        if (str_has_prefix(text, "table "))
            table = str_trim(a, text + strlen("table "));
        else if (str_has_prefix(text, "chain "))
            chain = str_trim(a, text + strlen("chain "));
        else if (strstr(text, " hook forward ") && strstr(text, "policy drop"))
            return arena_printf(a, "chain %s of table %s", chain, table);
    }
    return NULL;
}
