# SPDX-License-Identifier: Apache-2.0
# Names that are to be fit for URLs: new ones must be, and with 'strict' the others lead nowhere.
option identity.project_name_url_safe = new
option identity.domain_name_url_safe = strict
start identity
as admin
POST   identity /projects {"project": {"name": "a/b"}}   expect 400   check .error.message contains "Project name cannot contain the following reserved characters: /"
POST   identity /projects {"project": {"name": "a b"}}   expect 201   save p .project.id
PATCH  identity /projects/$p {"project": {"name": "a?b"}}   expect 400
PATCH  identity /projects/$p {"project": {"description": "what?"}}   expect 200
POST   identity /domains {"domain": {"name": "x:y"}}     expect 400   check .error.message contains "Domain name cannot contain the following reserved characters: :"
POST   identity /projects {"project": {"name": "x:y", "is_domain": true}}     expect 400
POST   identity /domains {"domain": {"name": "xy"}}      expect 201   save d .domain.id
PATCH  identity /domains/$d {"domain": {"name": "x#y"}}  expect 400
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "x"}}}, "scope": {"project": {"name": "a/b", "domain": {"name": "x#y"}}}}}   expect 401
# One of before the rule: it works by its id, by name only as long as names are not strict.
$ [ -e "$STATE/identity/identity.db" ] || exit 0; /usr/bin/python3 -c "import sqlite3; d = sqlite3.connect('$STATE/identity/identity.db'); d.execute('UPDATE projects SET name = \'admin/x\' WHERE name = \'admin\' AND is_domain = 0'); d.commit()"; \
  call() { curl -s -o /dev/null -w '%{http_code} ' -H 'Content-Type: application/json' $OS_AUTH_URL/auth/tokens -d "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"name\": \"admin\", \"domain\": {\"id\": \"default\"}, \"password\": \"$OS_PASSWORD\"}}}, \"scope\": {\"project\": {\"name\": \"admin/x\", \"domain\": {\"id\": \"default\"}}}}}"; }; \
  before=$(call); "$STACKD" down --state "$STATE" >/dev/null && sed -i 's/^project_name_url_safe.*/project_name_url_safe = strict/' "$STATE"/stackd.conf && "$STACKD" up --state "$STATE" >/dev/null && [ "$before$(call)" = "201 401 " ]
