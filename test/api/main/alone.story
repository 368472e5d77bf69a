# SPDX-License-Identifier: Apache-2.0
# A role runs alone, without a supervisor, as its own process with its own file.
start identity
as admin
$ "$STACKD" down --state "$STATE"
# The service as a service manager starts it: in the foreground, ended by SIGTERM.
$ "$STACKD" identity --config "$STATE/stackd.conf" 2>"$STATE/alone.log" & \
  pid=$!; \
  for i in $(seq 100); do [ -e "$STATE/run/identity.json" ] && break; sleep 0.05; done; \
  curl -sf "http://$ADDRESS:5000/healthcheck"; r=$?; kill $pid; wait $pid && exit $r
check text == "OK\n"
$ test ! -e "$STATE/run/identity.json"
