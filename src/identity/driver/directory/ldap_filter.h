/* SPDX-License-Identifier: Apache-2.0 */
/* Search filters (RFC 4515) and distinguished names (RFC 4514).  Whatever a
 * stranger says becomes a value in a filter, never a part of its structure. */
#pragma once

#include <stdint.h>

#include "base/strbuf.h"
#include "data/table.h"

/* Appends 'n' bytes as a value: what means something in a filter, control
 * characters and everything that is not ASCII as \xx. */
void filter_escape(struct strbuf *b, const char *value, size_t n);

/* Appends "(attribute=value)"; 'op' says where stars go: COND_EQ, COND_STARTS,
 * COND_ENDS, COND_CONTAINS.  'attribute' is trusted text. */
void filter_match(struct strbuf *b, const char *attribute, enum cond_op op, const char *value);

/* The same for an id, which may be the text of a GUID: that finds its 16 bytes, too. */
void filter_match_id(struct strbuf *b, const char *attribute, const char *id);

/* The text of a GUID as Active Directory stores it (objectGUID), its first three
 * numbers with the low byte first; the same text that Keystone makes of it. */
char *guid_text(struct arena *a, const uint8_t bytes[static 16]);

/* True for the name of an attribute, with options or a matching rule:
 * "cn", "member;binary", "memberOf:1.2.840.113556.1.4.1941:". */
bool filter_attribute_valid(const char *name);

/* True for text that is one complete filter: parentheses fit, each item has a
 * comparison.  For filters out of a configuration. */
bool filter_valid(const char *text);

/* The value of 'attribute' in the first part of a distinguished name.  -ENOENT
 * when it is named by another attribute, -EINVAL for what is no name. */
int dn_first_value(struct arena *a, const char *dn, const char *attribute, const char **ret);

/* A form in which equal names are equal text: lower case, no needless spaces,
 * parts of a compound part in order.  Null for what is no name. */
char *dn_normal(struct arena *a, const char *dn);

/* True when 'dn' is 'base' or somewhere below it; with 'directly': only when 'base' is its parent. */
bool dn_is_within(struct arena *a, const char *dn, const char *base, bool directly);
