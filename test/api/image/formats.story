# SPDX-License-Identifier: Apache-2.0
# What qemu-img writes is known for what it is; what names other files is refused.
start identity image
as admin
$ cd "$STATE" && for f in qcow2 vdi vhdx; do qemu-img create -q -f $f good.$f 10M; done && qemu-img create -q -f vpc -o subformat=dynamic,force_size=on good.vhd 10M && \
  qemu-img create -q -f vmdk -o subformat=monolithicSparse good.vmdk 10M && truncate -s 10M good.raw && echo hidden > secret && \
  qemu-img create -q -f qcow2 -F raw -b "$STATE/secret" back.qcow2 10M && qemu-img create -q -f qcow2 -o data_file=secret,data_file_raw=on data.qcow2 10M && \
  qemu-img create -q -f vmdk -o subformat=monolithicFlat flat.vmdk 10M && qemu-img convert -q -f qcow2 -O vmdk -o subformat=streamOptimized good.qcow2 stream.vmdk

# Fine, with the size that a guest sees.
POST   image /v2/images {"disk_format": "qcow2", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.qcow2"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "vdi", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.vdi"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "vhdx", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.vhdx"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "vhd", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.vhd"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "vmdk", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.vmdk"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "vmdk", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/stream.vmdk"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.raw"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == 10485760
POST   image /v2/images {"disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.qcow2"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size < 1048576
POST   image /v2/images {"disk_format": "ami", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.raw"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == null
POST   image /v2/images {"disk_format": "ploop", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.raw"
check  text contains "204"
GET    image /v2/images/$id   check .status == "active"   check .virtual_size == null

# Refused, and free to be tried again.
POST   image /v2/images {"disk_format": "qcow2", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/back.qcow2"
check  text contains "415"
check  text contains "backing file"
POST   image /v2/images {"disk_format": "qcow2", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/data.qcow2"
check  text contains "415"
check  text contains "another file"
POST   image /v2/images {"disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/back.qcow2"
check  text contains "415"
check  text contains "backing file"
POST   image /v2/images {"disk_format": "vmdk", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/flat.vmdk"
check  text contains "415"
check  text contains "only a descriptor"
POST   image /v2/images {"disk_format": "raw", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/flat.vmdk"
check  text contains "415"
check  text contains "only a descriptor"
POST   image /v2/images {"disk_format": "qcow2", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.raw"
check  text contains "415"
check  text contains "does not match stream data raw"
POST   image /v2/images {"disk_format": "vmdk", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.qcow2"
check  text contains "415"
check  text contains "does not match stream data qcow2"
POST   image /v2/images {"disk_format": "ami", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.qcow2"
check  text contains "415"
check  text contains "does not match stream data qcow2"
POST   image /v2/images {"disk_format": "iso", "container_format": "bare"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.vdi"
check  text contains "415"
check  text contains "does not match stream data vdi"
GET    image /v2/images/$id   check .status == "queued"   check .size == null
$ ls -A "$STATE/image/data" | grep $id || echo none
check  text contains "none"

# What is packed in something else is not looked into.
POST   image /v2/images {"disk_format": "qcow2", "container_format": "ova"}   save id .id
$ "$KIT/image-data" put $id "$STATE/good.raw"
check  text contains "204"
