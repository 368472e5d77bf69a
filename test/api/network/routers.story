# SPDX-License-Identifier: Apache-2.0
# Routers, gateways and floating IPs.
option network.fake_hosts = fake*
option network.notify_compute = false
start identity network
user eve evil member
as admin
POST   network /v2.0/networks {"network": {"name": "ext", "router:external": true, "provider:network_type": "flat",
    "provider:physical_network": "physnet1"}}   expect 201   save ext .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$ext", "ip_version": 4, "cidr": "203.0.113.0/24", "enable_dhcp": false,
    "allocation_pools": [{"start": "203.0.113.10", "end": "203.0.113.20"}]}}   expect 201   save extsub .subnet.id
as demo
POST   network /v2.0/networks {"network": {"name": "in"}}   expect 201   save net .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24"}}   expect 201   save sub .subnet.id
POST   network /v2.0/routers {"router": {"name": "r"}}   expect 201   save router .router.id
check  .router.external_gateway_info == null
check  .router.status == "ACTIVE"
check  .router.routes == []

PUT    network /v2.0/routers/$router/add_router_interface {"subnet_id": "$sub"}   expect 200
check  .id == "$router"
check  .subnet_id == "$sub"
check  .subnet_ids == ["$sub"]
save   leg .port_id
GET    network /v2.0/ports/$leg   check .port.device_owner == "network:router_interface"
check  .port.fixed_ips[0].ip_address == "10.0.0.1"
PUT    network /v2.0/routers/$router/add_router_interface {"subnet_id": "$sub"}   expect 400
PUT    network /v2.0/routers/$router/add_router_interface {}   expect 400
DELETE network /v2.0/ports/$leg   expect 409   check .NeutronError.type == "ServicePortInUse"
DELETE network /v2.0/routers/$router   expect 409   check .NeutronError.type == "RouterInUse"

# A floating IP needs a way.
POST   network /v2.0/ports {"port": {"network_id": "$net"}}   expect 201   save port .port.id   save fixed .port.fixed_ips[0].ip_address
POST   network /v2.0/floatingips {"floatingip": {"floating_network_id": "$ext", "port_id": "$port"}}   expect 404
check  .NeutronError.type == "ExternalGatewayForFloatingIPNotFound"
POST   network /v2.0/floatingips {"floatingip": {"floating_network_id": "$net"}}   expect 400
PUT    network /v2.0/routers/$router {"router": {"external_gateway_info": {"network_id": "$net"}}}   expect 400
PUT    network /v2.0/routers/$router {"router": {"external_gateway_info": {"network_id": "$ext", "enable_snat": false}}}   expect 403
PUT    network /v2.0/routers/$router {"router": {"external_gateway_info": {"network_id": "$ext"}}}   expect 200
check  .router.external_gateway_info.enable_snat == true
check  .router.external_gateway_info.external_fixed_ips[0].subnet_id == "$extsub"
POST   network /v2.0/floatingips {"floatingip": {"floating_network_id": "$ext", "port_id": "$port"}}   expect 201
save   fip .floatingip.id
check  .floatingip.fixed_ip_address == "$fixed"
check  .floatingip.router_id == "$router"
check  .floatingip.status == "DOWN"
check  .floatingip.port_details.network_id == "$net"
POST   network /v2.0/floatingips {"floatingip": {"floating_network_id": "$ext", "port_id": "$port"}}   expect 409
PUT    network /v2.0/routers/$router {"router": {"external_gateway_info": {}}}   expect 409
PUT    network /v2.0/routers/$router/remove_router_interface {"subnet_id": "$sub"}   expect 409
as eve
GET    network /v2.0/floatingips/$fip   expect 404
GET    network /v2.0/routers/$router   expect 404
PUT    network /v2.0/routers/$router/remove_router_interface {"subnet_id": "$sub"}   expect 404
POST   network /v2.0/floatingips {"floatingip": {"floating_network_id": "$ext", "port_id": "$port"}}   expect 404
as demo
PUT    network /v2.0/floatingips/$fip {"floatingip": {"port_id": null}}   expect 200
check  .floatingip.fixed_ip_address == null
check  .floatingip.router_id == null
PUT    network /v2.0/floatingips/$fip {"floatingip": {"port_id": "$port"}}   expect 200   check .floatingip.fixed_ip_address == "$fixed"

# A port that goes lets its floating IP go.
DELETE network /v2.0/ports/$port   expect 204
GET    network /v2.0/floatingips/$fip   check .floatingip.port_id == null

# Routes lead over what is connected.
PUT    network /v2.0/routers/$router {"router": {"routes": [{"destination": "198.51.100.0/24", "nexthop": "10.0.0.9"}]}}   expect 200
check  .router.routes == [{"destination": "198.51.100.0/24", "nexthop": "10.0.0.9"}]
PUT    network /v2.0/routers/$router {"router": {"routes": [{"destination": "198.51.100.0/24", "nexthop": "10.9.0.9"}]}}   expect 400
check  .NeutronError.type == "InvalidRoutes"
PUT    network /v2.0/routers/$router/add_extraroutes {"router": {"routes": [{"destination": "192.0.2.0/24", "nexthop": "10.0.0.8"}]}}   expect 200
check  .router.routes.length == 2
PUT    network /v2.0/routers/$router/remove_router_interface {"subnet_id": "$sub"}   expect 409   check .NeutronError.type == "RouterInterfaceInUseByRoute"
PUT    network /v2.0/routers/$router/remove_extraroutes {"router": {"routes": [{"destination": "198.51.100.0/24", "nexthop": "10.0.0.9"}]}}   expect 200
PUT    network /v2.0/routers/$router {"router": {"routes": null}}   expect 200   check .router.routes == []

DELETE network /v2.0/floatingips/$fip   expect 204
PUT    network /v2.0/routers/$router/remove_router_interface {"port_id": "$leg", "subnet_id": "$sub"}   expect 200
PUT    network /v2.0/routers/$router/remove_router_interface {"subnet_id": "$sub"}   expect 404
DELETE network /v2.0/routers/$router   expect 204
DELETE network /v2.0/networks/$net   expect 204
as admin
GET    network /v2.0/ports?network_id=$ext   check .ports.length == 0
GET    network /v2.0/network-ip-availabilities/$ext   check .network_ip_availability.used_ips == 0
check  .network_ip_availability.total_ips == 11

# A host that needs no agent has its ports at once; one without an agent never.
POST   network /v2.0/ports {"port": {"network_id": "$ext", "binding:host_id": "fake1", "device_owner": "compute:nova", "device_id": "s"}}   expect 201
check  .port.status == "ACTIVE"
check  .port.binding:vif_type == "bridge"
save   port .port.id
PUT    network /v2.0/ports/$port {"port": {"binding:host_id": "elsewhere"}}   expect 200
check  .port.status == "DOWN"
check  .port.binding:vif_type == "binding_failed"
PUT    network /v2.0/ports/$port {"port": {"binding:host_id": "", "device_id": "", "device_owner": ""}}   expect 200
check  .port.binding:vif_type == "unbound"
DELETE network /v2.0/ports/$port   expect 204
GET    network /v2.0/agents   expect 200   check .agents == []
