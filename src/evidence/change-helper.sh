# The program that applies changes, if host-setup has put one here, asked for its version the way it would be run. Where a
# directory may not be looked into, nothing is known.
helper=/usr/local/sbin/tcp-oncall-helper
for path in /usr /usr/local /usr/local/sbin; do
  [ -e $path ] || { echo $helper; return 3; }
  [ -x $path ] || { echo $path; return 4; }
done
[ -e $helper ] || { echo $helper; return 3; }
privilege='sudo -n'
[ "$ME" = 0 ] && privilege=
# shellcheck disable=SC2086 # none, or two words
$privilege $helper 2 check version 2>&1 | awk '
  $1 == "check" && $2 == "version" { answer = "runs " $3 " " $5 }
  # Before it knew its own version.
  $1 == "check" && $2 == "refused" && answer == "" { answer = "runs 1 1" }
  NF { last = $0 }
  END { print answer != "" ? answer : "no-rights " substr(last, 1, 200) }'
