# A part of lab: the time servers on its bridge.

# Give the bridge the addresses with which the lines on stdin begin. The addresses that it has are kept in a file, because
# asking for them costs a process.
add_addresses() {
	local word known='' new='' batch=''
	{ IFS= read -rd '' known <"$LAB/addresses" || :; } 2>/dev/null
	while read -r word _; do
		word=${word%%#*}
		case $word in *[.:]*) ;; *) continue ;; esac
		[[ $'\n'$known$new != *$'\n'$word$'\n'* ]] || continue
		new+=$word$'\n'
		case $word in *:*) batch+="addr add $word/64 dev br0 nodad"$'\n' ;; *) batch+="addr add $word/24 dev br0"$'\n' ;; esac
	done
	[ -n "$new" ] || return 0
	ip -n "$lab_tag" -force -batch - <<<"$batch" 2>/dev/null || :
	printf %s "$new" >>"$LAB/addresses"
}

servers_run() { # whether this lab's time servers run; sets servers to their process
	local words=()
	servers=
	{ read -r servers <"$LAB/servers.pid" && mapfile -d '' -t words <"/proc/$servers/cmdline"; } 2>/dev/null || :
	[[ " ${words[*]} " = *" $LAB/servers.script "* ]]
}

servers() { # FILE
	local i servers tool
	shared
	tool timeserver
	add_addresses <"$1"
	if servers_run; then
		{ echo forget && cat "$1"; } | tell
		return
	fi
	cp "$1" "$LAB/servers.script"
	rm -f "$LAB/servers.sock"
	ip netns exec "$lab_tag" setsid "$tool" "$LAB/servers.script" "$LAB/servers.sock" </dev/null >"$LAB/servers.log" 2>&1 &
	servers=$!
	echo $servers >"$LAB/servers.pid"
	for ((i = 0; i < 600; i++)); do
		[ ! -S "$LAB/servers.sock" ] || return 0
		[ -d "/proc/$servers" ] || break
		doze 0.05
	done
	die "the time servers did not start: $(cat "$LAB/servers.log")"
}

tell() { # lines on stdin
	local lines said
	[ -S "$LAB/servers.sock" ] || die "no time servers run; lab servers FILE"
	IFS= read -rd '' lines || :
	add_addresses <<<"$lines"
	said=$(socat -t 5 - "UNIX-CONNECT:$LAB/servers.sock" <<<"${lines%$'\n'}")
	case $said in
	ok) ;;
	*$'\nok') printf '%s\n' "${said%$'\nok'}" ;;
	*) printf '%s\n' "$said"; return 1 ;;
	esac
}
