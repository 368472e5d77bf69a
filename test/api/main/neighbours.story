# SPDX-License-Identifier: Apache-2.0
# Two clouds run beside each other, each on its own address, and know nothing of each other.
start identity
as admin
POST identity /users {"user": {"name": "only-here"}} expect 201
$ "$STACKD" up --state "$STATE/other" --bind 127.77.77.77 --set stackd.roles=bus,identity --set identity.password_rounds=4
$ eval "$("$STACKD" env --state "$STATE/other")"; openstack user list -f json
check .[Name=admin].Name == "admin"
check .[Name=only-here] missing
$ "$STACKD" purge --state "$STATE/other"; test ! -e "$STATE/other"
GET identity /users?name=only-here expect 200 check .users.length == 1
