#!/bin/sh
# In place of commands of a host (which are in /root/real), as long as a test wants to stop changes there. When its name
# and words are like /root/fault/at, it says so by /root/fault/reached, with its session in it, and
# goes on when /root/fault/go is there. A guard comes after seconds instead of minutes.
name=${0##*/}
fault=/root/fault
[ -d /run/timetier.lock ] || fault=/nonexistent # a host that is asked its facts is not under a change
case "$name $*" in
$(cat $fault/at 2>/dev/null || echo nothing))
	if /root/real/mv $fault/at $fault/was 2>/dev/null; then
		cut -d' ' -f6 /proc/self/stat >$fault/reached.new
		/root/real/mv $fault/reached.new $fault/reached
		waited=0
		while [ ! -e $fault/go ] && [ $waited -lt 900 ]; do
			/bin/sleep 0.1
			waited=$((waited + 1))
		done
	fi
	;;
esac
if [ "$name" = systemd-run ]; then
	for word; do
		shift
		case $word in --on-active=*) word=--on-active=$(cat /root/guard_after) ;; esac
		set -- "$@" "$word"
	done
fi
exec "/root/real/$name" "$@"
