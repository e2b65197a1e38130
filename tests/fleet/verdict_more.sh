# A part of verdict_case.sh: what a case has besides sources, clock and a plain configuration: units, what sets the clock or only
# prints, jobs, lines that the daemon may not accept, hardware clocks, and what keeps a daemon from hearing others.
#
# more() draws none, one or two of these, adds them to the files of the case, and sets
#   more_says     what was added, in words
#   rival         the place of a job that sets the clock: it must be named
#   printer       the place of what only prints: it must not be named
#   chancy        yes: whether what was planted sets the clock at the restart, only the restart shows
more_says='' rival='' printer='' chancy=''

say_more() { # WORDS
	more_says+="${more_says:+, }$1"
}

script_at() { # PATH MODE: write a script of the case from stdin
	mkdir -p "$out/$(dirname "$1")"
	cat >"$out/$1"
	chmod "$2" "$out/$1"
}

daemon_line() { # P: the command that starts the daemon, with the options of the case
	case $daemon in
	chrony) P="/usr/sbin/chronyd $options" ;;
	ntpsec) P="/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -u ntpsec:ntpsec $options" ;;
	ntp) P="/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntp.conf -u ntp:ntp $options" ;;
	esac
}

# ---- commands

setting_command() { # P: a command that sets the clock, Q: its program's folder
	pick '/bin/date -s +3seconds' '/usr/bin/date --set=+2sec' '/bin/date -u -s -2seconds' '/usr/bin/date --set -4sec' \
		'/bin/date -us +3sec' '/bin/date -s +90sec'
	! chance 10 || { P='/sbin/hwclock --hctosys' chancy=yes; }
	! chance 12 || [ $daemon = chrony ] || { P="/usr/bin/timeout 25 /usr/sbin/ntpd -gq -c /$conf" chancy=yes; }
	! chance 12 || [ $daemon != chrony ] || { P="/usr/sbin/chronyd -q -t 5 'server 192.0.2.201 iburst'" chancy=yes; }
}

printing_command() {
	pick '/bin/date -Iseconds' '/usr/bin/date -d yesterday' '/bin/date -u' '/usr/bin/date --rfc-3339=seconds' '/bin/date -R' \
		'/bin/date -r /etc/hostname -u' '/usr/bin/date --date=@1700000000' '-/sbin/hwclock --show' \
		'-/usr/sbin/ntpdate -q 192.0.2.201' '-/usr/bin/sntp 192.0.2.201' '/usr/bin/timedatectl --version' \
		'-/sbin/hwclock -r' '/bin/echo date -s'
	! chance 20 || case $daemon in
	chrony) pick '-/usr/bin/chronyc -n tracking' '-/usr/sbin/chronyd -p' '-/usr/sbin/chronyd -Q -t 2 "server 192.0.2.201"' ;;
	*) pick '-/usr/bin/ntpq -c rv' '-/usr/sbin/ntpd --version' ;;
	esac
}

# wrapped COMMAND NAME: P is COMMAND for an Exec line, through a shell, another program or a script named NAME.
wrapped() {
	local command=$1 name=$2 minus='' path
	[[ $command != -* ]] || { minus=- command=${command#-}; }
	rnd 24
	case $R in
	0 | 1 | 2) P=$command ;;
	3) P="/bin/sh -c \"${command//\"/\'}\"" ;;
	4) P="/bin/sh -ec \"sleep 0; ${command//\"/\'} || true\"" ;;
	5) P="/usr/bin/env LC_ALL=C $command" ;;
	6) P="/usr/bin/env -i PATH=/bin $command" ;;
	7) P="/usr/bin/timeout -k 2 20 $command" ;;
	8) P="/usr/bin/nice -n 5 $command" ;;
	9) P="/usr/bin/ionice -c3 $command" ;;
	10) P="/usr/bin/flock /run/lab.lock $command" ;;
	11) P="/usr/bin/flock -w 5 /run/lab.lock -c \"${command//\"/\'}\"" ;;
	12) P="/usr/bin/nice -5 /usr/bin/timeout 20 $command" ;;
	13) P="/usr/bin/setsid -w $command" ;;
	14) P="/usr/bin/stdbuf -oL $command" ;;
	15) P="/usr/bin/chrt -o 0 $command" ;;
	16) P="/bin/bash -lc \"${command//\"/\'}\"" ;;
	17) P="/bin/sh -c \"echo '${command//[\"\']/}' | sh\"" ;;
	*)
		pick usr/local/sbin usr/local/bin opt/site/bin etc/site srv/site var/lib/site
		path=$P/$name
		script_of "$command" | script_at "$path" 755
		P=/$path
		! chance 25 || { chmod 644 "$out/$path" && P="/bin/sh /$path"; }
		;;
	esac
	P=$minus$P
}

script_of() { # COMMAND: print a script that runs it
	rnd 6
	case $R in
	0) printf '#!/bin/sh\n# at each start\nset -e\n%s\n' "$1" ;;
	1) printf '#!/bin/bash\nif [ -d /etc ]; then\n\t%s\nfi\nexit 0\n' "$1" ;;
	2) printf '#!/bin/sh\nbegin() {\n\t%s\n}\nbegin >/dev/null 2>&1 || :\n' "$1" ;;
	3) printf '#!/bin/sh -e\nLC_ALL=C\nexport LC_ALL\nout=$(%s) || true\n' "$1" ;;
	4) printf '#!/bin/sh\ntest -f /etc/hostname && exec %s\n' "$1" ;;
	5) printf '#!/bin/sh\nfor i in 1; do\n\t%s && break\ndone\n' "$1" ;;
	esac
}

# ---- units

exec_key() { # P: a key of the unit with which something runs at a restart
	pick ExecStartPre ExecStartPre ExecStartPre ExecStartPost ExecStop ExecStopPost ExecCondition
	# after a stop a daemon that did not run has nothing to stop; a start that fails runs ExecStopPost
	[[ $P != ExecStop* ]] || [ "$before" = running ] || chancy=yes
}

unit_runs() { # an Exec line that sets the clock, or only prints
	local into=$out/etc/systemd/system/$unit.service.d key file sign=''
	mkdir -p "$into"
	exec_key
	key=$P
	if chance 50; then
		setting_command
		! chance 25 && [[ $P = /bin/date* || $P = /usr/bin/date* ]] || sign=-
		wrapped "$P" lab-begin
		file=lab-set.conf
	else
		chancy=''
		printing_command
		wrapped "$P" lab-show
		file=lab-print.conf
		printer=lab-print.conf
	fi
	[[ $P != -* ]] || sign=''
	printf '[Service]\n%s=%s%s\n' "$key" "$sign" "$P" >"$into/$file"
	say_more "$key=$sign$P"
}

unit_pulls() { # another unit that a start pulls in, and that sets the clock
	local folder=$out/etc/systemd/system key rests='' when=''
	mkdir -p "$folder/$unit.service.d"
	pick Wants Requires BindsTo Wants
	key=$P
	setting_command
	wrapped "$P" lab-pulled
	! chance 30 || rests=RemainAfterExit=yes
	# with BindsTo= the daemon ends with a unit that ends
	[ $key != BindsTo ] || rests=RemainAfterExit=yes
	[ -z "$rests" ] || [ "$before" = stopped ] || when=' (at work already)'
	printf '[Unit]\nDescription=sets the clock\n[Service]\nType=oneshot\n%s\nExecStart=-%s\n' "$rests" "${P#-}" >"$folder/lab-pulled.service"
	printf '[Unit]\n%s=lab-pulled.service\nAfter=lab-pulled.service\n' $key >"$folder/$unit.service.d/lab-pull.conf"
	# `old` has no such unit, so it is not at work before
	say_more "$key= of a unit that runs ${P#-}$when${rests:+ $rests}"
}

unit_whole() { # a unit in /etc takes the place of the packaged one
	local file=$out/etc/systemd/system/$unit.service line
	mkdir -p "$out/etc/systemd/system"
	daemon_line
	line=$P
	rnd 5
	case $R in
	0) printf '[Unit]\nDescription=time\n[Service]\nType=forking\nExecStart=%s\n' "$line" >"$file" ;;
	1)
		case $daemon in chrony) line+=' -n' ;; *) line+=' -n' ;; esac
		printf '[Unit]\nDescription=time\n[Service]\nExecStart=%s\nRestart=no\n' "$line" >"$file"
		;;
	2)
		pick '/usr/bin/nice -n -5' '/usr/bin/env LC_ALL=C' '/usr/bin/ionice -c2 -n0' '/usr/bin/chrt -o 0' '/usr/bin/setsid'
		printf '[Service]\nType=forking\nExecStart=%s %s\n' "$P" "$line" >"$file"
		;;
	3) printf '[Service]\nType=forking\nEnvironment="OPTIONS=%s"\nExecStart=%s $OPTIONS\n' "$options" "${line% "$options"}" >"$file" ;;
	4) printf '[Service]\nType=forking\nExecStart=/bin/sh -c "exec %s"\n' "$line" >"$file" ;;
	esac
	say_more "a whole unit: $(sed -n 's/^ExecStart=//p' "$file")"
}

unit_environment() { # other options by EnvironmentFile= or Environment=
	local into=$out/etc/systemd/system/$unit.service.d name=NTPD_OPTS
	mkdir -p "$into" "$out/etc/site"
	[ $daemon != chrony ] || name=DAEMON_OPTS
	case $daemon in chrony) pick '-F 1 -R' '-F 1' '-F 1 -r -R' '-x' ;; *) pick -g -x -N '' ;; esac
	rnd 3
	case $R in
	0)
		echo "$name=\"$P\"" >"$out/etc/site/time.env"
		printf '[Service]\nEnvironmentFile=/etc/site/time.env\n' >"$into/environment.conf"
		;;
	1) printf '[Service]\nEnvironmentFile=\nEnvironment="%s=%s"\n' $name "$P" >"$into/environment.conf" ;;
	2) printf '[Service]\nEnvironmentFile=-/etc/site/none.env\nEnvironment="%s=%s"\n' $name "$P" >"$into/environment.conf" ;;
	esac
	say_more "$(tail -n 1 "$into/environment.conf") has $P"
}

unit_waits() { # a start that systemd leaves out
	local into=$out/etc/systemd/system/$unit.service.d
	mkdir -p "$into"
	pick 'ConditionPathExists=/etc/site/wanted' 'ConditionPathExists=!/etc/site/wanted' 'ConditionFileNotEmpty=/etc/hostname' \
		'AssertPathExists=/etc/site/wanted' "ConditionPathExists=/$conf" 'ConditionDirectoryNotEmpty=/etc'
	printf '[Unit]\n%s\n' "$P" >"$into/waits.conf"
	say_more "$P"
}

# ---- jobs

job() { # in cron, anacron, at or a timer: sets the clock now and then, or only prints
	local sets='' line place
	if chance 30; then
		sets=yes
		pick '/usr/sbin/ntpdate 192.0.2.201' 'ntpdate -u pool.ntp.org' '/usr/bin/sntp -S 192.0.2.201' '/sbin/hwclock --hctosys' \
			'date -s "$(cat /run/now)"' '/usr/bin/chronyc makestep' 'chronyd -q "server 192.0.2.201 iburst"' \
			'/usr/sbin/ntpd -gq' 'rdate -s 192.0.2.201' 'timedatectl set-time "2026-01-01 00:00"' 'busybox ntpd -nqp 192.0.2.201'
	else
		pick 'date -Iseconds >/run/now' 'date -d yesterday +%F' '/usr/sbin/ntpdate -q 192.0.2.201' 'sntp 192.0.2.201' \
			'/sbin/hwclock --show' '/sbin/hwclock --systohc' 'chronyc -n tracking' 'ntpq -pn' 'date -u >>/var/log/now' \
			'chronyd -Q "server 192.0.2.201"' 'logger "date -s is not for us"' 'timedatectl status' 'echo ntpdate' \
			'date --date="1 hour ago" "+%s"'
	fi
	line=$P
	rnd 6
	case $R in
	0) line="sudo -n $line" ;;
	1) line="nice -n 19 timeout -k 5 30 $line" ;;
	2) line="flock -n /run/lab.lock $line" ;;
	3) line="sleep 1; $line >/dev/null 2>&1" ;;
	*) ;;
	esac
	rnd 9
	case $R in
	0) place=etc/crontab && printf 'SHELL=/bin/sh\n17 * * * * root %s\n' "${line//%/\\%}" | script_at $place 644 ;;
	1) place=etc/cron.d/lab-job && printf 'PATH=/usr/sbin:/usr/bin:/sbin:/bin\n@daily root %s\n' "${line//%/\\%}" | script_at $place 644 ;;
	2) place=var/spool/cron/crontabs/root && printf '*/5 * * * * %s\n' "${line//%/\\%}" | script_at $place 600 ;;
	3) pick hourly daily weekly monthly && place=etc/cron.$P/lab-job && printf '#!/bin/sh\n%s\n' "$line" | script_at $place 755 ;;
	4) place=etc/anacrontab && printf '1 5 lab.daily %s\n' "$line" | script_at $place 644 ;;
	5) place=var/spool/cron/atjobs/a0000101c0ffee && printf '#!/bin/sh\n# atrun uid=0 gid=0\ncd / || exit 1\n%s\n' "$line" | script_at $place 700 ;;
	6)
		place=usr/local/lib/lab-job
		printf '#!/bin/sh\n%s\n' "$line" | script_at $place 755
		echo "5 4 * * 0 root /$place" | script_at etc/cron.d/lab-run 644
		;;
	*)
		place=lab-job
		printf '[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=timers.target\n' | script_at etc/systemd/system/lab-job.timer 644
		printf '#!/bin/sh\n%s\n' "$line" | script_at usr/local/lib/lab-job 755
		printf '[Service]\nType=oneshot\nExecStart=/usr/local/lib/lab-job\n' | script_at etc/systemd/system/lab-job.service 644
		mkdir -p "$out/etc/systemd/system/timers.target.wants"
		ln -s ../lab-job.timer "$out/etc/systemd/system/timers.target.wants/lab-job.timer"
		;;
	esac
	if [ -n "$sets" ]; then rival=$place; else printer=$place; fi
	say_more "a job in $place: $line"
}

# ---- lines of the configuration

add_line() { # LINE: at the beginning or the end of the configuration
	if chance 30; then
		{ echo "$1"; cat "$out/$conf"; } >"$out/lines"
		mv "$out/lines" "$out/$conf"
	else
		echo "$1" >>"$out/$conf"
	fi
	say_more "\"$1\""
}

typo() { # a line that the daemon may refuse, or take in part
	case $daemon in
	chrony) pick 'makestep 1.0 3 # at the start' 'makestep 1.0' 'makestep 1.0 3 5' 'makestep one 3' 'rtcsync yes' 'driftfil /tmp/drift' \
		'server 192.0.2.201 iburst fast' 'server 192.0.2.201 iburst # core' 'server 192.0.2.201 minpoll 40' 'server' \
		'server 192.0.2.201 minpoll' 'maxupdateskew' 'maxupdateskew x' 'maxslewrate -1' 'allow 192.0.2.0/33' 'allow 192.0.2' \
		'allow all' 'deny 192.0.2.0/24 x' 'minsources two' 'maxchange 1 0' 'maxchange 1 1 -1' 'leapsectz' 'log tracking nothing' \
		'log tracking' 'local stratum 20' 'local stratum x' 'Makestep 1 -1' 'MINSOURCES 2' 'bindaddress 192.0.2.300' 'port 70000' \
		'clientloglimit 1000 # bytes' 'server 192.0.2.201 iburst maxpoll 6 presend' '! a comment' '; a comment' '% a comment' \
		'keyfile' 'maxdistance 1.0 2' 'lock_all now' 'hwtimestamp' 'dumpdir' 'cmdallow 192.0.2.300' 'sched_priority 200' \
		'server 192.0.2.201 iburst version 9' 'server 192.0.2.201 polltarget x' 'initstepslew 30' 'user nobody1' \
		'makestep 0.1 3;' 'include /etc/chrony/none.conf' 'confdir /etc/none' 'peer 192.0.2.201 burst' ;;
	ntp) pick 'tinker step 0.1 bogus' 'tinker step 0.5 panik 0' 'tinker panic 0 stepp 0.01' 'tos minsane 3 minclok 4' 'tos minsane 2 x' \
		'driftfil /tmp/drift' 'server 192.0.2.201 iburst fast' 'server 192.0.2.201 iburst # core' 'server 192.0.2.201 minpoll 40' \
		'server 192.0.2.201 minpoll 3 maxpol 6' 'server' 'tinker panic zero' 'tinker step' 'tos minsane -1' 'tinker step -1' \
		'restrict default nofoo ignore' 'restrict defalt ignore' 'restrict default ignore nofoo' 'tinker step 0.1 # seconds' \
		'disable ntpp' 'disable ntp ntpp' 'Tinker step 0' 'TINKER panic 0' 'tinker step 0,5' 'tinker panic 0 step 0.05' 'tos orphan' \
		'restrict 192.0.2.0/24 ignore' 'restrict 192.0.2.201 mask 255.255.255.0 nomodify x' 'keysdir' 'leapfile' 'tos minsane two' \
		'server 192.0.2.201 iburst prefer prefer' 'server 192.0.2.201 key' 'restrict source nomodify foo' 'tinker stepout x step 0.01' \
		'enable kernel foo' 'logconfig =all foo' 'tos mindist x minsane 4' 'tinker panic 0;' 'server 192.0.2.201, iburst' \
		'interface listen 192.0.2.300' 'tinker "step" 0.01' 'includefile /etc/none.conf' 'statsdir' 'tinker panic 1e3' 'tinker step .05' ;;
	esac
	[ $daemon != ntpsec ] || pick 'tinker step 0.1 bogus' 'tinker step 0.5 panik 0' 'tinker panic 0 stepp 0.01' 'tos minsane 3 minclok 4' \
		'tos minsane 2 x' 'driftfil /tmp/drift' 'server 192.0.2.201 iburst fast' 'server 192.0.2.201 iburst # core' \
		'server 192.0.2.201 minpoll 40' 'server 192.0.2.201 minpoll 3 maxpol 6' 'server' 'tinker panic zero' 'tinker step' \
		'tos minsane -1' 'tinker step -1' 'restrict default nofoo ignore' 'restrict defalt ignore' 'restrict default ignore nofoo' \
		'disable ntpp' 'tinker step 0,5' 'restrict 192.0.2.0/24 ignore' 'unrestrict 192.0.2.0/24' 'server 192.0.2.201 nts x' \
		'refclock bogus' 'refclock shm' 'tinker panic 0 step 0.05' 'tos minsane two' 'server 192.0.2.201 key' 'tinker "step" 0.01' \
		'tos mindist x minsane 4' 'tinker panic 1e3' 'tinker step .05' 'restrict source nomodify foo' 'server 192.0.2.201 bias 0.5' \
		'peer 192.0.2.201' 'broadcastclient' 'restrict 192.0.2.0 mask 255.255.255.0 nopeer' 'nts ca /etc/none' 'includefile /etc/none.conf'
	add_line "$P"
}

hardware() { # a hardware clock, which is not there on these hosts, or the local clock
	local line
	case $daemon in
	chrony) pick 'refclock SHM 0 refid GPS' 'refclock SHM 1 refid GPS noselect' 'refclock SOCK /run/chrony.lab.sock refid GPS' \
		'refclock PPS /dev/pps0 refid PPS' 'refclock PPS /dev/pps0 lock GPS' 'refclock PHC /dev/ptp0 poll 2' 'local stratum 10' \
		'local' 'local stratum 8 orphan' 'refclock SHM 0 offset 0.5 delay 0.2 refid NMEA' 'refclock SHM 2 prefer' \
		'refclock SOCK /none/lab.sock' 'refclock SHM 0 stratum 1 trust' 'manual' 'hwtimestamp *' 'rtcdevice /dev/rtc9' 'refclock NMEA 0' ;;
	*) pick 'server 127.127.28.0 minpoll 4' 'server 127.127.1.0' 'server 127.127.20.0 mode 17 minpoll 4' 'server 127.127.22.0' \
		'server 127.127.8.0 mode 2' 'server 127.127.28.1 prefer' 'server 127.127.1.1' 'server 127.127.46.0' 'server 127.127.28.0 noselect' ;;
	esac
	line=$P
	if [ $daemon = ntpsec ] && chance 50; then
		pick 'refclock shm unit 0 refid GPS' 'refclock shm unit 1 prefer' 'refclock nmea unit 0 baud 9600' 'refclock pps unit 0' \
			'refclock gpsd unit 0' 'refclock shm unit 0 noselect' 'refclock local' 'refclock local unit 0 stratum 10' 'refclock generic unit 0'
		line=$P
	fi
	# without servers, now and then
	! chance 25 || [ "$kind" = rendered ] || { sed -i -E '/^ *(server|pool|sourcedir)/d' "$out/$conf" && say_more "no servers"; }
	add_line "$line"
	[[ $line != 'server 127.127'* ]] || ! chance 60 || {
		line=${line#server }
		pick 'refid GPS' 'stratum 10' 'time1 0.1' 'stratum 5 refid XYZ' 'flag1 1'
		echo "fudge ${line%% *} $P" >>"$out/$conf"
	}
}

fence() { # what may keep the daemon from hearing its sources
	case $daemon in
	chrony) pick 'bindacqaddress 127.0.0.1' 'bindacqdevice lo' 'bindaddress 127.0.0.1' 'port 0' 'acquisitionport 1123' 'cmdport 0' 'deny all' \
		'allow 192.0.2.0/24' 'bindcmdaddress /run/chrony/none.sock' 'maxdistance 0.000001' 'maxjitter 0.0000001' 'authselectmode require' \
		'authselectmode ignore' 'reselectdist 1' 'stratumweight 1' 'dscp 48' 'maxntsconnections 5' 'minsources 7' 'ntstrustedcerts /etc/none' \
		'server:port 1123' 'server:nts' 'server:key 7' 'server:offline' 'server:maxdelay 0.0000001' 'server:version 3' 'server:require' \
		'server:xleave' 'server:minstratum 5' 'server:filter 4' 'server:noselect' 'server:asymmetry 0.5' 'server:auto_offline' ;;
	*) pick 'restrict default ignore' 'restrict 192.0.2.0 mask 255.255.255.0 ignore' 'restrict 192.0.2.201 noserve' 'restrict default noserve' \
		'restrict default nopeer' 'restrict source nopeer noquery' 'restrict source ignore' 'interface ignore all' 'interface listen 127.0.0.1' \
		'interface ignore wildcard' 'restrict default notrust' 'restrict 192.0.2.201 ignore' 'interface drop all' 'interface ignore ipv4' \
		'interface ignore ipv6' 'interface ignore 192.0.2.0/24' 'restrict 127.0.0.1' 'restrict -4 default ignore' 'restrict -6 default ignore' \
		'tos maxdist 0.000001' 'tos floor 5' 'tos ceiling 1' 'restrict default version' 'restrict default limited kod' 'tos minsane 7' \
		'disable auth' 'enable auth' 'restrict 0.0.0.0 mask 0.0.0.0 ignore' 'restrict 192.0.2.128 mask 255.255.255.128 noserve' \
		'disable monitor' 'server:key 7' 'server:version 3' 'server:noselect' 'server:minpoll 4 maxpoll 4' 'server:xleave' 'server:nts' \
		'nic ignore 192.0.2.0/24' 'restrict default flake' 'tos mindist 0.5' ;;
	esac
	# whether a key is there, or NTS works, only a daemon that runs with it shows
	[[ $P != *:nts && $P != *:key* ]] || [ "$before" = running ] || P='server:version 3'
	if [[ $P = server:* ]]; then
		sed -i -E "s/^ *((server|pool) .*)/\1 ${P#server:}/" "$out/$conf"
		say_more "all servers with \"${P#server:}\""
	else
		add_line "$P"
	fi
}

one_more() {
	pick runs runs runs pulls whole whole environment waits job job job typo typo typo hardware hardware fence fence fence
	case $P in
	runs) unit_runs ;;
	pulls) unit_pulls ;;
	whole) if [ "$kind" = rendered ]; then unit_runs; else unit_whole; fi ;;
	environment) [ "$kind" = rendered ] || unit_environment ;;
	waits) unit_waits ;;
	job) job ;;
	*) "$P" ;;
	esac
}

more() {
	! chance 65 || one_more
	[ -z "$more_says" ] || ! chance 12 || one_more
}
