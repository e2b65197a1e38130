#include "orchestrator/rollout/advice/lost.h"

#include "common/shown.h"
#include "orchestrator/config/config.h"
#include "orchestrator/rollout/advice/standing.h"

#include <string.h>
#include <strings.h>

/* Whether @list has @name, in any case of letters. */
static bool
has_address(const struct address_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->list[i].text, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool
asks_one_of(const struct config *config, const struct address_list *list)
{
	for (size_t i = 0; i < config->source_count; i++) {
		if (has_address(list, config->sources[i].name)) {
			return true;
		}
	}
	return false;
}

/* Whether @after asks the server @name by another of its addresses, as site.yaml has them. */
static bool
is_asked_otherwise(const struct topology *topology, const struct config *after, const char *name)
{
	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct address_list *list = &topology->upstreams[i].addresses;

		if (has_address(list, name) && asks_one_of(after, list)) {
			return true;
		}
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *host = &topology->hosts[i];

		if ((has_address(&host->addresses, name) || strcasecmp(host->name, name) == 0) &&
		    asks_one_of(after, &host->addresses)) {
			return true;
		}
	}
	return false;
}

static size_t
add_sources(const struct topology *topology, const struct config *before,
    const struct config *after, struct arena *arena, struct plan_lost *list)
{
	const char **names;
	size_t count = config_only(arena, before, after, &names), kept = 0;

	for (size_t i = 0; i < count; i++) {
		const struct config_source *source = config_source(before, names[i]);

		if (!is_asked_otherwise(topology, after, names[i])) {
			list[kept++] = (struct plan_lost){ .text = names[i],
				.file = source->file,
				.line = source->number,
				.source = true };
		}
	}
	return kept;
}

/* Fill @list with copies of what is found, whose memory is of @arena: facts of a host do not stay.
 */
static void
keep(
    struct arena *arena, const struct plan_lost *found, size_t count, const struct plan_lost **list)
{
	struct plan_lost *kept = count > 0 ? arena_alloc(arena, count * sizeof(*kept)) : NULL;

	for (size_t i = 0; i < count; i++) {
		kept[i] = found[i];
		kept[i].text = shown_words(arena, found[i].text, strlen(found[i].text));
		kept[i].file = arena_strdup(arena, found[i].file);
	}
	*list = kept;
}

static void
find(const struct advice_input *input, struct arena *scratch, struct arena *arena,
    struct host_plan *made)
{
	const struct daemon_driver *driver = input->plan->driver;
	struct config before, after;
	struct file_set now, then;
	struct plan_lost *list;
	struct lost *lines;
	size_t line_count, count;

	advice_files(input, false, scratch, &now);
	advice_files(input, true, scratch, &then);
	if (!config_read(scratch, driver, driver->config_path, &now, "", &before) ||
	    !config_read(scratch, driver, driver->config_path, &then, "", &after)) {
		return;
	}
	line_count = config_lost(scratch, &before, &after, &lines);
	list = arena_alloc(scratch, (line_count + before.source_count + 1) * sizeof(*list));
	count = add_sources(input->topology, &before, &after, scratch, list);
	for (size_t i = 0; i < line_count; i++) {
		list[count++] = (struct plan_lost){ .text = lines[i].text,
			.file = lines[i].line->file,
			.line = lines[i].line->number,
			.where = lines[i].where };
	}
	keep(arena, list, count, &made->lost);
	made->lost_count = count;
}

void
plan_find_lost(const struct advice_input *input, struct arena *arena, struct host_plan *made)
{
	struct arena scratch = { .blocks = NULL };

	if (made && input->plan->files && !made->listed && advice_replaces(made)) {
		find(input, &scratch, arena, made);
	}
	arena_free(&scratch);
}
