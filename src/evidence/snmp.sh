grep '^Tcp:' /proc/net/snmp
