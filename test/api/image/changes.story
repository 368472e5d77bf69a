# SPDX-License-Identifier: Apache-2.0
# What may be changed of an image, in both forms of patches, and what not.
start identity image
user ann ours member
as ann
POST   image /v2/images {"name": "a", "disk_format": "raw", "container_format": "bare", "os": "linux"}   save id .id

# The newer form.
let v21 = "Content-Type: application/openstack-images-v2.1-json-patch"
let v20 = "Content-Type: application/openstack-images-v2.0-json-patch"
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": "b"}, {"op": "add", "path": "/os", "value": "bsd"},
    {"op": "add", "path": "/a~1b", "value": "slash"}, {"op": "replace", "path": "/tags", "value": ["t", "t"]},
    {"op": "replace", "path": "/min_disk", "value": 3}, {"op": "replace", "path": "/protected", "value": true},
    {"op": "replace", "path": "/disk_format", "value": "iso"}]   with "$v21"   expect 200
check  .name == "b"
check  .os == "bsd"
check  .a/b == "slash"
check  .tags == ["t"]
check  .min_disk == 3
check  .protected == true
check  .disk_format == "iso"
PATCH  image /v2/images/$id [{"op": "remove", "path": "/os"}]   with "$v21"   expect 200   check .os missing
PATCH  image /v2/images/$id []   with "$v21"   expect 200

# The older form: add is for what is not there.
PATCH  image /v2/images/$id [{"add": "/os", "value": "linux"}]   with "$v20"   expect 200   check .os == "linux"
PATCH  image /v2/images/$id [{"add": "/os", "value": "linux"}]   with "$v20"   expect 409
PATCH  image /v2/images/$id [{"add": "/name", "value": "x"}]   with "$v20"   expect 409
PATCH  image /v2/images/$id [{"replace": "/disk_format", "value": "raw"}]   with "$v20"   expect 200
PATCH  image /v2/images/$id [{"remove": "/os"}]   with "$v20"   expect 200   check .os missing
PATCH  image /v2/images/$id [{"remove": "/os", "add": "/x", "value": "1"}]   with "$v20"   expect 400
PATCH  image /v2/images/$id [{"value": "1"}]   with "$v20"   expect 400

# All or nothing.
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": "c"}, {"op": "replace", "path": "/nothing", "value": "x"}]   with "$v21"   expect 409
GET    image /v2/images/$id   check .name == "b"

# What is refused.
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": "c"}]   expect 415   check header:Accept-Patch contains "v2.1"
PATCH  image /v2/images/$id {"op": "replace", "path": "/name", "value": "c"}   with "$v21"   expect 400
PATCH  image /v2/images/$id ["x"]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"path": "/name", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "move", "path": "/name", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "name", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a//b", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a/b", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a/", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a~2", "value": "c"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "add", "path": "/a", "value": 1}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": 1}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "replace", "path": "/min_disk", "value": -1}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "replace", "path": "/visibility", "value": "hidden"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "replace", "path": "/disk_format", "value": "floppy"}]   with "$v21"   expect 400
PATCH  image /v2/images/$id [{"op": "replace", "path": "/status", "value": "active"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "replace", "path": "/size", "value": 1}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "replace", "path": "/id", "value": "x"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "add", "path": "/os_glance_x", "value": "x"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "add", "path": "/deleted", "value": "x"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "remove", "path": "/name"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "replace", "path": "/owner", "value": "x"}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "add", "path": "/locations/-", "value": {"url": "file:///etc/passwd", "metadata": {}}}]   with "$v21"   expect 403
PATCH  image /v2/images/$id [{"op": "replace", "path": "/locations", "value": []}]   with "$v21"   expect 403

# Protected is safe.
DELETE image /v2/images/$id   expect 403   check text contains "protected"
PATCH  image /v2/images/$id [{"op": "replace", "path": "/protected", "value": false}]   with "$v21"   expect 200

# Formats are fixed once there is data; a deactivated image is not given out.
PUT    image /v2/images/$id/file data "abc"   expect 204
PATCH  image /v2/images/$id [{"op": "replace", "path": "/disk_format", "value": "iso"}]   with "$v21"   expect 403
POST   image /v2/images/$id/actions/reactivate   expect 204
POST   image /v2/images/$id/actions/deactivate   expect 204
POST   image /v2/images/$id/actions/deactivate   expect 204
GET    image /v2/images/$id   check .status == "deactivated"
GET    image /v2/images/$id/file   expect 403
as admin
GET    image /v2/images/$id/file   expect 200   check text == "abc"
as ann
POST   image /v2/images/$id/actions/reactivate   expect 204
GET    image /v2/images/$id/file   expect 200   check text == "abc"

# Tags.
PUT    image /v2/images/$id/tags/new   expect 204
PUT    image /v2/images/$id/tags/new   expect 204
GET    image /v2/images/$id   check .tags == ["new", "t"]
DELETE image /v2/images/$id/tags/new   expect 204
DELETE image /v2/images/$id/tags/new   expect 404

# Making.
POST   image /v2/images {"name": 1}   expect 400
POST   image /v2/images {"id": "x"}   expect 400
POST   image /v2/images {"disk_format": "floppy"}   expect 400   check text contains "&#x27;floppy&#x27; is not one of"
POST   image /v2/images {"container_format": "box"}   expect 400
POST   image /v2/images {"x": 1}   expect 400
POST   image /v2/images {"status": "active"}   expect 403
POST   image /v2/images {"self": "x"}   expect 403
POST   image /v2/images {"os_glance_x": "x"}   expect 403
POST   image /v2/images {"visibility": "public"}   expect 403
POST   image /v2/images {"owner": "somebody"}   expect 403   check text contains "You are not permitted to create images owned by &#x27;somebody&#x27;"
POST   image /v2/images {"tags": "x"}   expect 400
POST   image /v2/images []   expect 400
POST   image /v2/images   expect 400
POST   image /v2/images {"name": null}   expect 201   check .name == null   save id .id
PUT    image /v2/images/$id/file data "abc"   expect 400   check text contains "Properties disk_format, container_format must be set prior to saving data."
PUT    image /v2/images/$id/file data "abc"   with "Content-Type: text/plain"   expect 415
POST   image /v2/images/$id/actions/deactivate   expect 403   check text contains "Not allowed to deactivate image in status &#x27;queued&#x27;"
