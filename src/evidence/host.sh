# One awk for every file: each further process would cost more than the reading.
# This section has no time limit of its own, and must not wait for an ss that hangs.
guard=
command -v timeout >/dev/null 2>&1 && guard='timeout 2'
awk -v names="$(uname -nrm)" -v account="$(id -un 2>/dev/null)" -v netns="$(readlink /proc/self/ns/net)" \
  -v ss="$($guard ss -V 2>/dev/null)" '
  function first(file,   line) { getline line < file; close(file); return line }
  function lines(file, pattern,   line, n) { while ((getline line < file) > 0) if (line ~ pattern) { print line; n++ } close(file); return n }
  # "0-2,4" is four processors.
  function counted(list,   range, end, i, n) {
    for (i = split(list, range, ","); i > 0; i--) n += split(range[i], end, "-") == 2 ? end[2] - end[1] + 1 : 1
    return n
  }
  BEGIN {
    while ((getline line < "/proc/self/status") > 0) {
      split(line, field, "[ \t]+")
      # Real, effective: the effective one counts.
      if (field[1] == "Uid:") uid = field[3]
      if (field[1] == "Cpus_allowed_list:") cpus = counted(field[2])
    }
    # Where processors may be added, those that are not there yet are allowed too.
    online = counted(first("/sys/devices/system/cpu/online"))
    if (online < cpus || cpus == "") cpus = online
    split(names, name, " ")
    print "hostname " name[1]; print "kernel " name[2]; print "machine " name[3]
    print "user " (account == "" ? uid : account); print "uid " uid
    print "boot-id " first("/proc/sys/kernel/random/boot_id")
    split(first("/proc/uptime"), uptime, " ")
    print "uptime " uptime[1]; print "netns " netns; print "ss " ss
    if (cpus > 0) print "cpus " cpus
    lines("/proc/meminfo", "^MemTotal")
    print "version " first("/proc/version")
    if (lines("/etc/os-release", "^(ID|VERSION_ID|PRETTY_NAME)=") || lines("/usr/lib/os-release", "^(ID|VERSION_ID|PRETTY_NAME)=")) exit
    release = first("/etc/system-release")
    if (release == "") release = first("/etc/redhat-release")
    if (release != "") print "release " release
  }' </dev/null
