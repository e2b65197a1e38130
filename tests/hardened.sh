#!/bin/bash
# The programs that are shipped have what the compiler and the linker can do against an error in them: they are loaded
# anywhere, nothing in them is both writable and executable, what the loader filled in is read-only afterwards, calls of the
# C library check sizes, the stack is guarded and probed page by page, and indirect jumps have marked targets.
set -u
bin=${BUILD:-build}/bin
failed=0

bad() { # PROGRAM WORDS
	echo "FAIL: $1: $2"
	failed=1
}

# code PROGRAM FUNCTION: its instructions. file_replace() has a buffer of more than a page, which the stack must be probed for.
code() {
	objdump -d --no-show-raw-insn --disassemble="$2" "$1" 2>/dev/null
}

look() { # PROGRAM
	local said imports headers instructions
	headers=$(readelf -hlW "$1")
	said=$(readelf -dW "$1")
	imports=$(readelf --dyn-syms -W "$1")
	grep -q 'Type: *DYN' <<<"$headers" || bad "$1" "it is no position-independent program"
	grep -q 'GNU_RELRO' <<<"$headers" || bad "$1" "it has no read-only relocations"
	grep -Eq 'GNU_STACK .* RW +0x' <<<"$headers" || bad "$1" "its stack is executable"
	! grep -Eq 'LOAD .* RWE' <<<"$headers" || bad "$1" "a part of it is writable and executable"
	grep -q 'FLAGS.*NOW' <<<"$said" || bad "$1" "it is bound lazily, so that not all of it can be made read-only"
	! grep -Eq 'R(UN)?PATH|TEXTREL' <<<"$said" || bad "$1" "it has a path of libraries, or relocations in its code"
	[ -z "${SAN:-}" ] || return # what sanitizers put in is no measure
	grep -q '__stack_chk_fail' <<<"$imports" || bad "$1" "its stack has no guard"
	grep -Eq '__v?snprintf_chk' <<<"$imports" || bad "$1" "calls of the C library do not check sizes"
	instructions=$(code "$1" file_replace)
	case $(uname -m) in
	x86_64)
		grep -q 'endbr64' <<<"$instructions" || bad "$1" "indirect jumps are not checked (-fcf-protection)"
		grep -Eq '(or|mov|test)[lq] .*0x0,.*\(%rsp\)' <<<"$instructions" || bad "$1" "the stack is not probed (-fstack-clash-protection)"
		;;
	esac
}

for program in timetier timetier-agent timetier-agent-deb11; do
	# that for Debian 11 is built by root alone: one from before the present options is no proof
	[ ! -e "$bin/$program" ] || [ "$bin/$program" -ot Makefile ] && [ $program = timetier-agent-deb11 ] || look "$bin/$program"
done
[ $failed = 0 ] && echo "the programs are hardened"
exit $failed
