# Connection tracking of this network namespace. The per-CPU counters are summed here: a row a CPU would be kilobytes.
dir=/proc/sys/net/netfilter
[ -e $dir/nf_conntrack_count ] || { echo $dir/nf_conntrack_count; exit 3; }
# The mode, not what this account may do: in a namespace of its own nobody may write it.
# shellcheck disable=SC2012
awk -v dir=$dir -v mode="$(ls -l $dir/nf_conntrack_max)" '
  function first(file,   line) { getline line < file; close(file); return line }
  function number(text,   i, n) { for (i = 1; i <= length(text); i++) n = n * 16 + hex[substr(text, i, 1)]; return n + 0 }
  BEGIN {
    for (i = 0; i < 16; i++) { hex[sprintf("%x", i)] = i; hex[sprintf("%X", i)] = i }
    print "count " first(dir "/nf_conntrack_count")
    print "max " first(dir "/nf_conntrack_max")
    print "max-mode " substr(mode, 1, 10)
    print "buckets " first(dir "/nf_conntrack_buckets")
    while ((getline < "/proc/net/stat/nf_conntrack") > 0) {
      if (!rows++) { for (i = 1; i <= NF; i++) name[i] = $i; columns = NF; continue }
      for (i = 2; i <= columns; i++) sum[name[i]] += number($i)
    }
    for (n in sum) printf "stat %s %.0f\n", n, sum[n]
  }' </dev/null
