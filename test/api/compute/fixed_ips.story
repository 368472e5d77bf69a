# SPDX-License-Identifier: Apache-2.0
# A server gets another address from its network, and gives it back.
option agent_compute.driver = fake
option agent_network.roles = l2
start identity image placement compute network agent
as demo
POST   network /v2.0/networks {"network": {"name": "in"}}   expect 201   save net .network.id
POST   network /v2.0/networks {"network": {"name": "elsewhere"}}   expect 201   save elsewhere .network.id
POST   network /v2.0/subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.9.0.0/29"}}   expect 201
POST   image /v2/images {"name": "i", "disk_format": "raw", "container_format": "bare"}   expect 201   save img .id
PUT    image /v2/images/$img/file data "hello"   expect 204
as admin
version compute 2.43
until  compute /os-services   .services[binary=nova-compute].state == "up"   within 20
POST   compute /flavors {"flavor": {"name": "f", "ram": 64, "vcpus": 1, "disk": 1}}   expect 200   save f .flavor.id
as demo
POST   compute /servers {"server": {"name": "s", "imageRef": "$img", "flavorRef": "$f", "networks": [{"uuid": "$net"}]}}   expect 202
save   s .server.id
until  compute /servers/$s   .server.status == "ACTIVE"   unless .server.status == "ERROR"
check  .server.addresses.in.length == 1
save   first .server.addresses.in[0].addr

POST   compute /servers/$s/action {"addFixedIp": {"networkId": "$net"}}   expect 202
GET    compute /servers/$s   check .server.addresses.in.length == 2
save   second .server.addresses.in[1].addr
GET    network /v2.0/ports?device_id=$s   check .ports.length == 1   check .ports[0].fixed_ips.length == 2
POST   compute /servers/$s/action {"removeFixedIp": {"address": "$first"}}   expect 202
GET    compute /servers/$s   check .server.addresses.in.length == 1   check .server.addresses.in[0].addr == "$second"

# What cannot be.
POST   compute /servers/$s/action {"removeFixedIp": {"address": "$first"}}   expect 400
POST   compute /servers/$s/action {"removeFixedIp": {"address": "10.9"}}   expect 400
POST   compute /servers/$s/action {"addFixedIp": {"networkId": "$elsewhere"}}   expect 404
POST   compute /servers/$s/action {"addFixedIp": {"networkId": "none"}}   expect 404
POST   compute /servers/$s/action {"addFixedIp": {}}   expect 400
POST   compute /servers/$s/action {"lock": null}   expect 202
POST   compute /servers/$s/action {"addFixedIp": {"networkId": "$net"}}   expect 409
POST   compute /servers/$s/action {"unlock": null}   expect 202
version compute 2.44
POST   compute /servers/$s/action {"addFixedIp": {"networkId": "$net"}}   expect 404
version compute none
DELETE compute /servers/$s   expect 204
until  compute /servers/$s   expect 404
