/* The sections that say who may ask, and what proves who answers. */
#include "orchestrator/review/review.h"

#include "common/clock.h"

#define DAY_S 86400

static void
add_who(struct document *document, const char *who, const char *what)
{
	document_row(document);
	document_cell(document, PAINT_NONE, "%s", who);
	document_cell(document, PAINT_NONE, "%s", what);
}

static void
add_denied(struct document *document, const struct deny *deny)
{
	char text[IP_TEXT_BYTES], day[CLOCK_DAY_BYTES];

	for (size_t i = 0; i < deny->net_count; i++) {
		add_who(document, network_text(&deny->nets[i].network, text),
		    arena_printf(document->arena, "no answer: %s%s%s", deny->because,
			deny->until_ns > 0 ? ", until " : "",
			deny->until_ns > 0 ? clock_day(deny->until_ns - NS_PER_S, day) : ""));
	}
}

/* What one who verifies a member of the public pool gets for a while. */
static void
add_verified(struct document *document, const struct verify *verify)
{
	static const char *const what[] = {
		[VERIFY_STATUS] = "time, and status (read)",
		[VERIFY_VERSION] = "time, in NTP version 4 only",
		[VERIFY_ASSOCIATION] = "questions from us, now and then",
		[VERIFY_SWITCH] = "time, or no answer, by turns",
		[VERIFY_WORD] = "a word at a TCP port",
		[VERIFY_REDIRECT] = "a redirect at a TCP port",
	};
	char day[CLOCK_DAY_BYTES];

	add_who(document, verify->by.count > 0 ? verify->by.list[0].text : "who verifies",
	    arena_printf(document->arena, "%s, from %s until %s: it proves to be in the pool",
		what[verify->way], verify->server, clock_day(verify->until_ns - NS_PER_S, day)));
}

void
review_access(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Who", "What they get", NULL };
	const struct topology *topology = review->topology;
	char text[IP_TEXT_BYTES];
	bool open = false;

	document_section(document, "access", "Who may ask");
	document_say(document,
	    "Whoever may ask for status can be made to answer somebody else with it: a server that "
	    "tells everybody is a weapon against third parties. So time and status are apart.");
	document_table(document, columns);
	for (size_t i = 0; i < topology->serve_count; i++) {
		open |= topology->serve[i].network.prefix == 0;
		add_who(document, network_text(&topology->serve[i].network, text), "time");
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		if (topology->hosts[i].pool) {
			open = true;
			add_who(document, "everybody",
			    arena_printf(document->arena,
				"time from %s, a member of the public pool",
				topology->hosts[i].name));
		}
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		add_who(
		    document, ip_text(&topology->monitors[i].ip, text), "time, and status (read)");
	}
	for (size_t i = 0; i < topology->deny_count; i++) {
		add_denied(document, &topology->denies[i]);
	}
	for (size_t i = 0; i < topology->verify_count; i++) {
		add_verified(document, &topology->verifies[i]);
	}
	add_who(document, "servers of a tier", "time, from each other");
	add_who(document, "everybody else",
	    open ? "time where a server is open; no status" : "no answer");
	if (open) {
		document_call(document, PAINT_WARN,
		    "Some of these servers answer the whole Internet. Each answer is as long as "
		    "its "
		    "question, and who asks too fast is dropped.");
	}
}

static const char *const type_names[] = {
	[KEY_TYPE_AES128CMAC] = "AES-128-CMAC",
	[KEY_TYPE_SHA1] = "SHA-1",
	[KEY_TYPE_SHA256] = "SHA-256",
	[KEY_TYPE_MD5] = "MD5, which is broken",
};

static const char *const state_names[] = { "in use", "being replaced", "not used any more" };

static unsigned
state_of(const struct symmetric_key *key)
{
	return key->state == KEY_USED                               ? 0
	    : key->state == KEY_COMING || key->state == KEY_LEAVING ? 1
								    : 2;
}

/* A row for all keys of @type in @state. */
static void
add_keys(
    const struct topology *topology, struct document *document, enum key_type type, unsigned state)
{
	const struct symmetric_key *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		if (key->type == type && state_of(key) == state) {
			first = first ? first : key;
			count++;
		}
	}
	if (count == 0) {
		return;
	}
	document_row(document);
	document_cell(
	    document, type == KEY_TYPE_MD5 ? PAINT_BAD : PAINT_NONE, "%s", type_names[type]);
	document_number(document, "%zu", count);
	document_cell(document, state == 0 ? PAINT_GOOD : PAINT_QUIET, "%s", state_names[state]);
}

static const char *
days_ago(struct document *document, int64_t age_ns)
{
	long long days = age_ns / (DAY_S * NS_PER_S);

	return days < 1 ? "today"
	    : days == 1 ? "a day ago"
			: arena_printf(document->arena, "%lld days ago", days);
}

/* How old the keys are, as far as anybody knows; no date stands in their file. */
static void
say_age(const struct review *review, struct document *document)
{
	int64_t rotated_ns = review->history->keys_ns;
	char when[CLOCK_TEXT_BYTES];

	if (rotated_ns > 0) {
		document_say(document, "They were replaced last on %s (%s).",
		    clock_local_text(rotated_ns, CLOCK_MINUTE, when, sizeof(when)),
		    days_ago(document, review->now_ns - rotated_ns));
	} else if (review->keys_file_ns > 0) {
		document_say(document,
		    "The journal knows no rotation. Their file was changed last on %s (%s): they "
		    "are "
		    "as old as that at least.",
		    clock_local_text(review->keys_file_ns, CLOCK_MINUTE, when, sizeof(when)),
		    days_ago(document, review->now_ns - review->keys_file_ns));
	}
}

void
review_keys(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Type", "Keys", "State", NULL };
	const struct topology *topology = review->topology;

	document_section(document, "keys", "Keys");
	if (topology->key_count == 0) {
		document_call(document, PAINT_WARN,
		    "The servers share no keys: who can forge packets in their network can pose as "
		    "one of them.");
		return;
	}
	document_say(document,
	    "Each pair of servers shares a secret of its own, with which it proves its answers to "
	    "the "
	    "other. `timetier keys rotate` replaces all of them without a gap.");
	say_age(review, document);
	document_table(document, columns);
	for (size_t type = 0; type < COUNT(type_names); type++) {
		for (unsigned state = 0; state < 3; state++) {
			add_keys(topology, document, (enum key_type)type, state);
		}
	}
}
