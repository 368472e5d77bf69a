# SPDX-License-Identifier: Apache-2.0
# An operator bounds what lists give; who reads one is told that there is more.
option identity.list_limit = 2
start identity
as admin
GET    identity /roles   expect 200   check .roles.length == 2   check .truncated == true
GET    identity /roles?limit=1   expect 200   check .roles.length == 1
GET    identity /roles?limit=100   expect 200   check .roles.length == 2
GET    identity /roles?name=member   expect 200   check .roles.length == 1   check .truncated missing
GET    identity /users   expect 200   check .users.length == 2   check .truncated == true
