exec cat /proc/net/netstat
