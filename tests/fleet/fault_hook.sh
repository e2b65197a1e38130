#!/bin/sh
# Stands in place of some commands of a host, which are in /root/real, so that a test can stop a change at a command. When
# its name and words match the pattern in /root/fault/at, it writes its session to /root/fault/reached and waits for
# /root/fault/go. A guard comes after seconds instead of minutes.
name=${0##*/}
fault=/root/fault
[ -d /run/timetier.lock ] || fault=/nonexistent # no change is at work: the host is only asked for its facts
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
if [ "$name $*" = "rc-service timetier-guard start" ] && [ -s /root/guard_after ]; then
	read -r up idle </proc/uptime
	until=$((${up%%.*} + $(cat /root/guard_after)))
	sed -i "s/-lt [0-9]*/-lt $until/; s/((\([0-9]*\) - /(($until - /" /var/lib/timetier/change/sleep
fi
exec "/root/real/$name" "$@"
