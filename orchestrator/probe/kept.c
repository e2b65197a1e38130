#include "orchestrator/probe/kept.h"

#include "common/file.h"
#include "common/json_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX (16 << 20) /* 5000 upstreams have 4 MB */

struct head {
	char site[512], from[256];
	int64_t at_ns;
};

static const struct field head_fields[] = {
	{ "site", FIELD_TEXT, true, FIELD_AT(head, site) },
	{ "from", FIELD_TEXT, false, FIELD_AT(head, from) },
	{ "asked_at", FIELD_INSTANT, true, FIELD_AT(head, at_ns), .min = 1, .max = INSTANT_MAX },
	{ .name = NULL },
};

struct row {
	char name[512];
	struct kept_source source;
};

static const struct field row_fields[] = {
	{ "name", FIELD_TEXT, true, FIELD_AT(row, name) },
	{ "worth", FIELD_TEXT, true, FIELD_AT(row, source.worth) },
	{ "words", FIELD_TEXT, false, FIELD_AT(row, source.words) },
	{ "address", FIELD_TEXT, false, FIELD_AT(row, source.address) },
	{ "reference", FIELD_TEXT, false, FIELD_AT(row, source.reference) },
	{ "stratum", FIELD_UINT, false, FIELD_AT(row, source.stratum), .max = 255 },
	{ .name = NULL },
};

/* The upstream @name; the search begins behind @after, as rows are in the order of the site. */
static size_t
find(const struct topology *topology, const char *name, size_t after)
{
	size_t count = topology->upstream_count;

	for (size_t i = 0; i < count; i++) {
		size_t at = (after + i) % count;

		if (strcmp(topology->upstreams[at].name, name) == 0) {
			return at;
		}
	}
	return count;
}

static int
take_rows(const struct topology *topology, const json_t *list, struct kept *kept, struct error *err)
{
	struct row row;
	size_t at = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		memset(&row, 0, sizeof(row));
		if (fields_decode(row_fields, json_array_get(list, i), "upstreams", &row, err) <
		    0) {
			return -1;
		}
		at = find(topology, row.name, at);
		if (at < topology->upstream_count &&
		    (!kept->sources[at].probed || kept->sources[at].stratum == 0)) {
			kept->sources[at] = row.source;
			kept->sources[at].probed = true;
		}
	}
	return 0;
}

/* Whether @reference is of something that several servers can depend on: a PPS is each one's own.
 */
static bool
is_shared(const struct kept_source *source)
{
	static const char *const own[] = { "PPS", "IRIG", "LOCL", "LCL", "SHM", "ATOM", "INIT",
		"STEP", "FREE", "ACTS", "RATE" };

	for (size_t i = 0; i < COUNT(own); i++) {
		if (strcmp(source->reference, own[i]) == 0) {
			return false;
		}
	}
	return source->stratum > 0 && source->stratum < 16 && source->reference[0];
}

static void
sum_up(const struct topology *topology, struct arena *arena, struct kept *kept)
{
	kept->seen = arena_alloc(arena, topology->upstream_count * sizeof(*kept->seen) + 1);
	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct kept_source *source = &kept->sources[i];

		kept->probed += source->probed;
		kept->good +=
		    source->probed && strcmp(source->worth, source_worth_name(WORTH_GOOD)) == 0;
		kept->seen[i].address = source->address[0] ? source->address : NULL;
		kept->seen[i].reference = is_shared(source) ? source->reference : NULL;
	}
}

int
kept_parse(const char *text, size_t len, const struct topology *topology, struct arena *arena,
    struct kept *kept, struct error *err)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	struct head head = { .at_ns = 0 };
	int status = -1;

	*kept = (struct kept){ .at_ns = 0 };
	kept->sources = arena_alloc(arena, topology->upstream_count * sizeof(*kept->sources) + 1);
	if (!json) {
		error_set(err, "it is no JSON");
	} else if (fields_decode(head_fields, json, "the probe", &head, err) < 0) {
		status = -1;
	} else if (strcmp(head.site, topology->site) != 0) {
		error_set(err, "it is of the site \"%.80s\"", head.site);
	} else {
		status = take_rows(topology, json_object_get(json, "upstreams"), kept, err);
	}
	json_decref(json);
	if (status < 0) {
		*kept = (struct kept){ .at_ns = 0 };
		return -1;
	}
	kept->at_ns = head.at_ns;
	kept->from = head.from[0] ? arena_strdup(arena, head.from) : NULL;
	sum_up(topology, arena, kept);
	return 0;
}

static void
path_in(const char *folder, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.4000s/probed.json", folder);
}

int
kept_write(const char *folder, const char *text, struct error *err)
{
	char path[PATH_MAX];

	path_in(folder, path);
	return file_make_folder(folder, 0700, err) < 0
	    ? -1
	    : file_replace(path, text, strlen(text), 0600, err);
}

int
kept_read(const char *folder, const struct topology *topology, struct arena *arena,
    struct kept *kept, struct error *err)
{
	struct buf text = { .limit_bytes = BYTES_MAX };
	char path[PATH_MAX];
	int status;

	*kept = (struct kept){ .at_ns = 0 };
	path_in(folder, path);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		return 0;
	}
	status = file_read_plain(path, O_NOFOLLOW, &text, err);
	if (status == 0 && kept_parse(buf_str(&text), text.len, topology, arena, kept, err) < 0) {
		status = error_wrap(err, "%.200s", path);
	}
	buf_free(&text);
	return status;
}
