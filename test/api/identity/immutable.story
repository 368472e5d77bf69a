# SPDX-License-Identifier: Apache-2.0
# What is marked immutable stays as it is until the mark alone is taken away.
start identity
as admin
POST   identity /projects {"project": {"name": "p", "tags": ["a"], "options": {"immutable": true}}}   save p .project.id
PATCH  identity /projects/$p {"project": {"description": "d"}}   expect 403
PATCH  identity /projects/$p {"project": {"description": "d", "options": {"immutable": false}}}   expect 403
PATCH  identity /projects/$p {"project": {"options": {"immutable": true}}}   expect 403
DELETE identity /projects/$p   expect 403
PUT    identity /projects/$p/tags/b   expect 403
PUT    identity /projects/$p/tags {"tags": ["b"]}   expect 403
DELETE identity /projects/$p/tags/a   expect 403
DELETE identity /projects/$p/tags     expect 403
GET    identity /projects/$p/tags     check .tags[0] == "a"
PATCH  identity /projects/$p {"project": {"options": {"immutable": false}}}   expect 200
PUT    identity /projects/$p/tags/b   expect 201
DELETE identity /projects/$p   expect 204
POST   identity /roles {"role": {"name": "r", "options": {"immutable": true}}}   save r .role.id
PATCH  identity /roles/$r {"role": {"name": "s", "options": {"immutable": null}}}   expect 403
DELETE identity /roles/$r   expect 403
PATCH  identity /roles/$r {"role": {"options": {"immutable": null}}}   check .role.options.immutable missing
DELETE identity /roles/$r   expect 204
POST   identity /domains {"domain": {"name": "d", "options": {"immutable": true}}}   save d .domain.id
PATCH  identity /domains/$d {"domain": {"enabled": false}}   expect 403
DELETE identity /domains/$d   expect 403
PATCH  identity /domains/$d {"domain": {"options": {"immutable": false}}}   expect 200
PATCH  identity /domains/$d {"domain": {"enabled": false}}   expect 200
DELETE identity /domains/$d   expect 204
POST   identity /projects {"project": {"name": "q", "options": {"odd": true}}}   expect 400
