#!/bin/sh
# shellcheck disable=SC2154,SC2034 # root-program.ts puts the parts of a program together
# tcp-oncall's kernel helper: the only program that its account may run as root for kernel builds. On a target it installs a
# kernel beside the one that runs, boots it once on trial, and has it measured; unless the kernel is kept in time, the host
# reboots to the old one. On a builder it installs build dependencies of its own list.
#
#   tcp-oncall-kernel 1 WORD install ID        an order on stdin, then a manifest and packages
#   tcp-oncall-kernel 1 WORD boot|keep ID      an order on stdin
#   tcp-oncall-kernel 1 WORD rollback ID       an order on stdin; ID = of the kept change, which the order has as "reverts"
#   tcp-oncall-kernel 1 WORD revert ID [trial] to the old kernel, without the package; trial = not when it was kept
#   tcp-oncall-kernel 1 WORD extend ID TOKEN   ten minutes more of the trial, once for each TOKEN
#   tcp-oncall-kernel 1 WORD status ID         an ID that it does not know will never be installed after this answer
#   tcp-oncall-kernel 1 WORD prepare ID        on a builder: an order on stdin
#   tcp-oncall-kernel 1 WORD prepared ID       how that stands
#   tcp-oncall-kernel 1 WORD version           for any account, in any protocol
# and for itself: internal watch (at each boot while a trial is under way), work ID, packages ID, restart ID.
#
# An order is the text that approvals are bound to (src/change/bound.ts, src/kinds/kernel/order-text.ts), then "end", then a
# line "signature<tab>BASE64" for each signature of that text, then "done". It is carried out only where enough approvers of
# /etc/tcp-oncall/approvers have signed it, or where root has made /etc/tcp-oncall/kernel-unsigned: a kernel is root.
#
# What follows the order of install: a line "manifest BYTES", these bytes, then the bytes of each file in the manifest's
# order, then nothing. The account reads its files itself; root opens no path of the account's.
#
# WORD begins every line of the answer, so that a login banner is not taken for one. Every verb but version, prepare and
# prepared answers how the change stands:
#   state none | installing STEP | installed | booting | verifying | trial SECONDS_LEFT | keeping | kept |
#         reverting WHY | reverted WHY | fell-back WHY | failed CODE TEXT
#     installing, booting, verifying, keeping and reverting go on by themselves: ask again. STEP: waiting, measure, pin,
#     packages, entry. WHY of reverted: person, deadline, reboot, superseded. WHY of fell-back, when the host is
#     back on the old kernel without anybody's wish: not-booted RUNNING, time-wait SECONDS, not-measured TEXT,
#     services UNIT..., reboot. CODE of failed, when nothing of the install is left: interrupted, cancelled, not-measured,
#     pin, package, no-entry, no-initrd; when something is: stuck, remove.
#   prepare none | installing | prepared | failed TEXT        for prepare and prepared
#   release EXPECTED, running RELEASE, boot-id ID
#   measured before|after CONNECTIONS_A_SECOND PORTS SECONDS  SECONDS until a port was free again, where PORTS had run out;
#     their quotient is what one destination can be connected to in the long run
#   services before|after STATE UNIT...                       what systemctl is-system-running says, and the failed units
#   extended TOKEN                                            orders to prolong that were carried out
#   journal EPOCH TEXT
#   refused CODE TEXT                                         nothing was changed by this call
#   version N protocol N
# Exit status: 0 answered, 1 refused.
set -u
set -f
umask 077
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

PROTOCOL=1
VERSION=1
NL='
'

# @answer.sh

[ $# -ge 3 ] || { echo 'tcp-oncall-kernel PROTOCOL WORD install|boot|keep|rollback|revert|extend|status|prepare|prepared|version [ID] ...' >&2; exit 1; }
case $2 in '' | *[!a-z0-9]*) exit 1 ;; esac
WORD=$2
[ "$3" != version ] || { say "version $VERSION protocol $PROTOCOL"; finish 0; }
refuse 'bad-verb this version has no other verb yet'
