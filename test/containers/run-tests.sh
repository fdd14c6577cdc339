#!/bin/sh
# Serves podman's socket and runs the tests against it.
set -eu
ip link set lo up
podman system service --time=0 "$DOCKER_HOST" >"$STAGE/service.log" 2>&1 &
status=0
timeout 300 node_modules/.bin/vitest run --config test/containers/vitest.config.ts "$@" || status=$?
[ "$status" = 0 ] || tail -n 20 "$STAGE/service.log" >&2
exit "$status"
