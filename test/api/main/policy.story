# SPDX-License-Identifier: Apache-2.0
# An operator's rules, in every service: files of a folder, which are read again while it runs.
option agent_compute.driver = fake
start identity image placement compute network
user ann demo member
stop
$ sed -i "s,^\[\(identity\|image\|placement\|compute\|network\)\],&\npolicy_dirs = $STATE/\1.d," "$STATE"/stackd.conf
up
as ann
GET    identity /regions              expect 200
GET    image /v2/images               expect 200
GET    placement /resource_providers  expect 403
GET    compute /servers               expect 200
GET    network /v2.0/networks         expect 200   check .networks.length >= 0
# Nothing is started anew. Of two files the later one holds; of no rule it is said that nobody may.
$ mkdir "$STATE"/identity.d "$STATE"/image.d "$STATE"/placement.d "$STATE"/compute.d "$STATE"/network.d && cd "$STATE" && \
  echo '"identity:list_regions": "@"' > identity.d/a.yaml && echo '"identity:list_regions": "role:auditor"' > identity.d/b.yaml && \
  echo '"get_images": "role:auditor"' > image.d/a.yaml && echo '"placement:resource_providers:list": "role:member"' > placement.d/a.yaml && \
  echo '"os_compute_api:servers:index": "role:auditor"' > compute.d/a.yaml && echo '{"create_network": "role:auditor"}' > network.d/a.json && \
  chmod -R a+rX *.d
until  GET identity /regions              expect 403
until  GET image /v2/images               expect 403
until  GET placement /resource_providers  expect 200
until  GET compute /servers               expect 403
until  POST network /v2.0/networks {"network": {"name": "x"}}   expect 403
# A file that went wrong changes nothing, and is said with its name; when it is gone, so are its rules.
$ printf %s "$(openstack token issue -f value -c id)"
save   token text
$ echo '"identity:list_regions": "role:member or ("' > "$STATE"/identity.d/b.yaml; for i in $(seq 100); do grep "policy files cannot be used" "$STATE"/logs/identity.log && break; \
  curl -so /dev/null -H "X-Auth-Token: $token" $OS_AUTH_URL/regions; sleep 0.1; done; true
check  text contains "identity.d/b.yaml"
GET    identity /regions   expect 403
$ rm "$STATE"/*.d/*
until  GET identity /regions              expect 200
until  GET image /v2/images               expect 200
until  GET placement /resource_providers  expect 403
until  GET compute /servers               expect 200
until  POST network /v2.0/networks {"network": {"name": "x"}}   expect 201
# The commands look at the same files, with the service's own configuration.
$ echo '"os_compute_api:servers:index": "role:auditor"' > "$STATE"/compute.d/a.yaml && "$STACKD" policy list --service compute --state "$STATE" | grep '"os_compute_api:servers:index"'
check  text contains "role:auditor"
$ ! "$STACKD" policy check --service compute --state "$STATE" --user-id u --project p --roles member --rule os_compute_api:servers:index
check  text == "failed: os_compute_api:servers:index\n"
# At a start such a file stops the service, before anybody relies on it.
stop
$ echo '"identity:list_regions": "role:auditor or ("' > "$STATE"/identity.d/b.yaml; "$STACKD" identity --state "$STATE" --set identity.bind_port=0 2>&1; [ $? != 0 ]
check  text contains "identity.d/b.yaml"
