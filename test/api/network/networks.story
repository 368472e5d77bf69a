# SPDX-License-Identifier: Apache-2.0
# Networks, subnets and ports from the first to the last.
start identity network
as demo

GET    network! /   expect 200   check .versions[0].id == "v2.0"
GET    network /v2.0/extensions   expect 200   check .extensions[alias=router].name exists
GET    network /v2.0/extensions/no-such-thing   expect 404

POST   network /v2.0/networks {"network": {"name": "net1"}}   expect 201   save net .network.id
check  .network.status == "ACTIVE"
check  .network.mtu == 1450
check  .network.subnets == []
check  .network.shared == false
check  .network.port_security_enabled == true
check  .network.provider:network_type missing
POST   network /v2.0/networks {"network": {"name": "net1", "shared": true}}   expect 403
POST   network /v2.0/networks {"network": {"name": "x", "colour": "red"}}   expect 400
POST   network /v2.0/networks {"networks": [{"name": "a"}, {"name": "b"}]}   expect 201   check .networks.length == 2
PUT    network /v2.0/networks/$net {"network": {"name": "net2"}}   expect 200   check .network.name == "net2"
check  .network.revision_number == 1
GET    network /v2.0/networks?name=net2   expect 200   check .networks.length == 1

POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.1.0.7/24"}}   expect 201
save   sub .subnet.id
check  .subnet.cidr == "10.1.0.0/24"
check  .subnet.gateway_ip == "10.1.0.1"
check  .subnet.allocation_pools == [{"start": "10.1.0.2", "end": "10.1.0.254"}]
check  .subnet.enable_dhcp == true
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.1.0.0/25"}}   expect 400
check  .NeutronError.type == "InvalidInput"
check  .NeutronError.message contains "overlaps"
GET    network /v2.0/networks/$net   check .network.subnets == ["$sub"]

POST   network /v2.0/ports {"port": {"network_id": "$net"}}   expect 201   save port .port.id
check  .port.fixed_ips[0].subnet_id == "$sub"
check  .port.status == "DOWN"
check  .port.security_groups.length == 1
check  .port.mac_address matches "^fa:16:3e:"
check  .port.binding:vnic_type == "normal"
check  .port.binding:host_id missing
save   ip .port.fixed_ips[0].ip_address
POST   network /v2.0/ports {"port": {"network_id": "$net", "fixed_ips": [{"ip_address": "10.1.0.99"}]}}   expect 201
save   second .port.id
POST   network /v2.0/ports {"port": {"network_id": "$net", "fixed_ips": [{"ip_address": "10.1.0.99"}]}}   expect 409
check  .NeutronError.type == "IpAddressAlreadyAllocated"
POST   network /v2.0/ports {"port": {"network_id": "$net", "fixed_ips": [{"ip_address": "10.2.0.99"}]}}   expect 400
check  .NeutronError.type == "InvalidIpForNetwork"
GET    network /v2.0/ports?fixed_ips=ip_address=10.1.0.99   check .ports.length == 1   check .ports[0].id == "$second"
GET    network /v2.0/ports?fields=id&network_id=$net   check .ports.length == 2   check .ports[0].name missing
PUT    network /v2.0/ports/$port {"port": {"fixed_ips": [{"subnet_id": "$sub", "ip_address": "10.1.0.50"}], "name": "p"}}   expect 200
check  .port.fixed_ips == [{"subnet_id": "$sub", "ip_address": "10.1.0.50"}]
PUT    network /v2.0/ports/$port {"port": {"port_security_enabled": false}}   expect 409
PUT    network /v2.0/ports/$port {"port": {"port_security_enabled": false, "security_groups": []}}   expect 200
check  .port.security_groups == []

# In use until the ports are gone.
DELETE network /v2.0/networks/$net   expect 409   check .NeutronError.type == "NetworkInUse"
DELETE network /v2.0/subnets/$sub    expect 409   check .NeutronError.type == "SubnetInUse"
GET    network /v2.0/ports?network_id=$net&limit=1&sort_key=id   check .ports.length == 1   check .ports_links[0].rel == "next"
DELETE network /v2.0/ports/$port     expect 204
DELETE network /v2.0/ports/$second   expect 204
DELETE network /v2.0/subnets/$sub    expect 204
DELETE network /v2.0/networks/$net   expect 204
GET    network /v2.0/networks/$net   expect 404   check .NeutronError.type == "NetworkNotFound"

# An admin sees where the network is, and says so.
as admin
POST   network /v2.0/networks {"network": {"name": "v", "provider:network_type": "vxlan", "provider:segmentation_id": 4242}}   expect 201
check  .network.provider:segmentation_id == 4242
POST   network /v2.0/networks {"network": {"name": "v", "provider:network_type": "vxlan", "provider:segmentation_id": 4242}}   expect 409
POST   network /v2.0/networks {"network": {"name": "f", "provider:network_type": "flat", "provider:physical_network": "physnet1",
    "router:external": true}}   expect 201   save ext .network.id
check  .network.mtu == 1500
check  .network.provider:segmentation_id == null
POST   network /v2.0/networks {"network": {"name": "x", "provider:network_type": "gre"}}   expect 400

# Others see what is external, and cannot touch it.
as demo
GET    network /v2.0/networks/$ext   expect 200
PUT    network /v2.0/networks/$ext {"network": {"name": "mine"}}   expect 404
DELETE network /v2.0/networks/$ext   expect 404
GET    network /v2.0/networks?router:external=true   check .networks.length == 1
