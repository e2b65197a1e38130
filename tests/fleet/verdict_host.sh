#!/bin/sh
# verdict_host.sh VERB: does what 50-verdict-agrees needs inside of a host. Files come on stdin, as a tar.
#
#   keep            before the first case: keep a copy of the distribution's own files
#   reset DAEMON    stop the daemon, and put those files back; nothing of the case before stays
#   take [FOLDER]   put the files of a case on the disk, from FOLDER of the tar
#   start UNIT, restart UNIT
#   verdict         print the agent's verdict, as JSON
#   follows DAEMON  ask the daemon: print "yes" when it follows somebody, or serves its own clock; "no"; "mute": it does not answer
set -u
kept="etc/default etc/systemd/system etc/timetier etc/chrony etc/ntpsec etc/ntp.conf etc/ntp.keys etc/ntp-tinker.conf"
state="/var/lib/chrony /var/lib/ntpsec /var/lib/ntp /run/chrony-dhcp /run/ntpsec /run/ntp.conf.dhcp /run/chrony"
cd /

# Who answers no question of ntpq may tell the time: print from such an answer what follows DAEMON prints.
told() {
	# shellcheck disable=SC2016,SC2046  # bash's words; two numbers
	set -- $(timeout 5 bash -c 'exec 3<>/dev/udp/127.0.0.1/123
		{ printf "\043"; head -c 47 /dev/zero; } | dd bs=48 iflag=fullblock status=none >&3
		head -c 2 <&3' 2>/dev/null | od -An -tu1)
	if [ $# != 2 ]; then echo mute; elif [ "$1" -ge 192 ] || [ "$2" = 0 ] || [ "$2" -gt 15 ]; then echo no; else echo yes; fi
}

case $1 in
keep)
	mkdir -p etc/timetier
	# shellcheck disable=SC2086
	tar -cf /root/kept.tar $kept 2>/dev/null
	;;
reset)
	systemctl stop "$2" 'lab-*' 2>/dev/null
	# what a case planted elsewhere
	[ ! -f /root/planted ] || xargs -d '\n' rm -f </root/planted
	# shellcheck disable=SC2086
	rm -rf $kept
	tar -xpf /root/kept.tar
	# shellcheck disable=SC2086
	find $state -mindepth 1 -maxdepth 1 -exec rm -rf {} + 2>/dev/null
	rm -f /run/ntp.conf.dhcp
	grep -v ' sources.lab$' /etc/hosts >/root/hosts
	cat /root/hosts >/etc/hosts
	systemctl reset-failed
	;;
take)
	rm -rf /root/case
	mkdir /root/case
	tar -C /root/case -xf -
	cat /root/case/hosts >>/etc/hosts 2>/dev/null
	from=/root/case/${2:-}
	for part in etc run usr var opt srv; do
		[ ! -d "$from/$part" ] || (cd "$from" && find $part ! -type d) >>/root/planted
		[ ! -d "$from/$part" ] || tar -C "$from" --no-same-owner -cf - $part | tar -C / --no-overwrite-dir -xf -
	done
	for pair in /var/lib/chrony:_chrony /var/lib/ntpsec:ntpsec /var/lib/ntp:ntp; do
		[ ! -d "${pair%:*}" ] || chown -R "${pair#*:}:" "${pair%:*}"
	done
	for pair in /etc/chrony/chrony.keys:_chrony /etc/ntpsec/ntp.keys:ntpsec /etc/ntp.keys:ntp; do
		[ ! -f "${pair%:*}" ] || { chgrp "${pair#*:}" "${pair%:*}" && chmod 640 "${pair%:*}"; }
	done
	sum=$(find etc/systemd/system -name '*.conf' -o -name '*.service' -o -name '*.timer' | sort | xargs tail -vn +1 | cksum)
	[ "$sum" = "$(cat /root/loaded 2>/dev/null)" ] || systemctl daemon-reload
	echo "$sum" >/root/loaded
	;;
start | restart) systemctl "$1" "$2" ;;
follows)
	case $2 in
	chrony)
		said=$(timeout 10 chronyc -n -c tracking) || said=
		case $said in *synchronised) echo no ;; *,*) echo yes ;; *) echo mute ;; esac
		;;
	*)
		said=$(timeout 20 ntpq -c 'rv 0 leap,stratum' 127.0.0.1) || said=
		case $said in *leap=11* | *leap=3* | *stratum=16*) echo no ;; *leap=*) echo yes ;; *) told ;; esac
		;;
	esac
	;;
verdict) exec timeout 60 /usr/local/sbin/timetier-agent verdict --json ;;
esac
