# keywatch.awk: lines of keywatch.sh, each behind the name of its host, to a table: for how many seconds each association was
# watched and heard. -v hosts="time1=192.0.2.1 ..." -v most=SECONDS that a daemon may take, after its own start, to hear a sibling.
# A second counts as heard when the sibling was reached and authenticated at some moment of it. Not heard are
#   unauthenticated   it was reached, and not authenticated: at any moment
#   own start         the host's own daemon was being started, and has not heard this sibling since
#   lost              anything else; also an own start of more than `most`
#   neither           neither of the two heard the other
# Exits 1 when one of the first, third or fourth was seen, or more than 2 of 100 seconds were not watched. -v peers=1: in symmetric
# mode a new association hears the other when that one asks by itself, so `lost` is allowed; `neither` is not.
function mark(a, b, at, what) {
	seen[a, b, int(at)] = seen[a, b, int(at)] what
}
BEGIN {
	count = split(hosts, pair, " ")
	for (i = 1; i <= count; i++) { split(pair[i], part, "="); name[i] = part[1]; of[part[2]] = part[1] }
}
{
	a = $1; at = $2
	if (!(a in first)) { first[a] = at; pid[a] = $3 }
	last[a] = at
	if ($3 != pid[a]) { # ended, or another one
		for (i in name) if (!((a, name[i]) in began)) began[a, name[i]] = at
		if (!(a in away)) starts[a]++
		if ($3 == 0) away[a]; else delete away[a]
		pid[a] = $3
	}
	if ($4 == "-") {
		for (i in name) if ((a, name[i]) in began) mark(a, name[i], at, "s")
		next
	}
	b = of[$4]
	if ($5 != 0 && $6 == "ok") {
		mark(a, b, at, "h")
		if ((a, b) in began) {
			took = at - began[a, b]
			if (took > longest[a, b]) longest[a, b] = took
			delete began[a, b]
		}
	} else if ($5 != 0) {
		mark(a, b, at, "u"); naked[a, b]++
	} else mark(a, b, at, (a, b) in began && at - began[a, b] <= most ? "s" : "l")
}
END {
	printf "%-16s %8s %8s %10s %16s %16s %6s %8s\n", "association", "watched", "heard", "own start", "longest", "unauthenticated", "lost", "neither"
	for (i = 1; i <= count; i++) for (k = 1; k <= count; k++) if (i != k) {
		a = name[i]; b = name[k]; heard = start = lost = dark = neither = 0
		for (s = int(first[a]) + 1; s < int(last[a]); s++) {
			mine = seen[a, b, s]; other = seen[b, a, s]
			if (mine ~ /h/) heard++
			else if (mine ~ /s/) start++
			else if (mine ~ /l/) lost++
			else if (mine == "") dark++
			if (mine !~ /h/ && mine != "" && other !~ /h/ && other != "") neither++
		}
		watched = heard + start + lost
		printf "%-16s %8d %8d %10d %14.1f s %16d %6d %8d\n", a " > " b, watched, heard, start, longest[a, b], naked[a, b], lost, neither
		if (lost && !peers || neither || naked[a, b] || watched < 10 || dark > watched / 50) bad = 1
		if (dark) printf "%s > %s: not watched in %d seconds\n", a, b, dark
	}
	exit bad
}
