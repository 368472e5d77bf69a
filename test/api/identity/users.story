# SPDX-License-Identifier: Apache-2.0
# Users: made, found, changed; a new password ends the old tokens.
start identity
let long = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
user eve demo member
as admin
POST   identity /users {"user": {"name": "kim", "password": "one", "email": "kim@example.org", "default_project_id": null}}   expect 201   save kim .user.id   check .user.email == "kim@example.org"   check .user.password missing   check .user.password_expires_at == null   check .user.options.length == 0
POST   identity /users {"user": {"name": "kim"}}                      expect 409
POST   identity /users {"user": {"name": 5}}                          expect 400
POST   identity /users {"user": {"name": "$long"}}                    expect 400
POST   identity /users {"use": {}}                                    expect 400
POST   identity /users data "{broken" with "Content-Type: application/json"   expect 400
GET    identity /users?name=kim                                       check .users.length == 1   check .links.next == null
GET    identity /users?name__icontains=KI                             check .users[0].id == "$kim"
GET    identity /users?enabled=true&domain_id=default                 check .users[*].name contains "kim"
PATCH  identity /users/$kim {"user": {"name": "kim2", "description": "d"}}   check .user.description == "d"
PATCH  identity /users/$kim {"user": {"domain_id": "other"}}          expect 400
POST   identity /users/$kim/password {"user": {"password": "two", "original_password": "wrong"}}   expect 401
POST   identity /users/$kim/password {"user": {"password": "two", "original_password": "one"}}     expect 204
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kim", "password": "one"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kim", "password": "two"}}}}}   expect 201   save token header:X-Subject-Token
as nobody
GET    identity /auth/projects with "X-Auth-Token: $token"            expect 200
as admin
PATCH  identity /users/$kim {"user": {"password": "three"}}           expect 200
as nobody
GET    identity /auth/projects with "X-Auth-Token: $token"            expect 401
as eve
GET    identity /users                                                expect 403
GET    identity /users/$kim                                           expect 403
DELETE identity /users/$kim                                           expect 403
as admin
DELETE identity /users/$kim                                           expect 204
GET    identity /users/$kim                                           expect 404
