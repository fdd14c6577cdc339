cat /proc/net/netstat
