# SPDX-License-Identifier: Apache-2.0
# Unified limits: what is registered, and what one project or domain has of it.
option identity.limit_model = strict_two_level
start identity
user ann demo member
as admin
GET    identity /limits/model          check .model.name == "strict_two_level"
GET    identity /projects?name=demo    save demo .projects[0].id
POST   identity /services {"service": {"type": "x", "name": "x"}}   expect 201   save svc .service.id
POST   identity /registered_limits {"registered_limits": [{"service_id": "$svc", "resource_name": "things"}]}   expect 400
POST   identity /registered_limits {"registered_limits": [{"service_id": "nothing", "resource_name": "things", "default_limit": 10}]}   expect 400
POST   identity /registered_limits {"registered_limits": [{"service_id": "$svc", "resource_name": "things", "default_limit": 10}]}   expect 201   save reg .registered_limits[0].id
POST   identity /registered_limits {"registered_limits": [{"service_id": "$svc", "resource_name": "more", "default_limit": 1}, {"service_id": "$svc", "resource_name": "things", "default_limit": 10}]}   expect 409
GET    identity /registered_limits     check .registered_limits.length == 1
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$demo", "resource_name": "other", "resource_limit": 1}]}   expect 403
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$demo", "resource_name": "things", "resource_limit": 11}]}   expect 403
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$demo", "resource_name": "things", "resource_limit": 15}, {"service_id": "$svc", "domain_id": "default", "resource_name": "things", "resource_limit": 20}]}   expect 201   save lim .limits[0].id   save dom .limits[1].id
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$demo", "resource_name": "things", "resource_limit": 1}]}   expect 409
PATCH  identity /limits/$lim {"limit": {"resource_limit": 21}}   expect 403
GET    identity /limits/$lim           check .limit.resource_limit == 15
PATCH  identity /limits/$dom {"limit": {"resource_limit": 14}}   expect 403
PATCH  identity /limits/$lim {"limit": {"resource_limit": 12}}   check .limit.resource_limit == 12
PATCH  identity /registered_limits/$reg {"registered_limit": {"resource_name": "renamed"}}   expect 403
PATCH  identity /registered_limits/$reg {"registered_limit": {"default_limit": 5}}   check .registered_limit.default_limit == 5
DELETE identity /registered_limits/$reg   expect 403
as ann
GET    identity /limits                check .limits.length == 1   check .limits[0].project_id == "$demo"
GET    identity /limits/$lim           expect 200
GET    identity /limits/$dom           expect 403
POST   identity /limits {"limits": []}   expect 403
as admin
# Two levels of projects are what such limits can hold together; those that were there before are found by the doctor.
POST   identity /projects {"project": {"name": "second", "parent_id": "$demo"}}    expect 201   save second .project.id
POST   identity /projects {"project": {"name": "third", "parent_id": "$second"}}   expect 403   check .error.message contains "Max hierarchy depth"
$ "$STACKD" identity doctor --state "$STATE" --set identity.password_rounds=10
# Below a project, too, nobody has more than the domain; a domain may be named as the project that it is.
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$second", "resource_name": "things", "resource_limit": 21}]}   expect 403
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "$second", "resource_name": "things", "resource_limit": 20}]}   expect 201   save deep .limits[0].id
PATCH  identity /limits/$dom {"limit": {"resource_limit": 19}}   expect 403
POST   identity /limits {"limits": [{"service_id": "$svc", "project_id": "default", "resource_name": "things", "resource_limit": 30}]}   expect 409
DELETE identity /limits/$deep          expect 204
DELETE identity /limits/$dom           expect 204
DELETE identity /limits/$lim           expect 204
DELETE identity /registered_limits/$reg   expect 204
GET    identity /registered_limits/$reg   expect 404
