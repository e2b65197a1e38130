#include "orchestrator/commands/audit_spoof.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/resource.h"
#include "measure/spoof.h"
#include "orchestrator/audit/letter.h"
#include "orchestrator/runs/errand/errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define LETTER_BYTES_MAX (64u << 10)
#define ANSWER_BYTES_MAX 4096
#define LIMIT_S 60

static const char explanation[] =
    "A packet says by itself where it comes from. BCP 38 (RFC 2827) asks each network to let out\n"
    "only packets that bear one of its own addresses. Where nobody does so, a host of this site\n"
    "that was taken over can ask any server in the name of a victim, and the victim gets the\n"
    "answers; a time server then shoots at others, and nobody can see who pulled the trigger.\n";

/* The address of @host of the family of @like (IP_NONE: any) that site.yaml has. */
static const struct ip *
address_of(const struct host *host, enum ip_family like)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		const struct ip *ip = &host->addresses.list[i].ip;

		if (ip->family != IP_NONE && (like == IP_NONE || ip->family == like)) {
			return ip;
		}
	}
	return NULL;
}

static int
prepare(const struct topology *topology, const struct rollout_options *options,
    const struct host *server, struct spoof *spoof, struct error *err)
{
	const struct host *as = topology_host(topology, options->as);
	const struct ip *to, *own;
	uint64_t random;

	if (!as) {
		return error_set(err, "--as %s: the site has no host of that name", options->as);
	}
	if (!server || server == as || server->role != HOST_SERVER) {
		return error_set(err,
		    "name one server that gets the packets, beyond the border, and not %s itself",
		    options->as);
	}
	to = address_of(server, IP_NONE);
	own = to ? address_of(as, to->family) : NULL;
	if (!own) {
		return error_set(err, "%s and %s have no addresses of one family in site.yaml",
		    server->name, as->name);
	}
	while (getrandom(&random, sizeof(random), 0) < 0) {
	}
	*spoof = (struct spoof){ .as = *own,
		.to = *to,
		.port = 32768 + (unsigned)(random % 16384),
		.nonce = (random >> 16) | 1 };
	return 0;
}

/* What is sent from here, while the other host listens. */
struct sender {
	const struct spoof *spoof;
	const struct audit_scope *scope;
	struct error err;
};

static void
send_one(void *ctx)
{
	struct sender *sender = ctx;

	if (!sender->err.text[0]) {
		(void)!spoof_send(sender->spoof, 1, audit_may_ask, sender->scope, &sender->err);
	}
}

static int
read_heard(const struct buf *said, struct error *err)
{
	static const char *const words[] = {
		[SPOOF_NOTHING] = "nothing", [SPOOF_CAME] = "came", [SPOOF_NO_ANSWER] = "no answer"
	};
	json_t *json = json_loadb(buf_str(said), said->len, 0, NULL);
	const char *word = json_string_value(json_object_get(json, "heard"));
	int heard = -1;

	for (int i = 0; word && i < (int)COUNT(words); i++) {
		heard = strcmp(word, words[i]) == 0 ? i : heard;
	}
	json_decref(json);
	return heard < 0 ? error_set(err, "the host does not say what it heard") : heard;
}

/* Try it; an enum spoof_result, or -1 with @err set. */
static int
try(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, const struct spoof *spoof, struct error *err)
{
	static const char *const words[] = { "audit", NULL };
	json_t *json = json_pack("{s:o}", "spoof", spoof_json(spoof));
	char *input = json_dumps(json, JSON_COMPACT);
	struct errand errand = { .words = words,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.limit_s = LIMIT_S };
	struct buf said[ERRAND_HOSTS_MAX] = { { .limit_bytes = ANSWER_BYTES_MAX },
		{ .limit_bytes = ANSWER_BYTES_MAX } };
	struct sender sender = { spoof, scope, { "" } };
	const struct errand_request request = { .command = "audit",
		.topology = topology,
		.options = options,
		.from = { options->as, options->from },
		.count = options->from ? 2 : 1,
		.errand = &errand,
		.beside = options->from ? NULL : send_one,
		.beside_ms = SPOOF_SPACING_NS / NS_PER_MS,
		.ctx = &sender };
	int heard = errand_run(&request, said, err);

	if (heard == 0) {
		heard = sender.err.text[0] ? error_set(err, "%s", sender.err.text)
					   : read_heard(&said[0], err);
	}
	buf_free(&said[0]);
	buf_free(&said[1]);
	free(input);
	json_decref(json);
	return heard;
}

static int
print_letter(const struct topology *topology, const struct rollout_options *options, bool came,
    struct error *err)
{
	const struct resource *built_in =
	    resource_find(template_resources, template_resource_count, LETTER_TEMPLATE);
	struct buf text = { .limit_bytes = LETTER_BYTES_MAX },
		   letter = { .limit_bytes = LETTER_BYTES_MAX };
	char path[4096], day[CLOCK_DAY_BYTES];
	int status;

	clock_day(clock_real_ns(), day);
	buf_add(&text, built_in->bytes, built_in->len);
	if (options->templates) {
		snprintf(path, sizeof(path), "%s/%s", options->templates, LETTER_TEMPLATE);
		if (access(path, F_OK) == 0) {
			buf_reset(&text);
			if (file_read(path, &text, err) < 0) {
				return -1;
			}
		}
	}
	status = letter_write(topology, buf_str(&text), text.len, came ? day : NULL, &letter, err);
	if (status == 0) {
		printf("\nWhat to ask the provider:\n\n%s", buf_str(&letter));
	}
	buf_free(&text);
	buf_free(&letter);
	return status;
}

/* What the test showed; whether the border lets such packets out. */
static bool
print_heard(const struct rollout_options *options, const struct host *server,
    const struct spoof *spoof, int heard)
{
	const char *from = options->from ? options->from : "here";
	char as[IP_TEXT_BYTES];

	ip_text(&spoof->as, as);
	switch (heard) {
	case SPOOF_CAME:
		printf("\nThey leave: packets from %s that bore the address of %s (%s) reached %s, "
		       "which answered %s [spoofing-open]\n",
		    from, options->as, as, server->name, options->as);
		return true;
	case SPOOF_NOTHING:
		printf("\nThey do not leave: of the packets from %s that bore the address of %s "
		       "(%s) none was answered by %s, which answers %s itself\n",
		    from, options->as, as, server->name, options->as);
		return false;
	default:
		printf("\nThis shows nothing: %s does not answer %s, also when it asks itself; "
		       "name another server\n",
		    server->name, options->as);
		return false;
	}
}

static void
print_border(const struct topology *topology)
{
	char day[CLOCK_DAY_BYTES];

	if (topology->border.pos.line == 0) {
		puts("\nsite.yaml says nothing of this site's border (`border`).");
		return;
	}
	printf("\nsite.yaml says that the border is %s (%s)",
	    topology->border.filtered ? "filtered" : "not filtered", topology->border.because);
	if (topology->border.checked_ns > 0) {
		clock_day(topology->border.checked_ns - NS_PER_S, day);
		printf(", checked on %s", day);
	}
	puts(".");
}

int
audit_spoof(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, const struct host *server)
{
	struct error err;
	struct spoof spoof;
	int heard = SPOOF_NO_ANSWER;
	bool came = false;

	fputs(explanation, stdout);
	print_border(topology);
	if (options->as) {
		fflush(stdout);
		if (prepare(topology, options, server, &spoof, &err) < 0 ||
		    (heard = try(topology, scope, options, &spoof, &err)) < 0) {
			fprintf(stderr, "timetier audit: %s\n", err.text);
			return EXIT_USAGE;
		}
		came = print_heard(options, server, &spoof, heard);
	} else {
		puts("To try it: timetier audit --spoof --as HOST SERVER, HOST and SERVER both of "
		     "this site and\nbeyond its border; the packets come from here, or --from a "
		     "host inside.");
	}
	if (print_letter(topology, options, came, &err) < 0) {
		fprintf(stderr, "timetier audit: %s\n", err.text);
		return EXIT_USAGE;
	}
	if (options->as && heard == SPOOF_NO_ANSWER) {
		return EXIT_USAGE;
	}
	return came || (!options->as && !topology->border.filtered) ? EXIT_FINDINGS : EXIT_OK;
}
