# SPDX-License-Identifier: Apache-2.0
# Rules of passwords, lock-out, and logins that need more than one proof.
option identity.password_regex = ^(?=.*\d)(?=.*[a-z]).{7,}$
option identity.password_regex_description = seven characters, a digit among them
option identity.password_history = 2
option identity.lockout_attempts = 3
option identity.auth_methods = password,token,application_credential,totp
start identity
as admin
POST   identity /users {"user": {"name": "u", "password": "short1"}}          expect 400   check .error.message contains "seven characters"
POST   identity /users {"user": {"name": "u", "password": "nodigitatall"}}    expect 400
POST   identity /users {"user": {"name": "u", "password": "first-pass1", "options": {"odd": true}}}   expect 400
POST   identity /users {"user": {"name": "u", "password": "first-pass1", "options": {"lock_password": null}}}   expect 201   save u .user.id   check .user.options.lock_password missing

# Changing it oneself: not back to one of the last.
POST   identity /users/$u/password {"user": {"original_password": "wrong-pass1", "password": "second-pass2"}}    expect 401
POST   identity /users/$u/password {"user": {"original_password": "first-pass1", "password": "first-pass1"}}     expect 400
POST   identity /users/$u/password {"user": {"original_password": "first-pass1", "password": "second-pass2"}}    expect 204
POST   identity /users/$u/password {"user": {"original_password": "second-pass2", "password": "first-pass1"}}    expect 400   check .error.message contains "previous password"
POST   identity /users/$u/password {"user": {"original_password": "second-pass2", "password": "third-pass3"}}    expect 204
POST   identity /users/$u/password {"user": {"original_password": "third-pass3", "password": "first-pass1"}}     expect 204
PATCH  identity /users/$u {"user": {"options": {"lock_password": true}}}   check .user.options.lock_password == true
POST   identity /users/$u/password {"user": {"original_password": "first-pass1", "password": "fourth-pass4"}}    expect 400
PATCH  identity /users/$u {"user": {"options": {"lock_password": null}}}   check .user.options.lock_password missing

# Three wrong ones lock the user out, also for the right one; a new password opens it again.
POST   identity /users {"user": {"name": "l", "password": "first-pass1"}}   expect 201   save l .user.id
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "x"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "x"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "first-pass1"}}}}}   expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "x"}}}}}   expect 401   save one text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "x"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "x"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "first-pass1"}}}}}   expect 401   check text == "$one"
as admin
PATCH  identity /users/$l {"user": {"password": "second-pass2"}}
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "second-pass2"}}}}}   expect 201

# Two factors: the first gives a receipt, the second the token.
as admin
PATCH  identity /users/$u {"user": {"options": {"multi_factor_auth_rules": [["password", "password"]]}}}   expect 400
PATCH  identity /users/$u {"user": {"options": {"multi_factor_auth_rules": [["password", "totp"]], "multi_factor_auth_enabled": true}}}
POST   identity /credentials {"credential": {"type": "totp", "user_id": "$u", "blob": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}   expect 201
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$u", "password": "first-pass1"}}}}}   expect 401   check .receipt.methods[0] == "password"   check .required_auth_methods[0][1] == "totp"   save receipt header:openstack-auth-receipt
$ python3 -c 'import hmac,time,struct; m=hmac.new(b"12345678901234567890",struct.pack(">Q",int(time.time())//30),"sha1").digest(); o=m[19]&15; print("%06d"%((struct.unpack(">I",m[o:o+4])[0]&0x7fffffff)%1000000),end="")'
save   code text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$u", "passcode": "abcdef"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 401   check .receipt missing
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$u", "passcode": "$code"}}}}}   expect 401   check .receipt.methods[0] == "totp"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$u", "passcode": "$code"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 201   check .token.methods contains "password"   check .token.methods contains "totp"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password", "totp"], "password": {"user": {"id": "$u", "password": "first-pass1"}}, "totp": {"user": {"id": "$u", "passcode": "$code"}}}}}   expect 201
# Somebody else's receipt is none.
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$l", "password": "second-pass2"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 401
# A receipt is no token, a token no receipt.
as admin
GET    identity /auth/tokens with "X-Subject-Token: $receipt"   expect 404
