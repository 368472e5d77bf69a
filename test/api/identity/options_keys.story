# SPDX-License-Identifier: Apache-2.0
# Keys of signed tokens are where the configuration says: a first start makes them there, and finds them the next time.
start identity
stop
$ mkdir -m 700 "$STATE"/elsewhere && chown --reference="$STATE"/identity "$STATE"/elsewhere && sed -i "/^\[identity\]/a jws_private_key_repository = $STATE/elsewhere/private\njws_public_key_repository = $STATE/elsewhere/public\npki_certfile = $STATE/elsewhere/cert.pem\npki_keyfile = $STATE/elsewhere/key.pem\npki_ca_certs = $STATE/elsewhere/ca.pem\npki_ca_key = $STATE/elsewhere/ca_key.pem" "$STATE"/stackd.conf
$ sed -i "/^\[identity\]/a token_provider = jws" "$STATE"/stackd.conf
up
as admin
GET    identity /auth/projects   expect 200
$ [ -e "$STATE"/elsewhere/private/private.pem ] && [ $(ls "$STATE"/elsewhere/public | wc -l) = 1 ] && [ ! -e "$STATE"/identity/jws-keys ] && printf %s "$(openstack token issue -f value -c id)"
save   token text
stop
up
GET    identity /auth/projects with "X-Auth-Token: $token"   expect 200
stop
$ sed -i "s/^token_provider = jws/token_provider = pki/" "$STATE"/stackd.conf
up
as nobody
GET    identity /OS-SIMPLE-CERT/ca   expect 200   save ca text
$ [ "$ca" = "$(cat "$STATE"/elsewhere/ca.pem)" ] || printf %s "$ca" | cmp - "$STATE"/elsewhere/ca.pem; [ ! -e "$STATE"/identity/pki ] && stat -c '%a %n' "$STATE"/elsewhere/key.pem "$STATE"/elsewhere/ca_key.pem
check  text contains "600 "
$ curl -s -o /dev/null -w '%{http_code}' -H "X-Auth-Token: $(openstack token issue -f value -c id)" $OS_AUTH_URL/auth/projects
check  text == "200"
