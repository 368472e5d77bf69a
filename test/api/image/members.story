# SPDX-License-Identifier: Apache-2.0
# An image shared with a project, which decides whether it wants it.
start identity image
user ann ours member
user bob theirs member
user eve evil member
as admin
GET    identity /projects?name=theirs   save theirs .projects[0].id
GET    identity /projects?name=evil     save evil .projects[0].id
as ann
POST   image /v2/images {"name": "shared", "disk_format": "raw", "container_format": "bare"}   expect 201   save id .id
PUT    image /v2/images/$id/file data "secret"   expect 204
as bob
GET    image /v2/images/$id   expect 404

# Invited: he may look, and decide; his lists wait for that.
as ann
POST   image /v2/images/$id/members {"member": "$theirs"}   expect 200   check .status == "pending"
check  .member_id == "$theirs"
check  .image_id == "$id"
check  .schema == "/v2/schemas/member"
POST   image /v2/images/$id/members {"member": "$theirs"}   expect 409
POST   image /v2/images/$id/members {"member": ""}   expect 400
POST   image /v2/images/$id/members {}   expect 400
POST   image /v2/images/$id/members []   expect 400
as bob
GET    image /v2/images/$id   expect 200
GET    image /v2/images/$id/file   expect 200   check text == "secret"
GET    image /v2/images   check .images.length == 0
GET    image /v2/images?member_status=pending&visibility=shared   check .images[0].id == "$id"
GET    image /v2/images?member_status=wrong   expect 400
GET    image /v2/images/$id/members   expect 200   check .members.length == 1   check .schema == "/v2/schemas/members"
GET    image /v2/images/$id/members/$theirs   expect 200   check .status == "pending"

# Only the invited decides; only the owner invites.
as ann
PUT    image /v2/images/$id/members/$theirs {"status": "accepted"}   expect 403
as eve
PUT    image /v2/images/$id/members/$theirs {"status": "accepted"}   expect 404
GET    image /v2/images/$id/members   expect 404
POST   image /v2/images/$id/members {"member": "$evil"}   expect 404
as bob
POST   image /v2/images/$id/members {"member": "$evil"}   expect 403
DELETE image /v2/images/$id/members/$theirs   expect 403
PUT    image /v2/images/$id/members/$theirs {"status": "maybe"}   expect 400
PUT    image /v2/images/$id/members/$theirs {}   expect 400
PUT    image /v2/images/$id/members/$theirs {"status": "accepted"}   expect 200   check .status == "accepted"
GET    image /v2/images   check .images[0].id == "$id"

# What is shared is for use, not for change.
PATCH  image /v2/images/$id [{"op": "replace", "path": "/name", "value": "mine"}]   with "Content-Type: application/openstack-images-v2.1-json-patch"   expect 403
DELETE image /v2/images/$id   expect 403
PUT    image /v2/images/$id/tags/mine   expect 403
POST   image /v2/images/$id/actions/deactivate   expect 403

# Another member is not his to see.
as ann
POST   image /v2/images/$id/members {"member": "$evil"}   expect 200
GET    image /v2/images/$id/members   check .members.length == 2
as bob
GET    image /v2/images/$id/members   check .members.length == 1
GET    image /v2/images/$id/members/$evil   expect 404

# Taken back.
as ann
DELETE image /v2/images/$id/members/$theirs   expect 204
DELETE image /v2/images/$id/members/$theirs   expect 404
as bob
GET    image /v2/images/$id   expect 404
GET    image /v2/images/$id/file   expect 404

# Only shared images have members.
as ann
PATCH  image /v2/images/$id [{"op": "replace", "path": "/visibility", "value": "private"}]   with "Content-Type: application/openstack-images-v2.1-json-patch"   expect 200
as eve
GET    image /v2/images/$id   expect 404
as ann
GET    image /v2/images/$id/members   expect 403
POST   image /v2/images/$id/members {"member": "$theirs"}   expect 403
