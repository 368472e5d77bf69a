/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's life: defined, started, stopped, saved, gone. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "io/sock.h"

#define SOFT_REBOOT_US    (120 * INT64_C(1000000))
#define SHUTDOWN_AGAIN_US (10 * INT64_C(1000000))
#define POLL_MS           200
#define DEFINITION_AND_ALL                                                                                   \
    (VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | \
     VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA)

bool lv_pause(struct task *t, unsigned ms)
{
    struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (long) (ms % 1000) * 1000000 };

    nanosleep(&ts, NULL);
    return !atomic_load(&t->cancelled);
}

virDomainPtr lv_domain(const struct lv *lv, const char *id)
{
    return lv->api->virDomainLookupByUUIDString(lv->api->conn, id);
}

enum guest_power lv_power_of(const struct lv *lv, virDomainPtr d)
{
    int state = VIR_DOMAIN_NOSTATE, reason = 0;

    if (lv->api->virDomainGetState(d, &state, &reason, 0) < 0)
        return GUEST_NONE;
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN: /* On its way, not there yet. */
        return GUEST_RUNNING;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
        return GUEST_PAUSED;
    case VIR_DOMAIN_CRASHED:
        return GUEST_CRASHED;
    default:
        return lv->api->virDomainHasManagedSaveImage(d, 0) == 1 ? GUEST_SUSPENDED : GUEST_SHUTDOWN;
    }
}

char *lv_xml_of(const struct lv *lv, virDomainPtr d, struct arena *a)
{
    auto_free char *xml = lv->api->virDomainGetXMLDesc(d, 0);

    return arena_strdup(a, xml);
}

static bool is_active(const struct lv *lv, virDomainPtr d)
{
    return lv->api->virDomainIsActive(d) == 1;
}

/* Off at once.  libvirt gives up on a QEMU that is dead and that the machine's
 * first process is slow to reap; it notices the end all the same. */
static int switch_off(struct lv *lv, virDomainPtr d, struct err *err)
{
    struct task t = { 0 };
    int r;

    if (!is_active(lv, d) || lv->api->virDomainDestroy(d) == 0)
        return 0;
    r = libvirt_error(lv->api, err, "Cannot switch the guest off");
    for (int i = 0; i < 50 && is_active(lv, d); i++)
        lv_pause(&t, POLL_MS);
    if (is_active(lv, d))
        return r;
    err_clear(err);
    return 0;
}

/* --- Defining and starting. ------------------------------------------------------------ */

/* Disks and definition by the wish; the guest is off. */
static int define(struct lv *lv, const struct wish_server *s, struct task *t, virDomainPtr *ret,
                  struct err *err)
{
    auto_arena struct arena a = { 0 };
    const char *kernel, *ramdisk;
    virDomainPtr d;
    char *xml;
    int r = lv_disks_ensure(lv, s, t, err);

    if (r >= 0)
        r = lv_boot_files(lv, s, t, &a, &kernel, &ramdisk, err);
    if (r < 0)
        return r;
    xml = lv_domain_xml(&a, lv, s, kernel, ramdisk, err);
    d = lv->api->virDomainDefineXML(lv->api->conn, xml);
    if (!d)
        return libvirt_error(lv->api, err, "Cannot define the guest");
    *ret = d;
    return 0;
}

static int start_defined(struct lv *lv, const struct wish_server *s, virDomainPtr d, bool paused,
                         struct task *t, struct err *err)
{
    bool saved = lv->api->virDomainHasManagedSaveImage(d, 0) == 1;
    int r = lv_wait_taps(s, t, err);

    if (r >= 0 && !saved)
        r = lv_console_begin(lv, s->id, err);
    if (r >= 0 && lv->api->virDomainCreateWithFlags(d, paused ? VIR_DOMAIN_START_PAUSED : 0) < 0 &&
        !is_active(lv, d))
        r = libvirt_error(lv->api, err, saved ? "Cannot resume the guest" : "Cannot start the guest");
    return r;
}

/* From off.  What was saved goes on as it was; else the wish defines it anew. */
static int start(struct lv *lv, const struct wish_server *s, virDomainPtr d, bool paused, struct task *t,
                 struct err *err)
{
    virDomainPtr fresh = NULL;
    int r;

    if (d && lv->api->virDomainHasManagedSaveImage(d, 0) == 1)
        return start_defined(lv, s, d, paused, t, err);
    r = define(lv, s, t, &fresh, err);
    if (r >= 0)
        r = start_defined(lv, s, fresh, paused, t, err);
    if (fresh)
        lv->api->virDomainFree(fresh);
    return r;
}

/* --- Stopping. ------------------------------------------------------------------------------ */

/* Asks by ACPI, again and again, until the guest is off or the time is over. */
static int ask_to_stop(struct lv *lv, virDomainPtr d, int64_t timeout_us, struct task *t)
{
    int64_t begin = time_mono_us(), asked = 0;

    while (is_active(lv, d) && time_mono_us() - begin < timeout_us) {
        if (!asked || time_mono_us() - asked > SHUTDOWN_AGAIN_US) {
            lv->api->virDomainShutdown(d);
            asked = time_mono_us();
        }
        if (!lv_pause(t, POLL_MS))
            return -ECANCELED;
    }
    return 0;
}

static int stop(struct lv *lv, const struct wish_server *s, virDomainPtr d, struct task *t, struct err *err)
{
    int r = 0;

    if (lv_power_of(lv, d) == GUEST_RUNNING && s->shutdown_timeout_s > 0)
        r = ask_to_stop(lv, d, s->shutdown_timeout_s * 1000000, t);
    if (r < 0)
        return err_set(err, r, "cancelled");
    r = switch_off(lv, d, err);
    if (r >= 0 && lv->api->virDomainHasManagedSaveImage(d, 0) == 1)
        lv->api->virDomainManagedSaveRemove(d, 0);
    return r;
}

/* --- What the wish says. ---------------------------------------------------------------------- */

static int to_running(struct lv *lv, const struct wish_server *s, virDomainPtr d, enum guest_power is,
                      struct task *t, struct err *err)
{
    if (is == GUEST_CRASHED && switch_off(lv, d, err) < 0)
        return -EIO;
    if (is != GUEST_RUNNING && is != GUEST_PAUSED)
        return start(lv, s, d, false, t, err);
    if (is == GUEST_PAUSED && lv->api->virDomainResume(d) < 0 && lv_power_of(lv, d) != GUEST_RUNNING)
        return libvirt_error(lv->api, err, "Cannot let the guest go on");
    return lv_nics_converge(lv, d, s, t, err);
}

static int to_shutdown(struct lv *lv, const struct wish_server *s, virDomainPtr d, enum guest_power is,
                       struct task *t, struct err *err)
{
    virDomainPtr fresh = NULL;
    int r;

    if (d)
        return stop(lv, s, d, t, err);
    r = define(lv, s, t, &fresh, err);
    if (fresh)
        lv->api->virDomainFree(fresh);
    return r;
}

static int to_paused(struct lv *lv, const struct wish_server *s, virDomainPtr d, enum guest_power is,
                     struct task *t, struct err *err)
{
    if (is == GUEST_PAUSED)
        return 0;
    if (is != GUEST_RUNNING)
        return start(lv, s, d, true, t, err);
    return lv->api->virDomainSuspend(d) < 0 ? libvirt_error(lv->api, err, "Cannot pause the guest") : 0;
}

static int to_suspended(struct lv *lv, const struct wish_server *s, virDomainPtr d, enum guest_power is,
                        struct task *t, struct err *err)
{
    if (is == GUEST_SUSPENDED)
        return 0;
    if (is != GUEST_RUNNING && is != GUEST_PAUSED)
        return err_set(err, -EINVAL, "A guest that is off cannot be suspended");
    return lv->api->virDomainManagedSave(d, 0) < 0 ? libvirt_error(lv->api, err, "Cannot save the guest") : 0;
}

static int (*const ways[])(struct lv *lv, const struct wish_server *s, virDomainPtr d, enum guest_power is,
                           struct task *t, struct err *err) = {
    [GUEST_RUNNING] = to_running,
    [GUEST_SHUTDOWN] = to_shutdown,
    [GUEST_PAUSED] = to_paused,
    [GUEST_SUSPENDED] = to_suspended,
};

/* True when the disks are of an older image than the wish's. */
static bool is_outdated(struct lv *lv, const struct wish_server *s)
{
    auto_arena struct arena a = { 0 };
    struct lv_state state;

    return lv_state_read(lv, s->id, &a, &state) >= 0 && state.generation < s->generation;
}

/* Off and without saved memory, which belongs to the old disks. */
static int clear_for_rebuild(struct lv *lv, virDomainPtr d, struct err *err)
{
    int r = switch_off(lv, d, err);

    if (r >= 0 && lv->api->virDomainHasManagedSaveImage(d, 0) == 1)
        lv->api->virDomainManagedSaveRemove(d, 0);
    return r;
}

int lv_converge(void *self, const char *host, const struct wish_server *s, struct task *t, struct err *err)
{
    struct lv *lv = self;
    virDomainPtr d = lv_domain(lv, s->id);
    int r = 0;

    if (d && is_outdated(lv, s))
        r = clear_for_rebuild(lv, d, err);
    if (r >= 0)
        r = ways[s->power](lv, s, d, d ? lv_power_of(lv, d) : GUEST_NONE, t, err);
    if (d)
        lv->api->virDomainFree(d);
    return r;
}

int lv_prepare(void *self, const char *host, const struct wish_server *s, struct task *t, struct err *err)
{
    struct lv *lv = self;
    auto_arena struct arena a = { 0 };
    virDomainPtr d = lv_domain(lv, s->id);
    const char *kernel, *ramdisk;
    bool active;
    int r = 0;

    if (d && is_outdated(lv, s))
        r = clear_for_rebuild(lv, d, err);
    active = d && is_active(lv, d);
    if (d)
        lv->api->virDomainFree(d);
    /* Disks under a running guest are as they should be. */
    if (r >= 0 && !active)
        r = lv_disks_ensure(lv, s, t, err);
    return r < 0 ? r : lv_boot_files(lv, s, t, &a, &kernel, &ramdisk, err);
}

int lv_destroy(void *self, const struct which *w, struct task *t, struct err *err)
{
    struct lv *lv = self;
    auto_arena struct arena a = { 0 };
    virDomainPtr d;
    int r = 0;

    if (!uuid_is_dashed(w->id))
        return err_set(err, -EINVAL, "%s is no server's id", w->id);
    d = lv_domain(lv, w->id);
    if (d) {
        r = switch_off(lv, d, err);
        if (r >= 0 && lv->api->virDomainUndefineFlags(d, DEFINITION_AND_ALL) < 0)
            r = libvirt_error(lv->api, err, "Cannot remove the guest's definition");
        lv->api->virDomainFree(d);
    }
    /* Only when there is no guest any more that could still write there. */
    if (r >= 0)
        r = dir_remove(arena_printf(&a, "%s/%s", lv->instances, w->id));
    return r < 0 && err && !err->code ? err_set(err, r, "Cannot remove the server's files: %s", strerror(-r))
                                      : r;
}

/* --- Reboot. --------------------------------------------------------------------------------------- */

static int hard_reboot(struct lv *lv, const struct wish_server *s, virDomainPtr d, struct task *t,
                       struct err *err)
{
    int r = clear_for_rebuild(lv, d, err);

    return r < 0 ? r : start(lv, s, d, false, t, err);
}

/* The guest ends by ACPI and is started again. */
static int soft_reboot(struct lv *lv, const struct wish_server *s, virDomainPtr d, struct task *t,
                       struct err *err)
{
    if (lv_power_of(lv, d) != GUEST_RUNNING)
        return hard_reboot(lv, s, d, t, err);
    if (ask_to_stop(lv, d, SOFT_REBOOT_US, t) < 0)
        return err_set(err, -ECANCELED, "cancelled");
    return hard_reboot(lv, s, d, t, err);
}

int lv_reboot(void *self, const char *host, const struct wish_server *s, bool hard, const char *op,
              struct task *t, struct err *err)
{
    struct lv *lv = self;
    auto_arena struct arena a = { 0 };
    struct lv_state state;
    virDomainPtr d = lv_domain(lv, s->id);
    int r;

    if (!d)
        return err_set(err, -ENOENT, "Instance %s could not be found", s->id);
    lv_state_read(lv, s->id, &a, &state);
    if (str_eq(state.reboot_op, op) && !str_eq(op, "-")) {
        r = is_active(lv, d) ? 0 : start(lv, s, d, false, t, err);
    } else {
        r = (hard ? hard_reboot : soft_reboot)(lv, s, d, t, err);
        state.reboot_op = op;
        if (r >= 0)
            r = lv_state_write(lv, s->id, &state, err);
    }
    lv->api->virDomainFree(d);
    return r;
}
