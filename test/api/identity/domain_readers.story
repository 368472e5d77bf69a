# SPDX-License-Identifier: Apache-2.0
# A token for a domain reads what is in that domain, whatever it asks for.
start identity
user dora demo member
as admin
GET    identity /users?name=dora     save dora .users[0].id
GET    identity /users?name=admin    save admin .users[0].id
GET    identity /projects?name=demo  save demo .projects[0].id
GET    identity /roles?name=reader   save reader .roles[0].id
PUT    identity /domains/default/users/$dora/roles/$reader                     expect 204
POST   identity /domains {"domain": {"name": "far"}}                           expect 201   save far .domain.id
POST   identity /users {"user": {"name": "finn", "domain_id": "$far"}}         expect 201   save finn .user.id
POST   identity /projects {"project": {"name": "deep", "domain_id": "$far"}}   expect 201   save deep .project.id
POST   identity /groups {"group": {"name": "crew"}}                            expect 201   save crew .group.id
POST   identity /groups {"group": {"name": "mixed", "domain_id": "$far"}}      expect 201   save mixed .group.id
PUT    identity /groups/$crew/users/$finn                                      expect 204
PUT    identity /groups/$crew/users/$dora                                      expect 204
PUT    identity /groups/$mixed/users/$dora                                     expect 204
PUT    identity /projects/$deep/users/$finn/roles/$reader                      expect 204
PUT    identity /domains/$far/users/$dora/roles/$reader                        expect 204
PUT    identity /system/users/$finn/roles/$reader                              expect 204

as dora@domain
GET    identity /users                   check .users[*].name contains "dora"   check .links.next == null
GET    identity /users?domain_id=$far    check .users.length == 0
GET    identity /projects?domain_id=$far check .projects.length == 0
GET    identity /groups                  check .groups[*].id contains "$crew"   check .groups.length == 1
GET    identity /groups?domain_id=$far   check .groups.length == 0
GET    identity /groups/$crew/users      check .users.length == 1               check .users[0].id == "$dora"
GET    identity /users/$dora/groups      check .groups.length == 1              check .groups[0].id == "$crew"
GET    identity /groups/$mixed/users     expect 403

GET    identity "/role_assignments?user.id=$dora"         check .role_assignments.length == 2
GET    identity "/role_assignments?user.id=$finn"         check .role_assignments.length == 0
GET    identity "/role_assignments?scope.project.id=$deep"  check .role_assignments.length == 0
GET    identity "/role_assignments?scope.domain.id=$far"  check .role_assignments.length == 0
GET    identity "/role_assignments?scope.system=all"      check .role_assignments.length == 0
GET    identity "/role_assignments?scope.domain.id=default"  check .role_assignments[*].user.id contains "$dora"
GET    identity "/role_assignments?scope.project.id=$demo&include_subtree"   check .role_assignments[*].user.id contains "$dora"
GET    identity "/role_assignments?scope.project.id=$deep&include_subtree"   expect 403

as dora
GET    identity /role_assignments        expect 403
GET    identity "/role_assignments?scope.project.id=$demo&include_subtree"   expect 403
GET    identity /groups                  expect 403

# A path with one's own name in it opens nobody else's things.
as admin
POST   identity /users/$admin/application_credentials {"application_credential": {"name": "a"}}   expect 201   save ac .application_credential.id
POST   identity /users/$admin/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 201   save access .credential.access
as dora
GET    identity /users/$dora/application_credentials/$ac      expect 403
DELETE identity /users/$dora/application_credentials/$ac      expect 403
GET    identity /users/$dora/credentials/OS-EC2/$access       expect 403
DELETE identity /users/$dora/credentials/OS-EC2/$access       expect 403
GET    identity /users/$dora/credentials/OS-EC2/none          expect 404
