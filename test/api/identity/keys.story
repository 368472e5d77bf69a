# SPDX-License-Identifier: Apache-2.0
# Keys are rotated while the service runs: what was issued stays good, nothing restarts.
start identity
user ann demo member
as admin
GET    identity /users?name=ann   save ann .users[0].id
as ann
POST   identity /credentials {"credential": {"type": "cert", "blob": "kept", "user_id": "$ann"}}   expect 201   save id .credential.id
$ printf %s "$(openstack token issue -f value -c id)"
save   token text
$ "$STACKD" identity fernet_rotate --state "$STATE"
$ ls "$STATE"/identity/fernet-keys | tr '\n' ' '
check  text == "0 1 2 "
as admin
GET    identity /auth/tokens with "X-Subject-Token: $token"   check .token.user.id == "$ann"
$ "$STACKD" identity fernet_rotate --state "$STATE"
$ "$STACKD" identity fernet_rotate --state "$STATE"
$ ls "$STATE"/identity/fernet-keys | tr '\n' ' '
check  text == "0 3 4 "
# The key of the first token is gone, and it with it, in the process that runs.
as nobody
until  GET identity /auth/projects with "X-Auth-Token: $token" expect 401
$ "$STACKD" identity credential_rotate --state "$STATE"
$ ! "$STACKD" identity credential_rotate --state "$STATE"
$ "$STACKD" identity credential_migrate --state "$STATE"
check  text contains "Encrypted 1 credentials"
$ "$STACKD" identity credential_rotate --state "$STATE"
$ "$STACKD" identity trust_flush --state "$STATE"
check  text contains "Removed 0"
$ d=$(mktemp -d) && chmod 777 "$d" && "$STACKD" identity create_jws_keypair --state "$STATE" --directory "$d" && \
  ! "$STACKD" identity create_jws_keypair --state "$STATE" --directory "$d" && cp "$d"/public.pem "$d"/first.pem && \
  "$STACKD" identity create_jws_keypair --state "$STATE" --directory "$d" --force && ! cmp -s "$d"/public.pem "$d"/first.pem && \
  openssl pkey -in "$d"/private.pem -pubout | cmp - "$d"/public.pem && rm -r "$d"
# Who shall own the keys is who runs identity.
$ "$STACKD" identity fernet_setup --state "$STATE" --keystone-user "$(stat -c %U "$STATE"/identity)" --keystone-group whatever
$ "$STACKD" identity fernet_setup --state "$STATE" --keystone-user daemon --keystone-group daemon 2>&1 | grep "keys belong to the user that stackd runs as"
$ ! "$STACKD" identity fly --state "$STATE"
