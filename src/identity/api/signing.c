/* SPDX-License-Identifier: Apache-2.0 */
/* What clients need to check signed tokens by themselves: the certificates
 * (OS-SIMPLE-CERT) and the signed list of what was revoked (OS-PKI). */
#include "base/str.h"
#include "identity/api/need.h"
#include "identity/api/routes.h"
#include "identity/store/tokens.h"

static int show_certificate(struct request *rq, bool authority, struct err *err)
{
    const struct token_provider *p = &identity_of(rq)->tokens;
    const char *pem;
    int r;

    if (!p->driver->certificate)
        return err_http(err, 410, NULL, "There is no certificate, for tokens are not signed with one here.");
    r = p->driver->certificate(p->self, rq->arena, authority, &pem, err);
    return r < 0 ? r : reply_text(rq, 200, "application/x-pem-file", pem, strlen(pem));
}

static int show_ca(struct request *rq, struct err *err)
{
    return show_certificate(rq, true, err);
}

static int show_certificates(struct request *rq, struct err *err)
{
    return show_certificate(rq, false, err);
}

/* With audit_id_only the digests are left out, and there is nothing to sign. */
static int write_list(struct request *rq, bool audit_ids_only, const char **ret, struct err *err)
{
    struct rows rows;
    struct strbuf b;
    struct txn *t;
    struct jw w;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = stored_tokens_revoked(t, rq->arena, server_now_us(rq->server), &rows, err);
    if (r < 0)
        return r;
    strbuf_init(&b, rq->arena);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_array(&w, "revoked");
    for (size_t i = 0; i < rows.count; i++) {
        jw_object(&w, NULL);
        if (!audit_ids_only)
            jw_str(&w, "id", rows_text(&rows, i, 0));
        jw_str(&w, "audit_id", rows_text(&rows, i, 1));
        jw_time(&w, "expires", rows_int(&rows, i, 2, 0), TIME_ISO_Z);
        jw_end_object(&w);
    }
    jw_end_array(&w);
    jw_end_object(&w);
    *ret = strbuf_str(&b);
    return rq_commit(rq, err);
}

static int list_revoked(struct request *rq, struct err *err)
{
    const struct token_provider *p = &identity_of(rq)->tokens;
    const char *list, *pem;
    struct jw *w;
    int r;

    if (!p->driver->sign)
        return err_http(err, 403, NULL,
                        "You are not authorized to perform the requested action: there is no list of revoked "
                        "tokens, for tokens are not signed with a certificate here.");
    r = write_list(rq, rq_query_has(rq, "audit_id_only"), &list, err);
    if (r >= 0 && rq_query_has(rq, "audit_id_only"))
        return reply_text(rq, 200, "application/json", list, strlen(list));
    if (r >= 0)
        r = p->driver->sign(p->self, rq->arena, list, &pem, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_str(w, "signed", pem);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route signing_routes[] = {
    { HTTP_GET, "/v3/OS-SIMPLE-CERT/ca", POLICY_OPEN, show_ca },
    { HTTP_GET, "/v3/OS-SIMPLE-CERT/certificates", POLICY_OPEN, show_certificates },
    { HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked", "identity:revocation_list", list_revoked,
      .flags = ROUTE_WORKER },
    { 0 },
};
