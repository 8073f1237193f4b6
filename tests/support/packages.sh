#!/bin/sh
# Debian packages the tests use: installed when we may, named in one sentence when we may not.
set -eu
want=""
[ -n "$(command -v curl)" ] || want="$want curl"
[ -x /usr/bin/chromium ] || want="$want chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || want="$want postgresql"
[ -z "$want" ] && exit 0
if [ "$(id -u)" != 0 ]; then
    echo "The tests need$want from Debian. Have an administrator run: apt-get install$want" >&2
    exit 2
fi
# the tests start servers of their own; the system's are not wanted
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want >/dev/null
