#include "verdict/kernel.h"

#include "common/json_fields.h"

#include <stdio.h>
#include <string.h>

/* The names of the bits, from the lowest.  Source: Linux, include/uapi/linux/timex.h. */
static const char *const names[] = { "pll", "pps-frequency", "pps-time", "fll", "insert-leap",
	"delete-leap", "unsynchronised", "frequency-hold", "pps-signal", "pps-jitter", "pps-wander",
	"pps-error", "clock-error", "nano", "mode-fll", "second-source" };

#define SPAN .min = 0, .max = INT64_C(1000000) * NS_PER_S

static const struct field fields[] = {
	{ "max_error_ns", FIELD_INT64, false, FIELD_AT(kernel_clock, max_error_ns), SPAN },
	{ "estimated_error_ns", FIELD_INT64, false, FIELD_AT(kernel_clock, estimated_error_ns),
	    SPAN },
	{ .name = NULL },
};

json_t *
kernel_encode(const struct kernel_clock *kernel)
{
	json_t *json = fields_encode(fields, kernel), *flags = json_array();

	for (size_t i = 0; i < COUNT(names); i++) {
		if (kernel->flags & 1U << i) {
			json_array_append_new(flags, json_string(names[i]));
		}
	}
	json_object_set_new(json, "flags", flags);
	return json;
}

static unsigned
flag_of(const char *name)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], name) == 0) {
			return 1U << i;
		}
	}
	return 0;
}

int
kernel_read(const struct json_doc *doc, const struct json_value *read, struct kernel_clock *kernel,
    struct error *err)
{
	const struct json_value *flags, *one;

	memset(kernel, 0, sizeof(*kernel));
	if (!read) {
		return 0;
	}
	if (fields_read(fields, doc, read, "kernel", kernel, err) < 0) {
		return -1;
	}
	kernel->told = true;
	flags = json_doc_member(doc, read, "flags");
	if (!flags || flags->type != JSON_ARRAY) {
		return error_set(err, "kernel.flags is no list of texts");
	}
	one = json_doc_first(flags);
	for (size_t i = 0; i < flags->count; i++) {
		if (one->type != JSON_STRING) {
			return error_set(err, "kernel.flags is no list of texts");
		}
		kernel->flags |= flag_of(one->text);
		one = json_doc_next(doc, one);
	}
	return 0;
}

const char *
kernel_words(const struct kernel_clock *kernel, char *out)
{
	size_t len = 0;

	snprintf(out, KERNEL_WORDS_BYTES, "no flags");
	for (size_t i = 0; i < COUNT(names); i++) {
		if (kernel->flags & 1U << i) {
			len += (size_t)snprintf(
			    out + len, KERNEL_WORDS_BYTES - len, "%s%s", len ? ", " : "", names[i]);
		}
	}
	return out;
}
