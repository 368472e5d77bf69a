/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/compute/core.h"
#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "wire/json.h"

/* As uptime(1) words it. */
static char *uptime_text(struct arena *a)
{
    double loads[3] = { 0 };
    struct timespec up;
    time_t now = time(NULL);
    struct tm tm;
    char clock[16];
    long minutes;

    clock_gettime(CLOCK_BOOTTIME, &up);
    gmtime_r(&now, &tm);
    strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
    if (getloadavg(loads, 3) != 3)
        loads[0] = loads[1] = loads[2] = 0;
    minutes = up.tv_sec / 60;
    return arena_printf(a, " %s up %ld days, %2ld:%02ld,  0 users,  load average: %.2f, %.2f, %.2f", clock,
                        minutes / 1440, minutes / 60 % 24, minutes % 60, loads[0], loads[1], loads[2]);
}

static json_t *cpu_json(const struct host_facts *f)
{
    json_t *features = json_array();

    strv_foreach (name, f->cpu_features)
        json_array_append_new(features, json_string(*name));
    return json_pack("{s:s, s:s, s:s, s:o, s:{s:i, s:i, s:i}}", "arch", f->cpu_arch, "model", f->cpu_model,
                     "vendor", f->cpu_vendor, "features", features, "topology", "cores", f->cores, "threads",
                     f->threads, "sockets", f->sockets);
}

json_t *compute_heartbeat(struct agent_compute *c, const char *host, struct err *err)
{
    const struct agent_compute_options *o = c->config.compute;
    auto_arena struct arena a = { 0 };
    char started[TIME_TEXT_MAX];
    struct host_facts f = { 0 };
    json_t *beat;

    if (c->driver->facts(c->self, host, &a, &f, err) < 0)
        return NULL;
    beat = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:b}", "host", host, "started_at",
                     time_write(started, c->started_us, TIME_ISO_Z), "driver", c->driver->name,
                     "hypervisor_type", f.hypervisor_type, "hypervisor_version",
                     (json_int_t) f.hypervisor_version, "hypervisor_hostname", host, "host_ip", o->host_ip,
                     "virt_type", f.virt_type, "vif_plugging", c->driver->vif_plugging);
    json_object_update_new(beat, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "vcpus", (json_int_t) f.vcpus,
                                           "memory_mb", (json_int_t) f.memory_mb, "memory_mb_used",
                                           (json_int_t) f.memory_mb_used, "local_gb", (json_int_t) f.local_gb,
                                           "disk_available_gb", (json_int_t) f.disk_available_gb,
                                           "running_vms", (json_int_t) f.running_vms));
    json_object_set_new(beat, "reserved",
                        json_pack("{s:I, s:I, s:I}", "vcpus", (json_int_t) o->reserved_vcpus, "memory_mb",
                                  (json_int_t) o->reserved_memory_mb, "disk_gb",
                                  (json_int_t) o->reserved_disk_gb));
    json_object_set_new(beat, "cpu_info", cpu_json(&f));
    json_object_set_new(beat, "supported_instances",
                        json_pack("[[s, s, s]]", f.cpu_arch, f.virt_type, "hvm"));
    json_object_set_new(beat, "traits", json_array());
    json_object_set_new(beat, "uptime", json_string(uptime_text(&a)));
    return beat;
}
