#!/bin/sh
# Makes the stand-in for the image that the files build on: the Debian tree $1 with the Node.js of $2, this machine's npm,
# its certificates, and the user `node` that the published image has.
set -eu
base=$1
install "$2/package/bin/node" "$base/usr/local/bin/node"
mkdir -p "$base/usr/local/lib/node_modules" "$base/usr/local/etc"
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/local/bin/npm"
cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$base/usr/local/etc/npmrc"
chroot "$base" useradd --create-home --uid 1000 node
tar -C "$base" -c . | podman import --quiet - "$(sed -n 's/^FROM \(node:[^ ]*\).*/docker.io\/library\/\1/p' Dockerfile | head -n 1)"
