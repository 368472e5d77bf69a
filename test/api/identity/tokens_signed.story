# SPDX-License-Identifier: Apache-2.0
# Signed tokens: keystoneclient and openssl verify them with the certificates that identity shows, without asking it.
each   identity.token_provider = pki pkiz
start  identity
user   eve demo member
as nobody
GET    identity /OS-SIMPLE-CERT/ca             expect 200   check text contains "BEGIN CERTIFICATE"   check header:Content-Type == "application/x-pem-file"
save   ca text
GET    identity /OS-SIMPLE-CERT/certificates   expect 200   check text contains "BEGIN CERTIFICATE"
save   cert text
as admin
GET    identity /users?name=eve                save eve .users[0].id
$ printf %s "$(OS_USERNAME=eve OS_PASSWORD=pass-eve OS_PROJECT_NAME=demo openstack token issue -f value -c id)"
save   token text
$ printf %s "$ca" >"$STATE/run/ca.pem"; printf %s "$cert" >"$STATE/run/cert.pem"
$ cd "$STATE/run" && /usr/bin/python3 "$KIT/cms_check.py" token cert.pem ca.pem "$token"
check  .token.user.name == "eve"
check  .token.project.name == "demo"
check  .token.catalog[type=identity].endpoints.length == 3
# The same by its digest.
$ /usr/bin/python3 -c 'import hashlib, os; print(hashlib.md5(os.environ["token"].encode()).hexdigest(), end="")'
save   digest text
GET    identity /auth/tokens with "X-Subject-Token: $digest"   check .token.user.name == "eve"

# A new password takes all of the user's tokens; the signed list names them.
PATCH  identity /users/$eve {"user": {"password": "another one"}}
GET    identity /auth/tokens with "X-Subject-Token: $token"    expect 404
GET    identity /auth/tokens/OS-PKI/revoked    save list .signed
$ cd "$STATE/run" && /usr/bin/python3 "$KIT/cms_check.py" text cert.pem ca.pem "$list"
check  .revoked[*].id contains $digest
# And by the command.
$ cd "$STATE/run" && printf %s "$list" | openssl cms -verify -inform PEM -certfile cert.pem -CAfile ca.pem -nosmimecap -nodetach -nocerts -noattr
check  .revoked[*].id contains $digest

$ "$STACKD" identity pki_setup --state "$STATE" --set identity.token_provider=pki
check  text contains "signing_cert.pem"
$ "$STACKD" identity token_flush --state "$STATE" --set identity.token_provider=pki
check  text contains "Removed"
