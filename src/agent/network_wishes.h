/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the contract between the network service and the agents on the
 * hosts.  doc/wishes.md says what each message means and shows its JSON; both
 * sides take the names from here. */
#pragma once

/* Topics. */
#define NETWORK_TOPIC         "network"          /* The service listens. */
#define NETWORK_TOPIC_CHANGED "network.changed"  /* All agents subscribe. */
#define NETWORK_TOPIC_HOST    "agent.%s.network" /* One host's agent subscribes; %s is the host. */

/* Methods that the service answers on NETWORK_TOPIC. */
#define NETWORK_METHOD_HEARTBEAT "agent.report"
#define NETWORK_METHOD_WISHES    "wishes"
#define NETWORK_METHOD_REPORT    "report"

/* The method of a nudge. */
#define NETWORK_METHOD_CHANGED "changed"

/* Roles, as in the configuration and in "roles". */
#define NETWORK_ROLE_L2       "l2"
#define NETWORK_ROLE_L3       "l3"
#define NETWORK_ROLE_DHCP     "dhcp"
#define NETWORK_ROLE_METADATA "metadata"

/* "agent_type" and "binary" of each, as the API shows them. */
#define NETWORK_AGENT_L2        "Linux bridge agent"
#define NETWORK_AGENT_L3        "L3 agent"
#define NETWORK_AGENT_DHCP      "DHCP agent"
#define NETWORK_AGENT_METADATA  "Metadata agent"
#define NETWORK_BINARY_L2       "neutron-linuxbridge-agent"
#define NETWORK_BINARY_L3       "neutron-l3-agent"
#define NETWORK_BINARY_DHCP     "neutron-dhcp-agent"
#define NETWORK_BINARY_METADATA "neutron-metadata-agent"

/* "status" of an item in a report. */
#define NETWORK_STATUS_UP    "up"
#define NETWORK_STATUS_DOWN  "down"
#define NETWORK_STATUS_ERROR "error"

/* How often an agent reports that it lives, and asks even without a nudge. */
#define NETWORK_HEARTBEAT_S 10
#define NETWORK_RESYNC_S    30

/* Devices on a host: this and the first 11 characters of the id. */
#define NETWORK_BRIDGE_PREFIX "brq"
#define NETWORK_TAP_PREFIX    "tap"
#define NETWORK_NAME_ID_CHARS 11

/* Headers that the metadata role adds to a guest's request. */
#define METADATA_HEADER_INSTANCE  "X-Instance-ID"
#define METADATA_HEADER_TENANT    "X-Tenant-ID"
#define METADATA_HEADER_SIGNATURE "X-Instance-ID-Signature"
#define METADATA_HEADER_ADDRESS   "X-Forwarded-For"
