/* push: the job of the push bench by the transport that a rollout uses (words: job.h). */
#include <sys/resource.h>

#include "orchestrator/ssh/libssh2/ssh.h"
#include "tests/bench/job.h"

struct visit {
	const char *address;
	struct link *link;
};

static struct job job;
static uv_loop_t loop;
static struct transport *transport;
static struct visit *visits;
static size_t next, at_work, failed;

static void begin_next(void);

static void
end(struct visit *visit, const char *why)
{
	if (why) {
		fprintf(stderr, "push: %s: %s\n", visit->address, why);
		failed++;
	}
	transport->close(visit->link);
	at_work--;
	begin_next();
}

static void
on_opened(void *ctx)
{
	struct visit *visit = ctx;
	char command[512];

	if (job.login_only) {
		end(visit, NULL);
		return;
	}
	job_command(&job, visit->address, command, sizeof(command));
	transport->run(visit->link, command, 60 * NS_PER_S);
	transport->write(visit->link, job.file.data, job.file.len);
}

static void
on_output(void *ctx UNUSED, const char *bytes UNUSED, size_t len UNUSED)
{
}

static void
on_ended(void *ctx, int exit_status, const char *complaint)
{
	end(ctx, exit_status ? complaint : NULL);
}

static void
on_failed(void *ctx, enum link_step step UNUSED, const struct error *err)
{
	end(ctx, err->text);
}

static void
begin_next(void)
{
	while (next < job.count && at_work < job.parallel) {
		struct visit *visit = &visits[next];
		struct link_target target = { .port = job.port, .identity = job.identity };
		struct link_events events = { .ctx = visit,
			.opened = on_opened,
			.output = on_output,
			.ended = on_ended,
			.failed = on_failed };

		visit->address = target.host = job.addresses[next++];
		target.user = getenv("USER");
		at_work++;
		visit->link = transport->open(transport, &target, &events);
	}
}

int
main(int argc, char **argv)
{
	struct ssh_options options = { 0 };
	struct error err;

	job_read(&job, argc, argv);
	options.known_hosts = job.known_hosts;
	visits = calloc(job.count, sizeof(*visits));
	uv_loop_init(&loop);
	if (!visits || ssh_transport_new(&loop, &options, &transport, &err)) {
		fprintf(stderr, "push: %s\n", err.text);
		return 2;
	}
	begin_next();
	uv_run(&loop, UV_RUN_DEFAULT);
	ssh_transport_free(transport);
	uv_loop_close(&loop);
	free(visits);
	buf_free(&job.file);
	return failed > 0;
}
