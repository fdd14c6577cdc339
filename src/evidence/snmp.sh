exec grep '^Tcp:' /proc/net/snmp
