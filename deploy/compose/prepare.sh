#!/bin/sh
# Makes what compose.yaml expects and git does not keep: a random secret per file and the data folders. What is there already stays.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets data/redis data/prometheus data/grafana
for name in redis_password console_token metrics_token rookery_key grafana_password; do
  if [ ! -s "secrets/$name" ]; then
    # 32 bytes as hexadecimal digits: fit for a URL, a header and a configuration file alike.
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "secrets/$name"
    echo "made deploy/compose/secrets/$name"
  fi
done
if [ "$(id -u)" -ne 1000 ] || [ "$(id -g)" -ne 1000 ]; then
  echo "The containers run as user 1000; so that they can read these files, set before docker compose:"
  echo "  export ROOKERY_UID=$(id -u) ROOKERY_GID=$(id -g)"
fi
