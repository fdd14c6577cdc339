# Connection tracking of this network namespace. The per-CPU counters are summed here: a row a CPU would be kilobytes.
dir=/proc/sys/net/netfilter
[ -e $dir/nf_conntrack_count ] || { echo $dir/nf_conntrack_count; exit 3; }
echo "count $(cat $dir/nf_conntrack_count)"
echo "max $(cat $dir/nf_conntrack_max)"
# The mode, not what this account may do: in a namespace of its own nobody may write it.
# shellcheck disable=SC2012
echo "max-mode $(ls -l $dir/nf_conntrack_max | cut -c 1-10)"
echo "buckets $(cat $dir/nf_conntrack_buckets 2>/dev/null)"
awk '
  BEGIN { for (i = 0; i < 16; i++) { hex[sprintf("%x", i)] = i; hex[sprintf("%X", i)] = i } }
  function number(text,   i, n) { for (i = 1; i <= length(text); i++) n = n * 16 + hex[substr(text, i, 1)]; return n + 0 }
  NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
  { for (i = 2; i <= NF; i++) sum[name[i]] += number($i) }
  END { for (n in sum) printf "stat %s %.0f\n", n, sum[n] }' /proc/net/stat/nf_conntrack 2>/dev/null
exit 0
