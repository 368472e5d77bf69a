# SPDX-License-Identifier: Apache-2.0
# A balancer asks whether to send anybody here: a file takes the machine out, everything else goes on.
start identity
as admin
GET    identity! /healthcheck   expect 200   check text == "OK\n"
$ "$STACKD" down --state "$STATE" && sed -i "/^\[identity\]/a healthcheck_disable_file = $STATE/away" "$STATE"/stackd.conf && "$STACKD" up --state "$STATE"
GET    identity! /healthcheck   expect 200   check text == "OK\n"
$ touch "$STATE"/away
GET    identity! /healthcheck   expect 503   check text == "DISABLED BY FILE\n"
HEAD   identity! /healthcheck   expect 503
GET    identity /users?name=admin   expect 200
$ rm "$STATE"/away
GET    identity! /healthcheck   expect 200
