#!/bin/sh
# The Node.js that the images ask for, out of the npm registry's package of it, into the directory $1.
set -eu
NODE=24.22.3
mkdir -p "$1"
cd "$1"
arch=x64
[ "$(uname -m)" != aarch64 ] || arch=arm64
npm pack --silent "node-linux-$arch@$NODE" >/dev/null
tar -xzf ./*.tgz package/bin/node
rm ./*.tgz
