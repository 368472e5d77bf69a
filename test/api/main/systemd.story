# SPDX-License-Identifier: Apache-2.0
# A service manager hears when everything answers, and when it stops; SIGTERM ends all of it.
start identity
stop
$ "$KIT/notified" "$STATE/notify" "$STACKD" up --foreground --state "$STATE"
check text matches "^READY=1 after [0-9]+ ms\nanswers\nSTOPPING=1\nended with 0\n$"
$ ! ls "$STATE"/run/*.json
