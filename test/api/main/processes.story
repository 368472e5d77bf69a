# SPDX-License-Identifier: Apache-2.0
# What dies is started again, and tokens outlive it.
start identity
as admin
GET    identity /users?name=admin   expect 200   check .users[0].name == "admin"
kill identity
GET    identity /users?name=admin   expect 200
kill bus
$ "$STACKD" status --state "$STATE" --json
check  .[role=identity].answers == true
check  .[role=bus].running == true
stop
up
GET    identity! /healthcheck   expect 200
GET    identity /users?name=admin   expect 200
