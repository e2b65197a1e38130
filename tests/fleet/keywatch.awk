# keywatch.awk: makes a table from lines of keywatch.sh: for how many seconds each association was watched, and for how many it
# was heard. Each line begins with the name of its host; lines are sorted by time. -v hosts="time1=192.0.2.1 ..."
# A second is "heard" when the sibling was reached and authenticated at some moment of it. Up to 30 seconds that nobody watched,
# between two such moments of the same ntpd process, are heard, too: an association lives as long as its process, and needs eight
# polls to forget its sibling. Every other second is one of
#   own start         the host's daemon was being started, and has not heard this sibling since; at most `most` seconds
#   new               the association was made anew, with another key, and was heard again within a second: it was not seen
#                     twice without an answer, a second or more apart
#   lost              anything else
# "unauthenticated" counts how often the sibling was seen reached, but not authenticated; "neither" counts the seconds in which
# neither of the two heard the other.
# Exits 1 when a second was lost, or one of those two counts is not 0, or fewer than half of the seconds were watched (-v unseen=N:
# fewer than one in N + 2, for associations of which a look now and then is enough). -v peers=N:
# in symmetric mode a new association hears its sibling only when that one asks by itself, so up to N seconds may be lost; but in
# each second one of the two must hear the other.
function mark(a, b, at, what) {
	seen[a, b, int(at)] = seen[a, b, int(at)] what
}
function between(a, b, at) {
	if ((a, b) in heard_at && pid[a] ~ /^ntpd/ && at - heard_at[a, b] <= 30)
		for (s = int(heard_at[a, b]) + 1; s < int(at); s++)
			if (!((a, b, s) in seen)) mark(a, b, s, "h")
	heard_at[a, b] = at
}
function heard_again(a, b, at) {
	if ((a, b) in began) {
		if (at - began[a, b] > longest[a, b]) longest[a, b] = at - began[a, b]
		delete began[a, b]
	} else if ((a, b) in bad_since) {
		if (bad_until[a, b] - bad_since[a, b] >= 1)
			for (s = int(bad_since[a, b]); s <= int(bad_until[a, b]); s++) mark(a, b, s, "l")
	}
	delete bad_since[a, b]
}
BEGIN {
	count = split(hosts, pair, " ")
	for (i = 1; i <= count; i++) { split(pair[i], part, "="); name[i] = part[1]; of[part[2]] = part[1] }
}
{
	a = $1; at = $2
	if (!(a in first)) { first[a] = at; pid[a] = $3 }
	last[a] = at
	if ($3 != pid[a]) { # the daemon ended, or another process of it runs
		for (i in name) {
			if (!((a, name[i]) in began)) began[a, name[i]] = at
			delete heard_at[a, name[i]]
		}
		pid[a] = $3
	}
	if ($4 == "-") {
		for (i in name) if ((a, name[i]) in began) mark(a, name[i], at, "s")
		next
	}
	b = of[$4]
	if ($5 != 0 && $6 == "ok") {
		mark(a, b, at, "h")
		between(a, b, at)
		heard_again(a, b, at)
		next
	}
	delete heard_at[a, b]
	if ($5 != 0) {
		mark(a, b, at, "u"); naked[a, b]++
	} else if ((a, b) in began && at - began[a, b] <= most) {
		mark(a, b, at, "s")
	} else {
		mark(a, b, at, "n")
		if (!((a, b) in bad_since)) bad_since[a, b] = at
		bad_until[a, b] = at
	}
}
END {
	printf "%-16s %8s %8s %10s %9s %6s %16s %6s %8s\n", "association", "watched", "heard", "own start", "longest", "new", "unauthenticated", "lost", "neither"
	for (i = 1; i <= count; i++) for (k = 1; k <= count; k++) if (i != k) {
		a = name[i]; b = name[k]; heard = start = fresh = lost = dark = neither = 0
		if ((a, b) in bad_since) heard_again(a, b, last[a]) # not heard until the end of the watch
		for (s = int(first[a]) + 1; s < int(last[a]); s++) {
			mine = seen[a, b, s]; other = seen[b, a, s]
			if (mine ~ /h/) heard++
			else if (mine ~ /l/) lost++
			else if (mine ~ /s/) start++
			else if (mine ~ /n/) fresh++
			else dark++
			if (mine ~ /[sl]/ && mine !~ /h/ && other != "" && other !~ /h/) neither++
		}
		watched = heard + start + fresh + lost
		printf "%-16s %8d %8d %10d %7.1f s %6d %16d %6d %8d\n", a " > " b, watched, heard, start, longest[a, b], fresh, naked[a, b], lost, neither
		if (lost > peers || neither || naked[a, b] || watched < 10 || dark > watched * (1 + unseen)) bad = 1
		if (dark) printf "%s > %s: not watched in %d seconds: the machine was busy\n", a, b, dark
	}
	exit bad
}
