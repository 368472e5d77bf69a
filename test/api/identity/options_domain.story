# SPDX-License-Identifier: Apache-2.0
# A cloud whose default domain has another id, as an older Keystone's may have.
option identity.default_domain_id = 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
start identity
let    id = 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
as nobody
$ printf %s "$(cat "$STATE"/secrets/admin)"
save   password text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"name": "Default"}, "password": "$password"}}}, "scope": {"project": {"name": "admin", "domain": {"id": "$id"}}}}}   expect 201   save t header:x-subject-token   check .token.user.domain.id == "$id"   save admin .token.user.id
# What says no domain is of it.
POST   identity /users {"user": {"name": "new"}} with "X-Auth-Token: $t"   expect 201   check .user.domain_id == "$id"
POST   identity /projects {"project": {"name": "new"}} with "X-Auth-Token: $t"   expect 201   check .project.domain_id == "$id"   check .project.parent_id == "$id"
GET    identity /domains/$id/config/security_compliance with "X-Auth-Token: $t"   expect 200
# A token for it, sealed and opened.
GET    identity /roles?name=admin with "X-Auth-Token: $t"   save role .roles[0].id
PUT    identity /domains/$id/users/$admin/roles/$role with "X-Auth-Token: $t"   expect 204
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$admin", "password": "$password"}}}, "scope": {"domain": {"id": "$id"}}}}   expect 201   save d header:x-subject-token
GET    identity /auth/tokens with "X-Auth-Token: $t" with "X-Subject-Token: $d"   check .token.domain.id == "$id"
$ "$STACKD" identity user_setup --state "$STATE" --username robot --user-password-plain robot --user-id robot
GET    identity /users/robot with "X-Auth-Token: $t"   check .user.domain_id == "$id"
DELETE identity /domains/$id with "X-Auth-Token: $t"   expect 403
