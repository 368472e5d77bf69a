# SPDX-License-Identifier: Apache-2.0
# The stock client's usual day with images.
start identity image
user ann ours member
user bob theirs member
as ann
$ head -c 3M /dev/urandom > "$STATE/data"; openstack image create -f json --disk-format raw --container-format bare --file "$STATE/data" --property os_distro=debian --tag t1 --min-disk 1 one > /dev/null && openstack image show -f json one
check  .status == "active"
check  .size == 3145728
check  .properties.os_distro == "debian"
check  .tags == ["t1"]
save   id .id
$ openstack image list -f json
check  .[0].Name == "one"
check  .[0].Status == "active"
$ openstack image show -f json one
check  .id == "$id"
check  .min_disk == 1
$ openstack image set --name two --property os_version=12 --tag t2 --protected $id && openstack image show -f json $id
check  .name == "two"
check  .properties.os_version == "12"
check  .protected == true
check  .tags contains "t2"
$ openstack image unset --property os_version --tag t1 $id && openstack image show -f json $id
check  .properties.os_version missing
check  .tags == ["t2"]
$ openstack image delete $id 2>&1 || echo refused
check  text contains "refused"
$ openstack image set --unprotected $id && openstack image save --file "$STATE/back" $id && cmp "$STATE/data" "$STATE/back"
$ openstack image set --deactivate $id && ! openstack image save --file "$STATE/back" $id 2> /dev/null && openstack image set --activate $id
as admin
$ openstack project show -f value -c id theirs
save   theirs text
as ann
$ openstack image set --shared $id && openstack image add project -f json $id $theirs
check  .status == "pending"
as bob
$ openstack image set --accept $id && openstack image list -f value -c ID
check  text contains "$id"
as ann
$ openstack image remove project $id $theirs && openstack image delete $id && openstack image list -f json
check  . == []
