# SPDX-License-Identifier: Apache-2.0
# IPv6 addresses that hosts make themselves.
start identity network
as demo
POST   network /v2.0/networks {"network": {}}   expect 201   save net .network.id
POST   network /v2.0/ports {"port": {"network_id": "$net"}}   expect 201   save early .port.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 6, "cidr": "2001:db8::/64", "ipv6_ra_mode": "slaac",
    "ipv6_address_mode": "slaac"}}   expect 201   save sub .subnet.id
check  .subnet.gateway_ip == "2001:db8::1"
check  .subnet.allocation_pools == [{"start": "2001:db8::2", "end": "2001:db8::ffff:ffff:ffff:ffff"}]
GET    network /v2.0/ports/$early   check .port.fixed_ips[0].ip_address matches "^2001:db8::f816:3eff:fe"
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 6, "cidr": "2001:db8:1::/80", "ipv6_ra_mode": "slaac",
    "ipv6_address_mode": "slaac"}}   expect 400
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 6, "cidr": "2001:db8:1::/64", "ipv6_ra_mode": "slaac",
    "ipv6_address_mode": "dhcpv6-stateful"}}   expect 400
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/30"}}   expect 201   save four .subnet.id
POST   network /v2.0/ports {"port": {"network_id": "$net"}}   expect 201   check .port.fixed_ips.length == 2   save last .port.id
POST   network /v2.0/ports {"port": {"network_id": "$net"}}   expect 409   check .NeutronError.type == "IpAddressGenerationFailure"
DELETE network /v2.0/subnets/$sub   expect 204
GET    network /v2.0/ports/$early   check .port.fixed_ips == []
GET    network /v2.0/ports/$last    check .port.fixed_ips.length == 1
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 6, "cidr": "2001:db8:2::/120",
    "allocation_pools": [{"start": "2001:db8:2::10", "end": "2001:db8:2::20"}, {"start": "2001:db8:2::18", "end": "2001:db8:2::30"}]}}   expect 409
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.7.0.0/24", "gateway_ip": "10.7.0.9",
    "allocation_pools": [{"start": "10.7.0.2", "end": "10.7.0.20"}]}}   expect 409
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.7.0.0/24", "gateway_ip": null,
    "host_routes": [{"destination": "192.0.2.0/24", "nexthop": "10.7.0.1"}], "dns_nameservers": ["192.0.2.53"]}}   expect 201
save   sub .subnet.id
check  .subnet.gateway_ip == null
check  .subnet.allocation_pools == [{"start": "10.7.0.1", "end": "10.7.0.254"}]
PUT    network /v2.0/subnets/$sub {"subnet": {"cidr": "10.8.0.0/24"}}   expect 400
PUT    network /v2.0/subnets/$sub {"subnet": {"dns_nameservers": ["bad"]}}   expect 400
PUT    network /v2.0/subnets/$sub {"subnet": {"enable_dhcp": false, "host_routes": []}}   expect 200
check  .subnet.enable_dhcp == false
check  .subnet.host_routes == []
