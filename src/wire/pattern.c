/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "wire/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#define LENGTH_MAX  4096
#define NESTING_MAX 64
#define STEPS_MAX   100000 /* Some milliseconds. */
#define HEAP_KIB    1024

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static int compile(struct pattern *p, const char *text, struct err *err)
{
    pcre2_compile_context *bounds = pcre2_compile_context_create(NULL);
    PCRE2_UCHAR words[128];
    PCRE2_SIZE at = 0;
    int why;

    if (!bounds)
        return err_set(err, -ENOMEM, "There is no memory for a regular expression.");
    pcre2_set_max_pattern_length(bounds, LENGTH_MAX);
    pcre2_set_parens_nest_limit(bounds, NESTING_MAX);
    p->code = pcre2_compile((PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &why, &at, bounds);
    pcre2_compile_context_free(bounds);
    if (p->code)
        return 0;
    pcre2_get_error_message(why, words, sizeof(words));
    return err_set(err, -EINVAL, "The regular expression cannot be used, at its character %zu: %s.",
                   (size_t) at, (const char *) words);
}

int pattern_new(const char *text, struct pattern **ret, struct err *err)
{
    struct pattern *p = calloc(1, sizeof(*p));
    int r;

    if (p)
        p->limits = pcre2_match_context_create(NULL);
    if (!p || !p->limits) {
        pattern_free(p);
        return err_set(err, -ENOMEM, "There is no memory for a regular expression.");
    }
    pcre2_set_match_limit(p->limits, STEPS_MAX);
    pcre2_set_heap_limit(p->limits, HEAP_KIB);
    r = compile(p, text, err);
    if (r < 0)
        pattern_free(p);
    else
        *ret = p;
    return r;
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    pcre2_match_context_free(p->limits);
    free(p);
}

static bool match(const struct pattern *p, const char *text, uint32_t options)
{
    /* Where it fits does not matter, so there is no room for groups. */
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int n = data ? pcre2_match(p->code, (PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, 0, options, data, p->limits)
                 : PCRE2_ERROR_NOMEMORY;

    pcre2_match_data_free(data);
    return n >= 0;
}

bool pattern_found(const struct pattern *p, const char *text)
{
    return match(p, text, 0);
}

bool pattern_fits(const struct pattern *p, const char *text)
{
    return match(p, text, PCRE2_ANCHORED);
}
