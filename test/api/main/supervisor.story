# SPDX-License-Identifier: Apache-2.0
# The supervisor: privilege goes, orphans end, a second one does not start.
start identity
$ for role in bus identity; do \
    pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/' "$STATE/run/$role.json"); \
    grep -E '^(Uid|NoNewPrivs|CapEff)' "/proc/$pid/status"; \
  done
check text matches "NoNewPrivs:\\s+1"
$ [ "$(id -u)" != 0 ] || ps -o user= -p "$(sed 's/.*"pid":\([0-9]*\).*/\1/' "$STATE/run/identity.json")" | grep -x stackd
# A second 'up' says that it is up.
$ "$STACKD" up --state "$STATE" | grep "up already"
# A supervisor that is killed takes its roles with it, and the next starts on free ports.
$ kill -9 "$(sed 's/.*"pid":\([0-9]*\).*/\1/' "$STATE/run/stackd.json")"; until flock -n "$STATE/run/lock" true; do sleep 0.01; done
up
GET identity! /healthcheck expect 200
$ "$STACKD" status --state "$STATE"
check text matches "identity +[0-9]+ .* answers"
# What cannot start is told in its own words.
stop
$ "$STACKD" up --state "$STATE" --set stackd.roles=bus,identity --set identity.bind_host=192.0.2.77 2>&1 | grep -c "identity cannot\|identity .*192.0.2.77" >/dev/null; \
  "$STACKD" status --state "$STATE" >/dev/null; [ $? = 3 ]
