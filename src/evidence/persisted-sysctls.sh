# Every assignment of a net, fs or kernel sysctl in the files that are applied at boot, and tuned's, with file and line.
if [ -x /usr/lib/systemd/systemd-sysctl ] || [ -x /lib/systemd/systemd-sysctl ]; then
  echo 'order systemd'
elif [ -e /etc/alpine-release ]; then
  echo 'order openrc'
elif [ -x /sbin/initctl ]; then
  echo 'order el6'
else
  echo 'order sysctl-system'
fi
set --
for directory in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
  # On merged-/usr systems /lib is /usr/lib: the same files are not read twice.
  [ $directory = /lib/sysctl.d ] && [ -h /lib ] && continue
  for file in "$directory"/*; do
    # A link to nothing sets nothing.
    [ -e "$file" ] || continue
    if [ -h "$file" ]; then echo "file $file $(readlink -f "$file")"; else echo "file $file"; fi
    if [ ! -r "$file" ]; then
      case $file in *.conf) echo "unreadable $file" ;; esac
    elif [ -f "$file" ]; then
      set -- "$@" "$file"
    fi
  done
done
if [ -e /etc/sysctl.conf ]; then
  echo 'file /etc/sysctl.conf'
  if [ -r /etc/sysctl.conf ]; then set -- "$@" /etc/sysctl.conf; else echo 'unreadable /etc/sysctl.conf'; fi
fi
[ $# -gt 0 ] && grep -nE '^[[:space:]]*-?[[:space:]]*(net|fs|kernel)[./]' "$@" /dev/null | sed 's/^/set /' | head -n 300

profile=$(cat /etc/tuned/active_profile 2>/dev/null) || exit 0
[ -n "$profile" ] && pgrep -x tuned >/dev/null 2>&1 || exit 0
echo "tuned $profile"
for name in $profile; do
  depth=0
  while [ -n "$name" ] && [ $depth -lt 5 ]; do
    for file in "/etc/tuned/$name/tuned.conf" "/etc/tuned/profiles/$name/tuned.conf" "/usr/lib/tuned/$name/tuned.conf" "/usr/lib/tuned/profiles/$name/tuned.conf"; do
      [ -r "$file" ] && break
    done
    [ -r "$file" ] || break
    awk -v file="$file" '/^\[/ { section = $0 } section == "[sysctl]" && /=/ { print "tuned-set " file ":" FNR ":" $0 }' "$file"
    name=$(sed -n 's/^include *= *//p' "$file" | head -n 1)
    depth=$((depth + 1))
  done
done
exit 0
