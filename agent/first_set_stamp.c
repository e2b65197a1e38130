#include "agent/first_set_stamp.h"

#include "common/file.h"
#include "common/json_fields.h"

#include <limits.h>
#include <stdio.h>

#define STAMP_BYTES 4096

bool
first_set_stamp_read(const char *root, struct first_set_stamp *stamp)
{
	static const struct field fields[] = {
		{ "set_ns", FIELD_INT64, true, FIELD_AT(first_set_stamp, set_ns),
		    .min = -INT64_MAX / 4, .max = INT64_MAX / 4 },
		{ "at", FIELD_INSTANT, true, FIELD_AT(first_set_stamp, real_ns), .min = INSTANT_MIN,
		    .max = INSTANT_MAX },
		{ .name = NULL },
	};
	struct buf text = { .limit_bytes = STAMP_BYTES };
	struct first_set_stamp read;
	char path[PATH_MAX];
	json_t *json = NULL;
	struct error err;
	bool good;

	snprintf(path, sizeof(path), "%s" FIRST_SET_STAMP, root);
	if (file_read(path, &text, NULL) == 0) {
		json = json_loadb(buf_str(&text), text.len, 0, NULL);
	}
	good = json && fields_decode(fields, json, "stamp", &read, &err) == 0;
	if (good) {
		*stamp = read;
	}
	json_decref(json);
	buf_free(&text);
	return good;
}
