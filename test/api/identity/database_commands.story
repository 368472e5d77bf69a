# SPDX-License-Identifier: Apache-2.0
# db_sync in the steps of an upgrade, with keystone-manage's exit codes.
start identity
as nobody
$ "$STACKD" identity db_sync --state "$STATE" --check
check  text contains "which this program needs"
$ "$STACKD" identity db_sync --state "$STATE" --check --expand 2>&1 | grep "only one of"
$ "$STACKD" identity db_sync --state "$STATE" 2024.1 2>&1 | grep "'2024.1' is not an option"
stop
# A database of the version before: 2 says that --expand is to be run, and what comes after it finds it missing.
let    BACK = "import os, sqlite3; d = sqlite3.connect(os.environ['STATE'] + '/identity/identity.db'); d.execute('UPDATE schema_version SET version = version - 1'); d.commit()"
$ [ -e "$STATE/identity/identity.db" ] || exit 0; /usr/bin/python3 -c "$BACK" && "$STACKD" identity db_sync --state "$STATE" --check > "$STATE"/told; [ $? = 2 ] && grep "run 'stackd identity db_sync' --expand" "$STATE"/told
$ [ -e "$STATE/identity/identity.db" ] || exit 0; for step in --migrate --contract; do "$STACKD" identity db_sync --state "$STATE" $step 2>&1 | grep "this program needs" || exit 1; done
