# Every sysctl a diagnosis may ask for, in one process; grep names the files that are absent or forbidden on stderr,
# which is printed after the values so that the two cannot run into each other.
cd /proc/sys || exit 3
# shellcheck disable=SC2086
{ complaints=$(grep -H '' $SYSCTL_PATHS 2>&1 >&3); } 3>&1
echo "$complaints"
