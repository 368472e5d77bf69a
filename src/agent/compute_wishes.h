/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the contract between the compute service and the compute role
 * on the hosts.  doc/wishes-compute.md says what each message means and shows
 * its JSON; both sides take the names from here. */
#pragma once

/* Topics. */
#define COMPUTE_TOPIC      "compute"          /* The service listens. */
#define COMPUTE_TOPIC_HOST "agent.%s.compute" /* One host's agent listens; %s is the host. */

/* Methods that the service answers on COMPUTE_TOPIC. */
#define COMPUTE_METHOD_HEARTBEAT "agent.report" /* call: the host lives, and what it has */
#define COMPUTE_METHOD_WISHES    "wishes"       /* call: which servers the host must have */
#define COMPUTE_METHOD_REPORT    "report"       /* cast or call: what came of a server */

/* Methods that an agent answers on COMPUTE_TOPIC_HOST; all are calls and all may be repeated. */
#define COMPUTE_METHOD_PREPARE        "prepare"  /* image and disks, no guest yet */
#define COMPUTE_METHOD_CONVERGE       "converge" /* make the server as the wish says */
#define COMPUTE_METHOD_DESTROY        "destroy"  /* no guest, no disks, nothing left */
#define COMPUTE_METHOD_REBOOT         "reboot"
#define COMPUTE_METHOD_SNAPSHOT       "snapshot"
#define COMPUTE_METHOD_CONSOLE_OUTPUT "console_output"
#define COMPUTE_METHOD_VNC            "vnc"
#define COMPUTE_METHOD_ATTACH         "attach_interface"
#define COMPUTE_METHOD_DETACH         "detach_interface"
#define COMPUTE_METHOD_DIAGNOSTICS    "diagnostics"

/* "power" of a wish, and "power_state" of an answer or report. */
#define COMPUTE_POWER_RUNNING   "running"
#define COMPUTE_POWER_SHUTDOWN  "shutdown"
#define COMPUTE_POWER_PAUSED    "paused"
#define COMPUTE_POWER_SUSPENDED "suspended"
#define COMPUTE_POWER_CRASHED   "crashed" /* Only reported. */
#define COMPUTE_POWER_NONE      "none"    /* Only reported: there is no guest. */

/* "state" of an answer. */
#define COMPUTE_STATE_DONE    "done"
#define COMPUTE_STATE_WORKING "working" /* Ask again; a report says when it is worth it. */

/* "kind" of a disk. */
#define COMPUTE_DISK_ROOT      "root"
#define COMPUTE_DISK_EPHEMERAL "ephemeral"
#define COMPUTE_DISK_SWAP      "swap"

/* How often an agent says that it lives, and asks for its wishes even without a reason. */
#define COMPUTE_HEARTBEAT_S 10
#define COMPUTE_RESYNC_S    60
