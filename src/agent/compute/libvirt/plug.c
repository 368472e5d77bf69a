/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces, into and out of guests. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "base/time.h"

#define TAP_WAIT_US    (10 * INT64_C(1000000))
#define DETACH_WAIT_US (30 * INT64_C(1000000))
#define POLL_MS        100
/* A guest that is still booting does not hear the first request. */
#define DETACH_AGAIN_US (5 * INT64_C(1000000))

static int wait_tap(const char *tap, struct task *t, struct err *err)
{
    int64_t begin = time_mono_us();

    while (!if_nametoindex(tap)) {
        if (time_mono_us() - begin > TAP_WAIT_US)
            return err_set(err, -EAGAIN, "The network interface %s was not made on this host", tap);
        if (!lv_pause(t, POLL_MS))
            return err_set(err, -ECANCELED, "cancelled");
    }
    return 0;
}

int lv_wait_taps(const struct wish_server *s, struct task *t, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < s->n_nics && r >= 0; i++)
        r = wait_tap(s->nics[i].tap, t, err);
    return r;
}

static unsigned plug_flags(struct lv *lv, virDomainPtr d)
{
    return VIR_DOMAIN_AFFECT_CONFIG | (lv->api->virDomainIsActive(d) == 1 ? VIR_DOMAIN_AFFECT_LIVE : 0u);
}

static bool has_mac(struct lv *lv, virDomainPtr d, const char *mac)
{
    auto_arena struct arena a = { 0 };
    char *xml = lv_xml_of(lv, d, &a);

    return xml && strv_contains(lv_xml_macs(&a, xml), str_lower(&a, mac));
}

static int plug(struct lv *lv, virDomainPtr d, const struct wish_server *s, const struct wish_nic *n,
                struct task *t, struct err *err)
{
    auto_arena struct arena a = { 0 };
    bool active = lv->api->virDomainIsActive(d) == 1;
    int r = active ? wait_tap(n->tap, t, err) : 0;

    if (r < 0 || has_mac(lv, d, n->mac))
        return r;
    if (lv->api->virDomainAttachDeviceFlags(d, lv_nic_xml(&a, s, n), plug_flags(lv, d)) < 0)
        return libvirt_error(lv->api, err, "Cannot plug the network interface in");
    return 0;
}

/* Asks the guest to let go and waits until it has. */
static int unplug(struct lv *lv, virDomainPtr d, const char *mac, struct task *t, struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *xml = arena_printf(&a, "<interface type='ethernet'><mac address='%s'/></interface>", mac);
    int64_t begin = time_mono_us(), asked = 0;

    while (has_mac(lv, d, mac)) {
        if (time_mono_us() - begin > DETACH_WAIT_US)
            return err_set(err, -ETIMEDOUT, "The guest does not let go of the network interface");
        if (!asked || time_mono_us() - asked > DETACH_AGAIN_US) {
            /* Fails while an earlier request is pending; only the XML tells. */
            if (lv->api->virDomainDetachDeviceFlags(d, xml, plug_flags(lv, d)) < 0)
                lv->api->virDomainDetachDeviceFlags(d, xml, VIR_DOMAIN_AFFECT_CURRENT);
            asked = time_mono_us();
        }
        if (has_mac(lv, d, mac) && !lv_pause(t, POLL_MS))
            return err_set(err, -ECANCELED, "cancelled");
    }
    return 0;
}

static bool is_wished(const struct wish_server *s, const char *mac)
{
    for (size_t i = 0; i < s->n_nics; i++)
        if (str_eq_nocase(s->nics[i].mac, mac))
            return true;
    return false;
}

int lv_nics_converge(struct lv *lv, virDomainPtr d, const struct wish_server *s, struct task *t,
                     struct err *err)
{
    auto_arena struct arena a = { 0 };
    char *xml = lv_xml_of(lv, d, &a);
    int r = 0;

    strv_foreach (mac, xml ? lv_xml_macs(&a, xml) : NULL)
        if (r >= 0 && !is_wished(s, *mac))
            r = unplug(lv, d, *mac, t, err);
    for (size_t i = 0; i < s->n_nics && r >= 0; i++)
        r = plug(lv, d, s, &s->nics[i], t, err);
    return r;
}

int lv_attach(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
              struct task *t, struct err *err)
{
    struct lv *lv = self;
    virDomainPtr d = lv_domain(lv, s->id);
    int r;

    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", s->id);
    r = plug(lv, d, s, n, t, err);
    lv->api->virDomainFree(d);
    return r;
}

int lv_detach(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
              struct task *t, struct err *err)
{
    struct lv *lv = self;
    virDomainPtr d = lv_domain(lv, s->id);
    int r;

    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", s->id);
    r = unplug(lv, d, n->mac, t, err);
    lv->api->virDomainFree(d);
    return r;
}
