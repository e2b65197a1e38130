/* Checks the keys of a whole map against each other, and adds its struct to a list. */
#include "common/shown.h"
#include "orchestrator/topology/load/loader.h"

#include <ctype.h>
#include <string.h>

static struct pos
first_pos(struct pos written, struct pos otherwise)
{
	return written.line ? written : otherwise;
}

static void
add_upstream(struct loader *loader, struct upstream *upstream, struct pos pos)
{
	upstream->name = upstream->name ? upstream->name : "";
	upstream->pos = first_pos(upstream->pos, pos);
	if (upstream->minpoll > upstream->maxpoll) {
		problem(loader, "poll-order",
		    upstream->minpoll_pos.line ? upstream->minpoll_pos : upstream->maxpoll_pos,
		    "`minpoll` (%d) is greater than `maxpoll` (%d)", upstream->minpoll,
		    upstream->maxpoll);
	}
	if (upstream->noselect && (upstream->prefer || upstream->trust)) {
		problem(loader, "bad-value", upstream->pos,
		    "\"%s\" is never followed (`noselect`), and so cannot be %s", upstream->name,
		    upstream->prefer ? "preferred" : "trusted");
	}
	if (upstream->maxsources > 0 && upstream->addresses.count > 0 &&
	    (upstream->addresses.count > 1 || upstream->addresses.list[0].ip.family != IP_NONE)) {
		problem(loader, "bad-value", upstream->pos,
		    "\"%s\" is a pool (`maxsources`), and so has one name as its address, which "
		    "leads to all its servers",
		    upstream->name);
	}
	vec_push(&loader->upstreams, upstream);
}

#define PATH_MAX_CHARACTERS 200

/* Whether @text is a path that every daemon reads as one word without a meaning of its own. */
static bool
is_path(const char *text, size_t most)
{
	return text[0] == '/' && strlen(text) <= most &&
	    text[strspn(text,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789/_.-")] == '\0';
}

static void
check_nts(struct loader *loader, const struct nts_settings *nts)
{
	const struct {
		const char *key, *path;
		struct pos pos;
	} paths[] = { { "certificate", nts->certificate, nts->pos },
		{ "key", nts->key, nts->key_pos }, { "ca", nts->ca, nts->ca_pos } };

	for (size_t i = 0; i < COUNT(paths); i++) {
		if (paths[i].path && !is_path(paths[i].path, PATH_MAX_CHARACTERS)) {
			problem(loader, "bad-value", paths[i].pos,
			    "`%s` is \"%s\", not a path on the host: \"/\", and then letters, "
			    "digits, \"/\", \"_\", \".\" and \"-\", of at most %d characters",
			    paths[i].key, shown(loader, paths[i].path), PATH_MAX_CHARACTERS);
		}
	}
}

/* Whether each server of the tier that was read has a hardware clock. */
static bool
has_clocks(const struct loader *loader)
{
	bool all = loader->servers.count > loader->tier_first_server;

	for (size_t i = loader->tier_first_server; i < loader->servers.count; i++) {
		all &= ((const struct host *)vec_at(&loader->servers, i))->refclocks.count > 0;
	}
	return all;
}

static void
add_tier(struct loader *loader, struct tier_draft *draft, struct pos pos)
{
	struct tier *tier = &draft->tier;

	tier->name = tier->name ? tier->name : "";
	tier->pos = first_pos(tier->pos, pos);
	tier->peering_pos = first_pos(tier->peering_pos, tier->pos);
	tier->isolated_pos = first_pos(tier->isolated_pos, tier->pos);
	tier->quorum_pos = first_pos(tier->quorum_pos, tier->pos);
	tier->orphan_stratum_pos = first_pos(tier->orphan_stratum_pos, tier->pos);
	if (!draft->upstreams_pos.line && !draft->from_pos.line && !tier->isolated &&
	    !has_clocks(loader) && !events_failed(loader->events)) {
		problem(loader, "missing-key", pos,
		    "a tier needs `upstreams` or `from`, `refclocks` of each server, or is "
		    "`isolated: true`");
	}
	if (tier->nts) {
		check_nts(loader, tier->nts);
	}
	draft->first_server = loader->tier_first_server;
	loader->tier_first_server = loader->servers.count;
	vec_push(&loader->tiers, draft);
}

#define REFCLOCKS_MAX 8        /* of a server */
#define REFCLOCK_DEVICE_MAX 47 /* characters: the agent has room for them */

/* Whether a clock of @type may tell when a second begins, and not which. */
static bool
tells_pulses(enum refclock_type type)
{
	return type == REFCLOCK_PPS || type == REFCLOCK_SOCK;
}

/* Which of its keys a clock needs, and which it cannot have. */
static void
add_refclock(struct loader *loader, struct refclock *clock, struct pos pos)
{
	bool pathless = clock->type == REFCLOCK_SHM;
	bool needs_path = clock->type == REFCLOCK_SOCK || clock->type == REFCLOCK_PHC;
	const char *type = refclock_type_words[clock->type];

	clock->name = clock->name ? clock->name : "";
	clock->pos = first_pos(clock->pos, pos);
	if (clock->device && !is_path(clock->device, REFCLOCK_DEVICE_MAX)) {
		problem(loader, "bad-value", clock->pos,
		    "`device` is \"%s\", not a path of letters, digits, \"/\", \"_\", \".\" and "
		    "\"-\", of at most %d characters",
		    shown(loader, clock->device), REFCLOCK_DEVICE_MAX);
	} else if (clock->device && pathless) {
		problem(
		    loader, "bad-value", clock->pos, "shared memory has a `unit`, and no `device`");
	} else if (!clock->device && needs_path) {
		problem(loader, "missing-key", clock->pos,
		    "a clock of type `%s` needs `device`: its path", type);
	}
	if (refclock_speed(clock->baud) < 0) {
		problem(loader, "bad-value", clock->pos,
		    "`baud` is %u; a receiver's line has 4800, 9600, 19200, 38400, 57600 or 115200",
		    clock->baud);
	}
	if (clock->lock && !tells_pulses(clock->type)) {
		problem(loader, "bad-value", clock->lock_pos,
		    "`lock` is for pulses: of type `pps` or `sock`, and not `%s`", type);
	}
	vec_push(&loader->refclocks, clock);
}

/* Whether @clock, of @list, is like an earlier one: two daemons' lines for one clock. */
static void
check_twin(struct loader *loader, const struct refclock_list *list, const struct refclock *clock)
{
	for (const struct refclock *other = list->list; other < clock; other++) {
		bool same_device = clock->device && other->device
		    ? strcmp(clock->device, other->device) == 0
		    : !clock->device && !other->device && clock->unit == other->unit;

		if (clock->name[0] && strcmp(other->name, clock->name) == 0) {
			problem(loader, "duplicate-name", clock->pos,
			    "the clock %s is named twice (first at line %u)", clock->name,
			    other->pos.line);
		} else if (clock->type == other->type && same_device &&
		    loader->diags->errors == 0) { /* a wrong value is none that was meant */
			problem(loader, "duplicate-address", clock->pos,
			    "%s reads what %s reads already (line %u): one clock would have two "
			    "votes",
			    clock->name, other->name, other->pos.line);
		}
	}
}

/* Give @host the clocks that were read, and check what they say of each other. */
static void
take_refclocks(struct loader *loader, struct host *host)
{
	struct refclock_list *list = &host->refclocks;
	size_t bytes = loader->refclocks.count * sizeof(struct refclock);

	if (loader->refclocks.count > REFCLOCKS_MAX) {
		problem(loader, "bad-value", host->pos, "%s has more than %d hardware clocks",
		    host->name, REFCLOCKS_MAX);
	} else if (bytes > 0) {
		list->list = arena_alloc(&loader->topology->arena, bytes);
		memcpy(list->list, vec_at(&loader->refclocks, 0), bytes);
		list->count = loader->refclocks.count;
	}
	loader->refclocks.count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct refclock *clock = &list->list[i], *named = NULL;

		check_twin(loader, list, clock);
		for (size_t k = 0; clock->lock && k < list->count; k++) {
			named =
			    strcmp(list->list[k].name, clock->lock) == 0 ? &list->list[k] : named;
		}
		if (clock->lock && tells_pulses(clock->type) &&
		    (!named || named->type == REFCLOCK_PPS || named->lock)) {
			problem(loader, "bad-value", clock->lock_pos, "`lock` names \"%s\", %s",
			    clock->lock,
			    named ? "pulses, which do not tell which second it is"
				  : "which is no clock of this server");
		}
	}
}

#define CARD_MAX 15 /* characters of an interface's name: Linux, IFNAMSIZ */

static bool
is_card(const char *text)
{
	return strcmp(text, "*") == 0 ||
	    (isalpha((unsigned char)text[0]) && strlen(text) <= CARD_MAX &&
		text[strspn(text,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0');
}

static void
add_server(struct loader *loader, struct host *host, struct pos pos)
{
	host->name = host->name ? host->name : "";
	host->pos = first_pos(host->pos, pos);
	host->daemon_pos = first_pos(host->daemon_pos, host->pos);
	host->role = HOST_SERVER;
	take_refclocks(loader, host);
	if (host->nts) {
		check_nts(loader, host->nts);
	}
	if (host->hwtimestamp && !is_card(host->hwtimestamp)) {
		problem(loader, "bad-value", host->hwtimestamp_pos,
		    "`hwtimestamp` is \"%s\", neither the name of a network card, as eth0, nor "
		    "\"*\"",
		    shown(loader, host->hwtimestamp));
	}
	vec_push(&loader->servers, host);
}

static void
add_accept(struct loader *loader, struct accept *accept, struct pos pos)
{
	accept->pos = first_pos(accept->pos, pos);
	accept->on_pos = first_pos(accept->on_pos, accept->pos);
	vec_push(&loader->accepts, accept);
}

#define SAID_BYTES_MAX 200 /* of what is said at a TCP port: the agent has room for it */

/* Whether `word` can be said: as a line, or as a URL in a line of HTTP. */
static bool
is_said(const struct verify *verify)
{
	const char *word = verify->word;
	size_t len = strlen(word);

	if (len == 0 || len > SAID_BYTES_MAX || !shown_is_fit(word, len, SHOWN_WORDS)) {
		return false;
	}
	if (verify->way == VERIFY_WORD) {
		return true;
	}
	for (const char *at = word; *at; at++) {
		if (*at <= ' ' || *at > '~') {
			return false;
		}
	}
	return strncmp(word, "http://", 7) == 0 || strncmp(word, "https://", 8) == 0;
}

/* Which of its keys a way of proving needs. */
static void
add_verify(struct loader *loader, struct verify *verify, struct pos pos)
{
	bool tcp = verify->way == VERIFY_WORD || verify->way == VERIFY_REDIRECT;

	verify->pos = first_pos(verify->pos, pos);
	if (tcp && !verify->word) {
		problem(loader, "missing-key", verify->pos,
		    "this way of proving needs `word`: what is to be found at the port");
	} else if (tcp && !is_said(verify)) {
		problem(loader, "bad-value", verify->pos,
		    verify->way == VERIFY_WORD
			? "`word` has at most %d printable characters"
			: "`word` is where the redirect leads: http:// or https://, of at most %d "
			  "characters without spaces",
		    SAID_BYTES_MAX);
	} else if (!tcp && verify->by.count != 1) {
		problem(loader, verify->by.count ? "bad-value" : "missing-key", verify->pos,
		    "this way of proving needs `by`: one address, of who verifies");
	} else if (!tcp && verify->way != VERIFY_ASSOCIATION &&
	    verify->by.list[0].ip.family == IP_NONE) {
		problem(loader, "bad-value", verify->by.list[0].pos,
		    "`by` is a name; here it is the address that the questions come from");
	}
	vec_push(&loader->verifies, verify);
}

/* The daemons' lines of access are judged before a restart: see RESTART_FENCES_MAX. */
#define DENIED_MAX 128

static void
add_deny(struct loader *loader, struct deny *deny, struct pos pos)
{
	size_t before = 0;

	deny->pos = first_pos(deny->pos, pos);
	for (size_t i = 0; i < loader->denies.count; i++) {
		before += ((const struct deny *)vec_at(&loader->denies, i))->net_count;
	}
	if (before <= DENIED_MAX && before + deny->net_count > DENIED_MAX) {
		problem(loader, "bad-value", deny->pos,
		    "`deny` has more than %d networks: so many are for a firewall", DENIED_MAX);
	}
	vec_push(&loader->denies, deny);
}

/* Check the length of a secret.  A SHA256 key may be as short as its MAC, 160 bits. */
static void
check_secret(struct loader *loader, const struct key_draft *draft)
{
	static const struct {
		const char *name;
		size_t least, most;
	} rows[] = {
		[KEY_TYPE_AES128CMAC] = { "AES128CMAC", 32, 32 },
		[KEY_TYPE_SHA1] = { "SHA1", 40, 40 },
		[KEY_TYPE_SHA256] = { "SHA256", 40, 64 },
		[KEY_TYPE_MD5] = { "MD5", 2, 40 },
	};
	const char *secret = draft->key.secret_hex;
	size_t len = secret ? strlen(secret) : 0;

	if (!secret ||
	    (len >= rows[draft->key.type].least && len <= rows[draft->key.type].most &&
		len % 2 == 0)) {
		return;
	}
	problem(loader, "bad-value", draft->secret_pos,
	    "`secret` has %zu hexadecimal digits; a key of type %s has %zu%s", len,
	    rows[draft->key.type].name, rows[draft->key.type].most,
	    rows[draft->key.type].least < rows[draft->key.type].most ? " at most, in pairs" : "");
}

static void
add_key(struct loader *loader, struct key_draft *draft, struct pos pos)
{
	draft->key.pos = first_pos(draft->key.pos, pos);
	check_secret(loader, draft);
	if (draft->between.count == 1) {
		problem(loader, "bad-value", draft->between.list[0].pos,
		    "`between` names one host; a key is shared by two");
	}
	vec_push(&loader->keys, draft);
}

/* Without blanks and control characters, and without what would end it where it is quoted. */
static bool
is_one_word(const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '"' || *c == '\\') {
			return false;
		}
	}
	return true;
}

static bool
is_url(const char *text)
{
	size_t begin = strncmp(text, "https://", 8) == 0 ? 8
	    : strncmp(text, "http://", 7) == 0           ? 7
							 : 0;

	return begin > 0 && text[begin] && !strchr("/:?#@", text[begin]) && is_one_word(text);
}

static void
add_alert(struct loader *loader, struct alert_way *way, struct pos pos)
{
	int ways =
	    (way->webhook != NULL) + (way->command != NULL) + (way->mail != NULL) + way->syslog;

	way->pos = first_pos(way->pos, pos);
	if (ways != 1) {
		problem(loader, "bad-value", way->pos,
		    "an entry of `alerts` has one of `webhook`, `command`, `mail` and `syslog`, "
		    "not %s",
		    ways == 0 ? "none" : "more: make an entry of each");
	} else if (way->webhook && !is_url(way->webhook)) {
		problem(loader, "bad-value", way->pos,
		    "`webhook` is a URL, as https://alerts.example.net/timetier");
	} else if (way->command && way->command[0] != '/') {
		problem(loader, "bad-value", way->pos,
		    "`command` is the absolute path of a program, without arguments");
	} else if (way->mail &&
	    (!strchr(way->mail, '@') || strpbrk(way->mail, ",;<>") || !is_one_word(way->mail))) {
		problem(loader, "bad-value", way->pos, "`mail` is one address: ops@example.net");
	} else if (way->form != ALERT_PLAIN && !way->webhook) {
		problem(loader, "bad-value", way->pos,
		    "`form` is what is posted to a `webhook`, and this way has none");
	}
	if (loader->alerts.count == ALERT_WAYS_MAX) {
		problem(loader, "bad-value", way->pos,
		    "`alerts` has more than %d ways; let an Alertmanager or a command tell the "
		    "others",
		    ALERT_WAYS_MAX);
	}
	for (size_t i = 0; way->name && i < loader->alerts.count; i++) {
		const struct alert_way *other = vec_at(&loader->alerts, i);

		if (other->name && strcmp(other->name, way->name) == 0) {
			problem(loader, "bad-value", way->pos,
			    "two entries of `alerts` have the name %s", way->name);
		}
	}
	vec_push(&loader->alerts, way);
}

void
add_object(struct loader *loader, enum place place, void *object, struct pos pos)
{
	switch (place) {
	case PLACE_UPSTREAM:
		add_upstream(loader, object, pos);
		break;
	case PLACE_TIER:
		add_tier(loader, object, pos);
		break;
	case PLACE_SERVER:
		add_server(loader, object, pos);
		break;
	case PLACE_REFCLOCK:
		add_refclock(loader, object, pos);
		break;
	case PLACE_CLIENTS:
		add_clients(loader, object, pos);
		break;
	case PLACE_CLIENT:
		vec_push(&loader->singles, object);
		break;
	case PLACE_ACCEPT:
		add_accept(loader, object, pos);
		break;
	case PLACE_VERIFY:
		add_verify(loader, object, pos);
		break;
	case PLACE_ALERT:
		add_alert(loader, object, pos);
		break;
	case PLACE_DENY:
		add_deny(loader, object, pos);
		break;
	case PLACE_KEY:
		add_key(loader, object, pos);
		break;
	case PLACE_SITE:
	case PLACE_EXTRA:
	case PLACE_NTS:
	case PLACE_SSH:
	case PLACE_BUDGET:
	case PLACE_RESTART:
	case PLACE_BORDER:
	case PLACE_ROLLOUT:
	case PLACE_KEYS_FILE:
	case PLACE_COUNT:
		break;
	}
}
