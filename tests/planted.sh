#!/bin/bash
# planted.sh: each check of structure.sh can fail. Plants one breach at a time in a copy of the tree.
cd "$(dirname "$0")/.." || exit 2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
status=0

# planted NAME FILES TEXT WORDS: with TEXT added to FILES, structure.sh says WORDS and fails
planted() {
	local out file
	rm -rf "${tree:?}"/*
	cp -r common daemons $(ls -d agent 2>/dev/null) orchestrator tests scripts $(ls -d doc 2>/dev/null) "$tree"
	for file in $2; do
		mkdir -p "$tree/$(dirname "$file")"
		printf '%b' "$3" >>"$tree/$file"
	done
	if ! out=$(tests/structure.sh "$tree" 2>&1) && grep -qF -- "$4" <<<"$out"; then
		echo "ok $1"
	else
		echo "FAIL $1: wanted a line with \"$4\", saw:"
		echo "$out"
		status=1
	fi
}

long=$(for i in $(seq 70); do printf '\\tcalled();\\n'; done)
planted "an include against the arrows" common/buf.c '#include "daemons/daemon.h"\n' "common may not include daemons"
planted "an include of a sibling" orchestrator/lint/x.c '/* x */\n#include "orchestrator/render/render.h"\n' \
	"orchestrator/lint may not include orchestrator/render"
planted "an include without its room" common/buf.c '#include "arena.h"\n' "include by the path from the top"
planted "a room without a row" common/deep/x.c '/* x */\n' "common/deep: has no row"
planted "two modules in a circle" common/error.c '#include "common/address.h"\n' "modules include each other"
planted "headers in a circle" common/arena.h '#include "common/file_set.h"\n' "modules include each other"
planted "a circle in the law" tests/layers.txt 'common : daemons\n' "input contains a loop"
planted "a long file" common/buf.c "$(for i in $(seq 500); do printf '\\n'; done)" "more than 500"
planted "a long function" common/buf.c "void\nlong_one(void)\n{\n$long}\n" "long_one() has 73 lines"
planted "a long function of a test" tests/unit/test_buf.c "void\nlong_one(void)\n{\n$long}\n" "long_one() has 73 lines"
planted "a long function of the page" orchestrator/web/long.js "function longOne() {\n$long}\n" "function of 72 lines"
planted "markup from text" orchestrator/web/markup.js 'x.innerHTML = y;\n' "would become markup"
planted "a banned call" common/buf.c 'int x(char *a, char *b) { return sprintf(a, b); }\n' "banned call"
planted "an exit in the middle" common/buf.c 'void x(void)\n{\n\texit(1);\n}\n' "only main.c ends the program"
planted "a file that says nothing" common/mute.c 'int mute;\n' "says not what it is for"
planted "a wrong guard" common/wrong.h '/* w */\n#ifndef WRONG_H\n#endif\n' "its guard should be COMMON_WRONG_H"
planted "a library in two files" "common/arena.c common/buf.c" '#include <sqlite3.h>\n' "belongs to one file"
planted "a script with an error in it" scripts/x.sh '#!/bin/sh\nif\n' "syntax error"
empty=$(mktemp -d)
if tests/structure.sh "$empty" >/dev/null 2>&1; then
	echo "FAIL an empty tree is not taken for a good one"
	status=1
else
	echo "ok an empty tree is not taken for a good one"
fi
rmdir "$empty"
exit $status
