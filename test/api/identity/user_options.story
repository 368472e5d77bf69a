# SPDX-License-Identifier: Apache-2.0
# What users have as options goes over the rules for all; enabling somebody lets him in again.
option identity.password_expires_days = 10
option identity.change_password_at_first_use = true
option identity.lockout_attempts = 2
option identity.lockout_duration_s = 0
option identity.inactive_days = 30
start identity
as admin
# First use: whoever has the option keeps what an administrator chose; others change it first.
POST   identity /users {"user": {"name": "new", "password": "new-1"}}   save new .user.id
POST   identity /users {"user": {"name": "kept", "password": "kept-1", "options": {"ignore_change_password_upon_first_use": true}}}   save kept .user.id   check .user.password_expires_at exists
POST   identity /users {"user": {"name": "ever", "password": "ever-1", "options": {"ignore_change_password_upon_first_use": true, "ignore_password_expiry": true, "ignore_lockout_failure_attempts": true, "ignore_user_inactivity": true}}}   save ever .user.id   check .user.password_expires_at == null
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$new", "password": "new-1"}}}}}    expect 401   check .error.message contains "needs to be changed"
POST   identity /users/$new/password {"user": {"original_password": "new-1", "password": "new-2"}}   expect 204
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$new", "password": "new-2"}}}}}    expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "kept-1"}}}}}  expect 201
as admin
PATCH  identity /users/$kept {"user": {"password": "kept-2"}}
PATCH  identity /users/$new {"user": {"password": "new-3"}}
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "kept-2"}}}}}  expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$new", "password": "new-3"}}}}}    expect 401

# Locked out for good, until an administrator enables him; who has the option never is.
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "x"}}}}}       expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "x"}}}}}       expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "kept-2"}}}}}  expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ever", "password": "x"}}}}}       expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ever", "password": "x"}}}}}       expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ever", "password": "x"}}}}}       expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ever", "password": "ever-1"}}}}}  expect 201
as admin
PATCH  identity /users/$kept {"user": {"description": "still out"}}
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "kept-2"}}}}}  expect 401
as admin
PATCH  identity /users/$kept {"user": {"enabled": true}}
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$kept", "password": "kept-2"}}}}}  expect 201
