/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of images, in steps that only go forward. */
#include "image/store/schema.h"

#include "work/work.h"

static const struct migration migrations[] = {
    { "images, their properties, tags and members",
      "CREATE TABLE images (\n"
      "  id {key} PRIMARY KEY, name {name}, status {key} NOT NULL, visibility {key} NOT NULL, owner {name},\n"
      "  is_protected {bool} NOT NULL, os_hidden {bool} NOT NULL, checksum {key}, os_hash_algo {key},\n"
      "  os_hash_value {name}, size BIGINT, virtual_size BIGINT, container_format {key}, disk_format {key},\n"
      "  min_disk BIGINT NOT NULL, min_ram BIGINT NOT NULL, created_at BIGINT, updated_at BIGINT);\n"
      "CREATE INDEX images_owner ON images (owner, created_at, id);\n"
      "CREATE INDEX images_visibility ON images (visibility, created_at, id);\n"
      "CREATE INDEX images_status ON images (status);\n"
      "CREATE TABLE image_properties (\n"
      "  image_id {key} NOT NULL, name {name} NOT NULL, value {text} NOT NULL, PRIMARY KEY (image_id, name));\n"
      "CREATE INDEX image_properties_name ON image_properties (name);\n"
      "CREATE TABLE image_tags (\n"
      "  image_id {key} NOT NULL, value {name} NOT NULL, PRIMARY KEY (image_id, value));\n"
      "CREATE INDEX image_tags_value ON image_tags (value);\n"
      "CREATE TABLE image_members (\n"
      "  image_id {key} NOT NULL, member_id {name} NOT NULL, status {key} NOT NULL, created_at BIGINT,\n"
      "  updated_at BIGINT, PRIMARY KEY (image_id, member_id));\n"
      "CREATE INDEX image_members_member ON image_members (member_id, status);\n" },
    { "ids of deleted images",
      "CREATE TABLE deleted_images (id {key} PRIMARY KEY, deleted_at BIGINT NOT NULL);\n" },
    { "operations", op_migration_sql },
    { "imports",
      "CREATE TABLE image_tasks (\n"
      "  id {key} PRIMARY KEY, image_id {key} NOT NULL, owner {name}, user_id {name}, request_id {key},\n"
      "  type {key} NOT NULL, status {key} NOT NULL, input {text}, message {text}, created_at BIGINT,\n"
      "  updated_at BIGINT, expires_at BIGINT);\n"
      "CREATE INDEX image_tasks_image ON image_tasks (image_id, created_at);\n" },
    { 0 },
};

const struct schema image_schemas[] = { { "image", migrations }, { 0 } };
