/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/compute/wish.h"

#include <errno.h>
#include <string.h>

#include "kit/test.h"
#include "wire/json.h"

#define ID "11111111-0000-4000-8000-000000000001"
#define HEAD                                                                     \
    "{'id': '" ID "', 'instance_name': 'instance-00000001', 'power': 'running'," \
    " 'flavor': {'vcpus': 1, 'memory_mb': 128}"

static void drop(void *j)
{
    json_decref(j);
}

static int read_wish(struct test *t, const char *text, struct wish_server *ret)
{
    char *json = arena_strdup(test_arena(t), text);
    json_t *j;

    for (char *p = json; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    j = json_loads(json, 0, NULL);
    EXPECT_TRUE(j);
    test_cleanup(t, drop, j);
    return wish_server_read(test_arena(t), j, ret, NULL);
}

TEST(a_whole_wish_is_read)
{
    struct wish_server w;

    EXPECT_INT(
        read_wish(t,
                  HEAD ", 'generation': 3, 'image': {'id': 'i1', 'disk_format': 'qcow2', 'size': 5,"
                       " 'properties': {'hw_disk_bus': 'scsi'}}, 'kernel': null,"
                       " 'disks': [{'kind': 'root', 'size_gb': 2}, {'kind': 'swap', 'size_mb': 3}],"
                       " 'nics': [{'port_id': 'p', 'tap': 'tap0', 'mac': 'fa:16:3e:00:00:04', 'mtu': 1450}],"
                       " 'config_drive': {'label': 'config-2', 'files': [{'path': 'a/b.json', 'data': ''}]}}",
                  &w),
        0);
    EXPECT_INT(w.generation, 3);
    EXPECT_INT(w.disks[0].size_bytes, INT64_C(2) << 30);
    EXPECT_INT(w.disks[1].size_bytes, 3 << 20);
    EXPECT_INT(w.nics[0].mtu, 1450);
    EXPECT_STR(wish_image_property(w.image, "hw_disk_bus"), "scsi");
    EXPECT_TRUE(!w.kernel);
    EXPECT_STR(w.files[0].path, "a/b.json");
}

TEST(what_could_do_harm_as_a_path_or_an_argument_is_refused)
{
    static const char *const bad[] = {
        HEAD ", 'image': {'id': '../etc/passwd'}}",
        HEAD ", 'image': {'id': 'i', 'os_hash_value': 'a/b'}}",
        HEAD ", 'image': {'id': 'i', 'checksum': '../../../etc/x'}}",
        HEAD ", 'nics': [{'port_id': 'p', 'tap': '-x', 'mac': 'fa:16:3e:00:00:04'}]}",
        HEAD ", 'nics': [{'port_id': 'p', 'tap': 'tap0', 'mac': 'fa:16:3e:00:00'}]}",
        HEAD ", 'nics': [{'port_id': 'p', 'tap': 'tap0123456789abcdef', 'mac': 'fa:16:3e:00:00:04'}]}",
        HEAD ", 'config_drive': {'files': [{'path': '../x', 'data': ''}]}}",
        HEAD ", 'config_drive': {'files': [{'path': '/x', 'data': ''}]}}",
        HEAD ", 'config_drive': {'label': 'a b', 'files': []}}",
        HEAD ", 'disks': [{'kind': 'root', 'size_gb': -1}]}",
        HEAD ", 'disks': [{'kind': 'floppy'}]}",
        "{'id': '" ID "', 'instance_name': '../x', 'flavor': {'vcpus': 1, 'memory_mb': 1}}",
        "{'id': '" ID "', 'instance_name': '<a>', 'flavor': {'vcpus': 1, 'memory_mb': 1}}",
        "{'id': 'x', 'instance_name': 'a', 'flavor': {'vcpus': 1, 'memory_mb': 1}}",
        "{'id': '" ID "', 'instance_name': 'a', 'flavor': {'vcpus': 0, 'memory_mb': 1}}",
        "{'id': '" ID "', 'instance_name': 'a', 'power': 'maybe', 'flavor': {'vcpus': 1, 'memory_mb': 1}}",
    };
    struct wish_server w;

    EXPECT_INT(read_wish(t, HEAD "}", &w), 0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_INT(read_wish(t, bad[i], &w), -EINVAL);
}

TEST_MAIN()
