# SPDX-License-Identifier: Apache-2.0
# A refusal is one and the same, whatever was wrong; only insecure_debug tells.
option identity.insecure_debug = true
option identity.lockout_attempts = 2
start identity
user ann demo member
as admin
GET    identity /users?name=ann   save ann .users[0].id
POST   identity /projects {"project": {"name": "hers-not"}}   save p .project.id
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "nobody", "password": "x"}}}}}           expect 401   check .error.message contains "no such user"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "x"}}}}}             expect 401   check .error.message contains "password is wrong"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}, "scope": {"project": {"id": "$p"}}}}   expect 401   check .error.message contains "no role there"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}, "scope": {"project": {"id": "none"}}}}   expect 401   check .error.message contains "no such project"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "none", "secret": "x"}}}}   expect 401   check .error.message contains "no such application credential"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "x"}}}}}             expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "x"}}}}}             expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}}}      expect 401   check .error.message contains "locked out"
$ "$STACKD" down --state "$STATE" && sed -i "s/^insecure_debug.*/insecure_debug = false/" "$STATE"/stackd.conf && "$STACKD" up --state "$STATE"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "nobody", "password": "x"}}}}}           expect 401   save one text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "x"}}}}}             expect 401   check text == "$one"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "none", "secret": "x"}}}}   expect 401   check text == "$one"
