# SPDX-License-Identifier: Apache-2.0
# Another service ends in a user's name what the user began, although the user's token has expired: whose
# user is a service's is said for each service.
option image.service_token_roles = manager,service
option placement.service_token_roles_required = false
start identity image placement
user ann demo member
user helper service service
user cyd demo admin
user rita service manager
user bob service member
let    EXPIRE = "import os, sys; sys.path.insert(0, os.environ['KIT']); import fernet; print(fernet.expired(os.environ['STATE'] + '/identity/fernet-keys', os.environ['token'], 60), end='')"
as helper
$ printf %s "$(openstack token issue -f value -c id)"
save   helper text
as rita
$ printf %s "$(openstack token issue -f value -c id)"
save   rita text
as bob
$ printf %s "$(openstack token issue -f value -c id)"
save   bob text
as cyd
$ printf %s "$(openstack token issue -f value -c id)"
save   cyd text
as ann
$ printf %s "$(openstack token issue -f value -c id)"
save   token text
$ /usr/bin/python3 -c "$EXPIRE"
save   old text
as nobody
GET    image /v2/images  with "X-Auth-Token: $old"                                   expect 401
GET    image /v2/images  with "X-Auth-Token: $old"  with "X-Service-Token: $helper"    expect 200
GET    image /v2/images  with "X-Auth-Token: $old"  with "X-Service-Token: $rita"    expect 200
GET    image /v2/images  with "X-Auth-Token: $old"                                   expect 401
GET    image /v2/images  with "X-Auth-Token: $old"  with "X-Service-Token: $bob"     expect 401
GET    image /v2/images  with "X-Auth-Token: $token"  with "X-Service-Token: $bob"   expect 401
GET    image /v2/images  with "X-Auth-Token: $token"  with "X-Service-Token: x"      expect 401
GET    image /v2/images  with "X-Auth-Token: $token"  with "X-Service-Token: $helper"  expect 200
GET    image /v2/images  with "X-Service-Token: $helper"                               expect 401

# Where roles are not required, a user's token beside another one does no harm and no good.
version placement 1.39
GET    placement /resource_providers  with "X-Auth-Token: $cyd"  with "X-Service-Token: $bob"    expect 200
GET    placement /resource_providers  with "X-Auth-Token: $token"  with "X-Service-Token: $bob"  expect 403
GET    placement /resource_providers  with "X-Auth-Token: $cyd"  with "X-Service-Token: x"       expect 401
GET    placement /resource_providers  with "X-Auth-Token: $old"  with "X-Service-Token: $bob"    expect 401
GET    placement /resource_providers  with "X-Auth-Token: $old"  with "X-Service-Token: $rita"   expect 401
GET    placement /resource_providers  with "X-Auth-Token: $old"  with "X-Service-Token: $helper"   expect 403
