/* SPDX-License-Identifier: Apache-2.0 */
#include "placement/model/stock.h"

#include "placement/store/providers.h"

/* Classes that would go although somebody uses them: words, or null. */
static int find_in_use(struct txn *t, struct arena *a, const struct provider *p,
                       const struct inventories *have, const struct inventories *wanted, const char **ret,
                       struct err *err)
{
    const char *words = NULL;
    int64_t used;
    int r;

    for (size_t i = 0; i < have->count; i++) {
        if (inventory_find(wanted, have->items[i].class_id))
            continue;
        r = inventory_used(t, p->id, have->items[i].class_id, &used, err);
        if (r < 0)
            return r;
        if (used)
            words =
                arena_printf(a, "%s%s%s", words ? words : "", words ? ", " : "", have->items[i].class_name);
    }
    *ret = words;
    return 0;
}

int stock_set(struct txn *t, struct arena *a, struct provider *p, const struct inventories *wanted,
              int64_t now_us, const char *in_use_prefix, struct err *err)
{
    const char *in_use = NULL;
    struct inventories have;
    int r;

    r = inventory_list(t, a, p->id, &have, err);
    if (r >= 0)
        r = find_in_use(t, a, p, &have, wanted, &in_use, err);
    if (r >= 0 && in_use)
        return err_http(err, 409, PLACEMENT_INVENTORY_INUSE,
                        "%sInventory for '%s' on resource provider '%s' in use.", in_use_prefix, in_use,
                        p->uuid);
    for (size_t i = 0; r >= 0 && i < have.count; i++)
        if (!inventory_find(wanted, have.items[i].class_id))
            r = inventory_delete(t, p->id, have.items[i].class_id, err);
    for (size_t i = 0; r >= 0 && i < wanted->count; i++)
        r = inventory_find(&have, wanted->items[i].class_id)
                ? inventory_update(t, p->id, &wanted->items[i], err)
                : inventory_insert(t, p->id, &wanted->items[i], err);
    return r < 0 ? r : provider_touch(t, p, now_us, err);
}
