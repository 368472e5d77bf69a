# SPDX-License-Identifier: Apache-2.0
# What an operator bounds apart: lists by kind, credentials of a user; roles that none implies; catalogs.
option identity.list_limit = 3
option identity.role_list_limit = 1
option identity.identity_list_limit = 2
option identity.credential_limit = 1
option identity.prohibited_implied_role = admin,owner
option identity.return_all_endpoints_if_no_filter = false
start identity
user ann demo member
user bob other member
as admin
GET    identity /roles      check .roles.length == 1      check .truncated == true
GET    identity /roles?limit=9   check .roles.length == 1
GET    identity /users      check .users.length == 2      check .truncated == true
GET    identity /projects   check .projects.length == 3   check .truncated == true
GET    identity /users?name=ann        save ann .users[0].id
GET    identity /projects?name=demo    save demo .projects[0].id
GET    identity /endpoints             save ep .endpoints[0].id

POST   identity /credentials {"credential": {"type": "cert", "blob": "a", "user_id": "$ann"}}   expect 201   save one .credential.id
POST   identity /credentials {"credential": {"type": "cert", "blob": "b", "user_id": "$ann"}}   expect 403   check .error.message contains "maximum of 1 already exceeded"
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 403
DELETE identity /credentials/$one
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 201

POST   identity /roles {"role": {"name": "owner"}}    save owner .role.id
POST   identity /roles {"role": {"name": "helper"}}   save helper .role.id
PUT    identity /roles/$helper/implies/$owner   expect 403   check .error.message contains "cannot be an implied"
PUT    identity /roles/$owner/implies/$helper   expect 201

# Without chosen endpoints there is no catalog.
as ann@demo
GET    identity /auth/catalog   check .catalog.length == 0
as admin
PUT    identity /OS-EP-FILTER/projects/$demo/endpoints/$ep   expect 204
as ann
GET    identity /auth/catalog   check .catalog.length == 1   check .catalog[0].endpoints.length == 1
