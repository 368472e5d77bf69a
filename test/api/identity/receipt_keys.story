# SPDX-License-Identifier: Apache-2.0
# Receipts may have keys of their own, which are rotated apart from those of tokens.
option identity.auth_methods = password,token,totp
option identity.max_active_keys = 10
start identity
user ann demo member
as admin
GET    identity /users?name=ann   save ann .users[0].id
POST   identity /credentials {"credential": {"type": "totp", "user_id": "$ann", "blob": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}
as nobody
# Until they have, a rotation for receipts is one for tokens.
$ "$STACKD" identity receipt_rotate --state "$STATE"; ls "$STATE"/identity/fernet-keys | tr '\n' ' '
check  text contains "0 1 2 "
stop
$ sed -i "/^\[identity\]/a receipt_key_repository = $STATE/identity/../receipts/" "$STATE"/stackd.conf && mkdir -m 700 "$STATE"/receipts && chown --reference="$STATE"/identity "$STATE"/receipts
up
$ "$STACKD" identity receipt_setup --state "$STATE"
check  text contains "keys for receipts in"
as admin
PATCH  identity /users/$ann {"user": {"options": {"multi_factor_auth_rules": [["password", "totp"]]}}}
as nobody
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "$ann", "password": "pass-ann"}}}}}   expect 401   save receipt header:openstack-auth-receipt
# A rotation of tokens' keys is nothing to it, one of its own neither as long as its key is kept.
$ for i in 1 2 3; do "$STACKD" identity token_rotate --state "$STATE"; done; "$STACKD" identity receipt_rotate --state "$STATE"
$ echo $(ls "$STATE"/receipts)
check  text == "0 1 2\n"
$ echo $(ls "$STATE"/identity/fernet-keys)
check  text == "0 1 2 3 4 5\n"
let    CODE = "import hmac, time, struct; m = hmac.new(b'12345678901234567890', struct.pack('>Q', int(time.time()) // 30), 'sha1').digest(); o = m[19] & 15; print('%06d' % ((struct.unpack('>I', m[o:o + 4])[0] & 0x7fffffff) % 1000000), end='')"
$ python3 -c "$CODE"
save   code text
POST   identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$ann", "passcode": "$code"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 201   save token header:x-subject-token
# fernet_rotate rotates both, as it does for a Keystone with two repositories.
$ "$STACKD" identity fernet_rotate --state "$STATE" && "$STACKD" identity receipt_rotate --state "$STATE"
check  text contains "token keys"   check text contains "receipt keys"
$ echo $(ls "$STATE"/receipts)
check  text == "0 3 4\n"
# As many are kept as is said.
$ "$STACKD" identity receipt_rotate --state "$STATE" --set identity.receipt_max_active_keys=2; echo $(ls "$STATE"/receipts)
check  text contains "\n0 5\n"
# Its key is gone, and with it the receipt; the token lives.
until  POST identity /auth/tokens {"auth": {"identity": {"methods": ["totp"], "totp": {"user": {"id": "$ann", "passcode": "$code"}}}}} with "Openstack-Auth-Receipt: $receipt"   expect 401
GET    identity /auth/projects with "X-Auth-Token: $token" expect 200
