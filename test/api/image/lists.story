# SPDX-License-Identifier: Apache-2.0
# What lists show, to whom, in which order.
start identity image
user ann ours member
user bob theirs member
as ann
POST   image /v2/images {"name": "a", "disk_format": "raw", "container_format": "bare", "tags": ["x", "y"], "os": "linux"}   save a .id
POST   image /v2/images {"name": "b,1", "disk_format": "qcow2", "container_format": "bare", "tags": ["x"], "min_ram": 64}   save b .id
POST   image /v2/images {"name": "c", "disk_format": "raw", "container_format": "ovf", "os_hidden": true}   save c .id
POST   image /v2/images {"name": "d", "visibility": "community", "protected": true}   save d .id
PUT    image /v2/images/$a/file data "12345"   expect 204

# Order: the newest first; both ways to ask for another.
GET    image /v2/images   check .images[*].name == ["d", "b,1", "a"]   check .next missing
GET    image /v2/images?sort=name:asc   check .images[*].name == ["a", "b,1", "d"]
GET    image /v2/images?sort=status:asc,name   check .images[*].name == ["a", "d", "b,1"]
GET    image /v2/images?sort_key=name&sort_dir=asc   check .images[*].name == ["a", "b,1", "d"]
GET    image /v2/images?sort_key=status&sort_dir=desc&sort_key=name&sort_dir=asc   check .images[*].name == ["b,1", "d", "a"]
GET    image /v2/images?sort_key=min_ram   expect 400
GET    image /v2/images?sort_key=name&sort_dir=up   expect 400
GET    image /v2/images?sort=name&sort_key=name   expect 400
GET    image /v2/images?sort_key=name&sort_dir=asc&sort_dir=asc   expect 400

# Pages.
GET    image /v2/images?limit=1&sort=name:asc   check .images[*].name == ["a"]   save next .next
GET    image $next   check .images[*].name == ["b,1"]   save next .next
check  .first == "/v2/images?limit=1&sort=name%3Aasc"
GET    image $next   check .images[*].name == ["d"]   check .next missing
GET    image /v2/images?limit=0   check .images.length == 0
GET    image /v2/images?limit=x   expect 400
GET    image /v2/images?limit=-1   expect 400
GET    image /v2/images?marker=$c&os_hidden=true   check .images.length == 0
GET    image /v2/images?marker=00000000-0000-0000-0000-000000000000   expect 400

# Filters.
GET    image /v2/images?name=a   check .images[*].name == ["a"]
GET    image "/v2/images?name=in:a,%22b,1%22&sort=name:asc"   check .images[*].name == ["a", "b,1"]
GET    image "/v2/images?name=in:%22a"   expect 400
GET    image /v2/images?name=like:a   expect 400
GET    image /v2/images?id=in:$a,$d&sort=name:asc   check .images[*].name == ["a", "d"]
GET    image /v2/images?status=active   check .images[*].name == ["a"]
GET    image /v2/images?disk_format=qcow2   check .images[*].name == ["b,1"]
GET    image /v2/images?container_format=in:bare,ovf   check .images.length == 2
GET    image /v2/images?tag=x&sort=name:asc   check .images[*].name == ["a", "b,1"]
GET    image /v2/images?tag=x&tag=y   check .images[*].name == ["a"]
GET    image /v2/images?os=linux   check .images[*].name == ["a"]
GET    image /v2/images?os=dos   check .images.length == 0
GET    image /v2/images?os_hidden=true   check .images[*].name == ["c"]
GET    image /v2/images?os_hidden=maybe   expect 400
GET    image /v2/images?protected=true   check .images[*].name == ["d"]
GET    image /v2/images?protected=1   expect 400
GET    image /v2/images?size_min=5&size_max=5   check .images[*].name == ["a"]
GET    image /v2/images?size_min=6   check .images.length == 0
GET    image /v2/images?size_min=big   expect 400
GET    image /v2/images?min_ram=64   check .images[*].name == ["b,1"]
GET    image /v2/images?min_ram=many   check .images.length == 0
GET    image /v2/images/$a   save made .created_at
GET    image /v2/images?created_at=gte:$made&sort=name:asc   check .images.length == 3
GET    image /v2/images?created_at=gt:2100-01-01T00:00:00Z   check .images.length == 0
GET    image /v2/images?created_at=lt:2100-01-01T00:00:00Z   check .images.length == 3
GET    image /v2/images?created_at=2001-01-01T00:00:00Z   check .images.length == 0
GET    image /v2/images?created_at=neq:2001-01-01T00:00:00Z   check .images.length == 3
GET    image /v2/images?created_at=gt:yesterday   expect 400
GET    image /v2/images?updated_at=near:2100-01-01T00:00:00Z   expect 400
GET    image /v2/images?changes-since=2100-01-01T00:00:00Z   expect 400
GET    image /v2/images?visibility=secret   expect 400

# Others see what is public, and of the community when they ask for it.
as bob
GET    image /v2/images   check .images.length == 0
GET    image /v2/images?visibility=community   check .images[*].name == ["d"]
GET    image /v2/images?visibility=all   check .images[*].name == ["d"]
GET    image /v2/images?visibility=shared   check .images.length == 0
GET    image /v2/images/$d   expect 200
GET    image /v2/images/$a   expect 404
as ann
PATCH  image /v2/images/$a [{"op": "replace", "path": "/visibility", "value": "public"}]   with "Content-Type: application/openstack-images-v2.1-json-patch"   expect 403
as admin
PATCH  image /v2/images/$a [{"op": "replace", "path": "/visibility", "value": "public"}]   with "Content-Type: application/openstack-images-v2.1-json-patch"   expect 200
GET    image /v2/images   check .images.length == 2
as bob
GET    image /v2/images   check .images[*].name == ["a"]
GET    image /v2/images/$a/file   expect 200   check text == "12345"
DELETE image /v2/images/$a   expect 403
as nobody
GET    image /v2/images   expect 401
