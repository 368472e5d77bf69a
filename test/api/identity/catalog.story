# SPDX-License-Identifier: Apache-2.0
# Services, endpoints and regions.
start identity
user eve demo member
as admin
POST   identity /regions {"region": {"id": "north", "description": "up"}}                 expect 201
POST   identity /regions {"region": {"id": "north"}}                                      expect 409
PUT    identity /regions/oslo {"region": {"parent_region_id": "north"}}                   expect 201   check .region.id == "oslo"
POST   identity /regions {"region": {"parent_region_id": "nowhere"}}                      expect 404
POST   identity /services {"service": {"type": "dns", "name": "names", "extra": "x"}}     expect 201   save dns .service.id   check .service.enabled == true   check .service.extra == "x"
POST   identity /services {"service": {"name": "x"}}                                      expect 400
POST   identity /endpoints {"endpoint": {"service_id": "$dns", "interface": "public", "url": "http://dns/$$(project_id)s", "region_id": "oslo"}}   expect 201   save ep .endpoint.id   check .endpoint.region == "oslo"
POST   identity /endpoints {"endpoint": {"service_id": "$dns", "interface": "middle", "url": "http://dns"}}     expect 400
POST   identity /endpoints {"endpoint": {"service_id": "nothing", "interface": "public", "url": "http://dns"}}  expect 400
POST   identity /endpoints {"endpoint": {"service_id": "$dns", "interface": "admin", "url": "dns"}}             expect 400
GET    identity /endpoints?service_id=$dns&interface=public   check .endpoints.length == 1
GET    identity /auth/catalog                             check .catalog[type=dns].endpoints[0].url contains "http://dns/"
DELETE identity /regions/north                            expect 403
PATCH  identity /endpoints/$ep {"endpoint": {"enabled": false}}   check .endpoint.enabled == false
GET    identity /auth/catalog                             check .catalog[type=dns].endpoints.length == 0
DELETE identity /services/$dns                            expect 204
GET    identity /endpoints/$ep                            expect 404
DELETE identity /regions/oslo                             expect 204
as eve
POST   identity /services {"service": {"type": "dns"}}    expect 403
POST   identity /regions {"region": {"id": "x"}}          expect 403
GET    identity /regions                                  expect 200

# Policies, what they go with, and which endpoints a project sees.
user ann demo member
as admin
GET    identity /projects?name=demo    save demo .projects[0].id
POST   identity /policies {"policy": {"type": "application/json", "blob": "{}"}}   expect 201   save policy .policy.id
PATCH  identity /policies/$policy {"policy": {"blob": "{\"a\": 1}"}}   check .policy.blob == "{\"a\": 1}"
GET    identity /policies?type=text/plain   check .policies.length == 0
POST   identity /regions {"region": {"id": "up"}}   expect 201
POST   identity /regions {"region": {"id": "down", "parent_region_id": "up"}}   expect 201
POST   identity /services {"service": {"type": "x", "name": "x"}}   expect 201   save svc .service.id
POST   identity /endpoints {"endpoint": {"service_id": "$svc", "region_id": "down", "interface": "public", "url": "http://x"}}   expect 201   save ep .endpoint.id
GET    identity /endpoints/$ep/OS-ENDPOINT-POLICY/policy   expect 404
PUT    identity /policies/$policy/OS-ENDPOINT-POLICY/services/$svc/regions/up   expect 204
GET    identity /policies/$policy/OS-ENDPOINT-POLICY/services/$svc/regions/up   expect 204
GET    identity /policies/$policy/OS-ENDPOINT-POLICY/services/$svc   expect 404
GET    identity /endpoints/$ep/OS-ENDPOINT-POLICY/policy   check .policy.id == "$policy"
GET    identity /policies/$policy/OS-ENDPOINT-POLICY/endpoints   check .endpoints.length == 1
PUT    identity /policies/$policy/OS-ENDPOINT-POLICY/endpoints/$ep   expect 204
DELETE identity /policies/$policy/OS-ENDPOINT-POLICY/services/$svc/regions/up   expect 204
GET    identity /endpoints/$ep/OS-ENDPOINT-POLICY/policy   check .policy.id == "$policy"
DELETE identity /policies/$policy   expect 204
GET    identity /endpoints/$ep/OS-ENDPOINT-POLICY/policy   expect 404
GET    identity /policies/$policy   expect 404

POST   identity /OS-EP-FILTER/endpoint_groups {"endpoint_group": {"name": "g", "filters": {"color": "red"}}}   expect 400
POST   identity /OS-EP-FILTER/endpoint_groups {"endpoint_group": {"name": "g", "filters": {}}}   expect 400
POST   identity /OS-EP-FILTER/endpoint_groups {"endpoint_group": {"name": "g", "filters": {"service_id": "$svc"}}}   expect 201   save group .endpoint_group.id
GET    identity /OS-EP-FILTER/endpoint_groups/$group/endpoints   check .endpoints.length == 1
GET    identity /OS-EP-FILTER/endpoint_groups/$group/projects/$demo   expect 404
PUT    identity /OS-EP-FILTER/endpoint_groups/$group/projects/$demo   expect 204
GET    identity /OS-EP-FILTER/endpoint_groups/$group/projects/$demo   expect 200
GET    identity /OS-EP-FILTER/endpoint_groups/$group/projects         check .projects[0].id == "$demo"
GET    identity /OS-EP-FILTER/projects/$demo/endpoint_groups          check .endpoint_groups[0].id == "$group"
GET    identity /OS-EP-FILTER/projects/$demo/endpoints                check .endpoints[0].id == "$ep"
as ann
GET    identity /auth/catalog          check .catalog.length == 1   check .catalog[0].endpoints[0].id == "$ep"
as admin
GET    identity /auth/catalog          check .catalog[type=identity].endpoints.length == 3
DELETE identity /OS-EP-FILTER/endpoint_groups/$group/projects/$demo   expect 204
as ann
GET    identity /auth/catalog          check .catalog[type=identity].endpoints.length == 3
as admin
PUT    identity /OS-EP-FILTER/projects/$demo/endpoints/$ep   expect 204
GET    identity /OS-EP-FILTER/projects/$demo/endpoints/$ep   expect 204
GET    identity /OS-EP-FILTER/endpoints/$ep/projects         check .projects[0].id == "$demo"
DELETE identity /services/$svc   expect 204
GET    identity /OS-EP-FILTER/projects/$demo/endpoints       check .endpoints.length == 0
DELETE identity /OS-EP-FILTER/endpoint_groups/$group   expect 204

# Options of a domain: what is secret goes in and never out.
PUT    identity /domains/default/config {"config": {"ldap": {"url": "ldap://a", "password": "hidden"}}}   expect 201   check .config.ldap.url == "ldap://a"   check .config.ldap.password missing
PUT    identity /domains/default/config {"config": {"ldap": {"url": "ldap://b", "password": "hidden"}, "identity": {"driver": "ldap"}}}   expect 200
GET    identity /domains/default/config/ldap            check .config.ldap.url == "ldap://b"   check .config.ldap.password missing
GET    identity /domains/default/config/ldap/url        check .config.url == "ldap://b"
GET    identity /domains/default/config/ldap/password   expect 404
GET    identity /domains/default/config/nothing         expect 403
PATCH  identity /domains/default/config/ldap/url {"config": {"url": "ldap://c"}}   check .config.ldap.url == "ldap://c"
PATCH  identity /domains/default/config/ldap {"config": {"identity": {"driver": "x"}}}   expect 403
PATCH  identity /domains/default/config/ldap/user {"config": {"user": "x"}}   expect 404
DELETE identity /domains/default/config/identity        expect 204
GET    identity /domains/default/config/identity        expect 404
DELETE identity /domains/default/config                 expect 204
GET    identity /domains/default/config                 expect 404
GET    identity /domains/config/default                 check .config.identity.driver == "sql"
GET    identity /domains/config/ldap/url/default        check .config.url == "ldap://localhost"
GET    identity /domains/config/ldap/password/default   expect 403
as ann
GET    identity /domains/default/config                 expect 403
GET    identity /domains/default/config/security_compliance   check .config.security_compliance.password_regex == null
