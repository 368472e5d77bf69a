# SPDX-License-Identifier: Apache-2.0
# A client that asks for JSON Home learns the paths by the names of what they lead to, without a token.
start identity
as nobody
GET identity! /v3   with "Accept: application/json-home"   expect 200   check header:Content-Type == application/json-home   check text contains "\"https://docs.openstack.org/api/openstack-identity/3/rel/users\":{\"href\":\"/users\"}"   check text contains "\"https://docs.openstack.org/api/openstack-identity/3/ext/OS-TRUST/1.0/rel/trust\":{\"href-template\":\"/OS-TRUST/trusts/{trust_id}\",\"href-vars\":{\"trust_id\":\"https://docs.openstack.org/api/openstack-identity/3/ext/OS-TRUST/1.0/param/trust_id\"}}"
# Relative to the document: what the root tells goes through /v3.
GET identity! /     with "Accept: application/json-home"   expect 200   check text contains "{\"href\":\"/v3/users\"}"
# What is not served, as federation, has no name; limits are marked as new.
GET identity! /v3   with "Accept: application/json-home"   check text contains "\"href\":\"/limits/model\",\"hints\":{\"status\":\"experimental\"}"
$ curl -s -H "Accept: application/json-home" $OS_AUTH_URL | grep -c "OS-FEDERATION\|OS-OAUTH" || true   check text contains "0"
# Who takes either gets what everybody gets.
GET identity! /v3   with "Accept: application/json-home;q=0.5, */*"   expect 200   check header:Content-Type == application/json   check .version.id == v3.14
GET identity! /     with "Accept: */*"                                expect 300   check header:Content-Type == application/json
