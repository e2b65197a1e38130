/* Loads the site, and finds the hosts that a command is for. */
#include "orchestrator/cli/site.h"

#include "common/clock.h"
#include "orchestrator/topology/fold.h"
#include "orchestrator/topology/pick.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
site_load(const struct common_options *options, struct topology *topology)
{
	struct diags diags = { 0 };
	bool sound = topology_load(topology, site_file(options), &diags) == 0;

	if (!sound) {
		diags_sort(&diags);
		diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	}
	diags_free(&diags);
	topology_expire(topology, clock_real_ns());
	return sound;
}

/* Whether @word looks as names of files do. */
static bool
is_file_name(const char *word)
{
	static const char *const ends[] = { ".plan", ".json", ".yaml", ".yml", ".txt" };
	const char *dot = strrchr(word, '.');
	bool known = false;

	for (size_t i = 0; dot && i < COUNT(ends); i++) {
		known |= strcmp(dot, ends[i]) == 0;
	}
	return known || strchr(word, '/');
}

/* Add to @err, which says that @word names no host, what a file of that name would be. */
static int
say_file(const struct topology *topology, const char *word, struct error *err)
{
	struct error why = *err;
	struct stat file;

	if (stat(word, &file) == 0 && S_ISREG(file.st_mode)) {
		return error_set(err,
		    "%.300s; the file %.60s is no saved plan; -f names the site's file", why.text,
		    word);
	}
	if (is_file_name(word)) {
		return error_set(err, "%.400s, and there is no such file", why.text);
	}
	return strstr(why.text, "meant?")
	    ? -1
	    : error_set(err, "%.300s; the names are in %.100s", why.text, topology->file);
}

/* Mark in @picked the hosts that @words name, or all hosts when there are no words. */
static int
pick(struct topology *topology, const char *const *words, size_t count, bool *picked,
    struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (topology_pick(topology, words[i], picked, err)) {
			return say_file(topology, words[i], err);
		}
	}
	for (size_t i = 0; count == 0 && i < topology->host_count; i++) {
		picked[i] = true;
	}
	return 0;
}

static size_t
count_words(const char *const *words)
{
	size_t count = 0;

	while (words && count < OPTION_LIST_MAX && words[count]) {
		count++;
	}
	return count;
}

int
site_hosts(struct topology *topology, const struct site_choice *choice, const struct host ***hosts,
    size_t *host_count, struct error *err)
{
	size_t all = topology->host_count, count = 0, excludes = count_words(choice->excludes);
	const struct host **list = arena_alloc(&topology->arena, all * sizeof(*list) + 1);
	bool *named = arena_alloc(&topology->arena, all + 1);
	bool *within = arena_alloc(&topology->arena, all + 1);
	bool *out = arena_alloc(&topology->arena, all + 1);
	bool some = false;

	if (pick(topology, (const char *const *)choice->words, (size_t)choice->word_count, named,
		err) ||
	    pick(topology, choice->limits, count_words(choice->limits), within, err) ||
	    (excludes > 0 && pick(topology, choice->excludes, excludes, out, err))) {
		return -1;
	}
	for (size_t i = 0; i < all; i++) {
		some |= named[i] && within[i];
		if (named[i] && within[i] && !out[i]) {
			list[count++] = &topology->hosts[i];
		}
	}
	if (count == 0 && all > 0) {
		return error_set(err, "%s",
		    some ? "--exclude leaves none of the hosts that are meant"
			 : "none of the hosts that are named is within --limit");
	}
	*hosts = list;
	*host_count = count;
	return 0;
}

#define UNMANAGED_SHOWN 8 /* ranges of names */

static void
tell_unmanaged(const char *command, const struct host *const *hosts, size_t count)
{
	struct arena arena = { 0 };
	const char **names = arena_alloc(&arena, count * sizeof(*names));
	struct buf text = { 0 };

	for (size_t i = 0; i < count; i++) {
		names[i] = hosts[i]->name;
	}
	names_fold(&text, names, count, UNMANAGED_SHOWN);
	fprintf(stderr, "timetier %s: not managed (`manage: false`), so nobody logs in there: %s\n",
	    command, buf_str(&text));
	buf_free(&text);
	arena_free(&arena);
}

size_t
site_leave_unmanaged(const char *command, bool quiet, const struct host **hosts, size_t *count)
{
	struct arena arena = { 0 };
	const struct host **out = arena_alloc(&arena, *count * sizeof(*out) + 1);
	size_t kept = 0, taken = 0;

	for (size_t i = 0; i < *count; i++) {
		if (host_unmanaged(hosts[i])) {
			out[taken++] = hosts[i];
		} else {
			hosts[kept++] = hosts[i];
		}
	}
	if (taken > 0) {
		memcpy(hosts + kept, out, taken * sizeof(*out));
		if (!quiet) {
			tell_unmanaged(command, out, taken);
		}
	}
	*count = kept;
	arena_free(&arena);
	return taken;
}
