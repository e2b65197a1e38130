#include "orchestrator/audit/member.h"

#include "orchestrator/audit/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One proof that is judged: who looked, and what may be said of it. */
struct look {
	const struct topology *topology;
	const struct member_row *row;
	const struct verify *verify;
	bool by; /* the address that looked is that of who verifies */
	struct member_words *words;
};

static void say(struct look *look, enum member_result result, const char *fmt, ...) PRINTF(3, 4);

static void
say(struct look *look, enum member_result result, const char *fmt, ...)
{
	va_list ap;

	look->words->result = result;
	va_start(ap, fmt);
	vsnprintf(look->words->means, sizeof(look->words->means), fmt, ap);
	va_end(ap);
}

static void came(struct look *look, const char *fmt, ...) PRINTF(2, 3);

static void
came(struct look *look, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(look->words->came, sizeof(look->words->came), fmt, ap);
	va_end(ap);
}

static bool
opened(enum door_answer answer)
{
	return answer == DOOR_ANSWERED || answer == DOOR_REFUSED;
}

static const char *
by_text(const struct look *look)
{
	return look->verify->by.count > 0 ? look->verify->by.list[0].text : "who verifies";
}

/* Right as it is for whoever does not verify. */
static void
say_others(struct look *look)
{
	say(look, MEMBER_AS_OTHERS, "right for others; the proof is seen --from %s", by_text(look));
}

static void
tell_status(struct look *look)
{
	const struct member_row *row = look->row;
	bool told = opened(row->seen.status), monitor = false;
	bool wanted = look->by && !row->past;

	for (size_t i = 0; i < look->topology->monitor_count; i++) {
		monitor |= ip_equal(&look->topology->monitors[i].ip, &row->seen.from);
	}
	came(look, "%s", told ? "status" : door_answer_name((int)row->seen.status));
	look->words->expected = wanted || monitor ? "status" : "silence";
	if (monitor && !look->by) {
		say(look, MEMBER_UNSEEN, "shows nothing: a monitor may read the status anyway");
	} else if (wanted) {
		say(look, told ? MEMBER_PROVED : MEMBER_MISSING, "%s",
		    told ? "proved" : "who verifies reads no status");
	} else if (told && !monitor) {
		say(look, look->by ? MEMBER_LEFT : MEMBER_OPEN, "%s",
		    look->by ? "its time is over, and the status is still told"
			     : "the status is told to others, too");
	} else if (look->by) {
		say(look, MEMBER_GONE, "its time is over, and it is gone");
	} else {
		say_others(look);
	}
}

/* "4 answered, 3 silent" */
static void
came_versions(struct look *look)
{
	came(look, "4 %s, 3 %s", door_answer_name((int)look->row->seen.version4),
	    door_answer_name((int)look->row->seen.version3));
}

static void
tell_version(struct look *look)
{
	const struct member_row *row = look->row;
	bool four = opened(row->seen.version4), three = opened(row->seen.version3);

	came_versions(look);
	if (!look->by &&
	    audit_rule(look->topology, look->verify->host, DOOR_TIME, &row->seen.from) ==
		ACCESS_MUST_NOT) {
		look->words->expected = "silence";
		say(look, MEMBER_UNSEEN, "shows nothing: this address is to get no time");
		return;
	}
	look->words->expected =
	    look->by && !row->past ? "4 answered, 3 silent" : "4 and 3 answered";
	if (!four) {
		say(look, MEMBER_MISSING, "no time at all: silence in version 3 proves nothing");
	} else if (look->by && !row->past) {
		say(look, three ? MEMBER_MISSING : MEMBER_PROVED, "%s",
		    three ? "who verifies is answered in version 3, too" : "proved");
	} else if (look->by) {
		say(look, three ? MEMBER_GONE : MEMBER_LEFT, "its time is over, and %s",
		    three ? "it is gone" : "version 3 is still not answered");
	} else if (three) {
		say_others(look);
	} else {
		say(look, MEMBER_OPEN, "others get no answer in version 3, too");
	}
}

static void
tell_switch(struct look *look)
{
	const struct member_row *row = look->row;
	enum access_rule rule =
	    audit_rule(look->topology, look->verify->host, DOOR_TIME, &row->seen.from);
	bool answered = opened(row->seen.version4);
	bool wanted = look->by ? row->past || look->verify->answers : rule != ACCESS_MUST_NOT;

	came(look, "%s", answered ? "time" : door_answer_name((int)row->seen.version4));
	look->words->expected = wanted ? "time" : "silence";
	if (look->by && row->past) {
		say(look, answered ? MEMBER_GONE : MEMBER_LEFT, "its time is over, and %s",
		    answered ? "it is gone" : "there is still no answer");
	} else if (look->by && answered == wanted) {
		say(look, MEMBER_PROVED, "proved for `answers: %s`; set it to %s for the next turn",
		    wanted ? "true" : "false", wanted ? "false" : "true");
	} else if (look->by) {
		say(look, MEMBER_MISSING, "%s",
		    wanted ? "who verifies gets no answer" : "who verifies is still answered");
	} else if (answered == wanted) {
		say_others(look);
	} else {
		say(look, MEMBER_OPEN, "%s",
		    wanted ? "others get no answer, too" : "others are answered");
	}
}

/* What a port said, without the number that stands before a URL. */
static const char *
said_text(const struct look *look)
{
	const char *text = look->row->seen.text;

	return look->verify->way == VERIFY_REDIRECT && strlen(text) > 4 ? text + 4 : text;
}

static void
tell_port(struct look *look)
{
	const struct member_row *row = look->row;
	const struct verify *verify = look->verify;
	bool right = row->seen.tcp == DOOR_ANSWERED && strcmp(said_text(look), verify->word) == 0;

	look->words->expected = row->past    ? "nothing of it"
	    : verify->way == VERIFY_REDIRECT ? "the redirect"
					     : "the word";
	came(look, "%s", row->seen.text[0] ? row->seen.text : door_answer_name((int)row->seen.tcp));
	if (row->past) {
		say(look, right ? MEMBER_LEFT : MEMBER_GONE, "its time is over, and it is %s",
		    right ? "still there" : "gone");
	} else if (right) {
		say(look, MEMBER_PROVED, "proved");
	} else if (row->seen.tcp == DOOR_CLOSED) {
		say(look, MEMBER_MISSING, "nobody listens at TCP port %u", verify->port);
	} else if (row->seen.tcp == DOOR_SILENT) {
		say(look, MEMBER_MISSING, "no way to TCP port %u: a firewall?", verify->port);
	} else if (!row->seen.text[0]) {
		say(look, MEMBER_MISSING, "TCP port %u takes calls, and says nothing",
		    verify->port);
	} else {
		say(look, MEMBER_MISSING, "TCP port %u says something else than \"%s\"",
		    verify->port, verify->word);
	}
}

static void
tell_association(struct look *look)
{
	const struct member_row *row = look->row;

	look->words->expected = row->past ? "no association" : "noselect, poll 13";
	if (!row->told) {
		came(look, "-");
		say(look, MEMBER_UNSEEN, "the server does not tell its sources: %s",
		    row->seen.why[0] ? row->seen.why : "nothing was heard of it");
		return;
	}
	came(look, "%s", row->associated ? "noselect, poll 13" : "no association");
	if (row->past) {
		say(look, row->associated ? MEMBER_LEFT : MEMBER_GONE,
		    "its time is over, and it is %s", row->associated ? "still there" : "gone");
	} else {
		say(look, row->associated ? MEMBER_PROVED : MEMBER_MISSING, "%s%s %s",
		    row->associated ? "proved: " : "", by_text(look),
		    row->associated ? "is asked, and not followed"
				    : "is not asked, or not as it should be");
	}
}

void
member_tell(
    const struct topology *topology, const struct member_row *row, struct member_words *words)
{
	const struct verify *verify = row->verify;
	struct look look = { .topology = topology,
		.row = row,
		.verify = verify,
		.by = verify->by.count > 0 && ip_equal(&verify->by.list[0].ip, &row->seen.from),
		.words = words };
	bool tcp = verify->way == VERIFY_WORD || verify->way == VERIFY_REDIRECT;

	*words = (struct member_words){ .expected = "-" };
	if (verify->way == VERIFY_ASSOCIATION) {
		tell_association(&look);
	} else if (row->seen.from.family == IP_NONE && row->seen.tcp == DOOR_NOT_TRIED) {
		came(&look, "-");
		say(&look, MEMBER_UNSEEN, "not asked: %s",
		    row->seen.why[0] ? row->seen.why : "there is no way to it");
	} else if (tcp) {
		tell_port(&look);
	} else if (audit_rule(topology, verify->host, DOOR_CLIENTS, &row->seen.from) ==
	    ACCESS_EITHER) {
		came_versions(&look);
		say(&look, MEMBER_UNSEEN, "shows nothing: the server treats itself in its own way");
	} else if (verify->way == VERIFY_STATUS) {
		tell_status(&look);
	} else if (verify->way == VERIFY_VERSION) {
		tell_version(&look);
	} else {
		tell_switch(&look);
	}
}

void
member_judge(const struct topology *topology, const struct member_row *rows, size_t count,
    int64_t now_ns, struct diags *diags)
{
	for (size_t i = 0; i < count; i++) {
		const struct member_row *row = &rows[i];
		char to[IP_TEXT_BYTES], from[IP_TEXT_BYTES];
		struct member_words words;

		member_tell(topology, row, &words);
		if (!member_is_wrong(words.result)) {
			continue;
		}
		if (row->to.family == IP_NONE) {
			audit_report(&(struct audit_finding){ topology, "verify-fails",
					 row->verify->host, row->verify->pos, now_ns },
			    diags, "%s, way %s: %s", row->verify->host->name,
			    verify_way_words[row->verify->way], words.means);
			continue;
		}
		ip_text(&row->to, to);
		ip_text(&row->seen.from, from);
		audit_report(&(struct audit_finding){ topology, "verify-fails", row->verify->host,
				 row->verify->pos, now_ns },
		    diags, "%s at %s, way %s, seen from %s: %s", row->verify->host->name, to,
		    verify_way_words[row->verify->way], from, words.means);
	}
}

const char *
member_result_name(enum member_result result)
{
	static const char *const names[] = {
		[MEMBER_PROVED] = "proved",
		[MEMBER_AS_OTHERS] = "right for others",
		[MEMBER_GONE] = "gone",
		[MEMBER_UNSEEN] = "not seen",
		[MEMBER_MISSING] = "missing",
		[MEMBER_OPEN] = "open",
		[MEMBER_LEFT] = "left",
	};

	return names[result];
}

bool
member_is_wrong(enum member_result result)
{
	return result == MEMBER_MISSING || result == MEMBER_OPEN || result == MEMBER_LEFT;
}
