/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of placement, in steps that only go forward. */
#include "placement/store/schema.h"

static const struct migration migrations[] = {
    { "names", "CREATE TABLE resource_classes (\n"
               "  id {serial}, name {name} NOT NULL UNIQUE, created_at BIGINT, updated_at BIGINT);\n"
               "CREATE TABLE traits (\n"
               "  id {serial}, name {name} NOT NULL UNIQUE, created_at BIGINT, updated_at BIGINT);\n" },
    { "providers",
      "CREATE TABLE resource_providers (\n"
      "  id {serial}, uuid {key} NOT NULL UNIQUE, name {name} NOT NULL UNIQUE, generation BIGINT NOT NULL,\n"
      "  parent_id BIGINT, root_id BIGINT, created_at BIGINT, updated_at BIGINT);\n"
      "CREATE INDEX resource_providers_parent ON resource_providers (parent_id);\n"
      "CREATE INDEX resource_providers_root ON resource_providers (root_id);\n"
      "CREATE TABLE inventories (\n"
      "  provider_id BIGINT NOT NULL, class_id BIGINT NOT NULL, total BIGINT NOT NULL, reserved BIGINT NOT NULL,\n"
      "  min_unit BIGINT NOT NULL, max_unit BIGINT NOT NULL, step_size BIGINT NOT NULL,\n"
      "  allocation_ratio DOUBLE PRECISION NOT NULL, modified_at BIGINT,\n"
      "  PRIMARY KEY (provider_id, class_id));\n"
      "CREATE INDEX inventories_class ON inventories (class_id);\n"
      "CREATE TABLE provider_traits (\n"
      "  provider_id BIGINT NOT NULL, trait_id BIGINT NOT NULL, PRIMARY KEY (provider_id, trait_id));\n"
      "CREATE INDEX provider_traits_trait ON provider_traits (trait_id);\n"
      "CREATE TABLE provider_aggregates (\n"
      "  provider_id BIGINT NOT NULL, aggregate_uuid {key} NOT NULL,\n"
      "  PRIMARY KEY (provider_id, aggregate_uuid));\n"
      "CREATE INDEX provider_aggregates_aggregate ON provider_aggregates (aggregate_uuid);\n" },
    { "consumers and allocations",
      "CREATE TABLE consumers (\n"
      "  uuid {key} PRIMARY KEY, project_id {name} NOT NULL, user_id {name} NOT NULL, type {name},\n"
      "  generation BIGINT NOT NULL, created_at BIGINT, updated_at BIGINT);\n"
      "CREATE INDEX consumers_project ON consumers (project_id, user_id);\n"
      "CREATE TABLE allocations (\n"
      "  consumer {key} NOT NULL, provider_id BIGINT NOT NULL, class_id BIGINT NOT NULL, used BIGINT NOT NULL,\n"
      "  created_at BIGINT, PRIMARY KEY (consumer, provider_id, class_id));\n"
      "CREATE INDEX allocations_provider ON allocations (provider_id, class_id, used);\n" },
    { 0 },
};

const struct schema placement_schemas[] = { { "placement", migrations }, { 0 } };
