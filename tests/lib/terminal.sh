# A command at a terminal of its own, and what is typed there once it asks.

# answer WORDS KEYS COMMAND OUT: run the shell command COMMAND at a terminal; when it has printed WORDS, type KEYS, as printf's %b has
# them. OUT is what it printed, without carriage returns. Needs `script`.
answer() {
	local words=$1 keys=$2 command=$3 out=$4 typed pid waited
	typed=$(mktemp -u)
	mkfifo -m 600 "$typed" || return
	: >"$out"
	# whichever shell `script` takes: a ^C that is typed is for what the command runs, and the command goes on
	timeout 120 script -qfec "trap : INT; $command" /dev/null <"$typed" >"$out" 2>/dev/null &
	pid=$!
	exec 7>"$typed"
	rm "$typed"
	for ((waited = 0; waited < 1000; waited++)); do
		if grep -qF -e "$words" "$out"; then break; fi
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	printf '%b' "$keys" >&7 2>/dev/null
	wait $pid 2>/dev/null
	exec 7>&-
	sed -i 's/\r//g' "$out"
}
