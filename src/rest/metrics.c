/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/metrics.h"

#include "rest/server.h"
#include "wire/http.h"

static const int64_t bucket_us[METRICS_BUCKETS] = { 100, 500, 1000, 5000, 25000, 100000, 500000, 2500000 };

void metrics_count(struct metrics *m, int status, int64_t us)
{
    unsigned i = 0, class = status >= 100 && status < 600 ? (unsigned) status / 100 : 5;

    while (i < METRICS_BUCKETS && us > bucket_us[i])
        i++;
    atomic_fetch_add_explicit(&m->requests[class], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->sum_us, (uint64_t) us, memory_order_relaxed);
}

static void write_histogram(const struct metrics *m, const char *name, struct strbuf *out)
{
    uint64_t total = 0;

    strbuf_puts(out, "# TYPE stackd_request_seconds histogram\n");
    for (unsigned i = 0; i <= METRICS_BUCKETS; i++) {
        total += atomic_load_explicit(&m->buckets[i], memory_order_relaxed);
        if (i < METRICS_BUCKETS)
            strbuf_printf(out, "stackd_request_seconds_bucket{service=\"%s\",le=\"%g\"} %llu\n", name,
                          (double) bucket_us[i] / 1e6, (unsigned long long) total);
        else
            strbuf_printf(out, "stackd_request_seconds_bucket{service=\"%s\",le=\"+Inf\"} %llu\n", name,
                          (unsigned long long) total);
    }
    strbuf_printf(out, "stackd_request_seconds_sum{service=\"%s\"} %g\n", name,
                  (double) atomic_load_explicit(&m->sum_us, memory_order_relaxed) / 1e6);
    strbuf_printf(out, "stackd_request_seconds_count{service=\"%s\"} %llu\n", name,
                  (unsigned long long) total);
}

void metrics_write(struct server *s, const struct metrics *m, struct strbuf *out)
{
    const char *name = s->service->name;
    struct http_stats h;

    http_server_stats(s->http, &h);
    strbuf_puts(out, "# TYPE stackd_requests_total counter\n");
    for (unsigned i = 1; i < 6; i++)
        strbuf_printf(out, "stackd_requests_total{service=\"%s\",status=\"%uxx\"} %llu\n", name, i,
                      (unsigned long long) atomic_load_explicit(&m->requests[i], memory_order_relaxed));
    write_histogram(m, name, out);
    strbuf_printf(out,
                  "# TYPE stackd_connections gauge\nstackd_connections{service=\"%s\"} %llu\n"
                  "# TYPE stackd_requests_active gauge\nstackd_requests_active{service=\"%s\"} %llu\n"
                  "# TYPE stackd_workers_busy gauge\nstackd_workers_busy{service=\"%s\"} %llu\n"
                  "# TYPE stackd_workers_queued gauge\nstackd_workers_queued{service=\"%s\"} %llu\n"
                  "# TYPE stackd_start_time_seconds gauge\nstackd_start_time_seconds{service=\"%s\"} %lld\n",
                  name, (unsigned long long) h.connections, name, (unsigned long long) h.active, name,
                  (unsigned long long) h.workers_busy, name, (unsigned long long) h.workers_queued, name,
                  (long long) (s->started_us / 1000000));
}
