# SPDX-License-Identifier: Apache-2.0
# One GiB comes in and goes out in memory that does not grow with it.
start identity image
as admin
POST   image /v2/images {"name": "big", "disk_format": "raw", "container_format": "bare"}   save id .id
$ truncate -s 1G "$STATE/big" && for at in 0 99 500 1023; do head -c 1M /dev/urandom | dd of="$STATE/big" bs=1M seek=$at conv=notrunc status=none; done
$ "$STACKD" status --state "$STATE" --json
save   pid .[role=image].pid
$ grep -oP "VmHWM:\s*\K[0-9]+" /proc/$pid/status
save   before .
$ "$KIT/image-data" put $id "$STATE/big"
check  text contains "204"
GET    image /v2/images/$id   check .size == 1073741824   check .status == "active"   save sum .os_hash_value
$ sha512sum < "$STATE/big" | cut -d" " -f1
check  text contains "$sum"
$ set -o pipefail; "$KIT/image-data" get $id /dev/stdout | cmp - "$STATE/big"
$ grown=$(($(grep -oP "VmHWM:\s*\K[0-9]+" /proc/$pid/status) - before)); echo "grown by $grown KiB" >&2; [ $grown -lt 8192 ] && echo $grown
