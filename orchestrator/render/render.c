/* Renders the file set of a host. */
#include "orchestrator/render/render.h"

#include "common/file.h"
#include "common/resource.h"
#include "orchestrator/render/context.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/refclocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEMPLATE_BYTES_MAX (256 << 10)
#define TEMPLATES_MAX 64 /* templates of files of a host; partials do not count */

struct parsed {
	const char *name;
	const struct mustache_template *template;
};

struct render {
	struct arena arena;
	const struct topology *topology;
	const char *templates_dir; /* NULL: none */
	struct parsed parsed[TEMPLATES_MAX];
	size_t parsed_count;
	struct error read_error; /* why template_text() could not read a file */
	struct buf out;          /* the file that is being rendered */
};

/* The text of a template: the operator's, else the built-in one; NULL: none, or not readable. */
static const char *
template_text(void *arg, const char *name, size_t *len)
{
	struct render *render = arg;
	const struct resource *built_in =
	    resource_find(template_resources, template_resource_count, name);
	struct buf text = { .limit_bytes = TEMPLATE_BYTES_MAX };
	const char *path, *copy = NULL;
	struct stat info;

	if (render->templates_dir && !strchr(name, '/')) {
		path = arena_printf(&render->arena, "%s/%s", render->templates_dir, name);
		if (stat(path, &info) == 0) {
			if (file_read(path, &text, &render->read_error) == 0) {
				copy = arena_strndup(&render->arena, buf_str(&text), text.len);
				*len = text.len;
			}
			buf_free(&text);
			return copy;
		}
	}
	if (!built_in) {
		return NULL;
	}
	*len = built_in->len;
	return built_in->bytes;
}

static const struct mustache_template *
parsed_template(const struct render *render, const char *name)
{
	for (size_t i = 0; i < render->parsed_count; i++) {
		if (strcmp(render->parsed[i].name, name) == 0) {
			return render->parsed[i].template;
		}
	}
	return NULL;
}

static int
parse_files(struct render *render, const struct daemon_file *files, struct error *err)
{
	const struct mustache_names names = { context_resolve, template_text, render };

	for (; files->template_name; files++) {
		struct parsed *parsed = &render->parsed[render->parsed_count];
		const char *text;
		size_t len;

		if (parsed_template(render, files->template_name)) {
			continue;
		}
		if (render->parsed_count == TEMPLATES_MAX) {
			return error_set(err, "more than %d templates", TEMPLATES_MAX);
		}
		text = template_text(render, files->template_name, &len);
		if (!text) {
			return error_set(err, "template %s: %s", files->template_name,
			    render->read_error.text[0] ? render->read_error.text : "there is none");
		}
		parsed->name = files->template_name;
		parsed->template =
		    mustache_parse(&render->arena, files->template_name, text, len, &names, err);
		if (!parsed->template) {
			return -1;
		}
		render->parsed_count++;
	}
	return 0;
}

static int
parse_all(struct render *render, struct error *err)
{
	struct stat info;

	if (render->templates_dir &&
	    (stat(render->templates_dir, &info) < 0 || !S_ISDIR(info.st_mode))) {
		return error_set(err, "%s is not a folder of templates", render->templates_dir);
	}
	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (parse_files(render, daemon_drivers[i]->files, err) < 0) {
			return -1;
		}
	}
	for (const struct agent_service *service = agent_services; service->name; service++) {
		if (parse_files(render, service->files, err) < 0) {
			return -1;
		}
	}
	return parse_files(render, daemon_first_set_files, err) < 0 ||
		parse_files(render, daemon_first_set_good_files, err) < 0
	    ? -1
	    : parse_files(render, daemon_verify_files, err);
}

struct render *
render_new(const struct topology *topology, const char *templates_dir, struct error *err)
{
	struct render *render = calloc(1, sizeof(*render));

	if (!render) {
		abort();
	}
	render->topology = topology;
	render->templates_dir = templates_dir;
	render->out.limit_bytes = RENDERED_FILE_BYTES_MAX;
	if (parse_all(render, err) < 0) {
		render_free(render);
		return NULL;
	}
	return render;
}

void
render_free(struct render *render)
{
	if (render) {
		buf_free(&render->out);
		arena_free(&render->arena);
		free(render);
	}
}

static int
render_file(struct render *render, struct context *context, const struct daemon_file *file,
    struct arena *arena, struct file_entry *entry, struct error *err)
{
	const struct mustache_data data = { context_value, context };

	buf_reset(&render->out);
	if (mustache_render(parsed_template(render, file->template_name), MUSTACHE_LINE, &data,
		&render->out, err) < 0) {
		return -1;
	}
	*entry = (struct file_entry){
		.path = file->path,
		.content = arena_strndup(arena, buf_str(&render->out), render->out.len),
		.len = render->out.len,
		.mode = file->mode,
		.owner = file->owner,
		.group = file->group,
		.action = file->action,
		.idle = file->idle,
		.secret = file->secret,
	};
	return 0;
}

/* Render the files of @tables, a NULL-ended list. */
static int
render_files(struct render *render, struct context *context,
    const struct daemon_file *const *tables, struct arena *arena, struct file_set *set,
    struct error *err)
{
	struct file_set made = { NULL, 0 };
	size_t count = 0;
	int status = 0;

	for (size_t i = 0; tables[i]; i++) {
		for (size_t k = 0; tables[i][k].template_name; k++) {
			count++;
		}
	}
	made.list = arena_alloc(arena, count * sizeof(*made.list) + 1);
	for (size_t i = 0; tables[i]; i++) {
		for (size_t k = 0; tables[i][k].template_name && status == 0; k++) {
			status = render_file(
			    render, context, &tables[i][k], arena, &made.list[made.count++], err);
		}
	}
	arena_free(&context->scratch);
	if (status < 0) {
		return error_wrap(err, "host %s", context->host->name);
	}
	*set = made;
	return 0;
}

/* Refuse symmetric peering when @host or a sibling has a daemon without it: PEER001. */
static int
check_symmetric(const struct host *host, const struct daemon_driver *own, struct error *err)
{
	const struct tier *tier = host->tier;

	if (!tier || tier->peering != PEERING_SYMMETRIC) {
		return 0;
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host *server = tier->servers[i];
		const struct daemon_driver *driver =
		    server == host ? own : daemon_find(server->daemon);

		if (driver && !(driver->features & DAEMON_SYMMETRIC)) {
			return error_set(err,
			    "host %s: %s has no symmetric mode; write `peering: mesh` for tier %s",
			    server->name, driver->title, tier->name);
		}
	}
	return 0;
}

/* Refuse a hardware clock that the daemon cannot read: CLK001. */
static int
check_clocks(struct render *render, const struct host *host, const struct daemon_driver *driver,
    struct error *err)
{
	for (size_t i = 0; i < host->refclocks.count; i++) {
		const char *unfit =
		    refclock_unfit(&render->arena, &host->refclocks.list[i], driver);

		if (unfit) {
			return error_set(err, "host %s: the clock %s: %s %s", host->name,
			    host->refclocks.list[i].name, driver->title, unfit);
		}
	}
	return 0;
}

int
render_host(struct render *render, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	struct context context = { .topology = render->topology, .host = host, .driver = driver };
	const struct daemon_file *tables[5] = { driver->files };
	size_t count = 1;

	if (host_never_steps(host) && daemon_has_unit(driver)) {
		tables[count++] = daemon_first_set_files;
	}
	if (host_proves_by_nts(render->topology, host) && daemon_has_unit(driver)) {
		tables[count++] = daemon_first_set_good_files;
	}
	if (!host->released && topology_port_proof(render->topology, host) &&
	    daemon_has_unit(driver)) {
		tables[count++] = daemon_verify_files;
	}
	if (check_symmetric(host, driver, err) < 0 || check_clocks(render, host, driver, err) < 0) {
		return -1;
	}
	/* ntpd would take 0 as "no limit" */
	if (topology_limit_ns(render->topology, host) <= 0) {
		return error_set(err, "`restart: limit` must be more than 0");
	}
	return render_files(render, &context, tables, arena, set, err);
}

int
render_agent(struct render *render, const struct host *host, const struct agent_settings *settings,
    struct arena *arena, struct file_set *set, struct error *err)
{
	struct context context = {
		.topology = render->topology, .host = host, .settings = settings
	};
	const struct daemon_file *tables[] = { settings->service->files, NULL };

	return render_files(render, &context, tables, arena, set, err);
}
