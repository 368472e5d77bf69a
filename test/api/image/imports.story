# SPDX-License-Identifier: Apache-2.0
# Data in two steps: staged and imported, or downloaded from a URL.
option image.import_allowed_ports =
option image.import_disallowed_hosts = evil.example
start identity image
user ann ours member
as ann
GET    image /v2/info/import   check .import-methods.value == ["glance-direct", "web-download"]
GET    image /v2/info/stores   check .stores[0].id == "file"   check .stores[0].default == "true"
GET    image /v2/info/stores/detail   expect 403
GET    image /v2/info/usage   check .usage == {}
as admin
GET    image /v2/info/stores/detail   check .stores[0].type == "file"
as ann
POST   image /v2/images {"name": "a", "disk_format": "raw", "container_format": "bare"}   expect 201   save id .id
check  header:OpenStack-image-import-methods == "glance-direct,web-download"

# Staged data is not the image's yet.
POST   image /v2/images/$id/import {"method": {"name": "glance-direct"}}   expect 409
PUT    image /v2/images/$id/stage data "hello, world"   expect 204
GET    image /v2/images/$id   check .status == "uploading"   check .size == 12
GET    image /v2/images/$id/file   expect 204
PUT    image /v2/images/$id/stage data "other"   expect 409
PUT    image /v2/images/$id/file data "other"   expect 409
GET    image /v2/images/$id/tasks   check .tasks == []

# It stays staged over a restart.
kill   image
GET    image /v2/images/$id   check .status == "uploading"
POST   image /v2/images/$id/import {"method": {"name": "glance-direct"}}   expect 202   save request header:X-Openstack-Request-Id
until  image /v2/images/$id   .status == "active"
check  .checksum == "e4d7f1b4ed2e42d15898f4b27b019da4"
check  .virtual_size == 12
check  .stores == "file"
GET    image /v2/images/$id/file   check text == "hello, world"
GET    image /v2/images/$id/tasks   check .tasks[0].status == "success"   check .tasks[0].request_id == "$request"
check  .tasks[0].input.import_req.method.name == "glance-direct"
POST   image /v2/images/$id/import {"method": {"name": "glance-direct"}}   expect 409
$ ls -A "$STATE/image/staging" | wc -l
check  . == 0

# From a URL.
$ mkdir "$STATE/web" && qemu-img create -q -f qcow2 "$STATE/web/good" 10M && \
  qemu-img create -q -f qcow2 -F raw -b /etc/passwd "$STATE/web/bad" 10M 2>/dev/null; cd "$STATE/web" && \
  (timeout 60 python3 -u -m http.server --bind 127.0.0.1 0 > "$STATE/web.log" 2>&1 &) ; \
  until grep -qoP "port \K[0-9]+" "$STATE/web.log"; do sleep 0.05; done; grep -oP "port \K[0-9]+" "$STATE/web.log"
save   port .
POST   image /v2/images {"name": "b", "disk_format": "qcow2", "container_format": "bare"}   save id .id
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://127.0.0.1:$port/none"}}   expect 202
until  image /v2/images/$id   .os_glance_failed_import == "file"   check .status == "queued"   check .size == null
GET    image /v2/images/$id/tasks   check .tasks[0].status == "failure"   check .tasks[0].message contains "404"
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://127.0.0.1:$port/bad"}}   expect 202
until  image /v2/images/$id/tasks   .tasks[1].status == "failure"   check .tasks[1].message contains "backing file"
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://127.0.0.1:$port/good"}}   expect 202
until  image /v2/images/$id   .status == "active"   check .virtual_size == 10485760   check .os_glance_failed_import missing
$ ls -A "$STATE/image/staging" | wc -l
check  . == 0

# What is refused at once.
POST   image /v2/images {"name": "c", "disk_format": "raw", "container_format": "bare"}   save id .id
POST   image /v2/images/$id/import {"method": {"name": "web-download"}}   expect 400
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "file:///etc/passwd"}}   expect 400
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://evil.example/x"}}   expect 400
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://EVIL.example/x"}}   expect 400
POST   image /v2/images/$id/import {"method": {"name": "copy-image"}}   expect 400
POST   image /v2/images/$id/import {"method": {}}   expect 400
POST   image /v2/images/$id/import {}   expect 400
POST   image /v2/images/$id/import   expect 400
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://127.0.0.1:$port/good"}, "stores": ["fast"]}   expect 409
POST   image /v2/images/$id/import {"method": {"name": "web-download", "uri": "http://127.0.0.1:$port/good"}, "all_stores": 1}   expect 400
GET    image /v2/images/$id   check .status == "queued"
POST   image /v2/images {"name": "d"}   save id .id
PUT    image /v2/images/$id/stage data "x"   expect 204
POST   image /v2/images/$id/import {"method": {"name": "glance-direct"}}   expect 409   check text contains "&#x27;container_format&#x27; needs to be set before import"
DELETE image /v2/images/$id   expect 204
$ ls -A "$STATE/image/staging" | wc -l
check  . == 0
