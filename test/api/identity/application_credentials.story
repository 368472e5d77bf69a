# SPDX-License-Identifier: Apache-2.0
# Application credentials: a program's own secret with a part of its owner's rights.
start identity
user ann demo member
user bob demo member
as admin
GET    identity /users?name=ann       save ann .users[0].id
GET    identity /users?name=bob       save bob .users[0].id
GET    identity /projects?name=demo   save demo .projects[0].id
GET    identity /roles?name=member    save member .roles[0].id
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "x"}}   expect 403

as ann
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "x", "roles": [{"name": "admin"}]}}   expect 400
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "x", "expires_at": "2001-01-01T00:00:00"}}   expect 400
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "app", "roles": [{"name": "reader"}]}}   expect 201   save ac .application_credential.id   save secret .application_credential.secret   check .application_credential.roles.length == 1   check .application_credential.unrestricted == false
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "app"}}   expect 409
GET    identity /users/$ann/application_credentials       check .application_credentials.length == 1   check .application_credentials[0].secret missing
GET    identity /users/$ann/application_credentials?name=other   check .application_credentials.length == 0
GET    identity /users/$ann/application_credentials/$ac   check .application_credential.name == "app"
as bob
GET    identity /users/$ann/application_credentials/$ac   expect 403
GET    identity /users/$bob/application_credentials/$ac   expect 403|404
DELETE identity /users/$bob/application_credentials/$ac   expect 403|404

as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ac", "secret": "no"}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ac", "secret": "$secret"}}, "scope": {"project": {"id": "$demo"}}}}   expect 401
# Naming another user beside the id changes nothing.
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ac", "secret": "$secret", "user": {"id": "$bob"}}}}}   expect 201   check .token.user.id == "$ann"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"name": "app", "secret": "$secret", "user": {"name": "ann", "domain": {"id": "default"}}}}}}   expect 201   save token header:x-subject-token   check .token.project.id == "$demo"   check .token.roles.length == 1   check .token.application_credential.restricted == true   check .token.methods[0] == "application_credential"
# What is restricted makes and deletes no others, no EC2 pairs, no trusts.
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "y"}} with "X-Auth-Token: $token"   expect 403
DELETE identity /users/$ann/application_credentials/$ac with "X-Auth-Token: $token"   expect 403
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"} with "X-Auth-Token: $token"   expect 403
GET    identity /OS-TRUST/trusts?trustor_user_id=$ann with "X-Auth-Token: $token"   expect 403
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$token"}}, "scope": {"project": {"id": "$demo"}}}}   expect 403
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["token"], "token": {"id": "$token"}}}}   expect 403

# Rules: only what they name, here and in every other service.
as ann
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "ruled", "secret": "chosen", "access_rules": [{"service": "identity", "method": "GET", "path": "/v3/users/*"}]}}   expect 201   save ruled .application_credential.id   save rule .application_credential.access_rules[0].id
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "again", "access_rules": [{"id": "$rule"}]}}   expect 201   check .application_credential.access_rules[0].path == "/v3/users/*"
POST   identity /users/$ann/application_credentials {"application_credential": {"name": "odd", "access_rules": [{"service": "identity", "method": "FLY", "path": "/"}]}}   expect 400
GET    identity /users/$ann/access_rules         check .access_rules.length == 1
GET    identity /users/$ann/access_rules/$rule   check .access_rule.method == "GET"
DELETE identity /users/$ann/access_rules/$rule   expect 403
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ruled", "secret": "chosen"}}}}   expect 201   save bound header:x-subject-token
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ruled", "secret": "chosen"}}}}   expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ruled", "secret": "chose"}}}}   expect 401
GET    identity /users/$ann with "X-Auth-Token: $bound"            expect 200
GET    identity /users/$ann/projects with "X-Auth-Token: $bound"   expect 401
GET    identity /auth/projects with "X-Auth-Token: $bound"         expect 401
as admin
GET    identity /auth/tokens with "X-Subject-Token: $bound"   expect 404
GET    identity /auth/tokens with "X-Subject-Token: $bound" with "OpenStack-Identity-Access-Rules: 1.0"   check .token.application_credential.access_rules[0].method == "GET"

# The owner loses the role: the credential is gone with it.
DELETE identity /projects/$demo/users/$ann/roles/$member   expect 204
GET    identity /auth/tokens with "X-Subject-Token: $token"   expect 404
PUT    identity /projects/$demo/users/$ann/roles/$member   expect 204
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "$ac", "secret": "$secret"}}}}   expect 401
