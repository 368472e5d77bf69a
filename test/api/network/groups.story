# SPDX-License-Identifier: Apache-2.0
# Security groups and quotas.
start identity network
user eve evil member
as demo

GET    network /v2.0/security-groups   expect 200   check .security_groups.length == 1
check  .security_groups[0].name == "default"
check  .security_groups[0].security_group_rules.length == 4
save   default .security_groups[0].id
POST   network /v2.0/security-groups {"security_group": {"name": "web"}}   expect 201   save web .security_group.id
check  .security_group.security_group_rules.length == 2
check  .security_group.stateful == true
POST   network /v2.0/security-groups {"security_group": {"name": "default"}}   expect 409
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "protocol": "tcp", "port_range_min": 80, "port_range_max": "80", "remote_ip_prefix": "192.0.2.9/24"}}   expect 201
save   rule .security_group_rule.id
check  .security_group_rule.remote_ip_prefix == "192.0.2.9/24"
check  .security_group_rule.normalized_cidr == "192.0.2.0/24"
check  .security_group_rule.ethertype == "IPv4"
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "protocol": "6", "port_range_min": 80, "port_range_max": 80, "remote_ip_prefix": "192.0.2.0/24"}}   expect 409
check  .NeutronError.type == "SecurityGroupRuleExists"
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "port_range_min": 80, "port_range_max": 80}}   expect 400
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "protocol": "tcp", "port_range_min": 81, "port_range_max": 80}}   expect 400
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "protocol": "nonsense"}}   expect 400
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "ethertype": "IPv6", "remote_ip_prefix": "10.0.0.0/8"}}   expect 400
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress",
    "remote_group_id": "$default", "protocol": null}}   expect 201
GET    network /v2.0/security-groups/$web   check .security_group.security_group_rules.length == 4
DELETE network /v2.0/security-group-rules/$rule   expect 204
GET    network /v2.0/security-group-rules/$rule   expect 404
DELETE network /v2.0/security-groups/$default   expect 409

# Another project's group is not there.
as eve
GET    network /v2.0/security-groups/$web   expect 404
DELETE network /v2.0/security-groups/$web   expect 404
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$web", "direction": "ingress"}}   expect 404
GET    network /v2.0/security-groups   check .security_groups.length == 1   save hers .security_groups[0].id
POST   network /v2.0/security-group-rules {"security_group_rule": {"security_group_id": "$hers", "direction": "ingress",
    "remote_group_id": "$web"}}   expect 404
POST   network /v2.0/networks {"network": {}}   expect 201   save hernet .network.id
POST   network /v2.0/ports {"port": {"network_id": "$hernet", "security_groups": ["$web"]}}   expect 404

# A group that ports are in stays.
as demo
POST   network /v2.0/networks {"network": {}}   expect 201   save net .network.id   save project .network.project_id
POST   network /v2.0/ports {"port": {"network_id": "$net", "security_groups": ["$web"]}}   expect 201   save port .port.id
check  .port.fixed_ips == []
DELETE network /v2.0/security-groups/$web   expect 409   check .NeutronError.type == "SecurityGroupInUse"
PUT    network /v2.0/networks/$net/tags {"tags": ["red", "blue"]}   expect 200
GET    network /v2.0/networks?tags=red,blue   check .networks.length == 1
GET    network /v2.0/networks?not-tags-any=red   check .networks.length == 0
PUT    network /v2.0/networks/$net/tags/green   expect 201
DELETE network /v2.0/networks/$net/tags/red   expect 204
GET    network /v2.0/networks/$net/tags   check .tags == ["blue", "green"]

# Quotas bind, and only an admin changes them.
PUT    network /v2.0/quotas/$project {"quota": {"network": 1}}   expect 403
as admin
PUT    network /v2.0/quotas/$project {"quota": {"network": 1}}   expect 200   check .quota.network == 1
GET    network /v2.0/quotas/$project/details.json   check .quota.network == {"limit": 1, "used": 1, "reserved": 0}
as demo
POST   network /v2.0/networks {"network": {}}   expect 409   check .NeutronError.type == "OverQuota"
as admin
DELETE network /v2.0/quotas/$project   expect 204
GET    network /v2.0/quotas/$project/default   check .quota.network == 100
