#include "agent/first_set/read.h"

#include "common/file.h"

#include <string.h>

int
first_set_conf_read(const char *path, struct first_set_conf *conf, struct error *err)
{
	struct buf text = { .limit_bytes = FIRST_SET_CONF_BYTES_MAX };
	int status = file_read_plain(path, 0, &text, err);

	if (status == 0) {
		status = first_set_conf_parse(path, buf_str(&text), text.len, conf, err);
	}
	if (text.data) {
		explicit_bzero(text.data, text.len); /* keys were in it */
	}
	buf_free(&text);
	return status;
}
