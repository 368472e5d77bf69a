/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/api/json_home.h"

#include "kit.h"

#define API "/v3"

/* True when a route, of whatever method, is served at 'path' below the API's root. */
static bool is_served(const char *path)
{
    for (const struct route *const *table = identity_service.routes; *table; table++)
        for (const struct route *r = *table; r->path; r++)
            if (str_has_prefix(r->path, API) && str_eq(r->path + strlen(API), path))
                return true;
    return false;
}

static int count_rows(const char *path)
{
    int n = 0;

    for (const struct relation *r = relations; r->path; r++)
        n += str_eq(r->path, path);
    return n;
}

TEST(each_path_that_is_served_has_one_relation)
{
    for (const struct route *const *table = identity_service.routes; *table; table++)
        for (const struct route *r = *table; r->path; r++)
            if (str_has_prefix(r->path, API "/") && count_rows(r->path + strlen(API)) != 1)
                EXPECT_STR(r->path, "a path with one row in relations[]");
}

TEST(each_relation_is_of_a_path_that_is_served)
{
    for (const struct relation *r = relations; r->path; r++)
        if (!is_served(r->path))
            EXPECT_STR(r->path, "a path of a route");
}

TEST(no_two_paths_have_the_same_name)
{
    for (const struct relation *r = relations; r->path; r++)
        for (const struct relation *other = r + 1; r->name && other->path; other++)
            if (str_eq(r->name, other->name) && str_eq(r->extension, other->extension))
                EXPECT_STR(r->path, other->path);
}

TEST_MAIN()
