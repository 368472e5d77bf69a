/* SPDX-License-Identifier: Apache-2.0 */
/* The libvirt driver's inside.
 *
 * libvirt runs in this process with a directory of its own (STATE/libvirt),
 * so it neither sees nor disturbs a libvirtd of the machine, and every domain
 * it knows is ours.  QEMU is no child of this process for long: guests go on
 * when it ends in whatever way, and are found again by the next one.
 *
 *   STATE/libvirt/              libvirt's own: definitions, sockets, saved memory
 *   STATE/instances/_base/      images as fetched, shared by disks made over them
 *   STATE/instances/SERVER/     disk, disk.eph0, disk.swap, disk.config, console.log, state.json */
#pragma once

#include "agent/compute/driver.h"
#include "host/libvirt.h"
#include "wire/httpc.h"

struct reaper;

struct lv {
    struct compute_driver_config config;
    const struct agent_compute_options *options;
    const char *host;
    struct arena arena; /* Of what is set once. */
    const char *instances, *bases;
    const char *qemu_user; /* Null: root. */
    unsigned uid, gid;     /* Of QEMU. */
    bool kvm;
    struct libvirt *api;
    struct httpc *http;
    struct reaper *reaper;
    int64_t cleaned_us; /* When the cache was last looked through; the heartbeat's own. */
    int events;
};

/* What is kept with a server's disks. */
struct lv_state {
    int64_t generation;
    const char *instance_name;
    const char *reboot_op, *snapshot_op; /* Null: none yet. */
};

/* --- Disks (disks.c). ------------------------------------------------------------- */

/* A file of the server. */
char *lv_path(struct arena *a, const struct lv *lv, const char *id, const char *file);

/* The server's disks as wished, also the config drive; the guest is off.
 * Disks of an older generation are made anew. */
int lv_disks_ensure(struct lv *lv, const struct wish_server *s, struct task *t, struct err *err);

/* The files of a kernel and a ramdisk, fetched if need be; null: the wish has none. */
int lv_boot_files(struct lv *lv, const struct wish_server *s, struct task *t, struct arena *a,
                  const char **ret_kernel, const char **ret_ramdisk, struct err *err);

/* An empty console log that QEMU may add to. */
int lv_console_begin(struct lv *lv, const char *id, struct err *err);

/* Cuts the logs of all guests that grew too long. */
void lv_console_trim(struct lv *lv);

int lv_state_read(struct lv *lv, const char *id, struct arena *a, struct lv_state *ret);
int lv_state_write(struct lv *lv, const char *id, const struct lv_state *s, struct err *err);

/* Gives a file to QEMU's user. */
int lv_give(const struct lv *lv, const char *path);

/* --- Images (images.c). ------------------------------------------------------------ */

struct lv_base {
    const char *path, *format; /* "qcow2" or "raw" */
    uint64_t virtual_size;
};

/* The image in the cache, fetched, checked and converted if need be.  -EINVAL, and nothing
 * is unfolded, when the disk in it is larger than 'limit' bytes (0: however large). */
int lv_base_ensure(struct lv *lv, const struct wish_server *s, const struct wish_image *i, uint64_t limit,
                   struct task *t, struct arena *a, struct lv_base *ret, struct err *err);

/* The disk of a server lies over an image of the cache or over nothing: whoever
 * broke into QEMU may have written another file's name into it.  0 or -EPERM. */
int lv_disk_check(struct lv *lv, const char *path, struct arena *a, struct err *err);

/* Removes images that no disk lies over and that nobody asked for during a day. */
void lv_bases_clean(struct lv *lv);

/* Runs qemu-img with limits on memory and time. */
int lv_qemu_img(const char *const *args, unsigned limit_s, struct arena *a, char **ret_out, struct err *err);

/* --- Definition (xml.c). ------------------------------------------------------------ */

/* The domain's XML; the boot files are null when the disk boots itself. */
char *lv_domain_xml(struct arena *a, const struct lv *lv, const struct wish_server *s, const char *kernel,
                    const char *ramdisk, struct err *err);

/* One interface's XML. */
char *lv_nic_xml(struct arena *a, const struct wish_server *s, const struct wish_nic *n);

/* MAC addresses of the interfaces in a domain's XML. */
const char **lv_xml_macs(struct arena *a, const char *xml);

/* Targets ("vda", "tap0") of devices of 'kind' ("disk", "interface") in a domain's XML. */
const char **lv_xml_targets(struct arena *a, const char *xml, const char *kind);

/* The value of attribute 'name' in the first element 'element'; null: none. */
char *lv_xml_attribute(struct arena *a, const char *xml, const char *element, const char *name);

/* --- Guests (guest.c, power.c, plug.c, snapshot.c). ----------------------------------- */

/* The domain, or null; virDomainFree() it. */
virDomainPtr lv_domain(const struct lv *lv, const char *id);

enum guest_power lv_power_of(const struct lv *lv, virDomainPtr d);
char *lv_xml_of(const struct lv *lv, virDomainPtr d, struct arena *a);

int lv_prepare(void *self, const char *host, const struct wish_server *s, struct task *t, struct err *err);
int lv_converge(void *self, const char *host, const struct wish_server *s, struct task *t, struct err *err);
int lv_destroy(void *self, const struct which *w, struct task *t, struct err *err);
int lv_reboot(void *self, const char *host, const struct wish_server *s, bool hard, const char *op,
              struct task *t, struct err *err);
int lv_snapshot(void *self, const char *host, const struct wish_server *s, const char *image_id,
                const char *disk_format, const char *op, struct task *t, struct err *err);
int lv_attach(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
              struct task *t, struct err *err);
int lv_detach(void *self, const char *host, const struct wish_server *s, const struct wish_nic *n,
              struct task *t, struct err *err);
int lv_diagnostics(void *self, const struct which *w, json_t **ret, struct err *err);

/* Makes a running guest's interfaces those of the wish. */
int lv_nics_converge(struct lv *lv, virDomainPtr d, const struct wish_server *s, struct task *t,
                     struct err *err);

/* Waits until the network role made the taps. */
int lv_wait_taps(const struct wish_server *s, struct task *t, struct err *err);

/* Sleeps; false when the task was cancelled. */
bool lv_pause(struct task *t, unsigned ms);
