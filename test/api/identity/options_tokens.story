# SPDX-License-Identifier: Apache-2.0
# A scoped token that cannot be changed for another; the one project that is the administrators'.
option identity.allow_rescope_scoped_token = false
option identity.admin_project_name = admin
option identity.admin_project_domain_name = Default
start identity
user ann demo admin
as admin
GET    identity /users?name=ann        save ann .users[0].id
GET    identity /projects?name=demo    save demo .projects[0].id
let    LOGIN = "\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"name\": \"ann\", \"domain\": {\"id\": \"default\"}, \"password\": \"pass-ann\"}}}"
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}, "scope": "unscoped"}}   expect 201   save open header:x-subject-token
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$open"}}, "scope": {"project": {"id": "$demo"}}}}   expect 201   save scoped header:x-subject-token   check .token.is_admin_project == false
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$scoped"}}, "scope": {"project": {"id": "$demo"}}}}   expect 403   check .error.message contains "rescope a scoped token"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$scoped"}}, "scope": "unscoped"}}   expect 403
as admin
GET    identity /auth/tokens with "X-Subject-Token: $scoped"   check .token.is_admin_project == false
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "ann", "domain": {"id": "default"}, "password": "pass-ann"}}}}}   expect 201   check .token.is_admin_project missing
# Rules that ask for it.
$ printf '"identity:list_regions": "is_admin_project:True"\n"identity:list_services": "role:admin and is_admin_project:True"\n' > "$STATE"/policy.yaml && "$STACKD" down --state "$STATE" && \
  sed -i "/^\[identity\]/a policy_file = $STATE/policy.yaml" "$STATE"/stackd.conf && "$STACKD" up --state "$STATE"
GET    identity /services   expect 200
GET    identity /auth/tokens with "X-Subject-Token: $scoped"   expect 200
as nobody
GET    identity /services with "X-Auth-Token: $scoped"   expect 403
GET    identity /regions with "X-Auth-Token: $scoped"    expect 403
