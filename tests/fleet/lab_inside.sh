# The verbs of lab that a test uses thousands of times; they start no process that they do not need. `lab` reads this file,
# and lib.sh reads it into the test's own shell. lab-VERB does what `lab VERB` does.
lab_exec= # "exec" where no command follows, so that the shell is replaced

# lab_place: make LAB an absolute path without links, and lab_tag a short sum of it. Names in the kernel begin with lab_tag,
# so that two labs never use the same name.
lab_place() {
	local i code sum=0 back=$PWD
	[ "${lab_placed:-}" != "$LAB" ] || return 0
	if [ -d "$LAB" ]; then
		CDPATH='' cd -P -- "$LAB" && LAB=$PWD
		cd -- "$back" || return
	else
		LAB=$(realpath -m -- "$LAB")
	fi
	for ((i = 0; i < ${#LAB}; i++)); do
		printf -v code %d "'${LAB:i:1}"
		sum=$(((sum * 31 + code) % 1048576))
	done
	printf -v lab_tag tt%05x $sum
	lab_placed=$LAB
}

lab_no() { # WORDS: say why it cannot be done, and fail
	echo "lab: $*" >&2
	return 1
}

lab_host() { # HOST: set lab_folder to its folder; fail when there is no such host
	lab_place
	lab_folder=$LAB/host/$1
	[ -d "$lab_folder" ] || lab_no "no host $1"
}

# lab_runs FOLDER: whether the host of that folder runs. Sets lab_init to the machine's number of its process 1, and
# lab_nspawn to the number of the systemd-nspawn that holds it.
lab_runs() {
	local words=()
	lab_init=
	{
		read -r lab_nspawn <"$1/pid" && mapfile -d '' -t words <"/proc/$lab_nspawn/cmdline"
		[[ " ${words[*]} " != *" $1/root "* ]] || read -r lab_init _ <"/proc/$lab_nspawn/task/$lab_nspawn/children"
	} 2>/dev/null || :
	[ -n "$lab_init" ]
}

lab-run() { # HOST CMD...
	local lab_folder lab_init lab_nspawn
	lab_host "$1" || return
	lab_runs "$lab_folder" || lab_no "$1 is not running" || return
	$lab_exec nsenter -t "$lab_init" -m -u -i -n -p -C -r -w /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"
}

lab-beside() { # HOST CMD...
	local lab_folder lab_init lab_nspawn
	lab_host "$1" || return
	lab_runs "$lab_folder" || lab_no "$1 is not running" || return
	$lab_exec nsenter -t "$lab_init" -n "${@:2}"
}

lab-exec-as() { # USER HOST CMD...
	lab-run "$2" runuser -u "$1" -- "${@:3}"
}

lab-net() { # CMD...
	lab_place
	$lab_exec ip netns exec "$lab_tag" "$@"
}

lab-put() { # HOST FILE PATH
	local lab_folder
	lab_host "$1" || return
	$lab_exec cp "$2" "$lab_folder/root$3"
}

lab-clock() { # HOST [ARG...]
	local lab_folder
	lab_host "$1" || return
	shift
	$lab_exec "$LAB/vclockctl" "$lab_folder/vclock" "${@:-show}"
}

lab-steps() { # HOST
	local lab_folder seen
	lab_host "$1" || return
	seen=$("$LAB/vclockctl" "$lab_folder/vclock" show) || return
	seen=${seen#*steps=}
	echo "${seen%% *}"
}
