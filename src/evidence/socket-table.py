# What socket-table.pl does, for hosts that have python3 (3.6 or later) and no perl; that file explains the messages.
import sys
from struct import Struct, pack, unpack
from time import sleep
# The parts of os, signal and socket that are written in C: to load the rest takes as long as to read 50,000 sockets.
from _signal import alarm
from _socket import socket
from posix import _exit

boundary, sample, looks, seconds = sys.argv[1:]
looks = int(looks)
alarm(int(seconds))
head = Struct("=LH")
layout = "=16xBBBB2s34s12xLLL4xL"
mapped = bytes(10) + b"\xff\xff"


def frame(name, status, *lines):
    print("\n%s begin %s %s" % (boundary, sample, name), *lines, "%s end %s %s %s" % (boundary, sample, name, status), sep="\n", flush=True)


def messages(states):
    diag = socket(16, 3, 4)
    diag.send(pack("=LHHLL52xLL", 76, 18, 0x301, 1, 0, states, 0))
    while True:
        data = diag.recv(65536)
        size, kind = head.unpack_from(data)
        if kind == 2:
            raise OSError
        count = len(data) // size
        # Where all are as long as the first, none has to be asked for its length.
        if kind != 3 and len(data) == count * size and all(data[i::size] == data[i:i + 1] * count for i in range(4)):
            yield from Struct("%s%dx" % (layout, size - 88)).iter_unpack(data)
            continue
        at = 0
        while at < len(data):
            size, kind = head.unpack_from(data, at)
            if kind == 3:
                return
            yield Struct(layout).unpack_from(data, at)
            at += size


def number(port):
    return port[0] * 256 + port[1]


def number_or_none(port):
    return number(port) if port else "-"


def address(octets):
    if octets[:12] == mapped:
        octets = octets[12:]
    return ".".join(map(str, octets)) if len(octets) == 4 else ":".join("%x" % word for word in unpack(">8H", octets))


# The remote port and both addresses: 4 bytes each of an IPv4 socket, and of one whose addresses are v4-mapped.
def tuple_of(ends):
    port, source, target = ends[:2], ends[2:18], ends[18:]
    if source[4:] == target[4:] == bytes(12):
        return port, source[:4], target[:4]
    if source[:12] == target[:12] == mapped:
        return port, source[12:], target[12:]
    return port, source, target


def endpoint(family, port, ends):
    text = address(ends[2:6] if family == 2 else ends[2:18])
    return "%s:%d" % ("[" + text + "]" if ":" in text else text, number(port))


def add(counts, key, sockets=1):
    counts[key] = counts.get(key, 0) + sockets


def busiest(name, most, counts, text):
    least = sorted(counts.values())[-most] if len(counts) > most else 0
    keys = [key for key in counts if counts[key] > least]
    if least:
        keys += sorted(key for key in counts if counts[key] == least)[:most - len(keys)]
    omitted.append(len(counts) - len(keys))
    for sockets, words in sorted((-counts[key], text(key)) for key in keys):
        lines.append("%s %d %s" % (name, -sockets, words))


if looks:
    queues = {}
    for look in range(looks):
        for family, _, _, _, port, ends, _, waiting, cap, _ in messages(1 << 10):
            queue = "queue %d %s" % (cap, endpoint(family, port, ends))
            if waiting and (queue in queues or len(queues) < 40):
                queues[queue] = queues.get(queue, "") + " %d:%d" % (look, waiting)
        sleep(1)
    frame("accept-queues", 0, "via sock_diag", "looks %d" % looks, *map("".join, queues.items()))

def lines_of(path):
    try:
        return open("/proc/" + path).read().split("\n")
    except OSError:
        return []


in_use = 0
for line in lines_of("net/sockstat") + lines_of("net/sockstat6"):
    if line[:3] == "TCP":
        in_use += sum(map(int, line.split()[2:7:4]))
coverage = "transient" if sample == "2" and in_use > 20000 else "all"
low, high = map(int, (lines_of("sys/net/ipv4/ip_local_port_range") or ["1 0"])[0].split())
# Linux before 4.0 leaves in the 12 bytes after an IPv4 address what was there.
unclean = int((lines_of("sys/kernel/osrelease") or ["4"])[0].split(".")[0]) < 4

# `outgoing`: by state, then by what tuple_of reads, the local ports. `of`: sockets by state or flag, and the same or a port.
listens, listeners, owned, outgoing, of, states, closing = {}, [], [], [{} for _ in range(16)], {}, {}, {}
mini = orphans = held = kinds = uncounted = unlisted = 0
least, most = 1 << 32, -1
for family, state, timer, again, port, ends, left, waiting, cap, inode in messages(1 << 10 if in_use > 1000000 else 0xFFE if coverage == "all" else 0xFBC):
    if unclean and family == 2:
        ends = ends[:6] + bytes(12) + ends[18:22] + bytes(12)
    key = ends
    if state == 10:
        listens[port] = 1
        listeners.append((family, port, ends, waiting, cap, inode))
        continue
    if port in listens:
        key = port
        add(of, (state, port))
    else:
        try:
            outgoing[state][ends].append(port)
        except KeyError:
            if kinds < 50000:
                kinds += 1
                outgoing[state][ends] = [port]
            else:
                uncounted += 1
                add(states, state)
                key = None
    if state == 6:
        if left > 50000:
            add(of, ("y", key))
        elif left < 10000:
            add(of, ("o", key))
        if left < least:
            least = left
        if left > most:
            most = left
    elif state == 1:
        if timer == 2:
            add(of, ("k", key))
    elif state == 2:
        if again:
            add(of, ("r", key))
    elif state == 5:
        if timer == 3:
            mini += 1
        elif inode:
            held += 1
        else:
            orphans += 1
    elif state == 8:
        if inode and len(owned) < 100:
            owned.append(inode)
        remote, _, peer = tuple_of(ends)
        group = (port, peer, b"") if key == port else (b"", peer, remote)
        if group not in closing and len(closing) == 50000:
            unlisted += 1
            continue
        sums = closing.setdefault(group, [0, 0, 0])
        sums[0] += 1
        sums[1] += waiting > 0
        sums[2] += inode == 0
listeners.sort(key=lambda listener: listener[0])
frame("listeners", 0, "via sock_diag", *("%d %d %s" % (waiting, cap, endpoint(family, port, ends)) for family, port, ends, waiting, cap, _ in listeners[:200]), "omitted %d" % max(len(listeners) - 200, 0))
if in_use > 1000000:
    frame("sockets", 5, "%d sockets, more than 1000000" % in_use)
    sys.exit()

inbound, ports, by, sources = {}, {}, {}, {}
for state, some in enumerate(outgoing):
    for ends, local in some.items():
        key = tuple_of(ends)
        ports.setdefault(key, []).extend(local)
        add(by, (state, key), len(local))
        add(states, state, len(local))
for (kind, key), sockets in of.items():
    if key in listens:
        by[kind, key] = sockets
        if kind in range(16):
            add(inbound, key, sockets)
            add(states, kind, sockets)
    elif key:
        add(by, (kind, tuple_of(key)), sockets)
for key, local in ports.items():
    sources.setdefault(key[1], []).append(local)
if listeners:
    states[10] = len(listeners)
lines, omitted = ["coverage " + coverage], []


def columns(key, *kinds):
    return "".join(" %d" % by.get((kind, key), 0) for kind in kinds)


def in_range(local):
    inside = [port for port in unpack(">%dH" % len(local), b"".join(local)) if low <= port <= high]
    return "%d %d" % (len(inside), len([port for port in inside if port & 1]))


busiest("inbound", 40, inbound, lambda port: str(number(port)) + columns(port, 1, 6, 3, 8, 5))
busiest("outbound", 40, {key: len(ports[key]) for key in ports}, lambda key: "%s %s %d %s" % (
    address(key[1]), address(key[2]), number(key[0]), in_range(ports[key])) + columns(key, 1, "k", 6, "y", "o", 2, "r", 8))
busiest("source", 20, {key: sum(map(len, sources[key])) for key in sources}, lambda key: "%s %s" % (address(key), in_range(set().union(*sources[key]))))
busiest("closewait", 20, {key: closing[key][0] for key in closing}, lambda key: "%s %s %s %d %d" % (
    number_or_none(key[0]), address(key[1]), number_or_none(key[2]), *closing[key][1:]))
omitted[3] += unlisted
lines.append("finwait2 %d %d %d" % (mini, orphans, held))
lines += ["inode listen %d %d" % (number(listener[1]), listener[5]) for listener in listeners[:100]]
lines += ["inode close-wait - %d" % inode for inode in owned]
lines += ["listening %d" % port for port in sorted(map(number, listens))]
lines += ["state %02X %d" % pair for pair in sorted(states.items())]
if most >= 0:
    lines.append("timer %d %d" % (least // 10, most // 10))
frame("sockets", 0, *lines, "uncounted %d" % uncounted, "omitted %d %d %d %d" % tuple(omitted))
# What Python does at its end for itself takes a tenth of what it does on an idle host.
_exit(0)
