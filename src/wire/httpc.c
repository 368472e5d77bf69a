/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client.  Each call borrows an easy handle of libcurl, which holds
 * its own kept-alive connections; the one used last is taken first, so that
 * few connections serve many calls. */
#include "wire/httpc.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"
#include "base/strbuf.h"

#define IDLE_MAX 32

struct httpc {
    unsigned timeout_ms, connect_timeout_ms;
    char *ca_file, *cert_file, *key_file;
    bool insecure;
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX];
    size_t idle_count;
};

/* What one call gathers. */
struct call {
    const struct httpc_request *rq;
    struct arena *arena;
    CURL *curl;
    struct strbuf body;
    size_t max_body;
    struct http_header *headers;
    size_t headers_count, headers_cap;
    bool too_big, aborted;
    char words[CURL_ERROR_SIZE];
};

static void curl_setup(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

int httpc_new(const struct httpc_config *c, struct httpc **ret, struct err *err)
{
    /* libcurl wants this once in a process, and says of no later time how to
     * find out that it was done. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct httpc *h = calloc(1, sizeof(*h));

    if (!h)
        die("out of memory");
    pthread_once(&once, curl_setup);
    h->timeout_ms = c && c->timeout_ms ? c->timeout_ms : 60000;
    h->connect_timeout_ms = c && c->connect_timeout_ms ? c->connect_timeout_ms : 5000;
    h->ca_file = c && c->ca_file ? strdup(c->ca_file) : NULL;
    h->cert_file = c && c->cert_file ? strdup(c->cert_file) : NULL;
    h->key_file = c && c->key_file ? strdup(c->key_file) : NULL;
    h->insecure = c && c->insecure;
    pthread_mutex_init(&h->lock, NULL);
    *ret = h;
    return 0;
}

void httpc_free(struct httpc *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->idle_count; i++)
        curl_easy_cleanup(c->idle[i]);
    pthread_mutex_destroy(&c->lock);
    free(c->ca_file);
    free(c->cert_file);
    free(c->key_file);
    free(c);
}

static CURL *handle_take(struct httpc *c)
{
    CURL *curl = NULL;

    pthread_mutex_lock(&c->lock);
    if (c->idle_count)
        curl = c->idle[--c->idle_count];
    pthread_mutex_unlock(&c->lock);
    return curl ? curl : curl_easy_init();
}

static void handle_give(struct httpc *c, CURL *curl)
{
    curl_easy_reset(curl);
    pthread_mutex_lock(&c->lock);
    if (c->idle_count < IDLE_MAX) {
        c->idle[c->idle_count++] = curl;
        curl = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    if (curl)
        curl_easy_cleanup(curl);
}

/* --- What libcurl calls. ---------------------------------------------------- */

static void header_add(struct call *k, const char *name, const char *value)
{
    if (k->headers_count + 1 >= k->headers_cap) {
        size_t cap = k->headers_cap ? k->headers_cap * 2 : 16;

        k->headers =
            arena_grow(k->arena, k->headers, k->headers_cap * sizeof(*k->headers), cap * sizeof(*k->headers));
        k->headers_cap = cap;
    }
    k->headers[k->headers_count++] = (struct http_header){ name, value };
    k->headers[k->headers_count] = (struct http_header){ 0 };
}

static size_t on_header(char *line, size_t size, size_t n, void *cls)
{
    struct call *k = cls;
    const char *colon;

    n *= size;
    /* Each status line, also that of a 100 Continue, begins anew. */
    if (n > 5 && memcmp(line, "HTTP/", 5) == 0)
        k->headers_count = 0;
    colon = memchr(line, ':', n);
    if (colon && colon > line)
        header_add(k, arena_strndup(k->arena, line, colon - line),
                   str_trim(k->arena, arena_strndup(k->arena, colon + 1, line + n - colon - 1)));
    return n;
}

static bool is_streamed(struct call *k)
{
    long status = 0;

    if (!k->rq->write)
        return false;
    curl_easy_getinfo(k->curl, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static size_t on_body(char *data, size_t size, size_t n, void *cls)
{
    struct call *k = cls;

    n *= size;
    if (is_streamed(k)) {
        k->aborted = k->rq->write(k->rq->ctx, data, n) != 0;
        return k->aborted ? CURL_WRITEFUNC_ERROR : n;
    }
    if (n > k->max_body - k->body.len) {
        k->too_big = true;
        return CURL_WRITEFUNC_ERROR;
    }
    strbuf_add(&k->body, data, n);
    return n;
}

static size_t on_read(char *buf, size_t size, size_t n, void *cls)
{
    struct call *k = cls;
    ssize_t r = k->rq->read(k->rq->ctx, buf, size * n);

    k->aborted = r < 0;
    return r < 0 ? CURL_READFUNC_ABORT : (size_t) r;
}

/* --- One call. ---------------------------------------------------------------- */

static void body_set(struct call *k)
{
    const struct httpc_request *rq = k->rq;
    CURL *curl = k->curl;

    if (rq->read) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(curl, CURLOPT_READDATA, k);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) rq->read_size);
    } else if (rq->body || rq->method == HTTP_POST || rq->method == HTTP_PUT || rq->method == HTTP_PATCH) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, rq->body ? rq->body : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) (rq->body ? rq->body_len : 0));
    } else if (rq->method == HTTP_HEAD) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    /* After the above, which choose methods of their own. */
    if (rq->method != HTTP_HEAD)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_text(rq->method));
}

static bool has_header(const struct http_header *headers, const char *name)
{
    for (; headers && headers->name; headers++) {
        if (str_eq_nocase(headers->name, name))
            return true;
    }
    return false;
}

static struct curl_slist *list_add(struct curl_slist *list, const char *line)
{
    list = curl_slist_append(list, line);
    if (!list)
        die("out of memory");
    return list;
}

static struct curl_slist *headers_list(struct call *k)
{
    const struct http_header *h = k->rq->headers;
    struct curl_slist *list = NULL;

    /* libcurl adds these by itself; the first would cost a round trip, the
     * second would be a lie. */
    if (!has_header(h, "Expect"))
        list = list_add(list, "Expect:");
    if (!has_header(h, "Content-Type"))
        list = list_add(list, "Content-Type:");
    if (!has_header(h, "Accept"))
        list = list_add(list, "Accept: */*");
    for (; h && h->name; h++)
        list = list_add(list, *h->value ? arena_printf(k->arena, "%s: %s", h->name, h->value)
                                        : arena_printf(k->arena, "%s;", h->name));
    return list;
}

static void options_set(struct httpc *c, struct call *k, struct curl_slist *headers)
{
    const struct httpc_request *rq = k->rq;
    unsigned timeout_ms = rq->timeout_ms ? rq->timeout_ms : c->timeout_ms;
    CURL *curl = k->curl;

    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, rq->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long) c->connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, k->words);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, k);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, k);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 128L << 10);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 128L << 10);
    if (c->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, c->ca_file);
    if (c->cert_file)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, c->cert_file);
    if (c->key_file)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, c->key_file);
    if (c->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    body_set(k);
}

static const struct {
    CURLcode code;
    int err;
} failures[] = {
    { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
    { CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH },
    { CURLE_URL_MALFORMAT, -EINVAL },
    { CURLE_UNSUPPORTED_PROTOCOL, -EINVAL },
    { CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
    { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
};

static int failure_code(CURL *curl, CURLcode code)
{
    long number = 0;

    if (code == CURLE_COULDNT_CONNECT) {
        curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
        return number == EHOSTUNREACH || number == ENETUNREACH ? -EHOSTUNREACH : -ECONNREFUSED;
    }
    for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
        if (failures[i].code == code)
            return failures[i].err;
    }
    return -EIO;
}

/* The words never name the URL's query or headers: they may hold secrets. */
static int failure_set(struct call *k, CURLcode code, struct err *err)
{
    size_t n = strcspn(k->rq->url, "?");

    if (k->too_big)
        return err_set(err, -EIO, "the answer of %.*s is larger than %zu bytes", (int) n, k->rq->url,
                       k->max_body);
    if (k->aborted)
        return err_set(err, -EIO, "the transfer with %.*s was given up", (int) n, k->rq->url);
    return err_set(err, failure_code(k->curl, code), "no answer from %.*s: %s", (int) n, k->rq->url,
                   *k->words ? k->words : curl_easy_strerror(code));
}

static void reply_fill(struct call *k, struct httpc_reply *ret)
{
    long status = 0;

    curl_easy_getinfo(k->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!k->headers)
        header_add(k, NULL, NULL);
    *ret = (struct httpc_reply){
        .status = (int) status,
        .body = strbuf_str(&k->body),
        .body_len = k->body.len,
        .headers = k->headers,
    };
}

int httpc_call(struct httpc *c, struct arena *a, const struct httpc_request *rq, struct httpc_reply *ret,
               struct err *err)
{
    struct call k = { .rq = rq, .arena = a, .max_body = rq->max_body ? rq->max_body : (size_t) 64 << 20 };
    struct curl_slist *headers;
    CURLcode code;
    int r = 0;

    k.curl = handle_take(c);
    if (!k.curl)
        return err_set(err, -ENOMEM, "cannot prepare an HTTP call");
    strbuf_init(&k.body, a);
    headers = headers_list(&k);
    options_set(c, &k, headers);

    code = curl_easy_perform(k.curl);
    if (code == CURLE_OK)
        reply_fill(&k, ret);
    else
        r = failure_set(&k, code, err);
    handle_give(c, k.curl);
    curl_slist_free_all(headers);
    return r;
}

const char *httpc_header(const struct httpc_reply *r, const char *name)
{
    for (const struct http_header *h = r->headers; h && h->name; h++) {
        if (str_eq_nocase(h->name, name))
            return h->value;
    }
    return NULL;
}
