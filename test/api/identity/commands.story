# SPDX-License-Identifier: Apache-2.0
# Who has lost the administrator's password makes another administrator from the command line.
start identity
as nobody
$ "$STACKD" identity bootstrap --state "$STATE" 2>&1 | grep "say the password"
$ OS_BOOTSTRAP_PASSWORD=first "$STACKD" identity bootstrap --state "$STATE" \
  --bootstrap-username boss --bootstrap-project-name chiefs --bootstrap-role-name=owner \
  --bootstrap-region-id North --bootstrap-public-url=http://north.example/identity/v3
check  text contains "User 'boss' has role 'owner' on project 'chiefs' and on the system"
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "boss", "domain": {"id": "default"}, "password": "first"}}}, "scope": {"project": {"name": "chiefs", "domain": {"id": "default"}}}}}   expect 201
check  .token.roles[0].name == "owner"
# Once more: the password is set anew, nothing is there twice.
$ "$STACKD" identity bootstrap --state "$STATE" --bootstrap-username boss --bootstrap-project-name chiefs --bootstrap-password second
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "boss", "domain": {"id": "default"}, "password": "first"}}}}}   expect 401
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "boss", "domain": {"id": "default"}, "password": "second"}}}, "scope": {"system": {"all": true}}}}   expect 201
as admin
GET    identity /users?name=boss   check .users.length == 1
GET    identity /endpoints?region_id=North   check .endpoints.length == 1   check .endpoints[0].url == "http://north.example/identity/v3"
$ "$STACKD" identity bootstrap --state "$STATE" --bootstrap-password x --nonsense 2>&1 | grep "'--nonsense' is not an option"
# Before an upgrade: does the database need one?
$ "$STACKD" identity db_check --state "$STATE"
check  text contains "which this program needs"
$ set_back() { /usr/bin/python3 -c "import sqlite3; d = sqlite3.connect('$STATE/identity/identity.db'); \
    d.execute('UPDATE schema_version SET version = version - $1'); d.commit()"; }; \
  [ -e "$STATE/identity/identity.db" ] || exit 0; \
  set_back 1; "$STACKD" identity db_check --state "$STATE" 2>&1 | grep "run 'stackd identity db_sync'"; r=$?; set_back -1; exit $r
$ "$STACKD" identity db_check --state "$STATE"
# Each command knows its words, and names one that is not.
$ for c in $("$STACKD" help identity | sed -n 's/^  \([a-z_]*\) .*/\1/p'); do \
    "$STACKD" identity $c --state "$STATE" --nonsense 2>&1 | grep -q "'--nonsense' is not an option" || { echo $c >&2; exit 1; }; done
