# SPDX-License-Identifier: Apache-2.0
# What lists and bodies may ask for, as Keystone has it.
option identity.password_expires_days = 10
start identity
user eve demo member
as admin
GET    identity /projects?name=demo  save demo .projects[0].id
GET    identity /users?name=eve      save eve .users[0].id
GET    identity /roles?name=admin    save admin .roles[0].id   check .roles[0].options.immutable == true
DELETE identity /roles/$admin        expect 403
PATCH  identity /roles/$admin {"role": {"name": "boss"}}       expect 403

GET    identity /users?enabled                                             check .users[*].name contains "eve"
GET    identity /users?password_expires_at=lt:2001-01-01T00:00:00Z         check .users.length == 0
GET    identity /users?password_expires_at=gt:2001-01-01T00:00:00Z         check .users[*].name contains "eve"
GET    identity /users?password_expires_at=neq:2001-01-01T00:00:00Z        check .users[*].name contains "eve"
GET    identity /users?password_expires_at=2001-01-01T00:00:00Z            check .users.length == 0
GET    identity /users?password_expires_at=soon                            expect 400
GET    identity /users?idp_id=far                                          check .users.length == 0
PATCH  identity /users/$eve {"user": {}}                                   expect 400
PATCH  identity /users/$eve {"user": {"id": "other"}}                      expect 400
PATCH  identity /users/$eve {"user": {"id": "$eve", "description": "d"}}   check .user.description == "d"

POST   identity /groups {"group": {"name": "crew"}}   expect 201   save crew .group.id
PUT    identity /groups/$crew/users/$eve              expect 204
GET    identity /users/$eve/groups                    check .groups[0].membership_expires_at == null
GET    identity "/groups/$crew/users?password_expires_at=lt:2001-01-01T00:00:00Z"   check .users.length == 0

# Of a tree, a user sees whole projects where it has a role, and ids of all.
POST   identity /projects {"project": {"name": "low", "parent_id": "$demo"}}   expect 201   save low .project.id
GET    identity "/projects/$demo?subtree_as_list"   check .project.subtree.length == 0
GET    identity "/projects/$low?parents_as_list"    check .project.parents.length == 0
GET    identity "/projects/$demo?subtree_as_ids"    check .project.subtree.length == 1
as eve
GET    identity "/projects/$demo?subtree_as_list"   check .project.subtree.length == 0
as admin
GET    identity /roles?name=member                  save member .roles[0].id
PUT    identity /projects/$low/users/$eve/roles/$member   expect 204
as eve
GET    identity "/projects/$demo?subtree_as_list"   check .project.subtree[0].project.id == "$low"
GET    identity "/projects/$demo?subtree_as_list&subtree_as_ids"   expect 400
as admin
PUT    identity /projects/$low/tags {"tags": ["x", "x"]}   expect 400
POST   identity /projects {"project": {"name": "x", "domain_id": "nope"}}   expect 400
DELETE identity /domains/default     expect 403
GET    identity /auth/tokens         expect 404
