#!/bin/sh
# The first process of a run's namespaces (bin/test-containers): base images, both builds, and the tests in a network of
# their own. The base images stand in for the published ones, which no registry is asked for.
set -eu

say() {
  printf 'test-containers: %s\n' "$*" >&2
}

# What podman and its networks keep elsewhere is hidden: this machine's own containers are neither seen nor touched.
resolver=$(cat /etc/resolv.conf)
for dir in /run /dev/shm /var/lib/containers /var/tmp; do
  mkdir -p "$dir"
  mount -t tmpfs -o mode=1777 tmpfs "$dir"
done
# A resolv.conf that was a link into /run.
[ -e /etc/resolv.conf ] || { mkdir -p "$(dirname "$(readlink -m /etc/resolv.conf)")" && printf '%s\n' "$resolver" >/etc/resolv.conf; }
work=/run/work
mkdir -p "$work/net.d"
export TMPDIR=/var/tmp STAGE="$work" CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
# Equal limits, because podman 4.3 swaps soft and hard ones that come through its API. crun refuses hybrid cgroups.
cat >"$CONTAINERS_CONF" <<CONF
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4000:4000"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[network]
network_backend = "netavark"
network_config_dir = "$work/net.d"
CONF
cat >"$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
CONF

# Runs a step in the background with its output in a file, which is shown when it fails.
step() {
  name=$1
  shift
  (
    began=$(date +%s)
    if timeout 300 "$@" >"$work/$name.log" 2>&1; then
      say "$name: $(($(date +%s) - began)) s"
    else
      say "$name failed:"
      tail -n 60 "$work/$name.log" >&2
      exit 1
    fi
  ) &
}
# Every step's end is waited for by its own id: plain wait would say that all went well.
await() {
  for pid in "$@"; do wait "$pid" || exit 1; done
}

here=test/containers
step node-24 "$here/fetch-node.sh" "$work/node"
fetched=$!
step debian debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base"
await $! "$fetched"
step base-image "$here/import-base.sh" "$work/base" "$work/node"
await $!
rm -rf "$work/base" "$work/node"
build() {
  step "$1" podman build --network host --isolation chroot --format docker --pull=never --tag "$2" --file "$3" "$4"
}
build image-bot docker.io/library/tcp-oncall Dockerfile .
bot=$!
build image-lab docker.io/library/tcp-oncall-lab test/lab/container/Dockerfile .
lab=$!
build image-redis docker.io/library/redis:7-alpine "$here/redis.Dockerfile" "$here"
await "$bot" "$lab" $!

# Ports that the demo publishes, bridges and packet filters are in a network that ends with this run.
DOCKER_HOST=unix://$work/podman.sock
COMPOSE_HTTP_TIMEOUT=120
export DOCKER_HOST COMPOSE_HTTP_TIMEOUT
exec unshare --net "$here/run-tests.sh" "$@"
