/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of compute, in steps that only go forward. */
#include "compute/store/schema.h"

static struct migration migrations[] = {
    { "flavors and key pairs",
      "CREATE TABLE counters (name {key} PRIMARY KEY, value BIGINT NOT NULL);\n"
      "CREATE TABLE flavors (\n"
      "  id {name} PRIMARY KEY, name {name} NOT NULL UNIQUE, description {text}, ram_mb BIGINT NOT NULL,\n"
      "  vcpus BIGINT NOT NULL, disk_gb BIGINT NOT NULL, swap_mb BIGINT NOT NULL, ephemeral_gb BIGINT NOT NULL,\n"
      "  rxtx_factor DOUBLE PRECISION NOT NULL, disabled {bool} NOT NULL, is_public {bool} NOT NULL,\n"
      "  extra_specs {text}, created_at BIGINT, updated_at BIGINT);\n"
      "CREATE TABLE flavor_access (\n"
      "  flavor_id {name} NOT NULL, project_id {key} NOT NULL, PRIMARY KEY (flavor_id, project_id));\n"
      "CREATE INDEX flavor_access_project ON flavor_access (project_id);\n"
      "CREATE TABLE keypairs (\n"
      "  id {key} PRIMARY KEY, user_id {key} NOT NULL, name {name} NOT NULL, type {key} NOT NULL,\n"
      "  fingerprint {text}, public_key {text}, number BIGINT NOT NULL, created_at BIGINT, updated_at BIGINT,\n"
      "  UNIQUE (user_id, name));\n" },
    { "servers",
      "CREATE TABLE instances (\n"
      "  id {key} PRIMARY KEY, project_id {key} NOT NULL, user_id {key} NOT NULL, number BIGINT NOT NULL,\n"
      "  name {name}, hostname {name}, description {text}, reservation_id {key}, launch_index BIGINT NOT NULL,\n"
      "  cell {key}, host {name}, node {name}, vm_state {key} NOT NULL, task_state {key},\n"
      "  power_state BIGINT NOT NULL, power_wish {key} NOT NULL, generation BIGINT NOT NULL, progress BIGINT NOT NULL,\n"
      "  locked {bool} NOT NULL, locked_by {key}, locked_reason {text},\n"
      "  image_id {key}, kernel_id {key}, ramdisk_id {key}, image {text}, kernel {text}, ramdisk {text},\n"
      "  flavor_id {name}, flavor_name {name}, vcpus BIGINT NOT NULL, memory_mb BIGINT NOT NULL,\n"
      "  root_gb BIGINT NOT NULL, ephemeral_gb BIGINT NOT NULL, swap_mb BIGINT NOT NULL, extra_specs {text},\n"
      "  key_name {name}, key_data {text}, key_type {key}, user_data {text}, config_drive {bool} NOT NULL,\n"
      "  az_wanted {name}, host_wanted {name}, node_wanted {name}, group_id {key}, hints {text}, metadata {text},\n"
      "  tags {text}, networks {text}, ports {text}, security_groups {text}, trusted_certs {text}, files {text},\n"
      "  admin_password {text}, access_ip_v4 {key}, access_ip_v6 {key}, disk_config {key}, root_device {key},\n"
      "  system_metadata {text}, fault_code BIGINT NOT NULL, fault_message {text}, fault_details {text},\n"
      "  fault_at BIGINT, created_at BIGINT, updated_at BIGINT, launched_at BIGINT, terminated_at BIGINT,\n"
      "  deleted_at BIGINT, deleted {bool} NOT NULL);\n"
      "CREATE INDEX instances_project ON instances (project_id, deleted, created_at {nulls_first}, id);\n"
      "CREATE INDEX instances_all ON instances (deleted, created_at {nulls_first}, id);\n"
      "CREATE INDEX instances_host ON instances (host, deleted);\n"
      "CREATE INDEX instances_group ON instances (group_id);\n"
      "CREATE INDEX instances_updated ON instances (updated_at);\n"
      "CREATE TABLE instance_actions (\n"
      "  id {key} PRIMARY KEY, instance_id {key} NOT NULL, request_id {key} NOT NULL, action {key} NOT NULL,\n"
      "  project_id {key}, user_id {key}, message {text}, start_us BIGINT, updated_us BIGINT, finish_us BIGINT);\n"
      "CREATE INDEX instance_actions_instance ON instance_actions (instance_id, start_us {nulls_first}, id);\n"
      "CREATE TABLE instance_events (\n"
      "  id {key} PRIMARY KEY, action_id {key} NOT NULL, event {key} NOT NULL, result {key}, host {name},\n"
      "  details {text}, number BIGINT NOT NULL, start_us BIGINT, finish_us BIGINT);\n"
      "CREATE INDEX instance_events_action ON instance_events (action_id, number);\n"
      "CREATE TABLE server_groups (\n"
      "  id {key} PRIMARY KEY, project_id {key} NOT NULL, user_id {key} NOT NULL, name {name} NOT NULL,\n"
      "  policy {key} NOT NULL, rules {text}, created_at BIGINT);\n"
      "CREATE INDEX server_groups_project ON server_groups (project_id);\n" },
    { "hosts",
      "CREATE TABLE hosts (\n"
      "  id {key} PRIMARY KEY, number BIGINT NOT NULL, binary_ {key} NOT NULL, host {name} NOT NULL,\n"
      "  disabled {bool} NOT NULL, forced_down {bool} NOT NULL, disabled_reason {text}, node_id {key}, facts {text},\n"
      "  created_at BIGINT, updated_at BIGINT, seen_us BIGINT, UNIQUE (host, binary_));\n"
      "CREATE TABLE aggregates (\n"
      "  id {key} PRIMARY KEY, number BIGINT NOT NULL UNIQUE, name {name} NOT NULL UNIQUE, metadata {text},\n"
      "  hosts {text}, created_at BIGINT, updated_at BIGINT);\n" },
    { "quotas and console tokens",
      "CREATE TABLE quotas (\n"
      "  project_id {key} NOT NULL, user_id {key} NOT NULL, resource {key} NOT NULL, hard_limit BIGINT NOT NULL,\n"
      "  PRIMARY KEY (project_id, user_id, resource));\n"
      "CREATE TABLE console_tokens (\n"
      "  token_hash {key} PRIMARY KEY, instance_id {key} NOT NULL, type {key} NOT NULL, host {name} NOT NULL,\n"
      "  port BIGINT NOT NULL, expires_us BIGINT NOT NULL);\n"
      "CREATE INDEX console_tokens_instance ON console_tokens (instance_id);\n" },
    { "operations", op_migration_sql },
    { 0 },
};

const struct schema compute_schemas[] = { { "compute_api", migrations }, { 0 } };
