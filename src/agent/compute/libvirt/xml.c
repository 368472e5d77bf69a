/* SPDX-License-Identifier: Apache-2.0 */
/* A server as libvirt's XML.  What comes from users is escaped, and where it
 * names a device it must stand in a table. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "wire/json.h"

/* Ports for devices that are plugged in later; a PC has slots enough. */
#define Q35_PORTS 16

/* A value that an image's property may have. */
struct choice {
    const char *property, *xml; /* Ended by a null. */
};

static const struct choice machines[] = { { "pc", "pc" }, { "q35", "q35" }, { 0 } };
static const struct choice videos[] = { { "vga", "vga" },       { "cirrus", "cirrus" }, { "vmvga", "vmvga" },
                                        { "virtio", "virtio" }, { "none", "none" },     { 0 } };
static const struct choice nics[] = { { "virtio", "virtio" },   { "e1000", "e1000" },
                                      { "e1000e", "e1000e" },   { "rtl8139", "rtl8139" },
                                      { "pcnet", "pcnet" },     { "ne2k_pci", "ne2k_pci" },
                                      { "vmxnet3", "vmxnet3" }, { 0 } };
static const struct choice buses[] = {
    { "virtio", "virtio" }, { "scsi", "scsi" }, { "ide", "ide" }, { "sata", "sata" }, { 0 }
};

static const char *chosen(const struct choice *list, const char *property, const char *otherwise)
{
    for (; property && list->property; list++)
        if (str_eq(list->property, property))
            return list->xml;
    return otherwise;
}

static void put_element(struct strbuf *b, const char *name, const char *text)
{
    strbuf_printf(b, "<%s>", name);
    strbuf_put_markup(b, text);
    strbuf_printf(b, "</%s>\n", name);
}

/* --- Parts. ------------------------------------------------------------------------ */

static void put_head(struct strbuf *b, const struct lv *lv, const struct wish_server *s)
{
    strbuf_printf(b, "<domain type='%s'>\n", lv->kvm ? "kvm" : "qemu");
    put_element(b, "name", s->instance_name);
    put_element(b, "uuid", s->id);
    strbuf_printf(b, "<metadata><stackd:server xmlns:stackd='urn:stackd:compute' cloud='%s' host='",
                  lv->config.agent->prefix);
    strbuf_put_markup(b, lv->host);
    strbuf_puts(b, "'>\n");
    put_element(b, "stackd:name", s->name);
    put_element(b, "stackd:project", s->project_id);
    put_element(b, "stackd:flavor", s->flavor_name);
    strbuf_puts(b, "</stackd:server></metadata>\n");
    strbuf_printf(b, "<memory unit='MiB'>%lld</memory>\n<vcpu>%lld</vcpu>\n", (long long) s->memory_mb,
                  (long long) s->vcpus);
    /* By these a guest recognizes where it is before it asks for metadata. */
    strbuf_printf(
        b,
        "<sysinfo type='smbios'><system><entry name='manufacturer'>stackd</entry>"
        "<entry name='product'>OpenStack Compute</entry><entry name='serial'>%s</entry>"
        "<entry name='uuid'>%s</entry><entry name='family'>Virtual Machine</entry></system></sysinfo>\n",
        s->id, s->id);
}

static void put_boot(struct strbuf *b, const struct wish_server *s, const char *machine, const char *kernel,
                     const char *ramdisk)
{
    const char *extra = wish_image_property(s->image, "os_command_line");
    bool efi = str_eq(wish_image_property(s->image, "hw_firmware_type"), "uefi");

    strbuf_printf(b, "<os%s><type arch='x86_64' machine='%s'>hvm</type>\n", efi ? " firmware='efi'" : "",
                  machine);
    if (kernel) {
        put_element(b, "kernel", kernel);
        if (ramdisk)
            put_element(b, "initrd", ramdisk);
        strbuf_puts(b, "<cmdline>");
        strbuf_put_markup(b, extra ? extra : "root=/dev/vda console=tty0 console=ttyS0");
        strbuf_puts(b, "</cmdline>\n");
    }
    strbuf_puts(b, "<boot dev='hd'/><smbios mode='sysinfo'/></os>\n");
}

static void put_cpu(struct strbuf *b, const struct lv *lv, const struct wish_server *s)
{
    const char *mode = lv->options->cpu_mode;

    if (str_empty(mode) || str_eq(mode, "auto"))
        mode = lv->kvm ? "host-model" : "maximum";
    strbuf_printf(b, "<cpu mode='%s'>", mode);
    if (str_eq(mode, "custom"))
        put_element(b, "model", lv->options->cpu_model ? lv->options->cpu_model : "qemu64");
    strbuf_printf(b, "<topology sockets='%lld' cores='1' threads='1'/></cpu>\n", (long long) s->vcpus);
    strbuf_puts(b, "<features><acpi/><apic/></features>\n<clock offset='utc'>");
    if (lv->kvm)
        strbuf_puts(b, "<timer name='pit' tickpolicy='delay'/><timer name='rtc' tickpolicy='catchup'/>");
    strbuf_puts(
        b, "<timer name='hpet' present='no'/></clock>\n"
           "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>\n");
}

/* The next name of a bus: vda, vdb ... */
struct targets {
    int virtio, scsi, ide;
};

static const char *next_target(struct arena *a, struct targets *t, const char *bus)
{
    bool virtio = str_eq(bus, "virtio"), ide = str_eq(bus, "ide");
    int *n = virtio ? &t->virtio : ide ? &t->ide : &t->scsi;
    const char *prefix = virtio ? "vd" : ide ? "hd" : "sd";

    return arena_printf(a, "%s%c", prefix, 'a' + (*n)++ % 26);
}

static void put_disk(struct strbuf *b, const char *path, const char *format, const char *bus,
                     const char *target, bool cdrom, bool readonly)
{
    strbuf_printf(b, "<disk type='file' device='%s'><driver name='qemu' type='%s'%s/><source file='",
                  cdrom ? "cdrom" : "disk", format, readonly ? "" : " cache='writeback' discard='unmap'");
    strbuf_put_markup(b, path);
    strbuf_printf(b, "'/><target dev='%s' bus='%s'/>%s</disk>\n", target, bus, readonly ? "<readonly/>" : "");
}

/* A Q35 has SATA where a PC has IDE. */
static const char *bus_of(const struct wish_server *s, const char *machine, const char *property,
                          const char *otherwise)
{
    const char *bus = chosen(buses, wish_image_property(s->image, property), otherwise);

    return str_eq(bus, "ide") && str_eq(machine, "q35") ? "sata" : bus;
}

static void put_disks(struct strbuf *b, struct arena *a, const struct lv *lv, const struct wish_server *s,
                      const char *machine)
{
    const char *bus = bus_of(s, machine, "hw_disk_bus", "virtio");
    const char *cdrom = bus_of(s, machine, "hw_cdrom_bus", NULL);
    struct targets t = { 0 };
    char *drive = lv_path(a, lv, s->id, "disk.config");

    if (str_eq(bus, "scsi") || str_eq(cdrom, "scsi"))
        strbuf_puts(b, "<controller type='scsi' model='virtio-scsi'/>\n");
    for (size_t i = 0; i < s->n_disks; i++) {
        const struct wish_disk *d = &s->disks[i];
        const char *name = d->kind == WISH_DISK_ROOT   ? "disk"
                           : d->kind == WISH_DISK_SWAP ? "disk.swap"
                                                       : arena_printf(a, "disk.eph%d", d->index);

        if (d->kind == WISH_DISK_ROOT || d->size_bytes)
            put_disk(b, lv_path(a, lv, s->id, name), d->kind == WISH_DISK_ROOT ? "qcow2" : "raw", bus,
                     next_target(a, &t, bus), false, false);
    }
    /* Small kernels for clouds have virtio and nothing else, so a disk it is unless the image says more. */
    if (access(drive, F_OK) == 0)
        put_disk(b, drive, "raw", cdrom ? cdrom : "virtio", next_target(a, &t, cdrom ? cdrom : "virtio"),
                 cdrom && !str_eq(cdrom, "virtio"), true);
}

char *lv_nic_xml(struct arena *a, const struct wish_server *s, const struct wish_nic *n)
{
    struct strbuf b;
    const char *model = n->model ? n->model : wish_image_property(s->image, "hw_vif_model");

    strbuf_init(&b, a);
    strbuf_puts(&b, "<interface type='ethernet'>");
    strbuf_printf(&b, "<mac address='%s'/><target dev='%s' managed='no'/><model type='%s'/>", n->mac, n->tap,
                  chosen(nics, model, "virtio"));
    if (n->mtu > 0)
        strbuf_printf(&b, "<mtu size='%lld'/>", (long long) n->mtu);
    strbuf_puts(&b, "</interface>\n");
    return arena_strdup(a, strbuf_str(&b));
}

static void put_consoles(struct strbuf *b, struct arena *a, const struct lv *lv, const struct wish_server *s)
{
    /* Appending lets the log be cut while QEMU writes it; it begins empty all the same. */
    strbuf_puts(b, "<serial type='pty'><log file='");
    strbuf_put_markup(b, lv_path(a, lv, s->id, "console.log"));
    strbuf_puts(b, "' append='on'/><target port='0'/></serial>\n");
    if (str_eq(wish_image_property(s->image, "hw_qemu_guest_agent"), "yes"))
        strbuf_puts(b,
                    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>\n");
    if (str_eq(wish_image_property(s->image, "hw_pointer_model"), "usbtablet"))
        strbuf_puts(b, "<controller type='usb' model='qemu-xhci'/><input type='tablet' bus='usb'/>\n");
    else
        strbuf_puts(b, "<controller type='usb' model='none'/>\n");
    if (s->vnc) {
        strbuf_puts(b, "<graphics type='vnc' autoport='yes' listen='");
        strbuf_put_markup(b, lv->options->vnc_listen);
        strbuf_puts(b, "'/>\n");
    }
    strbuf_printf(b, "<video><model type='%s'/></video>\n",
                  chosen(videos, wish_image_property(s->image, "hw_video_model"), s->vnc ? "vga" : "none"));
}

char *lv_domain_xml(struct arena *a, const struct lv *lv, const struct wish_server *s, const char *kernel,
                    const char *ramdisk, struct err *err)
{
    const char *machine = chosen(machines, wish_image_property(s->image, "hw_machine_type"), "pc");
    struct strbuf b;

    if (str_eq(machine, "pc") && str_has_prefix(wish_image_property(s->image, "hw_machine_type"), "pc-q35"))
        machine = "q35";
    strbuf_init(&b, a);
    put_head(&b, lv, s);
    put_boot(&b, s, machine, kernel, ramdisk);
    put_cpu(&b, lv, s);
    strbuf_puts(&b, "<devices>\n");
    if (str_eq(machine, "q35"))
        strbuf_puts(&b, "<controller type='pci' index='0' model='pcie-root'/>\n");
    for (int i = 0; str_eq(machine, "q35") && i < Q35_PORTS; i++)
        strbuf_puts(&b, "<controller type='pci' model='pcie-root-port'/>\n");
    put_disks(&b, a, lv, s, machine);
    for (size_t i = 0; i < s->n_nics; i++)
        strbuf_puts(&b, lv_nic_xml(a, s, &s->nics[i]));
    put_consoles(&b, a, lv, s);
    strbuf_puts(&b, "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>\n"
                    "<memballoon model='virtio'><stats period='10'/></memballoon>\n</devices>\n</domain>\n");
    return arena_strdup(a, strbuf_str(&b));
}

/* --- Reading what libvirt wrote. --------------------------------------------------------- */

/* The value of an attribute of the element that begins at 'p'. */
static char *attribute_at(struct arena *a, const char *p, const char *name)
{
    const char *end = strchr(p, '>');
    char *key = arena_printf(a, " %s='", name);
    const char *v = strstr(p, key), *quote;

    if (!v || !end || v > end)
        return NULL;
    v += strlen(key);
    quote = strchr(v, '\'');
    return quote ? arena_strndup(a, v, (size_t) (quote - v)) : NULL;
}

char *lv_xml_attribute(struct arena *a, const char *xml, const char *element, const char *name)
{
    const char *p = strstr(xml, arena_printf(a, "<%s ", element));

    return p ? attribute_at(a, p, name) : NULL;
}

const char **lv_xml_macs(struct arena *a, const char *xml)
{
    const char **list = NULL;

    for (const char *p = strstr(xml, "<mac "); p; p = strstr(p + 1, "<mac ")) {
        char *mac = attribute_at(a, p, "address");

        if (mac)
            list = strv_add(a, list, str_lower(a, mac));
    }
    return list;
}

const char **lv_xml_targets(struct arena *a, const char *xml, const char *kind)
{
    const char *open = arena_printf(a, "<%s ", kind), *close = arena_printf(a, "</%s>", kind);
    const char **list = NULL;

    for (const char *p = strstr(xml, open); p; p = strstr(p + 1, open)) {
        const char *end = strstr(p, close), *target = strstr(p, "<target ");
        char *dev = target && end && target < end ? attribute_at(a, target, "dev") : NULL;

        if (dev)
            list = strv_add(a, list, dev);
    }
    return list;
}
