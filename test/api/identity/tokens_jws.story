# SPDX-License-Identifier: Apache-2.0
# Signed tokens: whoever has the public key can read and check them with any JWT library.
option identity.token_provider = jws
start identity
$ printf %s "$(openstack token issue -f value -c id)"
save token text
$ /usr/bin/python3 -c 'import glob, jwt, os; key = open(glob.glob(os.environ["STATE"] + "/identity/jws-keys/public/*")[0]).read(); print(jwt.decode(os.environ["token"], key, algorithms=["ES256"])["openstack_methods"][0])'
check text contains password
# A new pair; what the old one signed stays good.
$ "$STACKD" identity create_jws_keypair --state "$STATE" --set identity.token_provider=jws
check text contains "Made a new key pair"
GET identity /auth/projects with "X-Auth-Token: $token"
$ printf %s "$(openstack token issue -f value -c id)"
save other text
GET identity /auth/projects with "X-Auth-Token: $other"
$ ls "$STATE/identity/jws-keys/public" | wc -l
check text contains 2
