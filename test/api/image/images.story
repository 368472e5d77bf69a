# SPDX-License-Identifier: Apache-2.0
# An image from its first row to its end.
start identity image
user eve evil member
as demo

# Made, without data.
POST   image /v2/images {"name": "one", "disk_format": "raw", "container_format": "bare", "hw_disk_bus": "virtio",
    "tags": ["b", "a", "b"], "min_disk": 1}   expect 201   save id .id
check  .status == "queued"
check  .visibility == "shared"
check  .size == null
check  .tags == ["a", "b"]
check  .hw_disk_bus == "virtio"
check  .protected == false
check  .min_disk == 1
check  .schema == "/v2/schemas/image"
check  header:OpenStack-image-store-ids == "file"
check  header:Location contains "/v2/images/$id"
check  .self == "/v2/images/$id"
check  .file == "/v2/images/$id/file"
GET    image /v2/images/$id   expect 200   check .created_at matches "^2.*Z$"
GET    image /v2/images/$id/file   expect 204

# Data comes in and goes out.
PUT    image /v2/images/$id/file data "hello, world"   expect 204
GET    image /v2/images/$id   expect 200   check .status == "active"   check .size == 12   check .virtual_size == 12
check  .checksum == "e4d7f1b4ed2e42d15898f4b27b019da4"
check  .os_hash_algo == "sha512"
check  .os_hash_value matches "^8710339d"
check  .stores == "file"
GET    image /v2/images/$id/file   expect 200   check text == "hello, world"
check  header:Content-MD5 == "e4d7f1b4ed2e42d15898f4b27b019da4"
check  header:Content-Type == "application/octet-stream"
check  header:Content-Length == "12"

# A part of it.
GET    image /v2/images/$id/file with "Range: bytes=7-11"   expect 206   check text == "world"
check  header:Content-Range == "bytes 7-11/12"
GET    image /v2/images/$id/file with "Range: bytes=-5"     expect 206   check text == "world"
GET    image /v2/images/$id/file with "Range: bytes=7-"     expect 206   check text == "world"
GET    image /v2/images/$id/file with "Content-Range: bytes 0-4/12"   expect 206   check text == "hello"
GET    image /v2/images/$id/file with "Range: bytes=12-"    expect 416
GET    image /v2/images/$id/file with "Range: bytes=5-2"    expect 416
GET    image /v2/images/$id/file with "Range: lines=1-2"    expect 416

# Data comes once.
PUT    image /v2/images/$id/file data "other"   expect 409   check text contains "Image status transition from active to saving is not allowed"

# Others do not know of it.
as eve
GET    image /v2/images/$id        expect 404   check text contains "No image found with ID $id"
GET    image /v2/images/$id/file   expect 404
DELETE image /v2/images/$id        expect 404
PUT    image /v2/images/$id/file data "mine"   expect 404
GET    image /v2/images   expect 200   check .images.length == 0

# Gone is gone, and its id is not given again.
as demo
GET    image /v2/images   expect 200   check .images.length == 1   check .first == "/v2/images"   check .schema == "/v2/schemas/images"
DELETE image /v2/images/$id   expect 204
GET    image /v2/images/$id   expect 404
GET    image /v2/images/$id/file   expect 404
DELETE image /v2/images/$id   expect 404
POST   image /v2/images {"id": "$id", "name": "again"}   expect 409   check text contains "already exists"
$ ls -A "$STATE/image/data" | wc -l
check  . == 0

# Where the data lies is told to services alone.
as demo
POST   image /v2/images {"name": "here", "disk_format": "raw", "container_format": "bare"}   save id .id
PUT    image /v2/images/$id/file data "x"   expect 204
GET    image /v2/images/$id   check .direct_url missing   check .locations missing
GET    image /v2/images/$id/locations   expect 403
as nova
GET    image /v2/images/$id/locations   expect 200   check .[0].metadata.store == "file"
check  .[0].url contains "/image/data/$id"
