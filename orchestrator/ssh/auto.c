#include "orchestrator/ssh/auto.h"

#include <stdlib.h>

#include "orchestrator/ssh/system.h"

struct way {
	struct transport transport; /* first: a transport is a way */
	struct transport *libssh2, *ssh;
};

struct link {
	struct transport *transport; /* of inner */
	struct link *inner;
};

static struct link *
link_open(
    struct transport *transport, const struct link_target *target, const struct link_events *events)
{
	struct way *way = (struct way *)(void *)transport;
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		abort();
	}
	link->transport = target->way == LINK_WAY_SSH ? way->ssh : way->libssh2;
	link->inner = link->transport->open(link->transport, target, events);
	return link;
}

static void
link_run(struct link *link, const char *command, int64_t timeout_ns)
{
	link->transport->run(link->inner, command, timeout_ns);
}

static void
link_write(struct link *link, const char *bytes, size_t len)
{
	link->transport->write(link->inner, bytes, len);
}

static void
link_extend(struct link *link, int64_t timeout_ns)
{
	link->transport->extend(link->inner, timeout_ns);
}

static void
link_close(struct link *link)
{
	if (link) {
		link->transport->close(link->inner);
		free(link);
	}
}

int
auto_transport_new(uv_loop_t *loop, const struct ssh_options *options, struct transport **transport,
    struct error *err)
{
	struct way *way = calloc(1, sizeof(*way));

	if (!way) {
		abort();
	}
	way->transport =
	    (struct transport){ link_open, link_run, link_write, link_extend, link_close };
	if (ssh_transport_new(loop, options, &way->libssh2, err) ||
	    system_transport_new(loop, options, &way->ssh, err)) {
		auto_transport_free(&way->transport);
		return -1;
	}
	*transport = &way->transport;
	return 0;
}

void
auto_transport_free(struct transport *transport)
{
	struct way *way = (struct way *)(void *)transport;

	if (way) {
		ssh_transport_free(way->libssh2);
		system_transport_free(way->ssh);
		free(way);
	}
}
