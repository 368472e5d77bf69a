/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "agent/agent.h"

#define AT(member) offsetof(struct agent_compute_options, member)

const struct option agent_compute_option_table[] = {
    { "driver", FIELD_STRING, AT(driver), "libvirt",
      "What runs guests: libvirt (QEMU), fake (nothing: answers as if), none (this host runs no guests).",
      .choices = "libvirt|fake|none" },
    { "virt_type", FIELD_STRING, AT(virt_type), "auto",
      "kvm, qemu (emulation), or auto: KVM if it starts a small guest on this host, else emulation.",
      .choices = "auto|kvm|qemu" },
    { "host_ip", FIELD_STRING, AT(host_ip), "127.0.0.1",
      "Address of this host under which the console proxy and other hosts reach it." },
    { "vnc_listen", FIELD_STRING, AT(vnc_listen), "127.0.0.1",
      "Address where guests' screens (VNC, without a password) listen. Only the console proxy should reach it." },
    { "qemu_user", FIELD_STRING, AT(qemu_user), "auto",
      "The user that guests' QEMU runs as; auto: libvirt-qemu where it exists and reaches the state directory, "
      "else root." },
    { "cpu_mode", FIELD_STRING, AT(cpu_mode), "auto",
      "What CPU guests see; auto: host-model with KVM, maximum with emulation.",
      .choices = "auto|host-model|host-passthrough|maximum|custom" },
    { "cpu_model", FIELD_STRING, AT(cpu_model), NULL, "The CPU's name when cpu_mode is custom." },
    { "workers", FIELD_INT, AT(workers), "8", "How many guests are worked at side by side.", 1, 256 },
    { "reserved_vcpus", FIELD_INT, AT(reserved_vcpus), "0", "Processors kept from guests.", 0, 4096 },
    { "reserved_memory", FIELD_INT, AT(reserved_memory_mb), "512", "MiB of memory kept from guests.", 0,
      1 << 30 },
    { "reserved_disk", FIELD_INT, AT(reserved_disk_gb), "0", "GiB of disk kept from guests.", 0, 1 << 30 },
    { "fake_hosts", FIELD_INT, AT(fake_hosts), "0",
      "With the fake driver: play this many hosts, named host-0001 and so on; 0: this host alone.", 0, 9999 },
    { "resume_guests", FIELD_BOOL, AT(resume_guests), "false",
      "Start guests that ran when the machine itself was started anew." },
    { 0 },
};
