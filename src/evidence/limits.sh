# Threads, processes and files of the whole host.
root=/sys/fs/cgroup
[ -d $root/pids ] && root=$root/pids
# pids.max of every cgroup that sets one; those without a limit say max, and sandboxes of a few threads say little.
find $root -maxdepth 4 -name pids.max | awk '
  function first(file,   line) { getline line < file; close(file); return line }
  BEGIN {
    print "loadavg " first("/proc/loadavg")
    print "threads-max " first("/proc/sys/kernel/threads-max")
    print "pid-max " first("/proc/sys/kernel/pid_max")
    print "file-nr " first("/proc/sys/fs/file-nr")
  }
  {
    max = first($0)
    if (max !~ /^[0-9]+$/) next
    if (++limited > 500) exit
    path = substr($0, 1, length($0) - 9)
    current = first(path "/pids.current")
    if (max >= 16 && current ~ /^[0-9]+$/ && current / max > most) { most = current / max; line = "cgroup " current " " max " " path }
  }
  END { if (line) print line }'
return 0
