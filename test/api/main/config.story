# SPDX-License-Identifier: Apache-2.0
# A typo in the configuration is told before anything starts; the tables print themselves.
start identity
$ "$STACKD" check --state "$STATE"
$ "$STACKD" check --state "$STATE" --set identity.bind_prot=1 2>&1 | grep "there is no such option"
$ "$STACKD" check --state "$STATE" --set idenity.bind_port=1 2>&1 | grep "no such option"
$ "$STACKD" check --state "$STATE" --set identity.bind_port=many 2>&1 | grep "not a number"
$ "$STACKD" check --state "$STATE" --set stackd.roles=identity,nonsense 2>&1 | grep "no role 'nonsense'"
$ ! "$STACKD" up --state "$STATE/elsewhere" --set identity.bind_port=many
$ "$STACKD" dump routes | grep -P '^identity\tPOST\t/v3/auth/tokens\t'
$ "$STACKD" dump policies | grep identity:create_user
$ "$STACKD" dump options | grep -x '#token_expiration_s = 3600'
# The configuration made for a new cloud holds no password, secrets lie apart.
$ ! grep -r "$(cat "$STATE/secrets/admin")" "$STATE/stackd.conf" "$STATE/logs"
$ stat -c %a "$STATE"/secrets/admin "$STATE"/clouds.yaml "$STATE"/openrc | sort -u
check text == "600\n"
$ "$STACKD" env --state "$STATE" | grep "OS_USERNAME='admin'"
$ "$STACKD" env --state "$STATE" --user demo | grep "OS_PROJECT_NAME='demo'"
$ OS_CLIENT_CONFIG_FILE="$STATE/clouds.yaml" openstack --os-cloud stackd token issue -f json
check .project_id exists
