#include "orchestrator/runs/site_files.h"

#include "common/file.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/cli/state.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM_BYTES_MAX (64u << 20)
#define INTERVAL_SERVER_NS (16 * NS_PER_S)
#define INTERVAL_CLIENT_NS (64 * NS_PER_S)
#define FOLDER_INSTALLED "/usr/lib/timetier"
#define PROGRAM_NAMES "timetier-agent*"

static int
daemon_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct site_files *site = ctx;

	return render_host(site->render, host, driver, arena, set, err);
}

/* The daemon of the host; where only the agent is looked after, the one that it has; NULL: none. */
static const struct daemon_driver *
driver_of(const struct rollout_host *at)
{
	unsigned features = at->host->role == HOST_SERVER ? DAEMON_SERVES : 0;
	struct error unfit;

	return at->driver ? at->driver
			  : facts_driver(&at->facts, at->host->daemon, features, &unfit);
}

static int
agent_files(void *ctx, const struct rollout_host *at, struct arena *arena, struct file_set *set,
    struct error *err)
{
	const struct site_files *site = ctx;
	const struct host *host = at->host;
	const struct daemon_driver *driver = driver_of(at);
	char token[TOKEN_BYTES];
	struct agent_settings settings = {
		.service = facts_agent_service(&at->facts),
		.collectors = site->topology->collectors,
		.collector_count = site->topology->collector_count,
		.pin = site->identity.pin,
		.token = token,
		.daemon = driver ? driver->name : host->daemon,
		/* Debian's are named for every host; see the template */
		.unit = driver && driver->family != daemon_drivers[0]->family ? driver->unit : NULL,
		.measures = driver && driver->features & DAEMON_ANSWERS_ROOT,
		.interval_ns = host->role == HOST_SERVER ? INTERVAL_SERVER_NS : INTERVAL_CLIENT_NS,
	};

	identity_token(&site->identity, host->name, token);
	return render_agent(site->render, host, &settings, arena, set, err);
}

static int
add_program(struct site_programs *programs, const char *path, struct error *err)
{
	struct buf *program = &programs->texts[programs->list.count];

	if (programs->list.count == AGENT_PROGRAMS_MAX) {
		return error_set(err, "%s: there are more than %d programs of the agent", path,
		    AGENT_PROGRAMS_MAX);
	}
	program->limit_bytes = PROGRAM_BYTES_MAX;
	return file_read(path, program, err) < 0
	    ? -1
	    : agent_programs_add(&programs->list, arena_strdup(&programs->arena, path),
		  buf_str(program), program->len, err);
}

/*
 * Add what is in a folder: timetier-agent, and timetier-agent-NAME, which is the same for hosts of
 * another kind.
 */
static int
add_programs_in(struct site_programs *programs, const char *folder, struct error *err)
{
	char pattern[PATH_MAX + 32];
	glob_t found = { .gl_pathc = 0 };
	int status = 0;

	snprintf(pattern, sizeof(pattern), "%s/" PROGRAM_NAMES, folder);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && status == 0; i++) {
			const char *rest = file_name(found.gl_pathv[i]) + strlen(PROGRAM_NAMES) - 1;

			if (access(found.gl_pathv[i], R_OK) == 0 &&
			    (!*rest || (*rest == '-' && !strchr(rest, '.')))) {
				status = add_program(programs, found.gl_pathv[i], err);
			}
		}
		globfree(&found);
	}
	return status;
}

int
site_programs_read(struct site_programs *programs, const char *told, struct error *err)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (told) {
		return add_program(programs, told, err);
	}
	self[len > 0 ? len : 0] = '\0';
	if (strrchr(self, '/')) {
		*strrchr(self, '/') = '\0';
	}
	if (add_programs_in(programs, self, err) ||
	    (programs->list.count == 0 && add_programs_in(programs, FOLDER_INSTALLED, err))) {
		return -1;
	}
	if (programs->list.count > 0) {
		return 0;
	}
	return error_set(err,
	    "there is no timetier-agent beside this program; name it by --agent FILE, or go on "
	    "without by --no-agent");
}

void
site_programs_done(struct site_programs *programs)
{
	for (size_t i = 0; i < AGENT_PROGRAMS_MAX; i++) {
		buf_free(&programs->texts[i]);
	}
	arena_free(&programs->arena);
}

/*
 * An identity that was lost is not made anew without the operator's word: the agents that were
 * installed would not know it.
 */
static int
refuse_loss(struct site_files *site, const char *folder, bool new_identity, struct error *err)
{
	char history[PATH_MAX + 16];
	enum identity_found found;
	int64_t agents = 0;

	snprintf(history, sizeof(history), "%s/history.db", folder);
	if (identity_find(folder, &found, err)) {
		return -1;
	}
	if (found == IDENTITY_WHOLE || (found == IDENTITY_NONE && new_identity)) {
		return 0;
	}
	if (new_identity) {
		return identity_set_aside(folder, err);
	}
	if (site->journal && journal_gave(site->journal, AGENT_CONFIG, &agents, err)) {
		return -1;
	}
	site->identity_lost = found == IDENTITY_PART || agents > 0 || access(history, F_OK) == 0;
	if (found == IDENTITY_NONE && site->identity_lost) {
		return error_set(err,
		    "%s has %s, and no identity of the collector any more: bring back its files "
		    "collector.key, collector.crt and secret from a backup; if there is none, "
		    "--new-identity makes another identity and gives it to every agent",
		    folder,
		    agents > 0 ? "a journal of agents that were installed"
			       : "the history of a collector");
	}
	return 0; /* of a part, identity_open() says which file is missing */
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
	    refuse_loss(site, folder, options->new_identity, err) ||
	    identity_open(folder, &site->identity, err)) {
		return -1;
	}
	site->has_identity = true;
	return site_programs_read(&site->programs, options->agent, err);
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
	if (!site->agent && site->daemon &&
	    site_programs_read(&site->programs, options->agent, err) && options->agent) {
		return -1;
	}
	*files = (struct job_files){ .daemon = site->daemon ? daemon_files : NULL,
		.agent = site->agent ? agent_files : NULL,
		.ctx = site,
		.programs = &site->programs.list };
	return 0;
}

void
site_files_done(struct site_files *site)
{
	render_free(site->render);
	if (site->has_identity) {
		identity_done(&site->identity);
	}
	site_programs_done(&site->programs);
	*site = (struct site_files){ .render = NULL };
}
