#include "orchestrator/runs/site_files.h"

#include "common/file.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/cli/state.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM_BYTES_MAX (64u << 20)
#define INTERVAL_SERVER_NS (16 * NS_PER_S)
#define INTERVAL_CLIENT_NS (64 * NS_PER_S)
#define PROGRAM_INSTALLED "/usr/lib/timetier/timetier-agent"

static int
daemon_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct site_files *site = ctx;

	return render_host(site->render, host, driver, arena, set, err);
}

static int
agent_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct site_files *site = ctx;
	char token[TOKEN_BYTES];
	struct agent_settings settings = {
		.collectors = site->topology->collectors,
		.collector_count = site->topology->collector_count,
		.pin = site->identity.pin,
		.token = token,
		.daemon = driver ? driver->name : host->daemon,
		.interval_ns = host->role == HOST_SERVER ? INTERVAL_SERVER_NS : INTERVAL_CLIENT_NS,
	};

	identity_token(&site->identity, host->name, token);
	return render_agent(site->render, host, &settings, arena, set, err);
}

/* The agent's program: as told, or beside this one, or where a package puts it. */
static int
read_program(const char *told, struct buf *program, struct error *err)
{
	static const char *const names[] = { "timetier-agent-deb11", "timetier-agent" };
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	program->limit_bytes = PROGRAM_BYTES_MAX;
	if (told) {
		return file_read(told, program, err);
	}
	self[len > 0 ? len : 0] = '\0';
	if (strrchr(self, '/')) {
		*strrchr(self, '/') = '\0';
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", self, names[i]);
		if (access(path, R_OK) == 0) {
			return file_read(path, program, err);
		}
	}
	if (access(PROGRAM_INSTALLED, R_OK) == 0) {
		return file_read(PROGRAM_INSTALLED, program, err);
	}
	return error_set(err,
	    "there is no timetier-agent beside this program; name it by --agent FILE, or go on "
	    "without by --no-agent");
}

static int
open_agent(struct site_files *site, const struct rollout_options *options, struct error *err)
{
	char folder[PATH_MAX];

	if (site->topology->collector_count == 0) {
		return error_set(err,
		    "%s names no collectors, so agents would report to nobody: add `collectors: "
		    "[https://ADDRESS:8123]`, or go on without agents by --no-agent",
		    site_file(&options->common));
	}
	if (state_folder(options->state, site_file(&options->common), folder, err) ||
	    identity_open(folder, &site->identity, err)) {
		return -1;
	}
	site->has_identity = true;
	return read_program(options->agent, &site->program, err);
}

int
site_files_open(struct site_files *site, const struct rollout_options *options,
    struct job_files *files, struct error *err)
{
	site->render = render_new(site->topology, options->templates, err);
	if (!site->render || (site->agent && open_agent(site, options, err))) {
		return -1;
	}
	/* a host whose clock is set at boot needs the program all the same; the plan says so */
	if (!site->agent && site->daemon && read_program(options->agent, &site->program, err) &&
	    options->agent) {
		return -1;
	}
	*files = (struct job_files){ .daemon = site->daemon ? daemon_files : NULL,
		.agent = site->agent ? agent_files : NULL,
		.ctx = site,
		.program = site->program.data,
		.program_len = site->program.len };
	return 0;
}

void
site_files_done(struct site_files *site)
{
	render_free(site->render);
	if (site->has_identity) {
		identity_done(&site->identity);
	}
	buf_free(&site->program);
	*site = (struct site_files){ .render = NULL };
}
