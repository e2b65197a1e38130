#!/bin/bash
# planted.sh: each check of structure.sh can fail. Plants a breach of each check in one copy of the tree, each in a file
# of its own so that none hides another, and looks for the line that names the breach.
cd "$(dirname "$0")/.." || exit 2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp -r --parents common daemons measure verdict agent orchestrator scripts doc tests/layers.txt tests/*.[ch] tests/unit "$tree" || exit 2
names=() lines=()

# planted NAME FILES TEXT LINE: add TEXT to FILES; structure.sh must then print LINE
planted() {
	local file
	for file in $2; do
		mkdir -p "$tree/${file%/*}"
		printf '%b' "$3" >>"$tree/$file"
	done
	names+=("$1") lines+=("$4")
}

loop='input contains a loop:'
long=$(for i in {1..70}; do printf '\\tcalled();\\n'; done)
planted "an include against the arrows" common/up.c '/* x */\n#include "daemons/daemon.h"\n' \
	"common/up.c:2: common may not include daemons (tests/layers.txt)"
planted "an include of a sibling" orchestrator/lint/x.c '/* x */\n#include "orchestrator/render/render.h"\n' \
	"orchestrator/lint/x.c:2: orchestrator/lint may not include orchestrator/render (tests/layers.txt)"
planted "an include without its room" common/bare.c '/* x */\n#include "arena.h"\n' \
	'common/bare.c:2: include by the path from the top: "arena.h"'
planted "includes in another order" common/order.c '/* x */\n#include <stdio.h>\n#include "common/arena.h"\n' \
	"common/order.c:3: includes of the system stand behind those of the project"
planted "a room without a row" common/deep/x.c '/* x */\n' "common/deep: has no row in tests/layers.txt"
planted "a room that the map has not" common/deep/y.c '/* x */\n' "common/deep: doc/ARCHITECTURE.md does not name it"
planted "modules in a circle" common/ring.c '/* x */\n#include "common/rung.h"\n' "modules include each other: $loop"
planted "the first of them" common/ring.h '/* x */\n#ifndef COMMON_RING_H\n' "  common/ring"
planted "the second of them" common/rung.h '/* x */\n#ifndef COMMON_RUNG_H\n#include "common/ring.h"\n' "  common/rung"
planted "headers in a circle" common/hoop.h '/* x */\n#ifndef COMMON_HOOP_H\n#include "common/noose.h"\n' "  common/hoop"
planted "the other of them" common/noose.h '/* x */\n#ifndef COMMON_NOOSE_H\n#include "common/hoop.h"\n' "  common/noose"
planted "a circle in the law" tests/layers.txt 'egg : hen\nhen : egg\n' "tests/layers.txt: $loop"
planted "a file of a host that is opened" agent/host/opens.c '/* x */\nfd = open(path, 0);\n' \
	"agent/host/opens.c:2:fd = open(path, 0);   <- the agent reads files by file_open_plain()"
planted "a long file" common/long.c "/* x */$(printf '\\n%.0s' {1..501})" "common/long.c: 501 lines, more than 500"
planted "a long function" common/longer.c "/* x */\nvoid\nlong_one(void)\n{\n$long}\n" \
	"common/longer.c:3: long_one() has 73 lines, more than 60"
planted "a long function of a test" tests/unit/test_long.c "void\nlong_two(void)\n{\n$long}\n" \
	"tests/unit/test_long.c:2: long_two() has 73 lines, more than 60"
planted "a long function of the page" orchestrator/web/long.js "function longOne() {\n$long}\n" \
	"orchestrator/web/long.js:1: function of 72 lines, more than 60"
planted "markup from text" orchestrator/web/markup.js 'x.innerHTML = y;\n' \
	"orchestrator/web/markup.js:1:x.innerHTML = y;   <- text from outside would become markup"
planted "a function that another file has" common/twice.c '/* x */\nvoid\narena_free(void)\n{\n}\n' \
	"common/twice.c:3: arena_free() is also defined in common/arena.c"
planted "a banned call" common/banned.c '/* x */\nreturn sprintf(a, b);\n' \
	"common/banned.c:2:return sprintf(a, b);   <- banned call"
planted "an exit in the middle" common/exit.c '/* x */\nexit(1);\n' "common/exit.c:2:exit(1);   <- only main.c ends the program"
planted "a file that says nothing" common/mute.c 'int mute;\n' "common/mute.c:1: says not what it is for"
planted "an empty file" common/empty.c '' "common/empty.c:1: says not what it is for"
planted "a wrong guard" common/wrong.h '/* x */\n#ifndef WRONG_H\n#endif\n' "common/wrong.h: its guard should be COMMON_WRONG_H"
planted "a library in two files" common/store.c '/* x */\n#include <sqlite3.h>\n' \
	"common/store.c:2: <sqlite3.h> is known to orchestrator/database/database.h alone (tests/layers.txt)"
planted "a library in two rooms" common/shell.c '/* x */\n#include <libssh2.h>\n' \
	"common/shell.c:2: <libssh2.h> is known to orchestrator/ssh/libssh2 alone (tests/layers.txt)"
planted "a header of a library's folder" agent/x.c '/* x */\n#include <openssl/evp.h>\n' \
	"agent/x.c:2: <openssl/> is known to agent/uplink/tls.c common/certificate.c common/digest.c common/ntp/mac.c orchestrator/identity orchestrator/probe/nts_certificate.c orchestrator/probe/nts_certificate.h orchestrator/probe/nts_tls.c orchestrator/ssh/key.c alone (tests/layers.txt)"
planted "a header that is not for everybody" orchestrator/topology/nosy.c '/* x */\n#include "orchestrator/topology/load/loader.h"\n' \
	"orchestrator/topology/nosy.c:2: orchestrator/topology/load/loader.h is for orchestrator/topology/load alone (tests/layers.txt)"
planted "a claim that no row holds" common/claim.c '/* Sums.  The only file that knows\n * how. */\n' \
	"common/claim.c:1: says that something is known or done here alone, and no row of tests/layers.txt holds it"
planted "a claim of a document" doc/claim.md 'It knows nothing of daemons.\n' \
	"doc/claim.md:1:It knows nothing of daemons.   <- tests/layers.txt says who may include whom"
planted "a document that is not there" common/cites.c '/* x; see NOSUCH.md */\n' "common/cites.c: cites NOSUCH.md, which is not in the tree"
planted "keys that are taken away" doc/rm.md 'Then rm keys.yaml.\n' \
	'doc/rm.md:1:Then rm keys.yaml.   <- `keys new` and `keys prune` change keys.yaml'
planted "a section of none" common/section.c '/* x: BEAUTY section 3 */\n' "common/section.c: cites BEAUTY.md, which is not in the tree"
planted "a file that is not there" common/path.c '/* x: doc/nosuch.7 */\n' "common/path.c: cites doc/nosuch.7, which is not in the tree"
planted "a clock that is set elsewhere" common/set.c '/* x */\n\tclock_settime(a, b);\n' \
	"common/set.c:2:	clock_settime(a, b);   <- only agent/first_set/ sets a clock"
planted "a script with an error in it" scripts/x.sh '#!/bin/sh\nif\n' \
	"scripts/x.sh: line 3: syntax error: unexpected end of file"

status=0
out=$(tests/structure.sh "$tree" 2>&1) && { echo "FAIL breaches fail the check"; status=1; }
for i in "${!names[@]}"; do
	if [[ $'\n'$out$'\n' = *$'\n'"${lines[i]}"$'\n'* ]]; then
		echo "ok ${names[i]}"
	else
		echo "FAIL ${names[i]}: no line \"${lines[i]}\""
		status=1
	fi
done
[ $status = 0 ] || echo "$out"
mkdir "$tree/empty"
if tests/structure.sh "$tree/empty" >/dev/null 2>&1; then
	echo "FAIL an empty tree is not taken for a good one"
	status=1
else
	echo "ok an empty tree is not taken for a good one"
fi
exit $status
