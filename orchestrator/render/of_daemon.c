/* What a host's files say of its daemon there: paths, names, and what it proves itself by. */
#include "orchestrator/render/items.h"
#include "orchestrator/topology/nts.h"

#include <string.h>

void
context_drift_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->drift_path : NULL);
}

void
context_keys_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->keys_path : NULL);
}

void
context_config_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->config_path : NULL);
}

void
context_sources_folder(struct context *context, struct mustache_value *value)
{
	const struct daemon_file *file = context->driver ? context->driver->files : NULL;

	for (; file && file->template_name; file++) {
		if (file->role == DAEMON_FILE_SOURCES) {
			items_text(value,
			    arena_strndup(&context->scratch, file->path,
				(size_t)(strrchr(file->path, '/') - file->path)));
		}
	}
}

void
context_options_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->options_path : NULL);
}

void
context_options_variable(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->options_variable : NULL);
}

void
context_stock_options(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->stock_options : NULL);
}

void
context_options_besides(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->options_besides : NULL);
}

void
context_pid_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->pid_path : NULL);
}

void
context_leap_file(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->leap_path : NULL);
}

void
context_daemon_program(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->binary : NULL);
}

void
context_daemon_user(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->user : NULL);
}

void
context_daemon_group(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->group : NULL);
}

/* Debian's is not named: agents of before do not know the line. */
void
context_platform(struct context *context, struct mustache_value *value)
{
	const char *family = context->driver ? context->driver->family : NULL;

	items_text(value, family && strcmp(family, daemon_drivers[0]->family) != 0 ? family : NULL);
}

/* What a server that declares NTS, and whose daemon can, proves itself by. */
static const struct nts_settings *
own_nts(const struct context *context)
{
	unsigned features = context->driver ? context->driver->features : 0;

	return features & DAEMON_NTS && features & DAEMON_SERVES ? host_nts(context->host) : NULL;
}

void
context_nts_certificate(struct context *context, struct mustache_value *value)
{
	const struct nts_settings *nts = own_nts(context);

	items_text(value, nts ? nts->certificate : NULL);
}

void
context_nts_key(struct context *context, struct mustache_value *value)
{
	const struct nts_settings *nts = own_nts(context);

	items_text(value, nts ? nts->key : NULL);
}

void
context_hwtimestamp(struct context *context, struct mustache_value *value)
{
	bool can = context->driver && context->driver->features & DAEMON_STAMPS;

	items_text(value, can ? context->host->hwtimestamp : NULL);
}
