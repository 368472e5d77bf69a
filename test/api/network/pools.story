# SPDX-License-Identifier: Apache-2.0
# Subnet pools: what is cut from them, and what is refused.
option network.fake_hosts = fake*
option network.notify_compute = false
start identity network
user eve evil member
as demo
POST   network /v2.0/subnetpools {"subnetpool": {"name": "p", "prefixes": ["10.1.0.0/16", "10.0.0.0/30"], "default_prefixlen": 24,
    "min_prefixlen": 20, "default_quota": 1024}}   expect 201   save pool .subnetpool.id
check  .subnetpool.ip_version == 4
check  .subnetpool.max_prefixlen == 32
check  .subnetpool.shared == false
POST   network /v2.0/subnetpools {"subnetpool": {"name": "q", "prefixes": ["10.1.0.0/16", "fd00::/8"]}}   expect 400
POST   network /v2.0/subnetpools {"subnetpool": {"name": "q", "prefixes": []}}   expect 400
POST   network /v2.0/subnetpools {"subnetpool": {"name": "q", "prefixes": ["10.1.0.0/16"], "min_prefixlen": 28, "default_prefixlen": 24}}   expect 400
check  .NeutronError.type == "IllegalSubnetPoolPrefixBounds"
POST   network /v2.0/subnetpools {"subnetpool": {"name": "q", "prefixes": ["10.1.0.0/16"], "shared": true}}   expect 403
POST   network /v2.0/networks {"network": {"name": "n"}}   expect 201   save net .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool"}}   expect 201
check  .subnet.cidr == "10.1.0.0/24"
check  .subnet.subnetpool_id == "$pool"
save   first .subnet.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool", "prefixlen": 23}}   expect 201
check  .subnet.cidr == "10.1.2.0/23"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool", "cidr": "10.1.1.0/24"}}   expect 201
check  .subnet.cidr == "10.1.1.0/24"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool", "prefixlen": 19}}   expect 400
check  .NeutronError.type == "MinPrefixSubnetAllocationError"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool", "cidr": "192.168.0.0/24"}}   expect 400
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool", "cidr": "10.1.3.0/24"}}   expect 400
check  .NeutronError.type == "SubnetAllocationError"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool"}}   expect 409
check  .NeutronError.type == "SubnetPoolQuotaExceeded"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 6, "subnetpool_id": "$pool"}}   expect 400
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "use_default_subnetpool": true}}   expect 400
DELETE network /v2.0/subnets/$first   expect 204
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "subnetpool_id": "$pool"}}   expect 201
check  .subnet.cidr == "10.1.0.0/24"
PUT    network /v2.0/subnetpools/$pool {"subnetpool": {"prefixes": ["10.1.0.0/17"]}}   expect 400
PUT    network /v2.0/subnetpools/$pool {"subnetpool": {"prefixes": ["10.0.0.0/15"], "name": "bigger"}}   expect 200
check  .subnetpool.prefixes == ["10.0.0.0/15"]
PUT    network /v2.0/subnetpools/$pool/tags/red   expect 201
GET    network /v2.0/subnetpools?tags=red   check .subnetpools.length == 1
DELETE network /v2.0/subnetpools/$pool   expect 400
check  .NeutronError.type == "SubnetPoolDeleteError"
as eve
GET    network /v2.0/subnetpools/$pool   expect 404
GET    network /v2.0/subnetpools   check .subnetpools == []
POST   network /v2.0/networks {"network": {"name": "e"}}   expect 201   save evils .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$evils", "ip_version": 4, "subnetpool_id": "$pool"}}   expect 404
as admin
POST   network /v2.0/subnetpools {"subnetpool": {"name": "d", "prefixes": ["fd00:1::/48"], "is_default": true, "shared": true}}   expect 201
save   default .subnetpool.id
POST   network /v2.0/subnetpools {"subnetpool": {"name": "e", "prefixes": ["fd00:2::/48"], "is_default": true}}   expect 400
as eve
GET    network /v2.0/subnetpools/$default   expect 200
POST   network /v2.0/subnets {"subnet": {"network_id": "$evils", "ip_version": 6, "use_default_subnetpool": true}}   expect 201
check  .subnet.cidr == "fd00:1::/64"
PUT    network /v2.0/subnetpools/$default {"subnetpool": {"name": "mine"}}   expect 404
