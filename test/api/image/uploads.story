# SPDX-License-Identifier: Apache-2.0
# Uploads that end before their end leave nothing, and can be tried again.
option image.image_size_cap = 8000000
start identity image
as admin
let v21 = "Content-Type: application/openstack-images-v2.1-json-patch"
$ head -c 7M /dev/urandom > "$STATE/data"

# The client goes away.
POST   image /v2/images {"name": "a", "disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/data" --stop-after 4000000
check  text contains "stopped"
until  image /v2/images/$id   .status == "queued"   check .size == null
$ ls -A "$STATE/image/data" | wc -l
check  . == 0
$ "$KIT/image-data" put $id "$STATE/data"
check  text contains "204"

# Too large: whether announced or not.
POST   image /v2/images {"name": "b", "disk_format": "raw", "container_format": "bare"}   save id .id
$ head -c 9M /dev/urandom > "$STATE/more"; "$KIT/image-data" put $id "$STATE/more"
check  text matches "413|broken"
GET    image /v2/images/$id   check .status == "queued"
PUT    image /v2/images/$id/file data "abc"   with "x-openstack-image-size: 4"   expect 400
GET    image /v2/images/$id   check .status == "queued"
PUT    image /v2/images/$id/file data "abc"   with "x-openstack-image-size: 3"   expect 204

# One at a time.
POST   image /v2/images {"name": "c", "disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/data" --rate 2000000 > "$STATE/slow" 2>&1 &
until  image /v2/images/$id   .status == "saving"
PUT    image /v2/images/$id/file data "abc"   expect 409
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": "d"}]   with "$v21"   expect 200   check .status == "saving"
PATCH  image /v2/images/$id [{"op": "replace", "path": "/disk_format", "value": "iso"}]   with "$v21"   expect 403

# A deletion wins.
DELETE image /v2/images/$id   expect 204
GET    image /v2/images/$id   expect 404
$ while [ ! -s "$STATE/slow" ]; do sleep 0.05; done; cat "$STATE/slow"; ls -A "$STATE/image/data" | grep $id || true
check  text contains "410"
check  text contains "may have been deleted"

# The service dies in the middle: what came is thrown away when it is back.
POST   image /v2/images {"name": "e", "disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/data" --rate 1000000 > "$STATE/slow" 2>&1 &
until  image /v2/images/$id   .status == "saving"
$ while [ ! -s "$STATE/image/data/.$id.part" ]; do sleep 0.05; done
kill   image
until  image /v2/images/$id   .status == "queued"
$ ls -A "$STATE/image/data" | grep $id || echo none
check  text contains "none"
$ "$KIT/image-data" put $id "$STATE/data"
check  text contains "204"

# And data that no image knows is thrown away too.
$ touch "$STATE/image/data/00000000-0000-0000-0000-000000000000" "$STATE/image/data/.00000000-0000-0000-0000-000000000001.part"
kill   image
GET    image /v2/images/$id   check .status == "active"
$ ls -A "$STATE/image/data" | grep 00000000-0000 || echo none
check  text contains "none"
