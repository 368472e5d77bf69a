/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/manage_words.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

/* True when '**word' is this option; '*word' is then at the last word of it. */
static bool take(const char *const **word, const struct word_option *o)
{
    size_t n = strlen(o->name);

    if (!str_has_prefix(**word, o->name))
        return false;
    if (o->flag && !(**word)[n])
        return *o->flag = true;
    if (!o->value)
        return false;
    if ((**word)[n] == '=') {
        *o->value = **word + n + 1;
        return true;
    }
    if ((**word)[n] || !(*word)[1])
        return false;
    *o->value = *++*word;
    return true;
}

int words_none(const char *const *words, struct err *err)
{
    static const struct word_option none[] = { { 0 } };

    return words_read(words, none, err);
}

int words_read(const char *const *words, const struct word_option *options, struct err *err)
{
    for (const char *const *w = words; w && *w; w++) {
        const struct word_option *o = options;

        while (o->name && !take(&w, o))
            o++;
        if (!o->name)
            return err_set(err, -EINVAL, "'%s' is not an option, or lacks its value", *w);
    }
    return 0;
}
