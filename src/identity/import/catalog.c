/* SPDX-License-Identifier: Apache-2.0 */
/* Regions, services, endpoints, and which endpoints a project is shown. */
#include "identity/import/table.h"

const struct import_table import_regions = {
    .what = "regions",
    .table = "regions",
    .keys = 1,
    .from = "region r",
    .order = { "r.id" },
    .columns =
        (const struct import_column[]){
            { "id", "r.id" },
            { "parent_region_id", "r.parent_region_id" },
            { "description", "r.description" },
            { "extra", "r.extra", IMPORT_REST },
            { 0 },
        },
};

const struct import_table import_services = {
    .what = "services",
    .table = "services",
    .keys = 1,
    .from = "service s",
    .order = { "s.id" },
    .columns =
        (const struct import_column[]){
            { "id", "s.id" },
            { "type", "COALESCE(s.type, '')" },
            { "name", "s.extra", IMPORT_MEMBER, "name" },
            { "description", "s.extra", IMPORT_MEMBER, "description" },
            { "enabled", "s.enabled", IMPORT_FLAG },
            { "extra", "s.extra", IMPORT_REST },
            { 0 },
        },
};

const struct import_table import_endpoints = {
    .what = "endpoints",
    .table = "endpoints",
    .keys = 1,
    .from = "endpoint e",
    .order = { "e.id" },
    .columns =
        (const struct import_column[]){
            { "id", "e.id" },
            { "service_id", "e.service_id" },
            { "region_id", "e.region_id" },
            { "interface", "e.interface" },
            { "url", "e.url" },
            { "name", "e.extra", IMPORT_MEMBER, "name" },
            { "description", "e.extra", IMPORT_MEMBER, "description" },
            { "enabled", "e.enabled", IMPORT_FLAG },
            { "extra", "e.extra", IMPORT_REST },
            { 0 },
        },
};

const struct import_table import_endpoint_groups = {
    .what = "endpoint groups",
    .table = "endpoint_groups",
    .keys = 1,
    .from = "endpoint_group g",
    .order = { "g.id" },
    .columns =
        (const struct import_column[]){
            { "id", "g.id" },
            { "name", "g.name" },
            { "description", "g.description" },
            { "filters", "g.filters" },
            { 0 },
        },
};

const struct import_table import_project_endpoints = {
    .what = "endpoints of projects",
    .table = "project_endpoints",
    .keys = 2,
    .from = "project_endpoint p",
    .order = { "p.endpoint_id", "p.project_id" },
    .columns =
        (const struct import_column[]){
            { "endpoint_id", "p.endpoint_id" },
            { "project_id", "p.project_id" },
            { 0 },
        },
};

const struct import_table import_project_endpoint_groups = {
    .what = "endpoint groups of projects",
    .table = "project_endpoint_groups",
    .keys = 2,
    .from = "project_endpoint_group p",
    .order = { "p.endpoint_group_id", "p.project_id" },
    .columns =
        (const struct import_column[]){
            { "endpoint_group_id", "p.endpoint_group_id" },
            { "project_id", "p.project_id" },
            { 0 },
        },
};
