/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/driver/directory/ldap_filter.h"

#include <ctype.h>
#include <errno.h>
#include <ldap.h>
#include <string.h>

#include "base/str.h"
#include "base/uuid.h"

#define NESTING_MAX 32

/* --- filters ------------------------------------------------------------------------- */

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && !strchr("*()\\", c);
}

void filter_escape(struct strbuf *b, const char *value, size_t n)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char) value[i];

        if (is_plain(c)) {
            strbuf_putc(b, (char) c);
        } else {
            strbuf_putc(b, '\\');
            strbuf_putc(b, hex[c >> 4]);
            strbuf_putc(b, hex[c & 15]);
        }
    }
}

void filter_match(struct strbuf *b, const char *attribute, enum cond_op op, const char *value)
{
    strbuf_printf(b, "(%s=", attribute);
    if (op == COND_CONTAINS || op == COND_ENDS)
        strbuf_putc(b, '*');
    /* A value of stars alone would ask for presence: what is empty in between stays one star. */
    filter_escape(b, value, strlen(value));
    if ((op == COND_CONTAINS && *value) || op == COND_STARTS)
        strbuf_putc(b, '*');
    strbuf_putc(b, ')');
}

/* Between the order of Active Directory and that of the text; either way. */
static void guid_turn(const uint8_t from[static 16], uint8_t to[static 16])
{
    static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

    for (size_t i = 0; i < ARRAY_SIZE(order); i++)
        to[i] = from[order[i]];
}

char *guid_text(struct arena *a, const uint8_t bytes[static 16])
{
    uint8_t turned[16];

    guid_turn(bytes, turned);
    return uuid_text(a, turned);
}

void filter_match_id(struct strbuf *b, const char *attribute, const char *id)
{
    uint8_t text[16], bytes[16];
    bool is_guid = uuid_is_dashed(id) && uuid_parse(id, text) >= 0;

    if (!is_guid) {
        filter_match(b, attribute, COND_EQ, id);
        return;
    }
    guid_turn(text, bytes);
    strbuf_puts(b, "(|");
    filter_match(b, attribute, COND_EQ, id);
    strbuf_printf(b, "(%s=", attribute);
    filter_escape(b, (const char *) bytes, sizeof(bytes));
    strbuf_puts(b, "))");
}

bool filter_attribute_valid(const char *name)
{
    if (str_empty(name) || !isalnum((unsigned char) *name))
        return false;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char) *p) && !strchr("-.;:", *p))
            return false;
    return true;
}

/* After "(": an item "attribute=value" up to its ")". */
static const char *skip_item(const char *p)
{
    const char *start = p;

    p += strcspn(p, "=()");
    if (*p != '=' || p == start)
        return NULL;
    p += strcspn(p, "()");
    return *p == ')' ? p + 1 : NULL;
}

/* One filter at 'p'; what is behind it, or null. */
static const char *skip_filter(const char *p, int depth)
{
    bool one, negates;

    if (*p != '(' || depth > NESTING_MAX)
        return NULL;
    p++;
    if (*p != '&' && *p != '|' && *p != '!')
        return skip_item(p);
    negates = *p == '!';
    p++;
    for (one = false; p && *p == '('; one = true) {
        if (one && negates)
            return NULL;
        p = skip_filter(p, depth + 1);
    }
    return p && *p == ')' && (one || !negates) ? p + 1 : NULL;
}

bool filter_valid(const char *text)
{
    const char *end = skip_filter(text, 0);

    return end && !*end;
}

/* --- distinguished names ---------------------------------------------------------------- */

static void dn_free(LDAPDN *dn)
{
    ldap_dnfree(*dn);
}
#define auto_dn __attribute__((cleanup(dn_free)))

/* Null for what is no text.  libldap has no bytes at all where a value is empty. */
static const char *text_of(struct arena *a, const struct berval *v)
{
    if (!v->bv_len)
        return "";
    return memchr(v->bv_val, 0, v->bv_len) ? NULL : arena_strndup(a, v->bv_val, v->bv_len);
}

int dn_first_value(struct arena *a, const char *dn, const char *attribute, const char **ret)
{
    auto_dn LDAPDN parts = NULL;

    if (ldap_str2dn(dn, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
        return -EINVAL;
    for (LDAPAVA **ava = parts ? parts[0] : NULL; ava && *ava; ava++) {
        const char *type = text_of(a, &(*ava)->la_attr), *value = text_of(a, &(*ava)->la_value);

        if (!type || !value || !str_eq_nocase(type, attribute))
            continue;
        *ret = value;
        return 0;
    }
    return -ENOENT;
}

/* Letters small, no spaces at the ends, one between words (RFC 4518, as far as
 * names in directories go); escaped, so that nothing runs into its neighbour. */
static char *normal_value(struct arena *a, const struct berval *v)
{
    struct strbuf b;
    bool space = false;

    strbuf_init(&b, a);
    for (size_t i = 0; i < v->bv_len; i++) {
        unsigned char c = (unsigned char) v->bv_val[i];

        if (isspace(c)) {
            space = b.len > 0;
            continue;
        }
        if (space)
            strbuf_putc(&b, ' ');
        space = false;
        if (c < 0x20 || strchr(",+=\\", c))
            strbuf_printf(&b, "\\%02x", c);
        else
            strbuf_putc(&b, (char) tolower(c));
    }
    return arena_strdup(a, strbuf_str(&b));
}

static char *normal_part(struct arena *a, LDAPRDN part)
{
    const char **pairs = NULL;

    for (LDAPAVA **ava = part; *ava; ava++) {
        char *type = normal_value(a, &(*ava)->la_attr);

        pairs = strv_add(a, pairs, arena_printf(a, "%s=%s", type, normal_value(a, &(*ava)->la_value)));
    }
    strv_sort(pairs);
    return strv_join(a, pairs, "+");
}

char *dn_normal(struct arena *a, const char *dn)
{
    auto_dn LDAPDN parts = NULL;
    const char **all = NULL;

    if (ldap_str2dn(dn, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
        return NULL;
    for (LDAPRDN *part = parts; part && *part; part++)
        all = strv_add(a, all, normal_part(a, *part));
    return all ? strv_join(a, all, ",") : arena_strdup(a, "");
}

bool dn_is_within(struct arena *a, const char *dn, const char *base, bool directly)
{
    const char *lower = dn_normal(a, dn), *upper = dn_normal(a, base);
    size_t n, n_upper, n_between;

    if (!lower || !upper)
        return false;
    n = strlen(lower);
    n_upper = strlen(upper);
    if (n_upper && (n < n_upper || !str_eq(lower + n - n_upper, upper)))
        return false;
    if (n == n_upper)
        return !directly;
    /* Commas within values are escaped: each that is there parts two parts. */
    n_between = n_upper ? n - n_upper - 1 : n;
    if (n_upper && lower[n_between] != ',')
        return false;
    return !directly || !memchr(lower, ',', n_between);
}
