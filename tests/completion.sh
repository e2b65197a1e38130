#!/bin/bash
# completion.sh: a real bash, at a terminal of its own, completes commands, options, hosts, groups, tiers, rules, runs and files; so
# do zsh and fish, where they are installed.
cd "$(dirname "$0")/.." || exit 2
top=$PWD
timetier=$(realpath "${BUILD:-build}/bin/timetier")
command -v script >/dev/null || { echo 'skipped: needs script (make deps)'; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME=$dir
faults=0
fault() {
	echo "FAIL $*"
	faults=$((faults + 1))
}
cd "$dir" || exit 2
mkdir bin && ln -s "$timetier" bin/timetier
export PATH=$dir/bin:$PATH
cat >site.yaml <<'END'
site: completion
upstreams:
  - {name: up1, address: 192.0.2.101, operator: A, stratum: 1}
  - {name: up2, address: 192.0.2.102, operator: B, stratum: 1}
  - {name: up3, address: 192.0.2.103, operator: C, stratum: 1}
  - {name: up4, address: 192.0.2.104, operator: D, stratum: 1}
tiers:
  - name: core
    upstreams: all
    servers:
      - {name: time1, address: 192.0.2.1, daemon: chrony, ssh: {host: 127.0.0.1, port: 1}}
clients:
  - name: office
    from: core
    hosts: [web1, web2, "2001:db8::7"]
END
cp site.yaml other.yaml
sed -i 's/name: time1/name: elsewhere/' other.yaml
mkdir folder
"$timetier" agent install --agent /dev/null time1 >/dev/null 2>&1
"$timetier" refresh time1 >/dev/null 2>&1 # a run that failed is a run, too

# offers WANTED WORD...: behind these words, the last of which is at the cursor, bash has WANTED, in this order
offers() {
	local wanted=$1 got
	shift
	got=$(bash --norc -c '. "$0"
		COMP_WORDS=(timetier "$@") COMP_CWORD=$#
		_timetier timetier
		echo "${COMPREPLY[*]}"' "$top/packaging/bash-completion/timetier" "$@")
	[ "$got" = "$wanted" ] || fault "behind \"timetier $*\" bash has: $got"
}
offers 'keys' ke
offers 'new prune rotate' keys ''
offers 'core' plan c
offers 'time1' plan ti
offers 'web1 web2' apply web
offers 'core office time1 web1 web2 2001:db8::7' plan --limit ''
offers 'core,time1' plan -l core,ti
offers 'elsewhere' plan -f other.yaml e
offers '--limit' restart --li
offers '--exclude' drift --ex
offers 'few-sources' rules few-so
offers 'SRC001' explain SRC001
offers 'rhel-10' platforms rhel-1
offers 'alpine' render --platform alp
offers 'time1' explain time
offers '5' explain 5
first() { # WANTED WORD...: the first that is offered
	local got
	got=$("$timetier" --complete "${@:2}" | head -n 1)
	[[ $got = "$1 "* ]] || fault "behind \"timetier ${*:2}\" is offered first: $got"
}
first 1 runs show ''
first 1 rollback ''
first core plan ''
first --limit plan --l
offers '' runs -n ''
offers 'folder' plan --templates f
offers 'other.yaml' plan -f ot
offers 'rules runs' help ru
offers '' nonesuch ''


# typed SHELL-COMMAND KEYS: what SHELL-COMMAND says at a terminal of 200 columns, when KEYS are typed
typed() {
	{ sleep "${3:-0}"; printf "%b" "$2"; } | TERM=dumb timeout 60 script -qec "stty cols 200; exec $1" /dev/null 2>/dev/null | tr -d '\r\a'
}
cat >bashrc <<END
PS1='> '
. $top/packaging/bash-completion/timetier
END
got=$(typed "bash --noprofile --rcfile bashrc -i" 'timetier explain ti\t\nexit\n')
[[ $got = *'a server of tier core'* ]] || fault "at a terminal, bash does not complete a host: $got"
if command -v fish >/dev/null; then
	got=$(fish --no-config -c "source $top/packaging/fish/timetier.fish; complete -C 'timetier plan ti'")
	[[ $got = time1* ]] || fault "fish has: $got"
fi
if command -v zsh >/dev/null; then
	zsh -n "$top/packaging/zsh/_timetier" || fault 'zsh does not read its file'
fi
[ $faults = 0 ]
