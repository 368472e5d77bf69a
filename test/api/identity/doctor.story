# SPDX-License-Identifier: Apache-2.0
# The doctor names what is wrong and how to mend it, and ends with 1; with 0 when all is well.
option identity.password_rounds = 10
start identity
as nobody
$ "$STACKD" identity doctor --state "$STATE"
check  text == "Nothing is wrong.\n"
$ chmod 755 "$STATE"/identity/fernet-keys; "$STACKD" identity doctor --state "$STATE"; r=$?; chmod 700 "$STATE"/identity/fernet-keys; [ $r = 1 ]
check  text contains "chmod 700 it"
# Keys that sign tokens, of the provider that is in use.
let    JWS = "--set identity.token_provider=jws"
$ "$STACKD" identity doctor --state "$STATE" $JWS
check  text == "Nothing is wrong.\n"
$ chmod 640 "$STATE"/identity/jws-keys/private/private.pem; "$STACKD" identity doctor --state "$STATE" $JWS; [ $? = 1 ]
check  text contains "jws-keys/private/private.pem: chmod 600 it"
let    PKI = "--set identity.token_provider=pki"
$ "$STACKD" identity doctor --state "$STATE" $PKI
check  text == "Nothing is wrong.\n"
$ chmod 644 "$STATE"/identity/pki/private/*.pem; "$STACKD" identity doctor --state "$STATE" $PKI; [ $? = 1 ]
check  text contains "pki/private/signing_key.pem: chmod 600 it"   check text contains "pki/private/cakey.pem: chmod 600 it"
let    RULES = "--set identity.password_minimum_age_days=7 --set identity.password_expires_days=7 --set identity.password_regex=^a"
$ "$STACKD" identity doctor --state "$STATE" $RULES --set identity.password_rounds=9; [ $? = 1 ]
check  text contains "expire before they may be changed"   check text contains "password_regex_description"   check text contains "password_rounds is below 10"
$ "$STACKD" identity doctor --state "$STATE" --set identity.password_hash_algorithm=scrypt --set identity.password_rounds=10; [ $? = 1 ]
check  text contains "password_rounds is below 14"
$ "$STACKD" identity doctor --state "$STATE" --set identity.token_cache_entries=0; [ $? = 1 ]
check  text contains "token_cache_entries is 0"
$ "$STACKD" identity doctor --state "$STATE" --set identity.credential_key_repository="$STATE/identity/fernet-keys"; [ $? = 1 ]
check  text contains "Tokens and credentials share the keys"
$ "$STACKD" identity doctor --state "$STATE" --set identity.token_provider=uuid --set identity.token_store=memcached --set identity.memcached_servers=127.0.0.1:1; [ $? = 1 ]
check  text contains "cannot be looked up where they are stored"
# Files of domains' directories that nobody reads.
let    DOMAINS = "--set identity.domain_specific_drivers_enabled=true --set identity.domain_config_dir="
$ mkdir "$STATE"/domains && touch "$STATE"/domains/corp.conf "$STATE"/domains/keystone.corp.conf && "$STACKD" identity doctor --state "$STATE" $DOMAINS"$STATE"/domains; [ $? = 1 ]
check  text contains "domains/keystone.corp.conf, which may hold a password"
$ chmod 600 "$STATE"/domains/*; "$STACKD" identity doctor --state "$STATE" $DOMAINS"$STATE"/domains | grep -c "Others may read"; true
check  text == "0\n"
$ "$STACKD" identity doctor --state "$STATE" $DOMAINS"$STATE"/domains; [ $? = 1 ]
check  text contains "corp.conf is not read: the files there are named keystone.DOMAIN.conf"   check text contains "keystone.corp.conf is for a domain that there is not"
$ "$STACKD" identity doctor --state "$STATE" $DOMAINS"$STATE"/none; [ $? = 1 ]
check  text contains "none cannot be read"
# Projects further down than what limits of two levels can hold together.
user ann demo member
as admin
GET    identity /projects?name=demo   save demo .projects[0].id
POST   identity /projects {"project": {"name": "second", "parent_id": "$demo"}}     save second .project.id
$ "$STACKD" identity doctor --state "$STATE" --set identity.limit_model=strict_two_level
POST   identity /projects {"project": {"name": "third", "parent_id": "$second"}}    save third .project.id
POST   identity /projects {"project": {"name": "fourth", "parent_id": "$third"}}    save fourth .project.id
POST   identity /projects {"project": {"name": "fifth", "parent_id": "$fourth"}}    save fifth .project.id
POST   identity /projects {"project": {"name": "sixth", "parent_id": "$fifth"}}     expect 403
$ "$STACKD" identity doctor --state "$STATE" --set identity.limit_model=strict_two_level; [ $? = 1 ]
check  text contains "3 projects are more than 2 levels below their domain"
$ "$STACKD" identity doctor --state "$STATE"
# A credential whose key was left behind.
GET    identity /users?name=ann   save ann .users[0].id
POST   identity /credentials {"credential": {"type": "cert", "blob": "kept", "user_id": "$ann"}}   expect 201
$ mv "$STATE"/identity/credential-keys "$STATE"/identity/aside && "$STACKD" identity doctor --state "$STATE"; [ $? = 1 ]
check  text contains "1 credentials are encrypted with keys that are not in"
