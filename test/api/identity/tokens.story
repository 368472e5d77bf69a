# SPDX-License-Identifier: Apache-2.0
# Tokens: every scope, and what takes a token away.
each   identity.token_provider = fernet jws uuid pki pkiz
start identity
as nobody
GET    identity! /                 expect 300   check .versions.values[0].id == "v3.14"
GET    identity! /v3               expect 200   check .version.status == "stable"
POST   identity /auth/tokens {}    expect 400
POST   identity /auth/tokens {"auth": {"identity": {"methods": []}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "no"}}}}}   expect 401   check .error.code == 401   check .error.title == "Unauthorized"
GET    identity /users             expect 401

as admin
GET    identity /auth/catalog      check .catalog[type=identity].endpoints.length == 3
GET    identity /auth/projects     check .projects[*].name contains "admin"
GET    identity /auth/system       check .system[0].all == true
GET    identity /auth/domains      check .domains.length == 0

# A domain scope needs a role there.
$ printf %s "$(openstack token issue -f value -c id)"
save   token text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$token"}}, "scope": {"domain": {"id": "default"}}}}   expect 401
GET    identity /users?name=admin  save admin .users[0].id
GET    identity /roles?name=admin  save role .roles[0].id
PUT    identity /domains/default/users/$admin/roles/$role   expect 204
as admin@domain
GET    identity /users             expect 200
as admin@system
GET    identity /users             expect 200
as admin@unscoped
GET    identity /users             expect 403
GET    identity /auth/projects     expect 200

# A disabled user's token is gone at once, and comes back with the user.
user eve demo member
as admin
GET    identity /users?name=eve    save eve .users[0].id
as eve
GET    identity /auth/projects     expect 200
as admin
PATCH  identity /users/$eve {"user": {"enabled": false}}   check .user.enabled == false
as eve
GET    identity /auth/projects     expect 401
