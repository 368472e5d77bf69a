# SPDX-License-Identifier: Apache-2.0
# Accounts and projects with ids that are wanted, from the command line; who was shut out comes back.
option identity.inactive_days = 30
start identity
as nobody
$ "$STACKD" identity project_setup --state "$STATE" --project-name vault --project-id 0123456789abcdef0123456789abcdef
$ "$STACKD" identity project_setup --state "$STATE" --project-name vault
$ "$STACKD" identity project_setup --state "$STATE" --project-name vault --project-id other 2>&1 | grep "'vault' is there already, with the id 0123456789abcdef0123456789abcdef"
$ "$STACKD" identity project_setup --state "$STATE" --project-name other --project-id 0123456789abcdef0123456789abcdef 2>&1 | grep "is taken"
$ "$STACKD" identity project_setup --state "$STATE" --project-id x 2>&1 | grep "say which: --project-name"
$ "$STACKD" identity user_setup --state "$STATE" --username robot --user-password-plain first --user-id a-wanted-id
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "a-wanted-id", "password": "first"}}}}}   expect 201   save token header:x-subject-token
# The same password: nothing changes, and tokens live on.
$ "$STACKD" identity user_setup --state "$STATE" --username robot --user-password-plain first
GET    identity /auth/projects with "X-Auth-Token: $token" expect 200
as admin
GET    identity /projects/0123456789abcdef0123456789abcdef   check .project.name == "vault"   check .project.domain_id == "default"
PATCH  identity /users/a-wanted-id {"user": {"enabled": false}}
as nobody
# Another one: it is set, the account is open again, and what was logged in is not.
$ "$STACKD" identity user_setup --state "$STATE" --username robot --user-password-plain second
until  GET identity /auth/projects with "X-Auth-Token: $token" expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "a-wanted-id", "password": "first"}}}}}    expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "a-wanted-id", "password": "second"}}}}}   expect 201
$ "$STACKD" identity user_setup --state "$STATE" --username robot --user-password-plain second --user-id other 2>&1 | grep "is there already, with the id a-wanted-id"
$ "$STACKD" identity user_setup --state "$STATE" --username robot 2>&1 | grep "say the password"

# An account that was made long ago and never used, then inactive_days came: it counts as active when told so.
$ [ -e "$STATE/identity/identity.db" ] || exit 0; /usr/bin/python3 -c "import sqlite3; d = sqlite3.connect('$STATE/identity/identity.db'); \
    d.execute('UPDATE users SET created_at = created_at - 40 * 86400000000, last_active_us = NULL WHERE name = \'robot\''); d.commit()"
$ "$STACKD" identity reset_last_active --state "$STATE" 2>&1 | grep "say --force"
$ "$STACKD" identity reset_last_active --state "$STATE" --force
check  text contains "users count as active now"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "a-wanted-id", "password": "second"}}}}}   expect 201
$ "$STACKD" identity reset_last_active --state "$STATE" --force
check  text contains "0 users count"

# Roles of a new cloud that may be changed.
$ "$STACKD" identity bootstrap --state "$STATE" --bootstrap-password x --bootstrap-username boss --bootstrap-role-name soft --no-immutable-roles
as admin
GET    identity /roles?name=soft   check .roles[0].options.immutable missing   save soft .roles[0].id
DELETE identity /roles/$soft
$ "$STACKD" identity bootstrap --state "$STATE" --bootstrap-password x --bootstrap-username boss --bootstrap-role-name hard --immutable-roles
GET    identity /roles?name=hard   check .roles[0].options.immutable == true   save hard .roles[0].id
DELETE identity /roles/$hard   expect 403
