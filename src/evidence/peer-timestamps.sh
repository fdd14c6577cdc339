# Whether live connections to the busiest destinations carry TCP timestamps: a few sockets each, chosen by the kernel. Without
# such a connection, no process is needed to say so.
[ "$SAMPLE" = 1 ] || return 0
begin peer-timestamps
if ! command -v ss >/dev/null; then
  echo ss
  end peer-timestamps 6
  return 0
fi
# $8 of an outbound line is the established count: TIME_WAIT rows do not tell, a live connection does. $10 is TIME_WAIT:
# where it holds less than a tenth of the ports ($6), it does not matter whether they can be taken over. Of more than 2,000
# only those in four slices of the ports are asked for, since ss writes out all it gets before it prints the first.
case $SOCKETS in
  *outbound*)
    LIMIT=${TIMEOUT:+$TIMEOUT $SECONDS_EACH} awk '
      BEGIN {
        getline line < "/proc/sys/net/ipv4/ip_local_port_range"
        split(line, port, " ")
        span = (port[2] - port[1] + 1) / 4
        rows = split(ENVIRON["SOCKETS"], row, "\n")
        for (r = 1; r <= rows && n < 3; r++) {
          split(row[r], word, " ")
          if (word[1] != "outbound" || !(word[8] > 0 && word[6] > 0 && word[10] * 10 >= word[6])) continue
          to = (word[4] ~ /:/ ? "[" word[4] "]" : word[4]) ":" word[5]
          # It becomes a word of a command.
          if (to in seen || to !~ /^[][0-9a-fA-F:.]+$/) continue
          seen[to] = 1
          slices = ""
          if (word[8] > 2000) for (i = 0; i < 4; i++)
            slices = slices sprintf("%s( sport >= :%d and sport <= :%d )", i ? " or " : "", port[1] + i * span, port[1] + (i + 250 / word[8]) * span)
          wanted = wanted sprintf("%s( dst %s%s )", n++ ? " or " : "", to, slices == "" ? "" : " and ( " slices " )")
        }
        if (!n) exit
        command = ENVIRON["LIMIT"] " ss -tino state established \"( " wanted " )\"; echo \"ended $?\""
        while ((command | getline) > 0) {
          if ($1 == "ended") status = $2
          else if ($1 == "Recv-Q" || $1 == "State" || $1 == "Netid") continue
          else if ($0 ~ /^[^ \t]/) { peer = ($1 ~ /^[0-9]+$/) ? $4 : $5; if (lines++ > 1000) break }
          else if (count[peer] < 20) { count[peer]++; if ((" " $0 " ") ~ / ts /) with[peer]++ }
        }
        for (p in count) print "peer " p, count[p], with[p] + 0
        # Stopped for its time, not for anything it says.
        exit (status > 100 ? status : 0)
      }'
    ;;
esac
end peer-timestamps $?
