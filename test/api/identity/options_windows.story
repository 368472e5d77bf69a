# SPDX-License-Identifier: Apache-2.0
# How long things are good for, and how many there may be, where the configuration says another number.
option identity.auth_methods = password,token,totp
option identity.receipt_expiration_s = 1
option identity.allow_expired_window_s = 100
option identity.totp_previous_windows = 3
option identity.credential_auth_ttl_min = 1
option identity.max_redelegation_count = 1
option identity.max_project_depth = 2
option identity.max_body_bytes = 2048
option identity.max_limit = 3
option identity.resource_list_limit = 2
option identity.catalog_list_limit = 1
option identity.unified_limit_list_limit = 1
option identity.policy_list_limit = 1
option identity.public_endpoint = https://cloud.example.org/identity
start identity
user ann demo member
user bob demo member
as admin
GET    identity /users?name=ann        save ann .users[0].id
GET    identity /users?name=bob        save bob .users[0].id
GET    identity /projects?name=demo    save demo .projects[0].id
GET    identity /roles?name=member     save member .roles[0].id

# Links are those of the address that clients see.
check  .links.self == "https://cloud.example.org/identity/v3/roles?name=member"
GET    identity! /v3   check .version.links[0].href == "https://cloud.example.org/identity/v3/"

# Projects, pages, bodies.
POST   identity /projects {"project": {"name": "two", "parent_id": "$demo"}}    expect 201   save two .project.id
POST   identity /projects {"project": {"name": "three", "parent_id": "$two"}}   expect 403
GET    identity /users?limit=100       check .users.length == 3     check .links.next exists
GET    identity /projects              check .projects.length == 2    check .truncated == true
GET    identity /domains               check .truncated missing
GET    identity /endpoints             check .endpoints.length == 1   check .truncated == true
GET    identity /services              check .services.length == 1    check .truncated == true
save   svc .services[0].id
POST   identity /registered_limits {"registered_limits": [{"service_id": "$svc", "resource_name": "a", "default_limit": 1}, {"service_id": "$svc", "resource_name": "b", "default_limit": 1}]}   expect 201
GET    identity /registered_limits     check .registered_limits.length == 1   check .truncated == true
POST   identity /policies {"policy": {"type": "text/plain", "blob": "1"}}   expect 201
POST   identity /policies {"policy": {"type": "text/plain", "blob": "2"}}   expect 201
GET    identity /policies              check .policies.length == 1   check .truncated == true
$ curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Auth-Token: $(openstack token issue -f value -c id)" $OS_AUTH_URL/users -d "{\"user\": {\"name\": \"$(printf %02000d 1)\"}}"
check  text == "400"
$ curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Auth-Token: $(openstack token issue -f value -c id)" $OS_AUTH_URL/users -d "{\"user\": {\"name\": \"$(printf %02100d 1)\"}}"
check  text == "413"

# Trusts.
as ann
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}], "allow_redelegation": true, "redelegation_count": 2}}   expect 403
POST   identity /OS-TRUST/trusts {"trust": {"trustor_user_id": "$ann", "trustee_user_id": "$bob", "impersonation": true, "project_id": "$demo", "roles": [{"id": "$member"}], "allow_redelegation": true, "redelegation_count": 1}}   expect 201

# A token that ended is known to services for as long as is said.
$ printf %s "$(openstack token issue -f value -c id)"
save   token text
let    EXPIRE = "import os, sys; sys.path.insert(0, os.environ['KIT']); import fernet; print(fernet.expired(os.environ['STATE'] + '/identity/fernet-keys', os.environ['token'], int(sys.argv[1])), end='')"
$ /usr/bin/python3 -c "$EXPIRE" 80
save   lately text
$ /usr/bin/python3 -c "$EXPIRE" 120
save   before text
as admin
GET    identity /auth/tokens                   with "X-Subject-Token: $lately"   expect 404
GET    identity /auth/tokens?allow_expired=1   with "X-Subject-Token: $lately"   expect 200
GET    identity /auth/tokens?allow_expired=1   with "X-Subject-Token: $before"   expect 404

# A signed request is good for a minute.
as ann
POST   identity /users/$ann/credentials/OS-EC2 {"tenant_id": "$demo"}   expect 201   save access .credential.access   save secret .credential.secret
let    SIGN = "import base64, hashlib, hmac, json, os, sys, time, urllib.parse; p = {'SignatureVersion': '2', 'AWSAccessKeyId': os.environ['access'], 'SignatureMethod': 'HmacSHA256', 'Timestamp': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - int(sys.argv[1])))}; q = '&'.join(k + '=' + urllib.parse.quote(p[k], safe='-_~') for k in sorted(p)); m = hmac.new(os.environ['secret'].encode(), chr(10).join(('GET', 'localhost', '/x', q)).encode(), hashlib.sha256).digest(); print(json.dumps({'credentials': {'access': p['AWSAccessKeyId'], 'signature': base64.b64encode(m).decode(), 'host': 'localhost', 'verb': 'GET', 'path': '/x', 'params': p}}), end='')"
as admin
$ curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Auth-Token: $(openstack token issue -f value -c id)" $OS_AUTH_URL/ec2tokens -d "$(/usr/bin/python3 -c "$SIGN" 40)"
check  text == "200"
$ curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H "X-Auth-Token: $(openstack token issue -f value -c id)" $OS_AUTH_URL/ec2tokens -d "$(/usr/bin/python3 -c "$SIGN" 70)"
check  text == "401"

# Passcodes of three windows before this one, and none before them; a receipt of one second.
POST   identity /credentials {"credential": {"type": "totp", "user_id": "$ann", "blob": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}   expect 201
PATCH  identity /users/$ann {"user": {"options": {"multi_factor_auth_rules": [["totp"], ["password", "totp"]]}}}
let    CODE = "import hmac, sys, time, struct; m = hmac.new(b'12345678901234567890', struct.pack('>Q', int(time.time()) // 30 - int(sys.argv[1])), 'sha1').digest(); o = m[19] & 15; print('%06d' % ((struct.unpack('>I', m[o:o + 4])[0] & 0x7fffffff) % 1000000), end='')"
as nobody
$ python3 -c "$CODE" 5
save   code text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$ann", "passcode": "$code"}}}}}   expect 401
$ python3 -c "$CODE" 2
save   code text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$ann", "passcode": "$code"}}}}}   expect 201
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}}}   expect 401   save receipt header:openstack-auth-receipt
until  POST identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 401   check .receipt missing
