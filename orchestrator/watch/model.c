#include "orchestrator/watch/model.h"

#include "common/shown.h"

#include <jansson.h>
#include <string.h>

#define SOURCES_MAX 256
#define POINTS_MAX 20000

/* What the state of a site, a host or a source amounts to. */
static enum health_state
light_of(const char *word, enum health_state other)
{
	static const struct {
		const char *word;
		enum health_state light;
	} rows[] = {
		{ "good", STATE_GOOD },
		{ "warn", STATE_WARN },
		{ "bad", STATE_BAD },
		{ "stale", STATE_STALE },
		{ "unknown", STATE_UNKNOWN },
		{ "degraded", STATE_WARN },
		{ "selected", STATE_GOOD },
		{ "combined", STATE_GOOD },
		{ "measured", STATE_GOOD },
		{ "outlier", STATE_WARN },
		{ "rejected", STATE_WARN },
		{ "new", STATE_UNKNOWN },
		{ "silent", STATE_STALE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(word, rows[i].word) == 0) {
			return rows[i].light;
		}
	}
	return other;
}

/* The member of that name as words that are fit to be shown; "" where there is none. */
static const char *
words_of(struct arena *arena, const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? shown_words(arena, text, strnlen(text, WATCH_TEXT_BYTES)) : "";
}

/* A number of which two can be added. */
static int64_t
half_of(const json_t *json)
{
	json_int_t value = json_integer_value(json);

	return value > INT64_MAX / 2 ? INT64_MAX / 2
	    : value < -INT64_MAX / 2 ? -INT64_MAX / 2
				     : (int64_t)value;
}

static struct watch_ns
ns_of(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return (struct watch_ns){ .known = json_is_integer(value), .ns = half_of(value) };
}

static size_t
count_of(const json_t *json, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(json, name));

	return value > 0 ? (size_t)value : 0;
}

/* How many of the array @json are taken. */
static size_t
bounded(const json_t *json, size_t most)
{
	size_t count = json_array_size(json);

	return count < most ? count : most;
}

static void
read_source(struct arena *arena, const json_t *json, struct watch_source *source)
{
	source->name = words_of(arena, json, "name");
	source->state = words_of(arena, json, "state");
	source->auth = words_of(arena, json, "auth_words");
	source->light = light_of(source->state, STATE_BAD);
	source->offset = ns_of(json, "offset_ns");
	source->delay = ns_of(json, "delay_ns");
	source->age = ns_of(json, "age_ns");
	source->age.known &= source->age.ns >= 0;
	source->reach = (unsigned)count_of(json, "reach") & 0xff;
	if (source->reach == 0 && !source->age.known) {
		source->offset.known = false; /* of what was never heard */
		source->delay.known = false;
	}
}

/* What a restart would do, in a word or two. */
static const char *
restart_of(struct arena *arena, const json_t *verdict)
{
	const char *kind = words_of(arena, verdict, "kind");

	return json_is_true(json_object_get(verdict, "degraded")) && strcmp(kind, "exit") != 0
	    ? arena_printf(arena, "%s, no source", kind)
	    : kind;
}

static void
read_host(struct arena *arena, const json_t *json, struct watch_host *host)
{
	const json_t *list = json_object_get(json, "sources"),
		     *measured = json_object_get(json, "measured");
	struct watch_source *sources;

	host->name = words_of(arena, json, "name");
	host->server = json_object_get(json, "tier") != NULL;
	host->place = words_of(arena, json, host->server ? "tier" : "group");
	host->daemon = measured ? "not managed" : words_of(arena, json, "daemon");
	host->health = words_of(arena, json, "health");
	host->reason = words_of(arena, json, "reason");
	host->fresh = json_is_true(json_object_get(json, "fresh"));
	host->light = light_of(words_of(arena, json, "state"), STATE_UNKNOWN);
	host->age = measured ? ns_of(measured, "heard_age_ns") : ns_of(json, "report_age_ns");
	host->budget = ns_of(json_object_get(json, "budget"), "offset_ns");
	host->source = host->restart = "";
	if (host->fresh) { /* what a silent host said last is not what it is now */
		host->source = words_of(arena, json_object_get(json, "source"), "name");
		host->restart = restart_of(arena, json_object_get(json, "verdict"));
		host->offset = ns_of(json, "offset_ns");
		host->bound = ns_of(json, "error_bound_ns");
	}
	host->source_count = bounded(list, SOURCES_MAX);
	sources = arena_alloc(arena, (host->source_count + 1) * sizeof(*sources));
	for (size_t i = 0; i < host->source_count; i++) {
		read_source(arena, json_array_get(list, i), &sources[i]);
	}
	host->sources = sources;
}

/* Which of two is farther from zero; one of them may be NULL. */
static bool
is_larger(const struct watch_ns *a, const struct watch_ns *b)
{
	uint64_t sizes[2];

	for (int i = 0; i < 2; i++) {
		const struct watch_ns *one = i == 0 ? a : b;

		sizes[i] = one->ns < 0 ? 0 - (uint64_t)one->ns : (uint64_t)one->ns;
	}
	return a->known && (!b->known || sizes[0] > sizes[1]);
}

static void
read_hosts(struct watch_fleet *fleet, const json_t *list)
{
	static const struct watch_ns none = { .known = false };

	fleet->host_count = bounded(list, WATCH_HOSTS_MAX);
	fleet->hosts = arena_alloc(&fleet->arena, (fleet->host_count + 1) * sizeof(*fleet->hosts));
	for (size_t i = 0; i < fleet->host_count; i++) {
		struct watch_host *host = &fleet->hosts[i];

		read_host(&fleet->arena, json_array_get(list, i), host);
		fleet->counts[host->light]++;
		fleet->reporting += host->fresh;
		if (is_larger(&host->offset, fleet->worst ? &fleet->worst->offset : &none)) {
			fleet->worst = host;
		}
		if (is_larger(&host->bound, fleet->widest ? &fleet->widest->bound : &none)) {
			fleet->widest = host;
		}
	}
}

/* The texts of an array, with commas. */
static const char *
joined(struct arena *arena, const json_t *list)
{
	struct buf all = { .limit_bytes = WATCH_TEXT_BYTES };
	const char *words;

	for (size_t i = 0; i < bounded(list, WATCH_PARTS_MAX); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		buf_printf(&all, "%s%s", i > 0 ? ", " : "", text ? text : "");
	}
	words = shown_words(arena, buf_str(&all), all.len);
	buf_free(&all);
	return words;
}

/* Tiers come first, then groups, each in the order of site.yaml. */
static void
read_parts(struct watch_fleet *fleet, const json_t *json)
{
	const json_t *lists[] = { json_object_get(json, "tiers"), json_object_get(json, "groups") };
	size_t most = bounded(lists[0], WATCH_PARTS_MAX) + bounded(lists[1], WATCH_PARTS_MAX);

	fleet->parts = arena_alloc(&fleet->arena, (most + 1) * sizeof(*fleet->parts));
	for (size_t k = 0; k < COUNT(lists); k++) {
		for (size_t i = 0; i < bounded(lists[k], WATCH_PARTS_MAX); i++) {
			const json_t *one = json_array_get(lists[k], i),
				     *from = json_object_get(one, "from");
			struct watch_part *part = &fleet->parts[fleet->part_count++];

			part->tier = k == 0;
			part->name = words_of(&fleet->arena, one, "name");
			part->quorum = count_of(one, "quorum");
			part->from = joined(&fleet->arena, from);
		}
	}
}

/* Count each host where it stands: the last place is mostly that of the next host, too. */
static void
count_parts(struct watch_fleet *fleet)
{
	struct watch_part *part = fleet->parts;

	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct watch_host *host = &fleet->hosts[i];
		size_t k = 0;

		while (k < fleet->part_count &&
		    (part->tier != host->server || strcmp(part->name, host->place) != 0)) {
			part = &fleet->parts[k++];
		}
		if (fleet->part_count > 0 && part->tier == host->server &&
		    strcmp(part->name, host->place) == 0) {
			part->hosts++;
			part->counts[host->light]++;
		}
	}
}

static void
read_upstreams(struct watch_fleet *fleet, const json_t *list)
{
	fleet->upstream_count = bounded(list, WATCH_PARTS_MAX);
	fleet->upstreams =
	    arena_alloc(&fleet->arena, (fleet->upstream_count + 1) * sizeof(*fleet->upstreams));
	for (size_t i = 0; i < fleet->upstream_count; i++) {
		const json_t *one = json_array_get(list, i);
		struct watch_upstream *upstream = &fleet->upstreams[i];

		upstream->name = words_of(&fleet->arena, one, "name");
		upstream->state = words_of(&fleet->arena, one, "state");
		upstream->light = light_of(upstream->state, STATE_BAD);
	}
}

/* Where a collector tells no conditions: what it says of hosts and upstreams. */
static void
make_conditions(struct watch_fleet *fleet)
{
	struct watch_condition *next = arena_alloc(
	    &fleet->arena, (fleet->host_count + fleet->upstream_count + 1) * sizeof(*next));

	fleet->conditions = next;
	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct watch_host *host = &fleet->hosts[i];

		if (host->light != STATE_GOOD && strcmp(host->health, "not measurable") != 0) {
			*next++ = (struct watch_condition){ host->name, host->health, host->reason,
				host->light };
		}
	}
	for (size_t i = 0; i < fleet->upstream_count; i++) {
		const struct watch_upstream *upstream = &fleet->upstreams[i];

		if (upstream->light != STATE_GOOD && upstream->light != STATE_UNKNOWN) {
			*next++ = (struct watch_condition){ upstream->name, upstream->state,
				"so say the servers that ask this upstream", upstream->light };
		}
	}
	fleet->condition_count = fleet->condition_total = (size_t)(next - fleet->conditions);
}

int
watch_fleet_read(struct watch_fleet *fleet, const char *json, size_t len, struct error *err)
{
	json_t *root = json_loadb(json, len, 0, NULL), *headline;
	struct arena *arena = &fleet->arena;

	headline = json_object_get(root, "headline");
	if (!json_string_value(json_object_get(headline, "state"))) {
		json_decref(root);
		return error_set(err, "what answers is no collector");
	}
	fleet->site = words_of(arena, root, "site");
	fleet->time = words_of(arena, root, "time");
	fleet->text = words_of(arena, headline, "text");
	fleet->detail = words_of(arena, headline, "detail");
	fleet->light = light_of(words_of(arena, headline, "state"), STATE_UNKNOWN);
	fleet->restart = words_of(arena, json_object_get(root, "restart"), "text");
	fleet->leap = words_of(arena, json_object_get(root, "leap"), "text");
	read_hosts(fleet, json_object_get(root, "hosts"));
	read_parts(fleet, root);
	count_parts(fleet);
	read_upstreams(fleet, json_object_get(root, "upstreams"));
	make_conditions(fleet);
	json_decref(root);
	return 0;
}

void
watch_fleet_take_health(struct watch_fleet *fleet, const char *json, size_t len)
{
	json_t *root = json_loadb(json, len, 0, NULL);
	const json_t *list = json_object_get(root, "conditions");
	const char *state = words_of(&fleet->arena, root, "state");

	if (json_is_array(list) && state[0]) {
		fleet->light = light_of(state, STATE_UNKNOWN);
		fleet->condition_count = bounded(list, WATCH_HOSTS_MAX);
		fleet->condition_total = count_of(root, "condition_count");
		if (fleet->condition_total < fleet->condition_count) {
			fleet->condition_total = fleet->condition_count;
		}
		fleet->conditions = arena_alloc(
		    &fleet->arena, (fleet->condition_count + 1) * sizeof(*fleet->conditions));
		for (size_t i = 0; i < fleet->condition_count; i++) {
			const json_t *one = json_array_get(list, i);

			fleet->conditions[i] = (struct watch_condition){
				.subject = words_of(&fleet->arena, one, "subject"),
				.code = words_of(&fleet->arena, one, "code"),
				.reason = words_of(&fleet->arena, one, "reason"),
				.light =
				    light_of(words_of(&fleet->arena, one, "state"), STATE_UNKNOWN),
			};
		}
	}
	json_decref(root);
}

int
watch_detail_read(struct watch_detail *detail, const char *json, size_t len, struct error *err)
{
	json_t *root = json_loadb(json, len, 0, NULL);
	const json_t *verdict = json_object_get(root, "verdict"),
		     *reasons = json_object_get(verdict, "reasons"),
		     *stratum = json_object_get(root, "stratum");
	struct arena *arena = &detail->arena;

	if (!json_string_value(json_object_get(root, "name"))) {
		json_decref(root);
		return error_set(err, "what answers is no collector");
	}
	read_host(arena, root, &detail->host);
	detail->version = words_of(arena, json_object_get(root, "status"), "version");
	detail->proof = words_of(arena, json_object_get(root, "proof"), "words");
	detail->error = words_of(arena, root, "error");
	detail->amount = ns_of(verdict, "amount_ns");
	detail->stratum = json_is_integer(stratum) ? (int)(json_integer_value(stratum) & 0xff) : -1;
	detail->reason_count = bounded(reasons, SOURCES_MAX);
	detail->reasons = arena_alloc(arena, (detail->reason_count + 1) * sizeof(*detail->reasons));
	for (size_t i = 0; i < detail->reason_count; i++) {
		const char *text = json_string_value(json_array_get(reasons, i));

		detail->reasons[i] =
		    text ? shown_words(arena, text, strnlen(text, WATCH_TEXT_BYTES)) : "";
	}
	json_decref(root);
	return 0;
}

static const char *
step_words(struct arena *arena, const json_t *root)
{
	const json_t *step = json_array_get(json_object_get(root, "steps"), 0);
	struct watch_ns amount = ns_of(step, "amount_ns");
	const char *at = words_of(arena, step, "time");

	return amount.known ? arena_printf(arena, "%.*s  %+.3f s  %s: %s", (int)strcspn(at, ".Z"),
				  at, (double)amount.ns / 1e9, words_of(arena, step, "cause"),
				  words_of(arena, step, "words"))
			    : "";
}

int
watch_curve_read(struct watch_curve *curve, const char *json, size_t len, struct error *err)
{
	json_t *root = json_loadb(json, len, 0, NULL);
	const json_t *times = json_object_get(root, "time_ms"),
		     *least = json_object_get(root, "offset_min_ns"),
		     *most = json_object_get(root, "offset_max_ns");
	struct arena *arena = &curve->arena;
	size_t bytes;

	if (!json_string_value(json_object_get(root, "host"))) {
		json_decref(root);
		return error_set(err, "what answers is no collector");
	}
	curve->host = words_of(arena, root, "host");
	curve->budget = ns_of(json_object_get(root, "budget"), "offset_ns");
	curve->latest_step = step_words(arena, root);
	curve->count = bounded(times, POINTS_MAX);
	bytes = (curve->count + 1) * sizeof(int64_t);
	curve->time_ms = arena_alloc(arena, bytes);
	curve->min_ns = arena_alloc(arena, bytes);
	curve->max_ns = arena_alloc(arena, bytes);
	for (size_t i = 0; i < curve->count; i++) {
		curve->time_ms[i] = half_of(json_array_get(times, i));
		curve->min_ns[i] = half_of(json_array_get(least, i));
		curve->max_ns[i] = half_of(json_array_get(most, i));
	}
	if (curve->count > 0) {
		curve->from_ms = curve->time_ms[0];
		curve->to_ms = curve->time_ms[curve->count - 1];
	}
	json_decref(root);
	return 0;
}

void
watch_fleet_free(struct watch_fleet *fleet)
{
	arena_free(&fleet->arena);
	*fleet = (struct watch_fleet){ .site = NULL };
}

void
watch_detail_free(struct watch_detail *detail)
{
	arena_free(&detail->arena);
	*detail = (struct watch_detail){ .version = NULL };
}

void
watch_curve_free(struct watch_curve *curve)
{
	arena_free(&curve->arena);
	*curve = (struct watch_curve){ .host = NULL };
}
