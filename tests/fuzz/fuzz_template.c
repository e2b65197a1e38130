/* A template and, behind a NUL, a partial "p": whatever is in them, an answer or an error with
 * words comes back, and in a file of lines no value begins one. */
#include "orchestrator/render/mustache.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *partial;
	size_t partial_len;
};

static int
resolve(void *arg UNUSED, const char *name, size_t len, struct error *err)
{
	return name[0] == 'x' ? error_set(err, "no name `%.*s`", (int)len, name) : name[0] % 5;
}

static const char *
partial(void *arg, const char *name, size_t *len)
{
	struct input *input = arg;

	*len = input->partial_len;
	return strcmp(name, "p") == 0 ? input->partial : NULL;
}

static int
value(void *arg UNUSED, int id, const struct mustache_frame *frame, struct mustache_value *value,
    struct error *err UNUSED)
{
	static const void *const items[] = { "one", "two\nserver evil" };

	value->kind = (enum mustache_kind)(id % 4);
	value->text = frame ? frame->item : "text";
	value->items = items;
	value->count = id % 4 == MUSTACHE_LIST ? COUNT(items) : 0;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *nul = size ? memchr(text, '\0', size) : NULL;
	size_t len = nul ? (size_t)(nul - text) : size;
	struct input input = { nul ? nul + 1 : "", nul ? size - len - 1 : 0 };
	const struct mustache_names names = { resolve, partial, &input };
	const struct mustache_data values = { value, NULL };
	struct buf out = { .limit_bytes = 65536 };
	struct arena arena = { NULL };
	struct error err = { "" };
	struct mustache_template *template;

	template = mustache_parse(&arena, "t", text, len, &names, &err);
	assert(template || strchr(err.text, ':'));
	if (template) {
		if (mustache_render(template, MUSTACHE_LINE, &values, &out, &err) == 0 &&
		    !memmem(text, size, "evil", 4)) {
			assert(!strstr(buf_str(&out), "server evil"));
		}
		buf_reset(&out);
		if (mustache_render(template, MUSTACHE_HTML, &values, &out, &err) < 0) {
			assert(err.text[0]);
		}
	}
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
