# SPDX-License-Identifier: Apache-2.0
# Roles: given, inherited, through groups, implied; and taken away at once.
start identity
user eve demo reader
as admin
GET    identity /users?name=eve      save eve .users[0].id
GET    identity /projects?name=demo  save demo .projects[0].id
GET    identity /roles?name=member   save member .roles[0].id
GET    identity /roles?name=reader   save reader .roles[0].id
GET    identity /roles?name=admin    save admin .roles[0].id
POST   identity /groups {"group": {"name": "crew"}}        expect 201   save crew .group.id
PUT    identity /groups/$crew/users/$eve                   expect 204
HEAD   identity /groups/$crew/users/$eve                   expect 204
GET    identity /groups/$crew/users                        check .users[0].id == "$eve"
GET    identity /users/$eve/groups                         check .groups[0].id == "$crew"
PUT    identity /projects/$demo/groups/$crew/roles/$member expect 204
HEAD   identity /projects/$demo/groups/$crew/roles/$member expect 204
GET    identity /projects/$demo/groups/$crew/roles         check .roles[0].name == "member"
HEAD   identity /projects/$demo/users/$eve/roles/$member   expect 404
GET    identity "/role_assignments?user.id=$eve"           check .role_assignments.length == 1
GET    identity "/role_assignments?user.id=$eve&effective" check .role_assignments[*].role.id contains "$member"   check .role_assignments[*].role.id contains "$reader"
GET    identity "/role_assignments?scope.project.id=$demo&include_names" check .role_assignments[*].user.name contains "eve"
GET    identity "/role_assignments?user.id=$eve&group.id=$crew"  expect 400
GET    identity "/role_assignments?user.id=&group.id=$crew"      check .role_assignments.length == 1
GET    identity "/role_assignments?user.id=$eve&effective=0"     check .role_assignments.length == 1

# A role that is had in two ways, in itself and implied, is shown for both.
GET    identity "/role_assignments?user.id=$eve&effective&role.id=$reader" check .role_assignments.length == 2
GET    identity "/role_assignments?user.id=none&effective"       expect 404

# Inherited: holds below, not where it was given.
POST   identity /domains {"domain": {"name": "far"}}                                expect 201   save far .domain.id
POST   identity /projects {"project": {"name": "deep", "domain_id": "$far"}}        expect 201   save deep .project.id
PUT    identity /OS-INHERIT/domains/$far/users/$eve/roles/$reader/inherited_to_projects    expect 204
HEAD   identity /OS-INHERIT/domains/$far/users/$eve/roles/$reader/inherited_to_projects    expect 204
GET    identity /users/$eve/projects    check .projects[*].id contains "$deep"
GET    identity "/role_assignments?scope.project.id=$deep&effective"   check .role_assignments[0].user.id == "$eve"
DELETE identity /OS-INHERIT/domains/$far/users/$eve/roles/$reader/inherited_to_projects    expect 204
GET    identity /users/$eve/projects    check .projects.length == 1
DELETE identity /domains/$far           expect 403
PATCH  identity /domains/$far {"domain": {"enabled": false}}     expect 200
DELETE identity /domains/$far           expect 204
GET    identity /projects/$deep         expect 404

# What was taken away is gone for tokens that are out.
PUT    identity /projects/$demo/users/$eve/roles/$admin   expect 204
as eve
GET    identity /users                  expect 200
as admin
DELETE identity /projects/$demo/users/$eve/roles/$admin   expect 204
DELETE identity /projects/$demo/users/$eve/roles/$admin   expect 404
as eve
GET    identity /users                  expect 403

# Implied roles.
as admin
POST   identity /roles {"role": {"name": "boss"}}         expect 201   save boss .role.id   check .role.domain_id == null
PUT    identity /roles/$boss/implies/$member              expect 201   check .role_inference.implies.name == "member"
GET    identity /roles/$boss/implies                      check .role_inference.implies[0].id == "$member"
GET    identity /role_inferences                          check .role_inferences.length > 3
DELETE identity /roles/$boss/implies/$member              expect 204
DELETE identity /roles/$boss/implies/$member              expect 404
PUT    identity /system/users/$eve/roles/$reader          expect 204
GET    identity /system/users/$eve/roles                  check .roles[0].name == "reader"
DELETE identity /system/users/$eve/roles/$reader          expect 204

# A role of a domain is for its projects, and never for the system.
POST   identity /domains {"domain": {"name": "near"}}                      expect 201   save near .domain.id
POST   identity /projects {"project": {"name": "hill", "domain_id": "$near"}}   expect 201   save hill .project.id
POST   identity /roles {"role": {"name": "shepherd", "domain_id": "$near"}}     expect 201   save shepherd .role.id
PUT    identity /projects/$hill/users/$eve/roles/$shepherd   expect 204
PUT    identity /projects/$demo/users/$eve/roles/$shepherd   expect 403
PUT    identity /system/users/$eve/roles/$shepherd           expect 400

# What is inherited by whom is told to nobody else.
PUT    identity /OS-INHERIT/projects/$demo/users/none/roles/$reader/inherited_to_projects   expect 404
as eve
PUT    identity /OS-INHERIT/projects/none/users/none/roles/none/inherited_to_projects       expect 403
GET    identity /OS-INHERIT/projects/$demo/users/none/roles/none/inherited_to_projects      expect 403
