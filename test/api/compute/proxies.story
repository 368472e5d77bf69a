# SPDX-License-Identifier: Apache-2.0
# What compute answers for other services to clients of old microversions.
option network.notify_compute = false
option network.fake_hosts = fake*
start identity image placement network compute
as admin
POST   network /v2.0/networks {"network": {"name": "ext", "router:external": true, "provider:network_type": "flat",
    "provider:physical_network": "physnet1"}}   expect 201   save ext .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$ext", "ip_version": 4, "cidr": "203.0.113.0/24", "enable_dhcp": false}}   expect 201
as demo
POST   network /v2.0/networks {"network": {"name": "in"}}   expect 201   save net .network.id

# Security groups.
POST   compute /os-security-groups {"security_group": {"name": "web", "description": "of the web"}}   expect 200
save   web .security_group.id
check  .security_group.rules == []
POST   compute /os-security-group-rules {"security_group_rule": {"parent_group_id": "$web", "ip_protocol": "TCP",
    "from_port": 80, "to_port": 80, "cidr": "10.2.3.4/24"}}   expect 200   save rule .security_group_rule.id
check  .security_group_rule.ip_range.cidr == "10.2.3.4/24"
check  .security_group_rule.ip_protocol == "tcp"
GET    network /v2.0/security-group-rules/$rule   check .security_group_rule.normalized_cidr == "10.2.3.0/24"
POST   compute /os-security-group-rules {"security_group_rule": {"parent_group_id": "$web", "ip_protocol": "tcp",
    "from_port": 80, "to_port": 80, "cidr": "10.2.3.0/24"}}   expect 400
POST   compute /os-security-group-rules {"security_group_rule": {"parent_group_id": "$web", "ip_protocol": "tcp",
    "from_port": 80, "to_port": 79}}   expect 400
POST   compute /os-security-group-rules {"security_group_rule": {"parent_group_id": "$web", "group_id": "$web"}}   expect 200
check  .security_group_rule.group.name == "web"
check  .security_group_rule.ip_range == {}
GET    compute /os-security-groups/$web   expect 200   check .security_group.rules.length == 2
PUT    compute /os-security-groups/$web {"security_group": {"name": "www", "description": ""}}   expect 200
check  .security_group.name == "www"
GET    compute /os-security-groups   expect 200   check .security_groups[name=default].id exists
save   default .security_groups[name=default].id
DELETE compute /os-security-groups/$default   expect 400
DELETE compute /os-security-group-rules/$rule   expect 202
DELETE compute /os-security-groups/$web   expect 202
GET    compute /os-security-groups/$web   expect 404
version compute 2.36
GET    compute /os-security-groups   expect 404
version compute none

# Floating IPs, networks.
GET    compute /os-floating-ip-pools   expect 200   check .floating_ip_pools[*].name == ["ext"]
POST   compute /os-floating-ips {"pool": "nowhere"}   expect 404
POST   compute /os-floating-ips {"pool": "ext"}   expect 200   save fip .floating_ip.id
check  .floating_ip.pool == "ext"
check  .floating_ip.instance_id == null
GET    compute /os-floating-ips   expect 200   check .floating_ips.length == 1
DELETE compute /os-floating-ips/$fip   expect 202
GET    compute /os-floating-ips/$fip   expect 404
GET    compute /os-networks/$net   expect 200   check .network.label == "in"
GET    compute /os-tenant-networks   expect 200   check .networks[id=$net].label == "in"

# Images and their metadata.
POST   image /v2/images {"name": "i", "disk_format": "raw", "container_format": "bare", "colour": "red"}   expect 201   save image .id
GET    compute /images/$image   expect 200
check  .image.status == "SAVING"
check  .image.metadata == {"colour": "red"}
POST   compute /images/$image/metadata {"metadata": {"a.b": "1"}}   expect 200   check .metadata.colour == "red"
PUT    compute /images/$image/metadata {"metadata": {"a": "2"}}   expect 200
GET    compute /images/$image/metadata   check .metadata == {"a": "2"}
GET    compute /images/$image/metadata/b   expect 404
GET    compute /images/detail?name=i&limit=1   check .images[0].id == "$image"
GET    compute /images?limit=x   expect 400
DELETE compute /images/$image   expect 204
GET    compute /images/$image   expect 404

# The version before microversions; a slash more is another path.
GET    compute! /v2/   expect 200   check .version.id == "v2.0"
GET    compute! /v2/extensions/os-hosts   expect 200   check .extension.name == "Hosts"
GET    compute! /v2.1/extensions/os-nothing   expect 404
GET    compute! /v2.1/os-keypairs/   expect 404
GET    compute /os-hosts   expect 403
as admin
GET    compute /os-hosts   expect 200   check .hosts[service=scheduler].zone == "internal"
GET    compute /os-hosts/nowhere   expect 404
GET    compute /os-instance_usage_audit_log   expect 200   check .instance_usage_audit_logs.num_hosts_done == 0
