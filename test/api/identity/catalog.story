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
