#!/bin/bash
# verdict_case.sh SEED N FOLDER GIVEN: writes case N of a run of 50-verdict-agrees to FOLDER; the same SEED makes the same case.
# GIVEN has stock/DAEMON, the distributions' own files, and rendered/SITE/DAEMON/etc, what timetier renders.
#
#   meta           NAME=VALUE lines: daemon, clock_s, drift_ppm, before, settle_s, watch_s, about, and what verdict_more.sh planted
#   etc/ run/ usr/ var/ ...  what the host's disk has at the restart;  old/  what it had when the daemon was started
#   hosts          lines for /etc/hosts: the addresses of the name that a pool has
#   said.before    what the time servers say while the daemon settles, said.now when the verdict is asked for, and
#   said.restart   from the restart on; CLIENT stands for the host's address
#
# The servers are 192.0.2.201 to 192.0.2.206; offsets of sources and clock are against true time.
set -eu
seed=$1 n=$2 out=$3 given=$4
RANDOM=$(((seed * 100003 + n * 7919) % 2147483647))
for _ in 1 2 3 4 5 6 7 8; do : $RANDOM; done
YEARS_MS=-378691200000 # what tick.usno.navy.mil said on 19 Nov 2012

rnd() { # N: R is 0 to N - 1
	R=$((RANDOM % $1))
}
chance() { # PERCENT
	rnd 100
	[ "$R" -lt "$1" ]
}
pick() { # WORD...: P is one of them
	rnd $#
	shift "$R"
	P=$1
}
vary() { # MS: P is MS, up to 10 % more or less
	rnd 201
	P=$(($1 * (900 + R) / 1000))
}
seconds() { # MS
	local sign=''
	[ "$1" -ge 0 ] || sign=-
	printf '%s%d.%03d' "$sign" $((${1#-} / 1000)) $((${1#-} % 1000))
}

case $((n % 3)) in 0) daemon=chrony ;; 1) daemon=ntpsec ;; *) daemon=ntp ;; esac
case $daemon in
chrony) conf=etc/chrony/chrony.conf unit=chrony drift_path=var/lib/chrony/chrony.drift ;;
ntpsec) conf=etc/ntpsec/ntp.conf unit=ntpsec drift_path=var/lib/ntpsec/ntp.drift ;;
ntp) conf=etc/ntp.conf unit=ntp drift_path=var/lib/ntp/ntp.drift ;;
esac
rm -rf "$out"
mkdir -p "$out/$(dirname $conf)" "$out/etc/default" "$out/$(dirname $drift_path)"

# ---- the sources and the clock

choose_clock() {
	pick 0 0 0 2 -5 30 -50 90 -100 140 -160 250 -300 450 -480 600 -700 1200 2000 -5000 50000 -700000 900000 1500000 -1500000 1000000000
	vary $P
	clock_ms=$P
}

choose_wrong() { # P: how far off a wrong source is, ms
	pick 60 -110 200 -400 700 -5000 -50000 50000 1500000 -1500000 $YEARS_MS $YEARS_MS
	[ "$P" = $YEARS_MS ] || vary "$P"
}

choose_sources() {
	local i wrong=0 all=0
	[ "$count" != 0 ] || { pick 1 1 2 3 3 4 4 4 5 5 6 && count=$P; }
	rnd 100
	case $R in
	[0-9] | [1-4][0-9]) ;;
	5[0-9] | 6[0-9] | 7[0-3]) wrong=1 ;;
	7[4-9] | 8[0-6]) wrong=2 ;;
	8[7-9] | 9[0-3]) wrong=$((count / 2 + 1)) ;;
	*) wrong=$count ;;
	esac
	choose_wrong
	[ $wrong = 0 ] || ! chance 70 || all=$P
	rnd "$count"
	local first=$R
	for i in $(seq 0 $((count - 1))); do
		rnd 5
		offset_ms[i]=$((R - 2))
		if [ $(((i - first + count) % count)) -lt $wrong ]; then
			[ "$all" != 0 ] || choose_wrong
			[ "$all" = 0 ] || P=$all
			offset_ms[i]=$P
		fi
		pick 0 0 0 5 20 60
		said[i]="delay 0.0$(printf %02d "$P")"
		pick 1 2 2 3
		said[i]+=" stratum $P"
		pick 0 0 0.0005
		said[i]+=" jitter $P"
		pick 0 0 0.005 0.02 0.05
		said[i]+=" dispersion $P"
		late[i]='' state[i]=''
		rnd 100
		case $R in
		[0-4]) state[i]=silent ;;
		[5-6]) state[i]='stratum 16 leap 3' ;;
		7) state[i]='kiss RATE' ;;
		8) state[i]='drop 0.3' ;;
		9 | 10) state[i]='dispersion 2' ;;
		11) state[i]='dispersion 4' ;;
		1[2-5]) late[i]="skip $([ $daemon = chrony ] && echo 2 || echo 1)" ;;
		esac
	done
}

say() { # WHICH (before, now or restart)
	local i
	for i in $(seq 0 $((count - 1))); do
		case $1 in
		before) echo "192.0.2.$((201 + i)) client CLIENT ${said[i]}" ;;
		now) echo "192.0.2.$((201 + i)) client CLIENT ${said[i]} offset $(seconds "${offset_ms[i]}") ${state[i]}" ;;
		restart) [ -z "${late[i]}" ] ||
			echo "192.0.2.$((201 + i)) client CLIENT ${said[i]} offset $(seconds "${offset_ms[i]}") ${state[i]} ${late[i]}" ;;
		esac
	done
}

# ---- configurations

choose_burst() { # sets burst (all, some or none), poll, and watch_s, by which the first corrections are over
	rnd 100
	burst=all poll='' watch_s=26
	[ "$R" -ge 8 ] || burst=none
	[ "$R" -lt 92 ] || [ "$count" = 1 ] || burst=some
	! chance 15 || poll=' minpoll 4 maxpoll 6'
	case $burst in
	none | some) if chance 70; then poll=' minpoll 3 maxpoll 6' watch_s=75; else poll='' watch_s=240; fi ;;
	esac
}

source_lines() {
	local i words
	rnd "$count"
	local bursting=$R
	if [ $burst = all ] && [ $daemon != ntp ] && chance 12; then
		echo "pool sources.lab iburst"
		pooled=1
		return
	fi
	for i in $(seq 0 $((count - 1))); do
		words=$poll
		case $burst in all) words+=' iburst' ;; some) [ "$i" != "$bursting" ] || words+=' iburst' ;; esac
		! chance 4 || words+=' prefer'
		! chance 3 || [ "$count" = 1 ] || words+=' noselect'
		[ $daemon != chrony ] && chance 2 && words+=' true'
		[ $daemon = chrony ] && chance 2 && words+=' trust'
		echo "server 192.0.2.$((201 + i))$words"
	done
}

chrony_free() {
	local into=$out/$conf
	source_lines >"$out/lines"
	if chance 15; then
		mkdir -p "$out/etc/chrony/sources.d"
		echo "sourcedir /etc/chrony/sources.d" >"$into"
		mv "$out/lines" "$out/etc/chrony/sources.d/site.sources"
	else
		mv "$out/lines" "$into"
	fi
	chance 15 || echo "driftfile /var/lib/chrony/chrony.drift" >>"$into"
	! chance 50 || echo rtcsync >>"$into"
	! chance 30 || echo "maxupdateskew 100" >>"$into"
	if chance 60; then
		pick 0.05 0.1 0.2 0.5 1 1 10
		local threshold=$P
		pick 1 3 3 3 10 -1
		echo "makestep $threshold $P" >"$out/lines"
		if chance 15; then
			mkdir -p "$out/etc/chrony/conf.d"
			echo "confdir /etc/chrony/conf.d" >>"$into"
			mv "$out/lines" "$out/etc/chrony/conf.d/step.conf"
		else
			cat "$out/lines" >>"$into"
		fi
	fi
	rm -f "$out/lines"
	if chance 30; then
		pick 0.1 0.5 1 100 1000
		local limit=$P
		pick "0 -1" "0 0" "0 2" "1 2" "1 -1"
		echo "maxchange $limit $P" >>"$into"
	fi
	! chance 20 || { pick 500 1000 10000; echo "maxslewrate $P" >>"$into"; }
	! chance 30 || { pick 1 2 2 3 3 4; echo "minsources $P" >>"$into"; }
	! chance 3 || echo "initstepslew 1 192.0.2.201" >>"$into"
	! chance 25 || echo "dumpdir /run/chrony" >>"$into"
	! chance 4 || { pick "maxdistance 0.05" "maxdistance 10" "local stratum 10" "local stratum 10 orphan" "maxjitter 0.1"; echo "$P" >>"$into"; }
	pick "-F 1" "-F 1" "-F 1" "-F 1 -R" "-F 1 -r" "-F 1 -R -r" "" "-F 1 -x"
	! chance 4 || P='-F 1 -s'
	options=$P
}

ntpd_free() {
	local into=$out/$conf
	source_lines >"$into"
	chance 15 || echo "driftfile /$drift_path" >>"$into"
	if chance 35; then
		pick 0 0.05 0.1 0.2 0.5 0.5 1 5
		echo "tinker step $P" >"$out/lines"
		! chance 60 || { pick 0 0.1 0.5 1 100 1000; echo "tinker panic $P" >>"$out/lines"; }
		if chance 20 && [ $daemon = ntpsec ]; then
			mkdir -p "$out/etc/ntpsec/ntp.d"
			mv "$out/lines" "$out/etc/ntpsec/ntp.d/tinker.conf"
		elif chance 20; then
			mv "$out/lines" "$out/etc/ntp-tinker.conf"
			echo "includefile /etc/ntp-tinker.conf" >>"$into"
		else
			cat "$out/lines" >>"$into"
		fi
	elif chance 20; then
		pick "stepback 0" "stepfwd 0.5" "stepback 1" "panic 0" "panic 1" "stepfwd 0 stepback 0"
		echo "tinker $P" >>"$into"
	fi
	rm -f "$out/lines"
	! chance 50 || { pick 1 2 2 3 3 3 4; echo "tos minsane $P" >>"$into"; }
	! chance 30 || { pick 1 3 4 4 5; echo "tos minclock $P" >>"$into"; }
	! chance 4 || { pick "maxdist 3" "maxdist 1" "orphan 6" "ceiling 3" "mindist 0.05"; echo "tos $P" >>"$into"; }
	! chance 2 || echo "disable ntp" >>"$into"
	printf '%s\n' "restrict default kod limited nomodify noquery" "restrict 192.0.2.0 mask 255.255.255.0 nomodify" >>"$into"
	chance 5 || printf '%s\n' "restrict 127.0.0.1" "restrict ::1" >>"$into"
	pick "-g" "-g -N" "" "" "-N" "-x" "-g -x" "-G" "-N -G"
	options=$P
	! chance 2 || dhcp
}

dhcp() { # writes the file that Debian's hook makes when a lease brings other servers
	local to=run/ntp.conf.dhcp
	[ $daemon != ntpsec ] || to=run/ntpsec/ntp.conf.dhcp
	mkdir -p "$out/$(dirname $to)"
	{
		grep -vE '^ *(server|peer|pool|tos)' "$out/$conf" || true
		echo "server 192.0.2.201 iburst"
	} >"$out/$to"
	dhcp=1
}

stock() { # writes the distribution's own file, with its pool replaced
	local i from=debian
	style=stock
	if chance 40; then
		pooled=1
		echo "pool sources.lab iburst" >"$out/lines"
	else
		for i in $(seq 0 $((count - 1))); do echo "server 192.0.2.$((201 + i)) iburst"; done >"$out/lines"
	fi
	[ $daemon != chrony ] || { pick debian debian rhel; from=$P; }
	if [ "$from" = rhel ]; then
		style='stock of RHEL 9'
		drift_path=var/lib/chrony/drift
		mkdir -p "$out/var/lib/chrony"
		printf '%s\n' "sourcedir /run/chrony-dhcp" "driftfile /var/lib/chrony/drift" "makestep 1.0 3" rtcsync \
			"keyfile /etc/chrony/chrony.keys" "ntsdumpdir /var/lib/chrony" "leapsectz right/UTC" "logdir /var/log/chrony" >>"$out/lines"
		mv "$out/lines" "$out/$conf"
	else
		grep -vE '^ *(pool|server) ' "$given/stock/$daemon" | cat - "$out/lines" >"$out/$conf"
		rm "$out/lines"
	fi
	case $daemon in chrony) options="-F $([ $from = rhel ] && echo 2 || echo 1)" ;; ntpsec) options='-g -N' ;; ntp) options=-g ;; esac
	if chance 15; then
		[ $daemon = chrony ] && pick '-F 1 -R' '' '-F 1 -r' || pick '' -x -N -G
		options=$P style+=', options changed'
	fi
	[ $daemon = chrony ] || ! chance 2 || dhcp
}

rendered() { # copies what timetier renders for a host of that daemon
	local site sites=("$given"/rendered/*/)
	pick "${sites[@]}"
	site=$(basename "$P")
	style="timetier $site"
	cp -r "$given/rendered/$site/$daemon/." "$out/"
	count=$(grep -rhoE '192\.0\.2\.20[1-6]' "$out/etc" | sort -u | wc -l)
}

free() {
	style=free
	case $daemon in chrony) chrony_free ;; *) ntpd_free ;; esac
}

write_options() { # FOLDER OPTIONS
	mkdir -p "$1/etc/default"
	case $daemon in
	chrony) echo "DAEMON_OPTS=\"$2\"" >"$1/etc/default/chrony" ;;
	ntpsec) printf 'NTPD_OPTS="%s"\nIGNORE_DHCP=""\n' "$2" >"$1/etc/default/ntpsec" ;;
	ntp) echo "NTPD_OPTS='$2'" >"$1/etc/default/ntp" ;;
	esac
}

dropin() {
	local into=$out/etc/systemd/system/$unit.service.d
	mkdir -p "$into"
	pick always on-failure exec exec no
	case $P in
	exec)
		case $daemon in
		chrony) P="!/usr/sbin/chronyd $options" ;;
		ntpsec) P="/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -u ntpsec:ntpsec $options" ;;
		ntp) P="/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntp.conf -u ntp:ntp $options" ;;
		esac
		printf '[Service]\nExecStart=\nExecStart=%s\n' "$P" >"$into/site.conf"
		pick -x -g -R
		[ $daemon = chrony ] || [ "$P" != -R ] || P=-g
		[ $daemon != chrony ] || P=-R
		write_options "$out" "$P" # without effect: ExecStart does not use them
		unit_says="its ExecStart replaced, $P only in /etc/default"
		;;
	*) printf '[Service]\nRestart=%s\nRestartSec=1\n' "$P" >"$into/site.conf" && unit_says="Restart=$P" ;;
	esac
}

# Choose the drift of the clock, and a drift file that is right, one that was right once, or none.
choose_drift() {
	pick 0 0 10 -20 40
	drift_ppm=$P
	drift_file=none
	! chance 80 || { drift_file=right && P=$drift_ppm; ! chance 15 || { drift_file=stale && P=$((drift_ppm + 15)); }; }
	[ $drift_file = none ] || {
		mkdir -p "$out/$(dirname $drift_path)"
		case $daemon in
		chrony) echo "$P.000000 5.000000" ;;
		*) echo "$((-P)).000" ;; # ntpd writes the correction of the drift
		esac >"$out/$drift_path"
	}
}

# Choose what the daemon did before: nothing (stopped), or it ran with this configuration (running) or an older one (edited).
choose_before() {
	rnd 100
	before=running
	[ "$R" -ge 30 ] || before=stopped
	[ "$R" -lt 85 ] || before=edited
	[ $burst = all ] || before=stopped
	case $daemon in chrony) settle_s=8 ;; *) settle_s=13 ;; esac
	[ $before = edited ] || return 0
	mkdir -p "$out/old/$(dirname $conf)"
	for i in $(seq 0 $((count - 1))); do echo "server 192.0.2.$((201 + i)) iburst"; done >"$out/old/$conf"
	printf 'driftfile /%s\n' "$drift_path" >>"$out/old/$conf"
	[ $daemon = chrony ] || printf '%s\n' "restrict 127.0.0.1" "restrict ::1" >>"$out/old/$conf"
	write_options "$out/old" "$(case $daemon in chrony) echo '-F 1' ;; *) echo -N ;; esac)"
}

count=0 pooled=0 dhcp=0 unit_says='' style='' burst=all watch_s=26 poll=''
pick stock stock stock stock stock rendered rendered rendered rendered free free free free free free free free free free free
kind=$P
[ $kind != rendered ] || rendered
choose_clock
choose_sources
case $kind in
stock) stock ;;
free) choose_burst && free ;;
esac
[ $kind = rendered ] || write_options "$out" "$options"
[ "$style" != free ] || ! chance 14 || dropin
[ $pooled = 0 ] || watch_s=$((watch_s + 10))
# ntp 4.2.8 takes up only one server of a pool each minute
[ $pooled = 0 ] || [ $daemon != ntp ] || [ $dhcp = 1 ] || [ "${state[0]}${late[0]}" = '' ] || watch_s=110
# where every answer counts, a lost answer may cost a whole poll interval
[ $daemon = chrony ] || [[ "${state[*]} ${late[*]}" != *[dk][ri][op]p* ]] || [ $watch_s -ge 95 ] || watch_s=95
[[ "${late[*]}" != *skip* ]] || [ $watch_s -ge 34 ] || watch_s=34
choose_drift
choose_before
. "$(dirname "${BASH_SOURCE[0]}")/verdict_more.sh"
more
[ $pooled = 0 ] || for i in $(seq 0 $((count - 1))); do echo "192.0.2.$((201 + i)) sources.lab"; done >"$out/hosts"
for which in before now restart; do say $which >"$out/said.$which"; done
about="$style"
[ $dhcp = 0 ] || about+=", a DHCP lease"
[ -z "$unit_says" ] || about+=", $unit_says"
[ -z "$more_says" ] || about+=", ${more_says//\'/\"}"
about+=", clock $(seconds "$clock_ms") s, drift file $drift_file, $count sources, iburst $burst, $before before"
printf '%s\n' "daemon=$daemon" "clock_s=$(seconds "$clock_ms")" "drift_ppm=$drift_ppm" "before=$before" "settle_s=$settle_s" \
	"watch_s=$watch_s" "rival='$rival'" "printer='$printer'" "chancy='$chancy'" "about='$about'" >"$out/meta"
