# SPDX-License-Identifier: Apache-2.0
# The files of domains with directories go into the database, once, each whole or not at all.
start identity
as admin
POST   identity /domains {"domain": {"name": "corp"}}    save corp .domain.id
POST   identity /domains {"domain": {"name": "other"}}   save other .domain.id
$ mkdir "$STATE"/domains && cd "$STATE"/domains && printf '[identity]\ndriver = ldap\n[ldap]\nurl = ldap://ldap.example\npassword = hush\npage_size = 7\n' > keystone.corp.conf && \
  printf '[ldap]\nurl = ldap://x\nodd = 1\n' > keystone.other.conf && touch README keystone.nobody.conf
let    AT = "--set identity.domain_config_dir="
$ "$STACKD" identity domain_config_upload --state "$STATE" $AT"$STATE"/domains 2>&1 | grep "usage:"
$ "$STACKD" identity domain_config_upload --state "$STATE" $AT"$STATE"/domains --all; [ $? = 1 ]
check  text contains "keystone.corp.conf is in the database"   check text contains "there is no domain 'nobody'"   check text contains "odd"
GET    identity /domains/$corp/config   check .config.ldap.url == "ldap://ldap.example"   check .config.ldap.page_size == "7"   check .config.identity.driver == "ldap"   check .config.ldap.password missing
GET    identity /domains/$other/config   expect 404
$ "$STACKD" identity domain_config_upload --state "$STATE" $AT"$STATE"/domains --domain-name corp; [ $? = 1 ]
check  text contains "has options in the database already"
DELETE identity /domains/$corp/config
$ "$STACKD" identity domain_config_upload --state "$STATE" $AT"$STATE"/domains --domain-name corp
GET    identity /domains/$corp/config   check .config.ldap.url == "ldap://ldap.example"
$ "$STACKD" identity domain_config_upload --state "$STATE" $AT"$STATE"/none --all 2>&1 | grep "cannot read the folder"
