#include "orchestrator/commands/audit_spoof.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/json_fields.h"
#include "common/resource.h"
#include "measure/spoof.h"
#include "orchestrator/audit/audit.h"
#include "orchestrator/audit/letter.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/lint/findings.h"
#include "orchestrator/lint/lint.h"
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

/* The words to the provider, from the template of the site or the built-in one. */
static int
write_letter(const struct topology *topology, const struct rollout_options *options, bool came,
    struct buf *letter, struct error *err)
{
	const struct resource *built_in =
	    resource_find(template_resources, template_resource_count, LETTER_TEMPLATE);
	struct buf text = { .limit_bytes = LETTER_BYTES_MAX };
	char path[4096], day[CLOCK_DAY_BYTES];
	int status = 0;

	clock_day(clock_real_ns(), day);
	buf_add(&text, built_in->bytes, built_in->len);
	if (options->templates) {
		snprintf(path, sizeof(path), "%s/%s", options->templates, LETTER_TEMPLATE);
		if (access(path, F_OK) == 0) {
			buf_reset(&text);
			status = file_read(path, &text, err);
		}
	}
	if (status == 0) {
		status = letter_write(
		    topology, buf_str(&text), text.len, came ? day : NULL, letter, err);
	}
	buf_free(&text);
	return status;
}

/* What was tried, and what it showed. */
struct trial {
	const struct topology *topology;
	const struct rollout_options *options;
	const struct host *server;
	struct spoof spoof;
	int heard; /* enum spoof_result; -1: it was not tried */
};

static const char *
trial_name(const struct trial *trial)
{
	return trial->heard == SPOOF_CAME     ? "leave"
	    : trial->heard == SPOOF_NOTHING   ? "filtered"
	    : trial->heard == SPOOF_NO_ANSWER ? "shows nothing"
					      : "not tried";
}

static void
print_heard(const struct trial *trial)
{
	const char *from = trial->options->from ? trial->options->from : "here";
	const char *named = trial->options->as, *server = trial->server->name;
	char as[IP_TEXT_BYTES];

	ip_text(&trial->spoof.as, as);
	switch (trial->heard) {
	case SPOOF_CAME:
		printf("\nThey leave: packets from %s that bore the address of %s (%s) reached %s, "
		       "which answered %s\n",
		    from, named, as, server, named);
		break;
	case SPOOF_NOTHING:
		printf("\nThey do not leave: of the packets from %s that bore the address of %s "
		       "(%s) none was answered by %s, which answers %s itself\n",
		    from, named, as, server, named);
		break;
	default:
		printf("\nThis shows nothing: %s does not answer %s, also when it asks itself; "
		       "name another server\n",
		    server, named);
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

/* What the test found is a finding about the border; what site.yaml says of it is check's. */
static void
judge(const struct trial *trial, struct diags *diags)
{
	const struct border_settings *border = &trial->topology->border;
	char as[IP_TEXT_BYTES];

	if (trial->heard == SPOOF_CAME) {
		audit_report(
		    &(struct audit_finding){ trial->topology, "spoofing-open", trial->server,
			border->pos.line > 0 ? border->pos : trial->server->pos, clock_real_ns() },
		    diags,
		    "the border lets foreign source addresses out: packets from %s with the "
		    "address "
		    "of %s (%s) came to %s%s",
		    trial->options->from ? trial->options->from : "here", trial->options->as,
		    ip_text(&trial->spoof.as, as), trial->server->name,
		    border->filtered ? ", though `border` says that it is filtered" : "");
	}
}

static void
print_all(const struct trial *trial, const struct diags *diags, const struct buf *letter)
{
	if (trial->heard >= 0) {
		print_heard(trial);
	}
	if (diags->errors + diags->warnings + diags->accepted > 0) {
		const struct lint_rule *rule = lint_rule_find("spoofing-open", NULL);

		puts("");
		diags_print(diags, stdout, use_colour(STDOUT_FILENO));
		printf("What to do: %s\n", rule->remedy);
	}
	printf("\nWhat to ask the provider:\n\n%s", buf_str(letter));
}

static json_t *
trial_json(const struct trial *trial, const struct diags *diags, const struct buf *letter)
{
	const struct border_settings *border = &trial->topology->border;
	json_t *findings = findings_json(diags, trial->topology->file);
	char as[IP_TEXT_BYTES], to[IP_TEXT_BYTES], day[CLOCK_DAY_BYTES];
	bool tried = trial->heard >= 0;
	json_t *json = json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:o}", "site",
	    trial->topology->site, "from", trial->options->from, "result", trial_name(trial), "as",
	    trial->options->as, "as_address", tried ? ip_text(&trial->spoof.as, as) : NULL, "to",
	    trial->server ? trial->server->name : NULL, "to_address",
	    tried ? ip_text(&trial->spoof.to, to) : NULL, "letter", fields_lines(buf_str(letter)));

	if (border->pos.line > 0) {
		json_object_set_new(json, "border",
		    json_pack("{s:b, s:s, s:s?}", "filtered", border->filtered, "because",
			border->because, "checked",
			border->checked_ns > 0 ? clock_day(border->checked_ns - NS_PER_S, day)
					       : NULL));
	}
	json_object_update(json, findings);
	json_decref(findings);
	return json;
}

static int
spoof_status(const struct trial *trial, const struct diags *diags)
{
	if (trial->heard == SPOOF_NO_ANSWER) {
		return EXIT_USAGE;
	}
	if (trial->heard < 0) {
		return trial->topology->border.filtered ? EXIT_OK : EXIT_FINDINGS;
	}
	return diags->errors + diags->warnings > 0 ? EXIT_FINDINGS : EXIT_OK;
}

int
audit_spoof(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, const struct host *server)
{
	struct trial trial = {
		.topology = topology, .options = options, .server = server, .heard = -1
	};
	struct buf letter = { .limit_bytes = LETTER_BYTES_MAX };
	struct diags diags = { 0 };
	struct error err;
	int status = EXIT_USAGE;

	if (!options->common.json) {
		fputs(explanation, stdout);
		print_border(topology);
		if (!options->as) {
			puts(
			    "To try it: timetier audit --spoof --as HOST SERVER, HOST and SERVER "
			    "both of this site and\nbeyond its border; the packets come from here, "
			    "or --from a host inside.");
		}
		fflush(stdout);
	}
	if ((options->as &&
		(prepare(topology, options, server, &trial.spoof, &err) < 0 ||
		    (trial.heard = try(topology, scope, options, &trial.spoof, &err)) < 0)) ||
	    write_letter(topology, options, trial.heard == SPOOF_CAME, &letter, &err) < 0) {
		fprintf(stderr, "timetier audit: %s\n", err.text);
	} else {
		judge(&trial, &diags);
		if (options->common.json) {
			command_print_json(trial_json(&trial, &diags, &letter));
		} else {
			print_all(&trial, &diags, &letter);
		}
		status = spoof_status(&trial, &diags);
	}
	diags_free(&diags);
	buf_free(&letter);
	return status;
}
