cat /proc/net/sockstat || exit 3
# Absent where IPv6 is off.
cat /proc/net/sockstat6 2>/dev/null
exit 0
