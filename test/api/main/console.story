# SPDX-License-Identifier: Apache-2.0
# The console proxy: noVNC's page, and a websocket that only a fresh token of our own page opens.
option agent_compute.driver = fake
option agent_network.roles = l2
start identity image placement compute network console agent
as admin
version compute 2.93
until  compute /os-services   .services[binary=nova-compute].state == "up"   within 20
POST   image /v2/images   {"name": "i", "disk_format": "raw", "container_format": "bare"}   expect 201   save img .id
PUT    image /v2/images/$img/file   data "hello"   expect 204
POST   compute /flavors   {"flavor": {"name": "m1", "ram": 64, "vcpus": 1, "disk": 1}}   expect 200   save f .flavor.id
POST   compute /servers   {"server": {"name": "s", "imageRef": "$img", "flavorRef": "$f", "networks": "none"}}
until  compute /servers?name=s   .servers.length == 1
save   s .servers[0].id
until  compute /servers/$s   .server.status == "ACTIVE"   unless .server.status == "ERROR"
POST   compute /servers/$s/remote-consoles   {"remote_console": {"protocol": "vnc", "type": "novnc"}}   expect 200
save   url .remote_console.url
check  $url matches "^http://[0-9.]+:6080/vnc_auto.html\\?path=%3Ftoken%3D"

# noVNC's files, and no others.
$ curl -s -o /dev/null -w '%{http_code} %{content_type}' "${url%%\?*}"
check  text == "200 text/html; charset=utf-8"
$ curl -sD- -o /dev/null "${url%%\?*}" | tr -d '\r'
check  text contains "Referrer-Policy: no-referrer"
check  text contains "frame-ancestors"
$ curl -s --path-as-is -o /dev/null -w '%{http_code}' "http://$ADDRESS:6080/../../../etc/passwd" | grep -E '^4'
$ curl -s --path-as-is -o /dev/null -w '%{http_code}' "http://$ADDRESS:6080/%2e%2e/%2e%2e/etc/passwd" | grep -E '^4'
# No redirect is made from a path, whatever it begins with.
$ curl -s --path-as-is -D- -o /dev/null "http://$ADDRESS:6080//evil.example/%2f.." | tr -d '\r'
check  text matches "^HTTP/1.1 4"
$ curl -s --path-as-is -D- -o /dev/null "http://$ADDRESS:6080///evil.example" | grep -ci '^location:' | grep -x 0 || true

# The websocket: not for pages of other sites, not without a token.
$ echo 'curl -s --http1.1 -o /dev/null -w "%{http_code}" -m 5 -H "Upgrade: websocket" -H "Connection: Upgrade" \
    -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "$@"' > "$STATE/ws"
$ bash "$STATE/ws" "http://$ADDRESS:6080/?token=${url##*%3D}" -H "Origin: http://evil.example"
check  text == "403"
$ bash "$STATE/ws" "http://$ADDRESS:6080/?token=nonsense" -H "Origin: http://$ADDRESS:6080"
check  text == "401"
$ bash "$STATE/ws" "http://$ADDRESS:6080/" -H "Origin: http://$ADDRESS:6080"
check  text == "401"
$ bash "$STATE/ws" "http://$ADDRESS:6080/?token=../servers" -H "Origin: http://$ADDRESS:6080"
check  text == "401"
# A good one goes through to the host; a fake guest has no screen there.
$ bash "$STATE/ws" "http://$ADDRESS:6080/?token=${url##*%3D}" -H "Origin: http://$ADDRESS:6080"
check  text == "502"
# No log holds a token.
$ ! grep -r -- "${url##*%3D}" "$STATE/logs"
# It dies with its server.
DELETE compute /servers/$s   expect 204
until  compute /servers/$s   expect 404
$ bash "$STATE/ws" "http://$ADDRESS:6080/?token=${url##*%3D}" -H "Origin: http://$ADDRESS:6080"
check  text == "401"
