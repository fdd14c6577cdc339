# Threads, processes and files of the whole host.
root=/sys/fs/cgroup
[ -d $root/pids ] && root=$root/pids
# pids.max of every cgroup that sets one; those without a limit say max, and sandboxes of a few threads say little.
find $root -maxdepth 4 -name pids.max -exec grep -H '[0-9]' {} + 2>/dev/null | head -n 500 | awk '
  function first(file,   line) { getline line < file; close(file); return line }
  BEGIN {
    print "loadavg " first("/proc/loadavg")
    print "threads-max " first("/proc/sys/kernel/threads-max")
    print "pid-max " first("/proc/sys/kernel/pid_max")
    print "file-nr " first("/proc/sys/fs/file-nr")
  }
  {
    at = index($0, "/pids.max:"); path = substr($0, 1, at - 1); max = substr($0, at + 10)
    if (max < 16) next
    current = first(path "/pids.current")
    if (current ~ /^[0-9]+$/ && current / max > most) { most = current / max; line = "cgroup " current " " max " " path }
  }
  END { if (line) print line }'
exit 0
