/* Whatever was understood of a site.yaml: rules never crash, and say the same twice. */
#include "orchestrator/lint/findings.h"
#include "orchestrator/topology/topology.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEYS 4

/* Keys stand in a file of their own, which is not read here: these take its place. */
static void
add_keys(struct topology *topology, const uint8_t *data, size_t size)
{
	static const char *const secrets[] = { "00", "01", NULL };
	static struct symmetric_key keys[KEYS];
	static const struct host *between[KEYS][3];
	static const char *strangers[] = { "time9", "gone" };

	for (size_t i = 0; i < KEYS && size > 0 && topology->host_count > 0; i++) {
		uint8_t seed = data[(size - 1) / (i + 1)];

		keys[i] = (struct symmetric_key){ .id = (unsigned)i + 1,
			.type = (enum key_type)(seed % (KEY_TYPE_MD5 + 1)),
			.secret_hex = secrets[seed % COUNT(secrets)],
			.hosts = between[i],
			.host_count = seed % 4,
			.strangers = strangers,
			.stranger_count = seed % 3,
			.pos = { "keys.yaml", (unsigned)i + 1, 1 } };
		for (size_t h = 0; h < 3; h++) {
			between[i][h] = &topology->hosts[(seed + h) % topology->host_count];
		}
		topology->keys = keys;
		topology->key_count = i + 1;
	}
	topology_index_keys(topology);
}

static char *
findings_of(const struct topology *topology, size_t errors)
{
	struct diags diags = { 0 };
	json_t *json;
	char *text;

	if (errors > 0) {
		diags_add(&diags, SEVERITY_ERROR, "bad-value",
		    (struct pos){ topology->file, (unsigned)errors, 1 }, "as loading says");
	}
	lint_run(topology, 0, &diags);
	diags_sort(&diags);
	for (size_t i = 0; i < diags.count; i++) {
		assert(diags.list[i].pos.file && diags.list[i].pos.line > 0);
		assert(!strpbrk(diags.list[i].text, "\n\r\033"));
	}
	json = findings_sarif(&diags);
	text = json_dumps(json, 0);
	assert(text);
	json_decref(json);
	free(text);
	json = findings_json(&diags, topology->file);
	text = json_dumps(json, 0);
	assert(text);
	json_decref(json);
	diags_free(&diags);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topology topology;
	struct diags diags = { 0 };
	char *once, *again;
	/* beside what is not there: no file is read */
	int status = topology_load_text(
	    &topology, "/nonexistent/site.yaml", (const char *)data, size, &diags);

	(void)status;
	add_keys(&topology, data, size);
	once = findings_of(&topology, diags.errors);
	again = findings_of(&topology, diags.errors);
	assert(strcmp(once, again) == 0);
	free(once);
	free(again);
	diags_free(&diags);
	topology_free(&topology);
	return 0;
}
