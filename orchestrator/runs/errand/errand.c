#include "orchestrator/runs/errand/errand.h"

#include "common/nearest.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/runs/password.h"
#include "orchestrator/runs/site_files.h"
#include "orchestrator/ssh/auto/auto.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A host that stands nowhere in site.yaml, and the texts that it is made of. */
struct stranger {
	struct arena arena;
	struct host host;
	struct address address;
};

/* "user@host", "user@host:port", "user@[address]:port". */
static int
parse_stranger(
    const char *from, const struct ssh_target *usual, struct stranger *stranger, struct error *err)
{
	char *text = arena_strdup(&stranger->arena, from), *at = strchr(text, '@'), *host = at + 1;
	char *end = host + strlen(host), *colon = strrchr(host, ':');
	unsigned long port = 0;

	*at = '\0';
	if (*host == '[' && strchr(host, ']')) {
		end = strchr(host++, ']');
		colon = end[1] == ':' ? end + 1 : NULL;
		*end = '\0';
	} else if (colon && strchr(host, ':') != colon) {
		colon = NULL; /* an IPv6 address without brackets */
	}
	if (colon) {
		port = strtoul(colon + 1, &end, 10);
		if (*end || port == 0 || port > 65535) {
			return error_set(
			    err, "\"%.100s\": the port is a number from 1 to 65535", from);
		}
		*colon = '\0';
	}
	if (!*text || !*host || text[0] == '-' || host[0] == '-' ||
	    strpbrk(host, " \t\n/'\"\\$`;&|<>") || strpbrk(text, " \t\n/'\"\\$`;&|<>")) {
		return error_set(err, "\"%.100s\" is not user@host or user@host:port", from);
	}
	stranger->address = (struct address){ .text = host };
	ip_parse(host, &stranger->address.ip);
	stranger->host = (struct host){ .name = host,
		.role = HOST_CLIENT,
		.addresses = { &stranger->address, 1 },
		.daemon = "auto",
		.ssh = *usual };
	stranger->host.ssh.user = text;
	stranger->host.ssh.host = host;
	stranger->host.ssh.port = (unsigned)port;
	stranger->host.ssh.sudo = false;
	return 0;
}

static const struct host *
find_host(
    const struct topology *topology, const char *from, struct stranger *stranger, struct error *err)
{
	const struct host *host = topology_host(topology, from);
	struct nearest nearest = { .word = from };

	if (host && host_unmanaged(host)) {
		error_set(err, "%s is not managed (`manage: false`): nobody logs in there", from);
		return NULL;
	}
	if (host) {
		return host;
	}
	if (strchr(from, '@')) {
		return parse_stranger(from, &topology->ssh, stranger, err) < 0 ? NULL
									       : &stranger->host;
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		nearest_offer(&nearest, topology->hosts[i].name);
	}
	error_set(err,
	    "no host is called \"%.100s\"%s%s%s; of a machine outside the site: user@host", from,
	    nearest.best ? "; did you mean " : "", nearest.best ? nearest.best : "",
	    nearest.best ? "?" : "");
	return NULL;
}

/* Whether the host of the site is also called so: by an address, or by what ssh dials. */
static bool
is_called(const struct host *host, const char *text)
{
	bool called =
	    strcmp(host->name, text) == 0 || (host->ssh.host && strcmp(host->ssh.host, text) == 0);

	for (size_t i = 0; i < host->addresses.count; i++) {
		called |= strcmp(host->addresses.list[i].text, text) == 0;
	}
	return called;
}

int
errand_machine(const struct topology *topology, const char *from, char name[ERRAND_NAME_BYTES],
    struct error *err)
{
	struct stranger stranger = { .host = { .name = NULL } };
	const struct host *host = find_host(topology, from, &stranger, err);
	int status = host ? 0 : -1;

	for (size_t i = 0; host == &stranger.host && i < topology->host_count; i++) {
		if (is_called(&topology->hosts[i], stranger.host.name)) {
			host = &topology->hosts[i];
		}
	}
	if (status == 0) {
		snprintf(name, ERRAND_NAME_BYTES, "%s", host->name);
	}
	arena_free(&stranger.arena);
	return status;
}

struct errand_work {
	uv_loop_t loop;
	uv_timer_t timer;
	const struct errand_request *request;
	struct transport *transport;
	struct password *password;
	struct progress progress;
	struct site_programs programs; /* the agent's, for who has none; may be none */
};

static void
tell_progress(void *ctx, const struct rollout_host *host)
{
	struct errand_work *work = ctx;

	progress_host(&work->progress, host);
}

static int
take_result(const struct topology *topology, const struct rollout_host *host, struct buf *said,
    struct error *err)
{
	bool ours = topology_host(topology, host->host->name) == host->host;

	if (host->outcome != HOST_DONE && host->remedy && !ours && !host->program) {
		return error_set(err,
		    "host %s: %s: %s; copy a `timetier-agent` that runs there, which is one file, "
		    "to " AGENT_BINARY,
		    host->host->name, host->where ? host->where : "?", host->err.text);
	}
	if (host->outcome != HOST_DONE) {
		error_set(err, "host %s: %s: %s%s%s", host->host->name,
		    host->where ? host->where : "?", host->err.text, host->remedy ? "; " : "",
		    host->remedy ? host->remedy : "");
		return host->step <= HOST_STEP_CONNECT ? ERRAND_UNREACHED : -1;
	}
	buf_add(said, host->said, host->said_len);
	return 0;
}

static void
on_timer(uv_timer_t *timer)
{
	const struct errand_work *work = timer->data;

	work->request->beside(work->request->ctx);
}

static int
run_on(const struct errand_request *request, const struct host *const *hosts,
    struct errand_work *work, struct buf *said, struct error *err)
{
	struct rollout_request asked = { .kind = ROLLOUT_ERRAND,
		.loop = &work->loop,
		.transport = work->transport,
		.sudo = password_sudo(work->password),
		.topology = request->topology,
		.hosts = hosts,
		.host_count = request->count,
		.parallel = ERRAND_HOSTS_MAX,
		.errand = request->errand,
		.programs = &work->programs.list,
		.holder = "timetier",
		.ctx = work,
		.progress = tell_progress };
	struct rollout *rollout = rollout_new(&asked);
	const struct rollout_host *done;
	size_t count;
	int status = 0;

	progress_start(&work->progress, request->options->common.quiet, request->count);
	work->timer.data = work;
	if (request->beside) {
		uv_timer_start(&work->timer, on_timer, request->beside_ms, request->beside_ms);
		uv_unref((uv_handle_t *)&work->timer);
	}
	rollout_plan(rollout);
	progress_end(&work->progress);
	done = rollout_hosts(rollout, &count);
	for (size_t i = 0; i < count && status == 0; i++) {
		for (size_t k = 0; k < count; k++) {
			if (done[k].host == hosts[i]) {
				status = take_result(request->topology, &done[k], &said[i], err);
			}
		}
	}
	rollout_free(rollout);
	return status;
}

static int
run_all(const struct errand_request *request, const struct host *const *hosts, struct buf *said,
    struct error *err)
{
	const struct rollout_options *options = request->options;
	struct ssh_options ssh = { .known_hosts = options->known_hosts,
		.accept_new = options->accept_new };
	struct errand_work work = { .request = request };
	struct error none;
	int status = -1;

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&work.loop);
	uv_timer_init(&work.loop, &work.timer);
	if (site_programs_read(&work.programs, NULL, &none) < 0) {
		work.programs.list.count = 0; /* hosts that have the agent do without */
	}
	work.password = password_new(&work.loop, options->sudo_password_file, &work.progress, err);
	if (work.password && auto_transport_new(&work.loop, &ssh, &work.transport, err) == 0) {
		status = run_on(request, hosts, &work, said, err);
	}
	password_close(work.password);
	uv_close((uv_handle_t *)&work.timer, NULL);
	uv_run(&work.loop, UV_RUN_DEFAULT);
	uv_loop_close(&work.loop);
	auto_transport_free(work.transport);
	password_free(work.password);
	site_programs_done(&work.programs);
	return status;
}

int
errand_run(const struct errand_request *request, struct buf *said, struct error *err)
{
	struct stranger strangers[ERRAND_HOSTS_MAX] = { { .host = { .name = NULL } } };
	const struct host *hosts[ERRAND_HOSTS_MAX] = { NULL };
	int status = 0;

	for (size_t i = 0; i < request->count && status == 0; i++) {
		hosts[i] = find_host(request->topology, request->from[i], &strangers[i], err);
		status = hosts[i] ? 0 : -1;
	}
	if (status == 0) {
		status = run_all(request, hosts, said, err);
	}
	for (size_t i = 0; i < ERRAND_HOSTS_MAX; i++) {
		arena_free(&strangers[i].arena);
	}
	return status;
}
