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
    echo "file $file"
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
profile=
[ -r /etc/tuned/active_profile ] && read -r profile </etc/tuned/active_profile
[ -z "$profile" ] || pgrep -x tuned >/dev/null || profile=
[ -z "$profile" ] || echo "tuned $profile"
export profile
awk '
  BEGIN {
    for (i = 1; i < ARGC; i++) {
      for (n = 1; (got = (getline line < ARGV[i])) > 0; n++)
        if (line ~ /^[ \t]*-?[ \t]*(net|fs|kernel)[.\/]/ && shown++ < 300) print "set " ARGV[i] ":" n ":" line
      if (got < 0) print "unreadable " ARGV[i]
      close(ARGV[i])
    }
    split("/etc/tuned/ /etc/tuned/profiles/ /usr/lib/tuned/ /usr/lib/tuned/profiles/", place, " ")
    names = split(ENVIRON["profile"], name, " ")
    for (i = 1; i <= names; i++) {
      included = name[i]
      for (depth = 0; included != "" && depth < 5; depth++) included = tuned(included)
    }
  }
  # Prints what a profile sets, and returns the one it includes.
  function tuned(name,   p, file, line, section, included, n) {
    for (p = 1; p <= 4 && file == ""; p++) {
      file = place[p] name "/tuned.conf"
      if ((getline line < file) < 0) file = ""
    }
    if (file == "") return ""
    close(file)
    for (n = 1; (getline line < file) > 0; n++) {
      if (line ~ /^\[/) section = line
      if (section == "[sysctl]" && index(line, "=")) print "tuned-set " file ":" n ":" line
      if (included == "" && line ~ /^include *=/) { included = line; sub(/^include *= */, "", included) }
    }
    close(file)
    return included
  }' "$@"
return 0
