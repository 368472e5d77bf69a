/* SPDX-License-Identifier: Apache-2.0 */
/* libvirt, loaded when a host needs it: the one binary is also all the
 * services, which should not carry the library in their memory.
 *
 * Functions are members with libvirt's own names and types:
 * lv->virDomainCreate(d). */
#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/err.h"
#include "base/log.h"

#define LIBVIRT_FUNCTIONS(X)              \
    X(virInitialize)                      \
    X(virGetLastError)                    \
    X(virSetErrorFunc)                    \
    X(virEventRegisterDefaultImpl)        \
    X(virEventRunDefaultImpl)             \
    X(virEventAddTimeout)                 \
    X(virConnectOpen)                     \
    X(virConnectClose)                    \
    X(virConnectGetVersion)               \
    X(virConnectNumOfDomains)             \
    X(virConnectListAllDomains)           \
    X(virConnectDomainEventRegisterAny)   \
    X(virConnectDomainEventDeregisterAny) \
    X(virDomainAttachDeviceFlags)         \
    X(virDomainBlockCopy)                 \
    X(virDomainBlockJobAbort)             \
    X(virDomainBlockStats)                \
    X(virDomainCreateWithFlags)           \
    X(virDomainDefineXML)                 \
    X(virDomainDestroy)                   \
    X(virDomainDetachDeviceFlags)         \
    X(virDomainFree)                      \
    X(virDomainGetBlockJobInfo)           \
    X(virDomainGetInfo)                   \
    X(virDomainGetName)                   \
    X(virDomainGetState)                  \
    X(virDomainGetUUIDString)             \
    X(virDomainGetVcpus)                  \
    X(virDomainGetXMLDesc)                \
    X(virDomainHasManagedSaveImage)       \
    X(virDomainInterfaceStats)            \
    X(virDomainIsActive)                  \
    X(virDomainLookupByUUIDString)        \
    X(virDomainManagedSave)               \
    X(virDomainManagedSaveRemove)         \
    X(virDomainMemoryStats)               \
    X(virDomainReboot)                    \
    X(virDomainReset)                     \
    X(virDomainResume)                    \
    X(virDomainShutdown)                  \
    X(virDomainSuspend)                   \
    X(virDomainUndefineFlags)

struct libvirt {
    void *handle;
#define LIBVIRT_MEMBER(name) __typeof__(name) *name;
    LIBVIRT_FUNCTIONS(LIBVIRT_MEMBER)
#undef LIBVIRT_MEMBER
    struct libvirt_events *events;
    virConnectPtr conn;
};

/* Loads the library, starts its event loop on a thread and connects.
 * 0, -ENOENT when there is no libvirt here, or -errno. */
int libvirt_open(const char *uri, struct libvirt **ret, struct err *err);

/* Disconnects and ends the thread.  The library stays loaded: it cannot be
 * unloaded and used again. */
void libvirt_close(struct libvirt *lv);

/* Records the thread's last error of libvirt as "words: what it says".
 * -ENOENT for a domain that is not there, -EAGAIN for a lock or a timeout. */
int libvirt_error(const struct libvirt *lv, struct err *err, const char *words);
