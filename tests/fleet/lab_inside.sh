# What is asked of a lab thousands of times in a test, with no program started but those that do it. `lab` has it, and
# lib.sh reads it into the test's own shell. lab-VERB does what `lab VERB` does.
lab_exec= # "exec" where nothing follows

# lab_place: LAB is the same however it was written, and names in the kernel carry a short sum of it in lab_tag, so that labs
# beside each other never meet.
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

lab_no() { # WORDS: why not
	echo "lab: $*" >&2
	return 1
}

lab_host() { # HOST: there is one; its folder is lab_folder
	lab_place
	lab_folder=$LAB/host/$1
	[ -d "$lab_folder" ] || lab_no "no host $1"
}

# lab_runs FOLDER: the host of that folder does: its process 1, as the machine counts it, is lab_init, and lab_nspawn holds it
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
