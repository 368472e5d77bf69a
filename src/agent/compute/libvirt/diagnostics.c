/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "wire/json.h"

#define MAX_CPUS 4096

static json_t *cpus(struct lv *lv, virDomainPtr d, unsigned n, struct arena *a)
{
    virVcpuInfoPtr info = arena_calloc(a, n + 1, sizeof(*info));
    int got = n <= MAX_CPUS ? lv->api->virDomainGetVcpus(d, info, (int) n, NULL, 0) : 0;
    json_t *list = json_array();

    for (int i = 0; i < got; i++)
        json_array_append_new(list, json_pack("{s:i, s:I, s:n}", "id", (int) info[i].number, "time",
                                              (json_int_t) info[i].cpuTime, "utilisation"));
    return list;
}

static json_t *disks(struct lv *lv, virDomainPtr d, const char *xml, struct arena *a)
{
    json_t *list = json_array();

    strv_foreach (target, lv_xml_targets(a, xml, "disk")) {
        virDomainBlockStatsStruct st = { 0 };

        if (lv->api->virDomainBlockStats(d, *target, &st, sizeof(st)) == 0)
            json_array_append_new(list,
                                  json_pack("{s:I, s:I, s:I, s:I, s:I}", "read_bytes",
                                            (json_int_t) st.rd_bytes, "read_requests", (json_int_t) st.rd_req,
                                            "write_bytes", (json_int_t) st.wr_bytes, "write_requests",
                                            (json_int_t) st.wr_req, "errors_count", (json_int_t) st.errs));
    }
    return list;
}

static json_t *nics(struct lv *lv, virDomainPtr d, const char *xml, struct arena *a)
{
    const char **macs = lv_xml_macs(a, xml);
    json_t *list = json_array();
    size_t i = 0;

    strv_foreach (target, lv_xml_targets(a, xml, "interface")) {
        virDomainInterfaceStatsStruct st = { 0 };
        const char *mac = i < strv_len(macs) ? macs[i] : NULL;

        i++;
        if (lv->api->virDomainInterfaceStats(d, *target, &st, sizeof(st)) < 0)
            continue;
        json_array_append_new(
            list, json_pack("{s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "mac_address", mac, "rx_octets",
                            (json_int_t) st.rx_bytes, "rx_packets", (json_int_t) st.rx_packets, "rx_errors",
                            (json_int_t) st.rx_errs, "rx_drop", (json_int_t) st.rx_drop, "tx_octets",
                            (json_int_t) st.tx_bytes, "tx_packets", (json_int_t) st.tx_packets, "tx_errors",
                            (json_int_t) st.tx_errs, "tx_drop", (json_int_t) st.tx_drop));
    }
    return list;
}

static json_t *memory(struct lv *lv, virDomainPtr d, const virDomainInfo *info)
{
    virDomainMemoryStatStruct st[VIR_DOMAIN_MEMORY_STAT_NR] = { 0 };
    int n = lv->api->virDomainMemoryStats(d, st, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    int64_t available = -1, unused = -1;

    for (int i = 0; i < n; i++) {
        if (st[i].tag == VIR_DOMAIN_MEMORY_STAT_AVAILABLE)
            available = (int64_t) st[i].val;
        if (st[i].tag == VIR_DOMAIN_MEMORY_STAT_UNUSED)
            unused = (int64_t) st[i].val;
    }
    return json_pack("{s:I, s:I}", "maximum", (json_int_t) info->maxMem / 1024, "used",
                     (json_int_t) (available >= 0 && unused >= 0 ? (available - unused) / 1024
                                                                 : (int64_t) info->memory / 1024));
}

int lv_diagnostics(void *self, const struct which *w, json_t **ret, struct err *err)
{
    struct lv *lv = self;
    auto_arena struct arena a = { 0 };
    virDomainPtr d = lv_domain(lv, w->id);
    virDomainInfo info = { 0 };
    json_t *o;
    char *xml;

    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", w->id);
    if (lv->api->virDomainGetInfo(d, &info) < 0 || !(xml = lv_xml_of(lv, d, &a))) {
        lv->api->virDomainFree(d);
        return libvirt_error(lv->api, err, "Cannot ask about the guest");
    }
    o = json_pack("{s:s, s:s, s:s, s:s, s:n, s:i}", "state", guest_power_text(lv_power_of(lv, d)), "driver",
                  "libvirt", "hypervisor", lv->kvm ? "kvm" : "qemu", "hypervisor_os", "linux", "uptime",
                  "num_cpus", (int) info.nrVirtCpu);
    json_object_set_new(o, "cpu_details", cpus(lv, d, info.nrVirtCpu, &a));
    json_object_set_new(o, "nic_details", nics(lv, d, xml, &a));
    json_object_set_new(o, "disk_details", disks(lv, d, xml, &a));
    json_object_set_new(o, "memory_details", memory(lv, d, &info));
    lv->api->virDomainFree(d);
    *ret = o;
    return 0;
}
