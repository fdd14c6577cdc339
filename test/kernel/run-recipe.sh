#!/bin/sh
# A recipe without the runner around it, in the foreground: what its functions do to a job's directory.
#   run-recipe.sh JOB FUNCTION…     what the recipe reads is in the environment: package, version, seconds, id, …
# Prints what the recipe says; exit status 1 when it failed.
# shellcheck disable=SC2034,SC2154 # read by the recipes, and given by the environment
set -u
export LC_ALL=C
recipes=$(cd "$(dirname "$0")/../../src/kinds/kernel/recipes" && pwd)
job=$1 work=$1/work
shift
say() { printf '%s\n' "$*" >&3; }
event() { say event "$@"; }
note() { say note "$@"; }
ship() { say ship "$@"; }
expect() { say expect "$@"; }
fail() {
  say fail "$@"
  exit 1
}
for part in define build-host deb rpm; do
  # shellcheck disable=SC1090
  . "$recipes/$part.sh"
done
mkdir -p "$work" "$job/out" "$sources" "$objects"
cd "$job" || exit
exec 3>&1 >>log 2>&1 </dev/null
for stage in "$@"; do ("$stage") || exit; done
