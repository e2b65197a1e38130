/*
 * `ssh -G` is asked what ssh_config says of a host; without an answer nobody is reached.  libssh2
 * is tried first, because it is many times cheaper.  A link takes ssh when ssh_config says what
 * libssh2 cannot follow, or when libssh2 has failed because it lacks something; but not because of
 * a wrong host key.  The transport remembers which hosts need ssh.
 * A host, or its jump host, that ends the connection at once is too busy: it is tried again after a
 * pause, a few times, and few such links at once.  Long, because all of that is one link's way.
 */
#include "orchestrator/ssh/auto/auto.h"

#include "common/shorten.h"
#include "orchestrator/ssh/auto/ask.h"
#include "orchestrator/ssh/auto/scan.h"
#include "orchestrator/ssh/libssh2/ssh.h"
#include "orchestrator/ssh/system/system.h"
#include "orchestrator/ssh/trust.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What ssh_config says, of one host or of all. */
struct answer {
	struct way *way;
	bool known; /* config is filled */
	struct ssh_config config;
	struct auto_ask *ask;      /* it is being asked */
	struct link_target target; /* about whom */
	struct link *waiting;      /* for the answer */
	struct link *told;         /* those of them that are told next */
};

#define TRIES_MAX 5 /* for a host that is too busy; the pause doubles each time */
#define AGAIN_MAX 2 /* so many links are tried again at the same time */
#define PAUSE_NS NS_PER_S

/* What the transport remembers about a target of open(). */
struct memory {
	char *host, *user, *identity; /* as in the target; NULL: not said */
	unsigned port;
	struct answer own;
	struct answer *answer; /* own, or the answer that is the same for all */
	char need[200];        /* why the host needs ssh; "" : libssh2 is enough */
	struct memory *next;
};

struct way {
	struct transport transport; /* first, so that a pointer to it is one to the struct */
	struct transport *libssh2, *ssh;
	uv_loop_t *loop;
	int64_t pause_ns;
	unsigned again;                     /* links that are tried again now */
	struct link *turned, **last_turned; /* those whose pause is over, and that wait for that */
	struct auto_asks asks;
	bool varies; /* ssh_config may say something else of each host */
	struct answer same;
	struct memory *memories;
};

struct link {
	struct way *way;
	struct link_target target;  /* as given to open() */
	struct link_target reached; /* as given to the carrier */
	struct link_events events;
	struct memory *memory;
	struct link *next;         /* that waits for the same answer */
	struct transport *carrier; /* the transport of inner */
	struct link *inner;        /* NULL: none yet */
	uv_timer_t pause;
	unsigned tries; /* how often the host was too busy */
	bool again;     /* this link is one of those that are tried again now */
	struct link *next_turned;
};

/* --- memory --- */

static bool
same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static char *
copy(const char *text)
{
	char *made = text ? strdup(text) : NULL;

	if (text && !made) {
		abort();
	}
	return made;
}

static struct memory *
memory_of(struct way *way, const struct link_target *target)
{
	struct memory *memory;

	for (memory = way->memories; memory; memory = memory->next) {
		if (memory->port == target->port && same(memory->host, target->host) &&
		    same(memory->user, target->user) && same(memory->identity, target->identity)) {
			return memory;
		}
	}
	memory = calloc(1, sizeof(*memory));
	if (!memory) {
		abort();
	}
	memory->host = copy(target->host);
	memory->user = copy(target->user);
	memory->identity = copy(target->identity);
	memory->port = target->port;
	memory->own.way = way;
	memory->answer = way->varies ? &memory->own : &way->same;
	memory->next = way->memories;
	way->memories = memory;
	return memory;
}

/* --- what the carrier tells --- */

static void
tell_note(const struct link *link)
{
	char text[280];

	if (link->tries > 0 && link->events.note) {
		snprintf(text, sizeof(text),
		    "it was too busy for a login %u time%s (MaxStartups of sshd?)", link->tries,
		    link->tries == 1 ? "" : "s");
		link->events.note(link->events.ctx, text);
	}
	if (link->carrier == link->way->ssh && link->target.way == LINK_WAY_AUTO &&
	    link->memory->need[0] && link->events.note) {
		snprintf(text, sizeof(text), "reached by ssh: %s", link->memory->need);
		link->events.note(link->events.ctx, text);
	}
}

static void again_over(struct link *link);

static void
on_opened(void *ctx)
{
	struct link *link = ctx;

	again_over(link);
	tell_note(link);
	link->events.opened(link->events.ctx);
}

static void
on_output(void *ctx, const char *bytes, size_t len)
{
	const struct link *link = ctx;

	link->events.output(link->events.ctx, bytes, len);
}

static void
on_murmured(void *ctx, const char *bytes, size_t len)
{
	const struct link *link = ctx;

	if (link->events.murmured) {
		link->events.murmured(link->events.ctx, bytes, len);
	}
}

static void
on_ended(void *ctx, int exit_status, const char *complaint)
{
	const struct link *link = ctx;

	link->events.ended(link->events.ctx, exit_status, complaint);
}

static void go(struct link *link, struct transport *carrier);

/* Whether ssh may succeed where libssh2 just failed; then link->memory->need says why. */
static bool
ssh_may(struct link *link, enum link_step step, const struct error *err)
{
	struct memory *memory = link->memory;

	if (link->carrier != link->way->libssh2 || link->target.way != LINK_WAY_AUTO) {
		return false;
	}
	if (ssh_link_settled(link->inner)) {
		return false;
	}
	if (ssh_link_lacks(link->inner, memory->need, sizeof(memory->need))) {
		return true;
	}
	if (step == LINK_LOGIN && memory->answer->config.policy.identity_count > 0) {
		/* ssh may find more in the files that ssh_config names */
		snprintf(memory->need, sizeof(memory->need), "%.199s", err->text);
		return true;
	}
	return false;
}

/* --- hosts that are too busy --- */

static void
leave_turned(struct link *link)
{
	struct way *way = link->way;

	for (struct link **at = &way->turned; *at; at = &(*at)->next_turned) {
		if (*at == link) {
			*at = link->next_turned;
			way->last_turned =
			    way->last_turned == &link->next_turned ? at : way->last_turned;
			link->next_turned = NULL;
			return;
		}
	}
}

static void
advance_turned(struct way *way)
{
	while (way->turned && way->again < AGAIN_MAX) {
		struct link *link = way->turned;

		leave_turned(link);
		link->again = true;
		way->again++;
		go(link, link->carrier);
	}
}

/* The link was tried again, and it is known what came of it; or it is closed. */
static void
again_over(struct link *link)
{
	if (link->again) {
		link->again = false;
		link->way->again--;
		advance_turned(link->way);
	}
}

static void
on_pause_over(uv_timer_t *timer)
{
	struct link *link = timer->data;
	struct way *way = link->way;

	*way->last_turned = link;
	way->last_turned = &link->next_turned;
	advance_turned(way);
}

/* Whether the host was too busy for the link, which has just failed. */
static bool
is_turned_away(const struct link *link)
{
	return link->carrier == link->way->ssh ? system_link_turned_away(link->inner)
					       : ssh_link_turned_away(link->inner);
}

/* Whether the link is tried again, after a pause: not all at the same time. */
static bool
try_again(struct link *link)
{
	uint64_t pause_ms = (uint64_t)(link->way->pause_ns / NS_PER_MS) << link->tries;

	if (!is_turned_away(link) || link->tries + 1 >= TRIES_MAX) {
		return false;
	}
	link->tries++;
	link->carrier->close(link->inner);
	link->inner = NULL;
	uv_timer_start(
	    &link->pause, on_pause_over, pause_ms + uv_hrtime() / 1000 % (pause_ms / 2 + 1), 0);
	return true;
}

static void
on_failed(void *ctx, enum link_step step, const struct error *err)
{
	struct link *link = ctx;
	struct error both = *err;
	char said[360];

	again_over(link);
	if (try_again(link)) {
		return;
	}
	if (ssh_may(link, step, err)) {
		link->carrier->close(link->inner);
		link->inner = NULL;
		go(link, link->way->ssh);
		return;
	}
	if (link->carrier == link->way->ssh && link->target.way == LINK_WAY_AUTO &&
	    step < LINK_RUN) {
		shorten(said, sizeof(said), err->text);
		error_set(&both, "%s (by ssh: %.120s)", said, link->memory->need);
	}
	if (link->tries > 0 && is_turned_away(link)) {
		shorten(said, sizeof(said), both.text);
		error_set(&both, "%s; tried %u times, with pauses between", said, link->tries + 1);
	}
	tell_note(link);
	link->events.failed(link->events.ctx, step, &both);
}

/* --- links --- */

static const char *
own_name(void)
{
	const struct passwd *me = getpwuid(getuid());

	return me ? me->pw_name : "";
}

/* Whether ssh_config names the user, or ssh would take the one who runs it. */
static bool
names_user(const struct ssh_config *config)
{
	return config->user[0] && strcmp(config->user, own_name()) != 0;
}

/*
 * Open the link with @carrier.  libssh2 gets the host, port and policy of ssh_config; ssh reads
 * ssh_config itself.  Both get the user: a carrier without one logs in as root, whatever ssh_config
 * says.
 */
static void
go(struct link *link, struct transport *carrier)
{
	const struct answer *answer = link->memory->answer;
	const struct ssh_config *config = &answer->config;
	struct link_target *reached = &link->reached;
	struct link_events events = { .ctx = link,
		.opened = on_opened,
		.output = on_output,
		.ended = on_ended,
		.failed = on_failed,
		.murmured = on_murmured };

	*reached = link->target;
	reached->policy = &config->policy;
	if (!reached->user && names_user(config)) {
		reached->user = config->user;
	}
	if (carrier == link->way->libssh2) {
		reached->host = config->policy.host ? config->policy.host : reached->host;
		reached->port = reached->port ? reached->port : config->policy.port;
	}
	link->carrier = carrier;
	link->inner = carrier->open(carrier, reached, &events);
}

/* Note why the link's host needs ssh, if ssh_config says so. */
static void
note_need(struct link *link)
{
	const struct ssh_config *config = &link->memory->answer->config;
	const char *host = config->policy.host ? config->policy.host : link->target.host;
	struct memory *memory = link->memory;

	if (config->need[0]) {
		snprintf(memory->need, sizeof(memory->need), "%s", config->need);
	} else if (config->checks_address && !trust_is_address(host)) {
		snprintf(memory->need, sizeof(memory->need), "ssh_config says CheckHostIP yes");
	}
}

/* Take the carrier of the link, now that ssh_config's answer is known. */
static void
choose(struct link *link)
{
	const char *need = link->memory->need;
	struct error err;

	if (link->target.way == LINK_WAY_LIBSSH2 && need[0]) {
		error_set(&err,
		    "%s, and libssh2 alone cannot do that: let `ssh: {transport: }` be auto", need);
		link->events.failed(link->events.ctx, LINK_CONFIG, &err);
	} else if (link->target.way == LINK_WAY_SSH || need[0]) {
		go(link, link->way->ssh);
	} else {
		go(link, link->way->libssh2);
	}
}

static void ask(struct answer *answer);

/*
 * If neither the site nor ssh_config names a user, root logs in, so what ssh_config says of root
 * counts; ssh was asked about the user who runs it.
 */
static bool
asks_again_for_root(struct answer *answer, const struct ssh_config *config)
{
	if (answer == &answer->way->same || answer->target.user || names_user(config) ||
	    strcmp(own_name(), "root") == 0) {
		return false;
	}
	answer->target.user = "root";
	ask(answer);
	return true;
}

static void
on_asked(void *ctx, struct ssh_config *config, const struct error *err)
{
	struct answer *answer = ctx;

	answer->ask = NULL;
	if (config && asks_again_for_root(answer, config)) {
		ssh_config_done(config);
		return;
	}
	if (config && answer->known) {
		ssh_config_done(config); /* links may use the first one */
	} else if (config) {
		answer->known = true;
		answer->config = *config;
		if (answer == &answer->way->same) {
			answer->config.policy.host = NULL; /* of the one that was asked about */
		}
	}
	answer->told = answer->waiting;
	answer->waiting = NULL;
	while (answer->told) { /* what a link tells may close others */
		struct link *link = answer->told;

		answer->told = link->next;
		link->next = NULL;
		if (config) {
			note_need(link);
			choose(link);
		} else {
			link->events.failed(link->events.ctx, LINK_CONFIG, err);
		}
	}
}

static void
ask(struct answer *answer)
{
	answer->ask = auto_ask_start(&answer->way->asks, &answer->target, on_asked, answer);
}

/* Let the link wait for the answer; ask, unless that was done. */
static void
wait_for_answer(struct link *link)
{
	const struct memory *memory = link->memory;
	struct answer *answer = memory->answer;

	link->next = answer->waiting;
	answer->waiting = link;
	if (answer->ask) {
		return;
	}
	/* what holds for all holds for any name */
	answer->target = (struct link_target){ .host = "localhost" };
	if (answer != &link->way->same) {
		answer->target.host = memory->host;
		answer->target.user = memory->user;
		answer->target.port = memory->port;
	}
	ask(answer);
}

static void
stop_waiting(struct link *link)
{
	struct answer *answer = link->memory->answer;
	struct link **lists[] = { &answer->waiting, &answer->told };

	for (size_t i = 0; i < COUNT(lists); i++) {
		for (struct link **at = lists[i]; *at; at = &(*at)->next) {
			if (*at == link) {
				*at = link->next;
				break;
			}
		}
	}
	if (!answer->waiting && answer->ask) {
		auto_ask_cancel(answer->ask);
		answer->ask = NULL;
	}
}

static struct link *
link_open(
    struct transport *transport, const struct link_target *target, const struct link_events *events)
{
	struct way *way = (struct way *)(void *)transport;
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		abort();
	}
	link->way = way;
	link->target = *target;
	link->events = *events;
	link->memory = memory_of(way, target);
	uv_timer_init(way->loop, &link->pause);
	link->pause.data = link;
	if (link->memory->answer->known) {
		note_need(link);
	}
	if (!link->memory->answer->known ||
	    (target->way == LINK_WAY_LIBSSH2 && link->memory->need[0])) {
		wait_for_answer(link); /* open() itself does not tell that a link failed */
	} else {
		choose(link);
	}
	return link;
}

static void
link_run(struct link *link, const char *command, int64_t timeout_ns)
{
	link->carrier->run(link->inner, command, timeout_ns);
}

static void
link_write(struct link *link, const char *bytes, size_t len)
{
	link->carrier->write(link->inner, bytes, len);
}

static void
link_extend(struct link *link, int64_t timeout_ns)
{
	link->carrier->extend(link->inner, timeout_ns);
}

static void
on_pause_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
link_close(struct link *link)
{
	if (!link) {
		return;
	}
	stop_waiting(link);
	if (link->inner) {
		link->carrier->close(link->inner);
		link->inner = NULL;
	}
	leave_turned(link);
	again_over(link);
	uv_close((uv_handle_t *)&link->pause, on_pause_closed);
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
	way->loop = loop;
	way->pause_ns = options->pause_ns ? options->pause_ns : PAUSE_NS;
	way->last_turned = &way->turned;
	auto_asks_init(&way->asks, loop, options->known_hosts);
	way->varies = scan_varies();
	way->same.way = way;
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

	if (!way) {
		return;
	}
	while (way->memories) {
		struct memory *memory = way->memories;

		way->memories = memory->next;
		free(memory->host);
		free(memory->user);
		free(memory->identity);
		ssh_config_done(&memory->own.config);
		free(memory);
	}
	ssh_config_done(&way->same.config);
	ssh_transport_free(way->libssh2);
	system_transport_free(way->ssh);
	free(way);
}
