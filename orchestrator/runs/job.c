#include "orchestrator/runs/job.h"

#include "common/file.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/ssh/auto/auto.h"

#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM_BYTES_MAX (64u << 20)
#define INTERVAL_SERVER_NS (16 * NS_PER_S)
#define INTERVAL_CLIENT_NS (64 * NS_PER_S)
#define PROGRAM_INSTALLED "/usr/lib/timetier/timetier-agent"

static int
complain(const struct rollout_job *job, const struct error *err)
{
	fprintf(stderr, "timetier %s: %s\n", job->command, err->text);
	return -1;
}

/* A design with errors is not put on hosts; what is on them is restarted as it is. */
static int
load(struct rollout_job *job, bool lint)
{
	struct diags diags = { 0 };
	bool sound;

	if (!site_load(&job->options->common, &job->topology)) {
		return -1;
	}
	if (!lint) {
		return 0;
	}
	lint_run(&job->topology, &diags);
	sound = diags.errors == 0;
	if (!sound) {
		diags_sort(&diags);
		diags_print(&diags, stderr, use_colour(STDERR_FILENO));
		fprintf(
		    stderr, "timetier %s: a design with errors is not rolled out\n", job->command);
	}
	diags_free(&diags);
	return sound ? 0 : -1;
}

static int
render_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct rollout_job *job = ctx;

	return render_host(job->render, host, driver, arena, set, err);
}

static int
render_agent_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	const struct rollout_job *job = ctx;
	char token[TOKEN_BYTES];
	struct agent_settings settings = {
		.collectors = job->topology.collectors,
		.collector_count = job->topology.collector_count,
		.pin = job->identity.pin,
		.token = token,
		.daemon = driver ? driver->name : host->daemon,
		.interval_ns = host->role == HOST_SERVER ? INTERVAL_SERVER_NS : INTERVAL_CLIENT_NS,
	};

	identity_token(&job->identity, host->name, token);
	return render_agent(job->render, host, &settings, arena, set, err);
}

/* The agent's program: as told, or beside this one, or where a package puts it. */
static int
read_program(struct rollout_job *job, struct error *err)
{
	static const char *const names[] = { "timetier-agent-deb11", "timetier-agent" };
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	job->program.limit_bytes = PROGRAM_BYTES_MAX;
	if (job->options->agent) {
		return file_read(job->options->agent, &job->program, err);
	}
	self[len > 0 ? len : 0] = '\0';
	if (strrchr(self, '/')) {
		*strrchr(self, '/') = '\0';
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", self, names[i]);
		if (access(path, R_OK) == 0) {
			return file_read(path, &job->program, err);
		}
	}
	if (access(PROGRAM_INSTALLED, R_OK) == 0) {
		return file_read(PROGRAM_INSTALLED, &job->program, err);
	}
	return error_set(err,
	    "there is no timetier-agent beside this program; name it by --agent FILE, or go on "
	    "without by --no-agent");
}

static int
prepare_agent(struct rollout_job *job, struct error *err)
{
	char folder[PATH_MAX];

	if (job->topology.collector_count == 0) {
		return error_set(err,
		    "%s names no collectors, so agents would report to nobody: add `collectors: "
		    "[https://ADDRESS:8123]`, or go on without agents by --no-agent",
		    site_file(&job->options->common));
	}
	if (state_folder(job->options->state, site_file(&job->options->common), folder, err) ||
	    identity_open(folder, &job->identity, err)) {
		return -1;
	}
	job->has_identity = true;
	return read_program(job, err);
}

static void
name_holder(struct rollout_job *job)
{
	const struct passwd *user = getpwuid(getuid());
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	snprintf(job->holder, sizeof(job->holder), "%s@%s", user ? user->pw_name : "?", host);
}

static void
tell_progress(void *ctx, const struct rollout_host *host)
{
	struct rollout_job *job = ctx;

	progress_host(&job->progress, host);
	run_record_moved(&job->record, host);
}

static int
begin_host(void *ctx, const struct rollout_host *host, struct error *err)
{
	struct rollout_job *job = ctx;

	return run_record_begun(&job->record, host, err);
}

static bool
is_forced(void *ctx, const struct host *host)
{
	const struct rollout_job *job = ctx;

	for (const char *const *name = job->options->force; *name; name++) {
		if (strcmp(*name, host->name) == 0) {
			return true;
		}
	}
	return false;
}

static void
make_rollout(struct rollout_job *job)
{
	unsigned parts = job->parts;
	struct rollout_request request = {
		.kind = parts & JOB_RESTART ? ROLLOUT_RESTART
		    : parts & JOB_REFRESH   ? ROLLOUT_REFRESH
		    : parts & JOB_UNLOCK    ? ROLLOUT_UNLOCK
					    : ROLLOUT_FILES,
		.loop = &job->loop,
		.transport = job->transport,
		.sudo = password_sudo(job->password),
		.topology = &job->topology,
		.hosts = job->hosts,
		.host_count = job->host_count,
		.parallel = rollout_parallel(job->options),
		.ctx = job,
		.files = !(parts & JOB_DAEMON) ? NULL
		    : job->choose              ? job->files
					       : render_files,
		.agent_files = !(parts & JOB_AGENT) ? NULL
		    : job->choose                   ? job->agent_files
						    : render_agent_files,
		.remove_agent = parts & JOB_REMOVE_AGENT,
		.agent_program = job->program.data,
		.agent_program_len = job->program.len,
		.disable_rivals = job->options->disable_rivals,
		.asks_access = true,
		.trust_sources = job->options->trust_sources,
		.forced = job->choose ? NULL : is_forced,
		.force_unlock = job->options->force_unlock,
		.holder = job->holder,
		.run = job->record.run.mark,
		.begun = begin_host,
		.progress = tell_progress,
	};

	job->rollout = rollout_new(&request);
	progress_start(&job->progress, job->options->common.quiet, job->host_count);
}

/* The journal: for this run, or for what only looks, that of runs whose end nobody saw. */
static int
open_record(struct rollout_job *job, struct error *err)
{
	char folder[PATH_MAX];

	name_holder(job);
	if (state_folder(job->options->state, site_file(&job->options->common), folder, err)) {
		return -1;
	}
	if (job->parts & JOB_LOOK) {
		if (run_record_open_to_look(&job->record, folder, err) < 0) {
			fprintf(stderr, "timetier %s: warning: %s\n", job->command, err->text);
		}
		return 0;
	}
	return run_record_open(&job->record, folder, job->command, job->holder, err);
}

static int
begin_record(struct rollout_job *job, int argc, char **argv, struct error *err)
{
	struct run_record *record = &job->record;
	struct buf text = { .limit_bytes = 4096 };
	struct run_words words = {
		.kind = job->command,
		.who = job->holder,
		.options = resume_options(job->options),
		.site = job->topology.site,
		.site_file = job->topology.file,
		.of_run = job->of_run,
	};
	int status;

	if (job->parts & JOB_LOOK) {
		return 0;
	}
	for (int i = 0; i < argc; i++) {
		buf_printf(&text, "%s%s", i ? " " : "", argv[i]);
	}
	words.words = job->options->resume ? "--resume" : buf_str(&text);
	record->agent_program = job->program.data;
	record->agent_program_len = job->program.len;
	record->removes_agent = job->parts & JOB_REMOVE_AGENT;
	status = run_record_begin(record, &words, err);
	buf_free(&text);
	return status;
}

/* A run that goes on is about the hosts of the earlier one, one that goes back about those of that.
 */
static int
choose(struct rollout_job *job, struct site_choice *choice, struct error *err)
{
	if (job->choose) {
		return job->choose(job, choice, err);
	}
	if (!job->options->resume) {
		return 0;
	}
	if (choice->word_count > 0 || job->options->limit[0]) {
		return error_set(err, "--resume is about the hosts of the earlier run: name none");
	}
	if (resume_find(&job->resume, &job->record, job->command, job->options, err) < 0) {
		return -1;
	}
	job->options = &job->resume.options;
	job->of_run = job->resume.run.id;
	choice->words = job->resume.names;
	choice->word_count = job->resume.name_count;
	return 0;
}

static int
prepare_files(struct rollout_job *job, struct error *err)
{
	job->render = render_new(&job->topology, job->options->templates, err);
	if (!job->render || (job->parts & JOB_AGENT && prepare_agent(job, err))) {
		return -1;
	}
	/* a host whose clock is set at boot needs the program all the same; the plan says so */
	if (!(job->parts & JOB_AGENT) && job->parts & JOB_DAEMON && read_program(job, err) &&
	    job->options->agent) {
		return -1;
	}
	return 0;
}

/* What hosts should have, and by what they are asked. */
static int
prepare(struct rollout_job *job, struct error *err)
{
	struct ssh_options ssh = { .known_hosts = job->options->known_hosts,
		.accept_new = job->options->accept_new };

	if (!job->choose && prepare_files(job, err)) {
		return -1;
	}
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&job->loop);
	job->has_loop = true;
	uv_signal_init(&job->loop, &job->interrupt);
	uv_unref((uv_handle_t *)&job->interrupt);
	job->password =
	    password_new(&job->loop, job->options->sudo_password_file, &job->progress, err);
	return job->password ? auto_transport_new(&job->loop, &ssh, &job->transport, err) : -1;
}

int
rollout_job_start(struct rollout_job *job, unsigned parts, int argc, char **argv)
{
	struct site_choice choice = { argv, argc, job->options->limit };
	struct error err;

	job->parts = parts;
	if (load(job, !(parts & (JOB_RESTART | JOB_REFRESH | JOB_UNLOCK)) && !job->choose)) {
		return -1;
	}
	if (open_record(job, &err) || choose(job, &choice, &err)) {
		return complain(job, &err);
	}
	if (job->options->no_agent) {
		job->parts &= ~(unsigned)JOB_AGENT;
	}
	if (site_hosts(&job->topology, &choice, &job->hosts, &job->host_count, &err) ||
	    prepare(job, &err) || begin_record(job, argc, argv, &err)) {
		return complain(job, &err);
	}
	make_rollout(job);
	return 0;
}

void
rollout_job_done(struct rollout_job *job)
{
	progress_end(&job->progress);
	rollout_free(job->rollout);
	password_close(job->password);
	if (job->has_loop) {
		uv_close((uv_handle_t *)&job->interrupt, NULL);
		uv_run(&job->loop, UV_RUN_DEFAULT);
		uv_loop_close(&job->loop);
	}
	run_record_done(&job->record);
	resume_done(&job->resume);
	auto_transport_free(job->transport);
	password_free(job->password);
	render_free(job->render);
	if (job->has_identity) {
		identity_done(&job->identity);
	}
	buf_free(&job->program);
	topology_free(&job->topology);
}

void
rollout_job_forget_plan(struct rollout_job *job)
{
	progress_end(&job->progress);
	rollout_free(job->rollout);
	make_rollout(job);
}
