/* SPDX-License-Identifier: Apache-2.0 */
/* Search filters and distinguished names: what strangers say stays a value. */
#include "identity/driver/directory/ldap_filter.h"

#include "base/str.h"
#include "kit/test.h"

static const char *match(struct test *t, enum cond_op op, const char *value)
{
    struct strbuf b;

    strbuf_init(&b, test_arena(t));
    filter_match(&b, "cn", op, value);
    return strbuf_str(&b);
}

TEST(values_are_escaped_as_rfc_4515_says)
{
    EXPECT_STR(match(t, COND_EQ, "alice"), "(cn=alice)");
    EXPECT_STR(match(t, COND_EQ, "*"), "(cn=\\2a)");
    EXPECT_STR(match(t, COND_EQ, "a)(uid=*))(|(uid=*"), "(cn=a\\29\\28uid=\\2a\\29\\29\\28|\\28uid=\\2a)");
    EXPECT_STR(match(t, COND_EQ, "back\\slash\n"), "(cn=back\\5cslash\\0a)");
    EXPECT_STR(match(t, COND_EQ, "\xc3\xa9"), "(cn=\\c3\\a9)");
    EXPECT_STR(match(t, COND_STARTS, "a*"), "(cn=a\\2a*)");
    EXPECT_STR(match(t, COND_ENDS, "a"), "(cn=*a)");
    EXPECT_STR(match(t, COND_CONTAINS, "a"), "(cn=*a*)");
    EXPECT_STR(match(t, COND_CONTAINS, ""), "(cn=*)");
}

TEST(an_id_that_is_a_guid_finds_its_bytes_too)
{
    static const uint8_t stored[16] = { 0x78, 0x56, 0x34, 0x12, 0xbc, 0x9a, 0xf0, 0x4e,
                                        0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xff };
    struct strbuf b;

    EXPECT_STR(guid_text(test_arena(t), stored), "12345678-9abc-4ef0-8001-0203040506ff");
    strbuf_init(&b, test_arena(t));
    filter_match_id(&b, "objectGUID", "12345678-9abc-4ef0-8001-0203040506ff");
    EXPECT_STR(strbuf_str(&b), "(|(objectGUID=12345678-9abc-4ef0-8001-0203040506ff)"
                               "(objectGUID=xV4\\12\\bc\\9a\\f0N\\80\\01\\02\\03\\04\\05\\06\\ff))");
    strbuf_init(&b, test_arena(t));
    filter_match_id(&b, "uid", "12345678-9abc-4ef0-8001-0203040506f*");
    filter_match_id(&b, "uid", "alice");
    EXPECT_STR(strbuf_str(&b), "(uid=12345678-9abc-4ef0-8001-0203040506f\\2a)(uid=alice)");
}

TEST(a_name_is_within_a_tree_or_beside_it)
{
    struct arena *a = test_arena(t);

    EXPECT_TRUE(dn_is_within(a, "cn=a\\, b,OU=Staff,dc=x", "ou=staff, dc=X", true));
    EXPECT_TRUE(dn_is_within(a, "cn=a,ou=deep,ou=staff,dc=x", "ou=staff,dc=x", false));
    EXPECT_TRUE(!dn_is_within(a, "cn=a,ou=deep,ou=staff,dc=x", "ou=staff,dc=x", true));
    EXPECT_TRUE(dn_is_within(a, "ou=staff,dc=x", "ou=staff,dc=x", false));
    EXPECT_TRUE(!dn_is_within(a, "ou=staff,dc=x", "ou=staff,dc=x", true));
    EXPECT_TRUE(!dn_is_within(a, "cn=a,xou=staff,dc=x", "ou=staff,dc=x", false));
    EXPECT_TRUE(!dn_is_within(a, "cn=a\\,ou=staff,dc=x", "ou=staff,dc=x", false));
    EXPECT_TRUE(!dn_is_within(a, "dc=x", "ou=staff,dc=x", false));
    EXPECT_TRUE(!dn_is_within(a, "no name", "dc=x", false));
    EXPECT_TRUE(dn_is_within(a, "cn=a,dc=x", "", false));
    EXPECT_TRUE(!dn_is_within(a, "cn=a,dc=x", "", true));
    EXPECT_TRUE(dn_is_within(a, "dc=x", "", true));
}

TEST(only_whole_filters_are_taken_from_a_configuration)
{
    static const char *const good[] = { "(a=b)", "(&(a=b)(!(c=*)))", "(|(a=b)(c=d)(&(e>=1)))",
                                        "(memberOf:1.2.840.113556.1.4.1941:=cn=x,dc=y)", "(a=)" };
    static const char *const bad[] = { "",    "a=b",  "(a=b", "(a=b))", "(a=b)(c=d)", "(!(a=b)(c=d))",
                                       "(!)", "(=b)", "(a)",  "(a=b)x", "(a=(b))" };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        EXPECT_TRUE(filter_valid(good[i]));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_TRUE(!filter_valid(bad[i]));
    EXPECT_TRUE(filter_attribute_valid("cn"));
    EXPECT_TRUE(filter_attribute_valid("member:1.2.840:"));
    EXPECT_TRUE(!filter_attribute_valid("cn=*)(uid"));
    EXPECT_TRUE(!filter_attribute_valid(""));
}

TEST(the_first_part_of_a_name_gives_its_value)
{
    const char *v = NULL;

    EXPECT_INT(dn_first_value(test_arena(t), "CN=Alice\\, the first,ou=Users,dc=x", "cn", &v), 0);
    EXPECT_STR(v, "Alice, the first");
    EXPECT_INT(dn_first_value(test_arena(t), "uid=a+cn=b,dc=x", "cn", &v), 0);
    EXPECT_STR(v, "b");
    EXPECT_INT(dn_first_value(test_arena(t), "cn=,dc=x", "cn", &v), 0);
    EXPECT_STR(v, "");
    EXPECT_INT(dn_first_value(test_arena(t), "ou=Users,cn=x", "cn", &v), -ENOENT);
    EXPECT_INT(dn_first_value(test_arena(t), "no name", "cn", &v), -EINVAL);
    EXPECT_INT(dn_first_value(test_arena(t), "", "cn", &v), -ENOENT);
}

TEST(equal_names_are_equal_text)
{
    struct arena *a = test_arena(t);

    EXPECT_STR(dn_normal(a, "CN=Alice  B,OU=Users, DC=x"), dn_normal(a, "cn=alice b,ou=users,dc=X"));
    EXPECT_STR(dn_normal(a, "uid=a+cn=b,dc=x"), dn_normal(a, "CN=b+UID=a,dc=x"));
    EXPECT_TRUE(strcmp(dn_normal(a, "cn=a\\,dc=b,dc=x"), dn_normal(a, "cn=a,dc=b,dc=x")) != 0);
    EXPECT_TRUE(!dn_normal(a, "no name"));
}

TEST_MAIN()
