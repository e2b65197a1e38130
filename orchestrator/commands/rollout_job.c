#include "orchestrator/commands/rollout_job.h"

#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "orchestrator/commands/rollout_result.h"
#include "orchestrator/commands/rollout_show.h"
#include "orchestrator/commands/state.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/ssh/auto.h"

#define PARALLEL 32
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
make_rollout(struct rollout_job *job, unsigned parts, const struct host **hosts, size_t count)
{
	struct rollout_request request = {
		.kind = parts & JOB_RESTART ? ROLLOUT_RESTART
		    : parts & JOB_REFRESH   ? ROLLOUT_REFRESH
					    : ROLLOUT_FILES,
		.loop = &job->loop,
		.transport = job->transport,
		.topology = &job->topology,
		.hosts = hosts,
		.host_count = count,
		.parallel = job->options->parallel ? job->options->parallel : PARALLEL,
		.ctx = job,
		.files = parts & JOB_DAEMON ? render_files : NULL,
		.agent_files = parts & JOB_AGENT ? render_agent_files : NULL,
		.remove_agent = parts & JOB_REMOVE_AGENT,
		.agent_program = job->program.data,
		.agent_program_len = job->program.len,
		.disable_rivals = job->options->disable_rivals,
		.asks_access = true,
		.trust_sources = job->options->trust_sources,
		.forced = is_forced,
		.holder = job->holder,
		.run = job->record.run.mark,
		.begun = begin_host,
		.progress = tell_progress,
	};

	job->rollout = rollout_new(&request);
	progress_start(&job->progress, job->options->common.quiet, count);
}

/* The journal: this run's, or for what only looks, that of runs whose end nobody saw. */
static int
start_record(struct rollout_job *job, unsigned parts, struct error *err)
{
	struct run_record *record = &job->record;
	struct run_words words = {
		.kind = job->command,
		.who = job->holder,
		.words = "",
		.options = "",
		.site = job->topology.site,
		.site_file = job->topology.file,
	};
	char folder[PATH_MAX];

	record->agent_program = job->program.data;
	record->agent_program_len = job->program.len;
	record->removes_agent = parts & JOB_REMOVE_AGENT;
	if (state_folder(job->options->state, site_file(&job->options->common), folder, err)) {
		return -1;
	}
	if (parts & JOB_LOOK) {
		run_record_open_to_look(record, folder);
		return 0;
	}
	if (run_record_open(record, folder, job->command, job->holder, err)) {
		return -1;
	}
	return run_record_begin(record, &words, err);
}

int
rollout_job_start(struct rollout_job *job, unsigned parts, int argc, char **argv)
{
	struct ssh_options ssh = { .known_hosts = job->options->known_hosts,
		.accept_new = job->options->accept_new };
	struct site_choice choice = { argv, argc, job->options->limit };
	const struct host **hosts;
	struct error err;
	size_t count;

	if (job->options->no_agent) {
		parts &= ~(unsigned)JOB_AGENT;
	}
	if (load(job, !(parts & (JOB_RESTART | JOB_REFRESH)))) {
		return -1;
	}
	if (site_hosts(&job->topology, &choice, &hosts, &count, &err)) {
		return complain(job, &err);
	}
	job->render = render_new(&job->topology, job->options->templates, &err);
	if (!job->render || (parts & JOB_AGENT && prepare_agent(job, &err))) {
		return complain(job, &err);
	}
	/* a host whose clock is set at boot needs the program all the same; the plan says so */
	if (!(parts & JOB_AGENT) && parts & JOB_DAEMON && read_program(job, &err) &&
	    job->options->agent) {
		return complain(job, &err);
	}
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&job->loop);
	job->has_loop = true;
	uv_signal_init(&job->loop, &job->interrupt);
	uv_unref((uv_handle_t *)&job->interrupt);
	if (auto_transport_new(&job->loop, &ssh, &job->transport, &err)) {
		return complain(job, &err);
	}
	name_holder(job);
	if (start_record(job, parts, &err)) {
		return complain(job, &err);
	}
	make_rollout(job, parts, hosts, count);
	return 0;
}

void
rollout_job_done(struct rollout_job *job)
{
	progress_end(&job->progress);
	rollout_free(job->rollout);
	if (job->has_loop) {
		uv_close((uv_handle_t *)&job->interrupt, NULL);
		uv_run(&job->loop, UV_RUN_DEFAULT);
		uv_loop_close(&job->loop);
	}
	run_record_done(&job->record);
	auto_transport_free(job->transport);
	render_free(job->render);
	if (job->has_identity) {
		identity_done(&job->identity);
	}
	buf_free(&job->program);
	topology_free(&job->topology);
}

static bool
has_failed(const struct rollout_host *host)
{
	switch (host->outcome) {
	case HOST_FAILED:
	case HOST_REFUSED:
	case HOST_UNWELL:
	case HOST_PUT_BACK:
	case HOST_LOST:
	case HOST_STUCK:
		return true;
	case HOST_OPEN:
	case HOST_UNCHANGED:
	case HOST_CHANGES:
	case HOST_DONE:
		break;
	}
	return false;
}

size_t
rollout_job_print_failures(const struct rollout_job *job)
{
	size_t count, failed = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];

		if (has_failed(host)) {
			fprintf(stderr, "timetier %s: host %s: %s: %s%s\n", job->command,
			    host->host->name, host->where ? host->where : "?", host->err.text,
			    host->outcome == HOST_PUT_BACK ? "; it was put back as it was" : "");
			if (host->remedy) {
				fprintf(stderr, "  remedy: %s\n", host->remedy);
			}
			failed++;
		}
	}
	return failed;
}

void
rollout_job_show(const struct rollout_job *job, struct json_t *json)
{
	char words[ROLLOUT_RESULT_BYTES];
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	if (json) {
		command_print_json(json);
	} else {
		rollout_show_outcome(job->rollout, use_colour(STDOUT_FILENO));
	}
	fflush(stdout);
	rollout_job_print_failures(job);
	if (rollout_result(hosts, count) != RESULT_DONE) {
		fprintf(stderr, "timetier %s: %s\n", job->command,
		    rollout_result_words(hosts, count, words));
	}
}

static void
on_interrupt(uv_signal_t *handle, int number)
{
	struct rollout_job *job = handle->data;

	job->interrupted = true;
	fprintf(stderr, "timetier %s: hosts at work are finished, others are not begun\n",
	    job->command);
	rollout_stop(job->rollout);
	uv_signal_stop(handle);
	signal(number, SIG_DFL); /* the second one ends us; hosts then put back by themselves */
}

void
rollout_job_plan(struct rollout_job *job)
{
	rollout_plan(job->rollout);
}

static int
exit_status(const struct rollout_job *job)
{
	size_t count, back = 0, refused = 0, bad = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		back += hosts[i].outcome == HOST_PUT_BACK || hosts[i].outcome == HOST_UNWELL ||
		    hosts[i].stepped_ns != 0;
		refused += hosts[i].outcome == HOST_REFUSED;
		bad += has_failed(&hosts[i]) || hosts[i].skipped;
	}
	if (back > 0) {
		return EXIT_ROLLED_BACK;
	}
	if (refused > 0) {
		return EXIT_REFUSED;
	}
	return bad > 0 ? EXIT_FINDINGS : EXIT_OK;
}

int
rollout_job_apply(struct rollout_job *job)
{
	struct error err;
	int status;

	if (run_record_planned(&job->record, job->rollout, &err)) {
		complain(job, &err);
		return EXIT_FINDINGS;
	}
	job->interrupt.data = job;
	uv_signal_start(&job->interrupt, on_interrupt, SIGINT);
	rollout_apply(job->rollout);
	uv_signal_stop(&job->interrupt);
	progress_end(&job->progress);
	status = exit_status(job);
	run_record_end(&job->record, status);
	if (job->record.err.text[0]) {
		complain(job, &job->record.err);
	}
	return status;
}

static void
on_enough(uv_signal_t *handle, int number)
{
	struct rollout_job *job = handle->data;

	job->interrupted = true;
	uv_signal_stop(handle);
	signal(number, SIG_DFL);
	uv_stop(&job->loop);
}

static void
on_pause(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, NULL);
}

bool
rollout_job_pause(struct rollout_job *job, uint64_t ms)
{
	uv_timer_t timer;

	job->interrupt.data = job;
	uv_signal_start(&job->interrupt, on_enough, SIGINT);
	uv_timer_init(&job->loop, &timer);
	uv_update_time(&job->loop);
	uv_timer_start(&timer, on_pause, ms, 0);
	while (!job->interrupted && uv_is_active((uv_handle_t *)&timer)) {
		uv_run(&job->loop, UV_RUN_ONCE);
	}
	if (!uv_is_closing((uv_handle_t *)&timer)) {
		uv_close((uv_handle_t *)&timer, NULL);
	}
	uv_run(&job->loop, UV_RUN_NOWAIT);
	uv_signal_stop(&job->interrupt);
	return !job->interrupted;
}
