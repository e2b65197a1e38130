# The README's ten minutes as a script reads them: its commands, what stands below each, and its site.yaml.
#
# readme_blocks FOLDER: write each block of that section to a file of FOLDER, in order: 01.console, 02.yaml, ...
readme_blocks() {
	awk -v folder="$1" '
		/^## / { inside = /^## Ten minutes to a first site/ }
		!inside { next }
		/^ *```[a-z]/ { kind = $0; sub(/.*```/, "", kind); file = sprintf("%s/%02d.%s", folder, ++n, kind); next }
		/^ *```$/ { close(file); file = ""; next }
		file { sub(/^   /, ""); print >file }
	' "${BASH_SOURCE[0]%/*}/../../README.md"
}

# readme_commands FILE FUNCTION: call FUNCTION COMMAND WANTED for each line "$ COMMAND"; WANTED is what stands below it
readme_commands() {
	local line command='' wanted='' lines
	mapfile -t lines <"$1"
	for line in "${lines[@]}" '$ '; do
		if [[ $line = '$ '* ]]; then
			[ -z "$command" ] || "$2" "$command" "${wanted%$'\n'}"
			command=${line#'$ '} wanted=
		else
			wanted+=$line$'\n'
		fi
	done
}

# readme_says WANTED SAID: SAID is WANTED, in which "..." stands for anything
readme_says() {
	local wanted pattern
	wanted=$(sed 's/[^[:alnum:] .]/\\&/g; s/\.\.\./*/g' <<<"$1")
	pattern=${wanted//$'*\n'/*} # a line of "..." may stand for no line
	pattern=${pattern/%$'\n*'/*}
	# shellcheck disable=SC2053 # it is a pattern
	[[ $2 = $pattern ]]
}
