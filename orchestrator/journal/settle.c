#include "orchestrator/journal/settle.h"

#include "common/digest.h"

#include <string.h>

static const struct {
	const char *id, *name;
} rows[] = {
	[SETTLED_OPEN] = { "", "" },
	[SETTLED_KEPT] = { "kept", "kept" },
	[SETTLED_PUT_BACK] = { "put-back", "put back" },
	[SETTLED_UNTOUCHED] = { "untouched", "as it was" },
	[SETTLED_LOST] = { "lost", "changed since" },
};

const char *
settled_name(enum settled settled)
{
	return rows[settled].name;
}

const char *
settled_id(enum settled settled)
{
	return rows[settled].id;
}

bool
settle_same(const struct journal_state *then, const struct journal_state *now)
{
	char hash[SHA256_HEX_BYTES];

	if (then->there != now->there || !then->there) {
		return then->there == now->there;
	}
	if (then->mode != now->mode || strcmp(then->owner, now->owner) != 0 ||
	    strcmp(then->group, now->group) != 0) {
		return false;
	}
	return strcmp(then->hash, now->hash ? now->hash : sha256_hex(now->bytes, now->len, hash)) ==
	    0;
}

/* Judge by the files alone: all are as they were before the run, or as the run wanted them. */
static enum settled
settle_by_files(const struct journal_host *host, const struct settle_look *look)
{
	bool differ = false, old = true, fresh = true;

	for (size_t i = 0; i < host->file_count; i++) {
		const struct journal_file *file = &host->files[i];
		struct journal_state now;

		if (!look->state(look->ctx, file->path, &now)) {
			return SETTLED_OPEN;
		}
		differ |= !settle_same(&file->before, &file->after);
		old &= settle_same(&file->before, &now);
		fresh &= settle_same(&file->after, &now);
	}
	if (!differ) {
		return SETTLED_OPEN; /* a restart leaves no trace in files */
	}
	return old ? SETTLED_UNTOUCHED : fresh ? SETTLED_KEPT : SETTLED_LOST;
}

enum settled
settle(const struct journal_unknown *unknown, const struct settle_look *look)
{
	if (look->busy) {
		return SETTLED_OPEN;
	}
	if (look->last_mark && strcmp(look->last_mark, unknown->mark) == 0) {
		return look->last_kept ? SETTLED_KEPT : SETTLED_PUT_BACK;
	}
	if (look->last_run != 0 && look->last_run < unknown->run) {
		return SETTLED_UNTOUCHED; /* the host's last change is older than this run */
	}
	return settle_by_files(&unknown->host, look);
}
