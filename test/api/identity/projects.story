# SPDX-License-Identifier: Apache-2.0
# A tree of projects.
start identity
as admin
POST   identity /projects {"project": {"name": "top", "shoe": 42, "tags": ["a", "b"]}}   expect 201   save top .project.id   check .project.domain_id == "default"   check .project.parent_id == "default"   check .project.shoe == 42   check .project.is_domain == false   check .project.enabled == true
POST   identity /projects {"project": {"name": "top"}}                 expect 409
POST   identity /projects {"project": {"name": "TOP"}}                 expect 409
POST   identity /projects {"project": {"name": ""}}                    expect 400
POST   identity /projects {"project": {}}                              expect 400
POST   identity /projects {"project": {"name": "x", "enabled": "no"}}  expect 400
POST   identity /projects {"project": {"name": "x", "domain_id": "nowhere"}}   expect 400
POST   identity /projects {"project": {"name": "x", "parent_id": "nowhere"}}   expect 400
POST   identity /projects {"project": {"name": "leaf", "parent_id": "$top"}}   expect 201   save leaf .project.id   check .project.parent_id == "$top"
GET    identity /projects/$leaf?parents_as_ids    check .project.parents.$top.default == null
GET    identity /projects/$top?subtree_as_ids     check .project.subtree.$leaf == null
GET    identity /projects?parent_id=$top          check .projects.length == 1
GET    identity /projects?tags=a,b                check .projects.length == 1
GET    identity /projects?tags=a,c                check .projects.length == 0
GET    identity /projects?tags-any=a,c            check .projects.length == 1
GET    identity /projects?name__startswith=to     check .projects[0].name == "top"
GET    identity /projects/$top/tags               check .tags.length == 2
PUT    identity /projects/$top/tags/c             expect 201
HEAD   identity /projects/$top/tags/c             expect 204
GET    identity /projects/$top/tags/d             expect 404
DELETE identity /projects/$top/tags/c             expect 204
PUT    identity /projects/$top/tags {"tags": ["x"]}   check .tags[0] == "x"
DELETE identity /projects/$top/tags               expect 204
PATCH  identity /projects/$top {"project": {"enabled": false}}          expect 403
PATCH  identity /projects/$leaf {"project": {"parent_id": "default"}}   expect 403
PATCH  identity /projects/$leaf {"project": {"domain_id": "other"}}     expect 400
DELETE identity /projects/$top                    expect 403
PATCH  identity /projects/$leaf {"project": {"options": {"immutable": true}}}   check .project.options.immutable == true
DELETE identity /projects/$leaf                   expect 403
PATCH  identity /projects/$leaf {"project": {"options": {"immutable": null}}}   expect 200
DELETE identity /projects/$leaf                   expect 204
DELETE identity /projects/$top                    expect 204
GET    identity /projects/$top                    expect 404   check .error.message contains "Could not find project"
