/*
 * The table of names is at the end; the functions above it set the values of a host.  Long, because
 * every name is a row.
 */
#include "common/nearest.h"
#include "common/version.h"
#include "orchestrator/render/context.h"
#include "orchestrator/render/items.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/siblings.h"

#include <string.h>

static void
set_flag(struct mustache_value *value, bool is)
{
	value->kind = is ? MUSTACHE_TRUE : MUSTACHE_FALSE;
}

static void
set_number(struct context *context, struct mustache_value *value, unsigned number)
{
	items_text(value, arena_printf(&context->scratch, "%u", number));
}

const char *
context_seconds(struct arena *arena, int64_t duration_ns)
{
	char *text = arena_printf(arena, "%lld.%09lld", (long long)(duration_ns / NS_PER_S),
	    (long long)(duration_ns % NS_PER_S));
	size_t len = strlen(text);

	while (text[len - 1] == '0') {
		len--;
	}
	text[text[len - 1] == '.' ? len - 1 : len] = '\0';
	return text;
}

static void
value_site(struct context *context, struct mustache_value *value)
{
	items_text(value, context->topology->site);
}

/* Without its folder: rendered files must not depend on the operator's current folder. */
static void
value_site_file(struct context *context, struct mustache_value *value)
{
	const char *slash = strrchr(context->topology->file, '/');

	items_text(value, slash ? slash + 1 : context->topology->file);
}

static void
value_version(struct context *context UNUSED, struct mustache_value *value)
{
	items_text(value, TIMETIER_VERSION);
}

static void
value_host(struct context *context, struct mustache_value *value)
{
	items_text(value, context->host->name);
}

static void
value_group(struct context *context, struct mustache_value *value)
{
	const struct host *host = context->host;

	items_text(value, host->tier ? host->tier->name : host->group->name);
}

static void
value_server(struct context *context, struct mustache_value *value)
{
	set_flag(value, context->host->role == HOST_SERVER);
}

static void
value_released(struct context *context, struct mustache_value *value)
{
	set_flag(value, context->host->released);
}

static void
value_never_steps(struct context *context, struct mustache_value *value)
{
	set_flag(value, host_never_steps(context->host));
}

static void
value_proves_by_nts(struct context *context, struct mustache_value *value)
{
	set_flag(value, host_proves_by_nts(context->topology, context->host));
}

static void
value_daemon_unit(struct context *context, struct mustache_value *value)
{
	const char *of_agent = context->settings ? context->settings->unit : NULL;

	items_text(value, context->driver ? context->driver->unit : of_agent);
}

static void
value_isolated(struct context *context, struct mustache_value *value)
{
	set_flag(value, context->host->tier && context->host->tier->isolated);
}

static void
value_symmetric(struct context *context, struct mustache_value *value)
{
	const struct tier *tier = context->host->tier;

	set_flag(value, tier && tier->peering == PEERING_SYMMETRIC);
}

static void
value_orphan_stratum(struct context *context, struct mustache_value *value)
{
	if (context->host->tier) {
		set_number(context, value, context->host->tier->orphan_stratum);
	}
}

static void
value_verify_way(struct context *context, struct mustache_value *value)
{
	const struct verify *verify = topology_port_proof(context->topology, context->host);

	items_text(value, verify ? verify_way_words[verify->way] : NULL);
}

static void
value_verify_port(struct context *context, struct mustache_value *value)
{
	const struct verify *verify = topology_port_proof(context->topology, context->host);

	if (verify) {
		set_number(context, value, verify->port);
	}
}

static void
value_verify_word(struct context *context, struct mustache_value *value)
{
	const struct verify *verify = topology_port_proof(context->topology, context->host);

	items_text(value, verify ? verify->word : NULL);
}

static void
value_verify_until(struct context *context, struct mustache_value *value)
{
	const struct verify *verify = topology_port_proof(context->topology, context->host);

	if (verify) {
		items_text(value,
		    arena_printf(
			&context->scratch, "%lld", (long long)(verify->until_ns / NS_PER_S)));
	}
}

/* How many sources must agree; for a client: more than half of the servers that it asks. */
static unsigned
quorum(const struct host *host)
{
	if (host->tier) {
		return tier_quorum(host->tier);
	}
	return source_votes(host_sources(host)) / 2 + 1;
}

static void
value_quorum(struct context *context, struct mustache_value *value)
{
	set_number(context, value, quorum(context->host));
}

/* At boot no hardware clock is asked: as many as the daemon wants to agree, or all that are asked.
 */
static void
value_boot_quorum(struct context *context, struct mustache_value *value)
{
	const struct tier *tier = context->host->tier;
	size_t asked = source_votes(host_sources(context->host));
	unsigned count = quorum(context->host);

	if (asked == 0 && tier && tier->peering != PEERING_NONE) {
		asked = tier->server_count - 1;
	}
	set_number(context, value, asked > 0 && asked < count ? (unsigned)asked : count);
}

static void
value_siblings_help(struct context *context, struct mustache_value *value)
{
	set_flag(value, context_siblings_help(context));
}

static void
value_ignores_proof(struct context *context, struct mustache_value *value)
{
	set_flag(value, host_ignores_proof(context->topology, context->host));
}

/* ntpd drops survivors until this many are left; it must not drop below the quorum. */
static void
value_minclock(struct context *context, struct mustache_value *value)
{
	unsigned count = quorum(context->host);

	set_number(context, value, count > 4 ? count : 4);
}

static void
value_limit(struct context *context, struct mustache_value *value)
{
	int64_t limit_ns = topology_limit_ns(context->topology, context->host);

	items_text(value, context_seconds(&context->scratch, limit_ns));
}

static void
value_smeared(struct context *context, struct mustache_value *value)
{
	set_flag(value, host_is_smeared(context->host));
}

static void
value_has_siblings(struct context *context, struct mustache_value *value)
{
	context_siblings(context, value);
	set_flag(value, value->count > 0);
}

static void
value_has_extra(struct context *context, struct mustache_value *value)
{
	context_extra(context, value);
	set_flag(value, value->count > 0);
}

static void
value_has_keys(struct context *context, struct mustache_value *value)
{
	context_keys(context, value);
	set_flag(value, value->count > 0);
}

/* --- values for an agent's files --- */

static void
value_pin(struct context *context, struct mustache_value *value)
{
	items_text(value, context->settings ? context->settings->pin : NULL);
}

static void
value_token(struct context *context, struct mustache_value *value)
{
	items_text(value, context->settings ? context->settings->token : NULL);
}

static void
value_interval(struct context *context, struct mustache_value *value)
{
	if (context->settings) {
		items_text(
		    value, context_seconds(&context->scratch, context->settings->interval_ns));
	}
}

static void
value_daemon(struct context *context, struct mustache_value *value)
{
	items_text(value, context->driver ? context->driver->name : context->settings->daemon);
}

/* Whether @text has no character that ends a word of a line, quotes or begins a comment. */
static bool
is_word(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f ||
		    strchr("\"'#;!\\$`", *text)) {
			return false;
		}
	}
	return true;
}

static void
value_of_member(struct context *context, const struct context_name *row, const void *item,
    struct mustache_value *value)
{
	const char *member = (const char *)item + row->offset;

	switch (row->type) {
	case CONTEXT_TEXT:
	case CONTEXT_WORD:
		items_text(value, *(const char *const *)(const void *)member);
		break;
	case CONTEXT_NUMBER:
		items_text(value,
		    arena_printf(&context->scratch, "%d", *(const int *)(const void *)member));
		break;
	case CONTEXT_FLAG:
		set_flag(value, *(const bool *)(const void *)member);
		break;
	case CONTEXT_LIST:
		break;
	}
}

int
context_value(void *arg, int id, const struct mustache_frame *frame, struct mustache_value *value,
    struct error *err)
{
	const struct context_name *row = &context_names[id];
	struct context *context = arg;

	if (row->scope == SCOPE_HOST) {
		row->value(context, value);
	} else {
		while (frame && *(const enum scope *)frame->item != row->scope) {
			frame = frame->outer;
		}
		if (!frame) {
			return error_set(
			    err, "`%s` has no meaning outside of its section", row->name);
		}
		value_of_member(context, row, frame->item, value);
	}
	if (row->type == CONTEXT_WORD && value->kind == MUSTACHE_TEXT && !is_word(value->text)) {
		return error_set(
		    err, "`%s` is \"%.100s\", which is not one plain word", row->name, value->text);
	}
	return 0;
}

int
context_resolve(void *arg UNUSED, const char *name, size_t len, struct error *err)
{
	char word[NEAREST_WORD_MAX + 1];
	struct nearest nearest = { .word = word };

	for (size_t i = 0; i < context_name_count; i++) {
		if (strlen(context_names[i].name) == len &&
		    memcmp(context_names[i].name, name, len) == 0) {
			return (int)i;
		}
	}
	if (len > NEAREST_WORD_MAX) {
		return error_set(err, "there is no name `%.*s...`", NEAREST_WORD_MAX, name);
	}
	memcpy(word, name, len);
	word[len] = '\0';
	for (size_t i = 0; i < context_name_count; i++) {
		nearest_offer(&nearest, context_names[i].name);
	}
	return error_set(err, "there is no name `%s`%s%s%s", word, nearest.best ? "; is `" : "",
	    nearest.best ? nearest.best : "", nearest.best ? "` meant?" : "");
}

const struct context_name context_names[] = {
	{ "site", SCOPE_HOST, CONTEXT_TEXT, 0, value_site, "Name of the site" },
	{ "site_file", SCOPE_HOST, CONTEXT_TEXT, 0, value_site_file,
	    "The file that declares the site, without its folder" },
	{ "version", SCOPE_HOST, CONTEXT_TEXT, 0, value_version, "Version of timetier" },
	{ "host", SCOPE_HOST, CONTEXT_WORD, 0, value_host, "Name of the host" },
	{ "group", SCOPE_HOST, CONTEXT_TEXT, 0, value_group,
	    "The tier of a server, the group of a client" },
	{ "daemon", SCOPE_HOST, CONTEXT_WORD, 0, value_daemon,
	    "The host's daemon: chrony, ntpsec, ntp; for its agent also auto" },
	{ "server", SCOPE_HOST, CONTEXT_FLAG, 0, value_server,
	    "The host is a server of a tier, not a client" },
	{ "released", SCOPE_HOST, CONTEXT_FLAG, 0, value_released,
	    "The host is released: timetier looks after it no longer" },
	{ "never_steps", SCOPE_HOST, CONTEXT_FLAG, 0, value_never_steps,
	    "No start of its daemon steps the clock: a server, or a client of a group with "
	    "`restart`" },
	{ "proves_by_nts", SCOPE_HOST, CONTEXT_FLAG, 0, value_proves_by_nts,
	    "Such a host whose sources all have NTS, by which they prove nothing before its clock "
	    "is "
	    "right" },
	{ "daemon_unit", SCOPE_HOST, CONTEXT_WORD, 0, value_daemon_unit,
	    "The unit of the host's daemon: chrony.service" },
	{ "daemon_program", SCOPE_HOST, CONTEXT_WORD, 0, context_daemon_program,
	    "The program of the host's daemon: /usr/sbin/chronyd" },
	{ "daemon_user", SCOPE_HOST, CONTEXT_WORD, 0, context_daemon_user,
	    "The user that the host's daemon runs as" },
	{ "daemon_group", SCOPE_HOST, CONTEXT_WORD, 0, context_daemon_group,
	    "The group that the host's daemon runs in" },
	{ "platform", SCOPE_HOST, CONTEXT_WORD, 0, context_platform,
	    "The family of systems that the host is of, unless it is Debian's: rhel, suse" },
	{ "isolated", SCOPE_HOST, CONTEXT_FLAG, 0, value_isolated,
	    "The tier must run without upstreams: orphan mode" },
	{ "symmetric", SCOPE_HOST, CONTEXT_FLAG, 0, value_symmetric,
	    "The siblings are peers (peering: symmetric)" },
	{ "orphan_stratum", SCOPE_HOST, CONTEXT_TEXT, 0, value_orphan_stratum,
	    "Stratum of the tier when it has nobody but itself" },
	{ "quorum", SCOPE_HOST, CONTEXT_TEXT, 0, value_quorum,
	    "How many sources must agree before the clock is touched" },
	{ "boot_quorum", SCOPE_HOST, CONTEXT_TEXT, 0, value_boot_quorum,
	    "How many of those that are asked at boot must agree" },
	{ "siblings_help", SCOPE_HOST, CONTEXT_FLAG, 0, value_siblings_help,
	    "Its siblings may be followed, and help when its own sources are gone" },
	{ "ignores_proof", SCOPE_HOST, CONTEXT_FLAG, 0, value_ignores_proof,
	    "Its siblings may be followed, and their keys are not to set them above its sources" },
	{ "maxclock", SCOPE_HOST, CONTEXT_TEXT, 0, context_maxclock,
	    "Of ntpd: how many associations there are with those of pools; nothing without pools" },
	{ "minclock", SCOPE_HOST, CONTEXT_TEXT, 0, value_minclock,
	    "How many of those that agree ntpd keeps: the quorum, or 4" },
	{ "limit", SCOPE_HOST, CONTEXT_TEXT, 0, value_limit,
	    "Up to here a correction is slewed, in seconds (restart: limit)" },
	{ "smeared", SCOPE_HOST, CONTEXT_FLAG, 0, value_smeared,
	    "The time that arrives here is leap-smeared" },
	{ "drift_file", SCOPE_HOST, CONTEXT_TEXT, 0, context_drift_file,
	    "Where the daemon keeps the clock's frequency" },
	{ "keys_file", SCOPE_HOST, CONTEXT_TEXT, 0, context_keys_file,
	    "Where the daemon's symmetric keys stand" },
	{ "config_file", SCOPE_HOST, CONTEXT_WORD, 0, context_config_file,
	    "The daemon's configuration" },
	{ "sources_folder", SCOPE_HOST, CONTEXT_WORD, 0, context_sources_folder,
	    "The folder of files with sources that chrony reads without a restart" },
	{ "options_file", SCOPE_HOST, CONTEXT_WORD, 0, context_options_file,
	    "The file with the start options of the daemon's service" },
	{ "options_variable", SCOPE_HOST, CONTEXT_WORD, 0, context_options_variable,
	    "The variable in that file: DAEMON_OPTS" },
	{ "options_besides", SCOPE_HOST, CONTEXT_TEXT, 0, context_options_besides,
	    "A line that must stand in that file besides" },
	{ "stock_options", SCOPE_HOST, CONTEXT_TEXT, 0, context_stock_options,
	    "The start options that the package has there and that are kept: -F 1" },
	{ "pid_file", SCOPE_HOST, CONTEXT_WORD, 0, context_pid_file,
	    "Where ntpd writes its process ID" },
	{ "leap_file", SCOPE_HOST, CONTEXT_WORD, 0, context_leap_file,
	    "Where the daemon finds the list of leap seconds; empty: chronyd reads the zone "
	    "right/UTC" },
	{ "hwtimestamp", SCOPE_HOST, CONTEXT_WORD, 0, context_hwtimestamp,
	    "The network card whose time stamps are taken, or * for all that have them" },
	{ "nts_certificate", SCOPE_HOST, CONTEXT_WORD, 0, context_nts_certificate,
	    "Of a server that proves itself by NTS: the path of its certificate" },
	{ "nts_key", SCOPE_HOST, CONTEXT_WORD, 0, context_nts_key,
	    "Of such a server: the path of its private key" },
	{ "nts_authorities", SCOPE_HOST, CONTEXT_LIST, 0, context_nts_authorities,
	    "The authorities of the servers that it asks by NTS, where the system does not trust "
	    "them: paths" },
	{ "public_ipv4", SCOPE_HOST, CONTEXT_FLAG, 0, context_public_ipv4,
	    "Everybody is answered over IPv4" },
	{ "public_ipv6", SCOPE_HOST, CONTEXT_FLAG, 0, context_public_ipv6,
	    "Everybody is answered over IPv6" },
	{ "sources", SCOPE_HOST, CONTEXT_LIST, 0, context_sources,
	    "Whom the host asks outside its tier" },
	{ "clocks", SCOPE_HOST, CONTEXT_LIST, 0, context_clocks, "Its hardware clocks" },
	{ "extra", SCOPE_HOST, CONTEXT_LIST, 0, context_extra,
	    "The lines of `extra` for the host's daemon" },
	{ "has_extra", SCOPE_HOST, CONTEXT_FLAG, 0, value_has_extra, "It has such lines" },
	{ "siblings", SCOPE_HOST, CONTEXT_LIST, 0, context_siblings,
	    "The other servers of its tier, unless peering is none" },
	{ "has_siblings", SCOPE_HOST, CONTEXT_FLAG, 0, value_has_siblings,
	    "It has at least one sibling" },
	{ "serve", SCOPE_HOST, CONTEXT_LIST, 0, context_serve,
	    "Networks that get time: those of the site and, as networks of one, servers outside "
	    "them that ask here" },
	{ "named", SCOPE_HOST, CONTEXT_LIST, 0, context_named,
	    "Servers that ask here and are declared by a DNS name" },
	{ "monitors", SCOPE_HOST, CONTEXT_LIST, 0, context_monitors,
	    "Addresses that may query a server" },
	{ "verify_status", SCOPE_HOST, CONTEXT_LIST, 0, context_verify_status,
	    "Who may read its status for a while, to verify that it means to be in the pool" },
	{ "verify_version", SCOPE_HOST, CONTEXT_LIST, 0, context_verify_version,
	    "Who is answered in NTP version 4 only for a while, to verify the same" },
	{ "verify_silent", SCOPE_HOST, CONTEXT_LIST, 0, context_verify_silent,
	    "Who gets no answer at the moment, to verify the same" },
	{ "verify_servers", SCOPE_HOST, CONTEXT_LIST, 0, context_verify_servers,
	    "Whom it asks now and then and never follows, to verify the same" },
	{ "verify_way", SCOPE_HOST, CONTEXT_WORD, 0, value_verify_way,
	    "What it says for a while at a TCP port, to verify the same: word or redirect" },
	{ "verify_port", SCOPE_HOST, CONTEXT_WORD, 0, value_verify_port, "That port" },
	{ "verify_word", SCOPE_HOST, CONTEXT_TEXT, 0, value_verify_word,
	    "The word, or the URL of the redirect" },
	{ "verify_until", SCOPE_HOST, CONTEXT_WORD, 0, value_verify_until,
	    "When that ends, in seconds since 1970" },
	{ "denied", SCOPE_HOST, CONTEXT_LIST, 0, context_denied,
	    "Networks that a server does not answer" },
	{ "keys", SCOPE_HOST, CONTEXT_LIST, 0, context_keys,
	    "The symmetric keys that the host shares and has to know" },
	{ "source_keys", SCOPE_HOST, CONTEXT_LIST, 0, context_source_keys,
	    "Those of them that the host shares with the servers that it asks" },
	{ "has_keys", SCOPE_HOST, CONTEXT_FLAG, 0, value_has_keys, "It shares at least one key" },
	{ "collectors", SCOPE_HOST, CONTEXT_LIST, 0, context_collectors,
	    "Where the agent reports to: URLs" },
	{ "pin", SCOPE_HOST, CONTEXT_WORD, 0, value_pin,
	    "The agent's: hash of the collector's key" },
	{ "token", SCOPE_HOST, CONTEXT_WORD, 0, value_token,
	    "The agent's: what proves the host to the collector" },
	{ "interval", SCOPE_HOST, CONTEXT_TEXT, 0, value_interval,
	    "The agent's: seconds between two reports" },
	{ "measures", SCOPE_HOST, CONTEXT_FLAG, 0, context_measures,
	    "The agent's: only root may ask the daemon, so it asks the servers of the site "
	    "itself" },
	{ "name", SCOPE_SOURCE, CONTEXT_TEXT, offsetof(struct source_item, name), NULL,
	    "Name of the source in the site's file" },
	{ "operator", SCOPE_SOURCE, CONTEXT_TEXT, offsetof(struct source_item, operator_name), NULL,
	    "Who runs it" },
	{ "address", SCOPE_SOURCE, CONTEXT_WORD, offsetof(struct source_item, address), NULL,
	    "Its address, or its DNS name" },
	{ "minpoll", SCOPE_SOURCE, CONTEXT_NUMBER, offsetof(struct source_item, minpoll), NULL,
	    "Shortest poll interval, log2 s" },
	{ "maxpoll", SCOPE_SOURCE, CONTEXT_NUMBER, offsetof(struct source_item, maxpoll), NULL,
	    "Longest poll interval, log2 s" },
	{ "iburst", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, iburst), NULL,
	    "Some quick packets at the start" },
	{ "burst", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, burst), NULL,
	    "Several packets at every poll" },
	{ "nts", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, nts), NULL,
	    "Authenticated by NTS" },
	{ "ca", SCOPE_SOURCE, CONTEXT_WORD, offsetof(struct source_item, ca), NULL,
	    "Of a server with NTS: the path of its authority, where one is written" },
	{ "prefer", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, prefer), NULL,
	    "It is followed alone, as long as it agrees with a majority" },
	{ "noselect", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, noselect), NULL,
	    "It is measured, and never followed" },
	{ "trust", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, trust), NULL,
	    "It is believed against a majority" },
	{ "maxsources", SCOPE_SOURCE, CONTEXT_WORD, offsetof(struct source_item, maxsources), NULL,
	    "Of a pool: how many of its servers are followed" },
	{ "xleave", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, xleave), NULL,
	    "It is asked in interleaved mode where the daemon has it" },
	{ "key", SCOPE_SOURCE, CONTEXT_WORD, offsetof(struct source_item, key), NULL,
	    "Number of the key that it shares with the host" },
	{ "version4", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, version4), NULL,
	    "chrony must be told to use NTP version 4 with that key" },
	{ "helps", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, helps), NULL,
	    "A sibling that may be followed" },
	{ "rotating", SCOPE_SOURCE, CONTEXT_FLAG, offsetof(struct source_item, rotating), NULL,
	    "Another key takes the place of that one, and both are known" },
	{ "clock", SCOPE_CLOCK, CONTEXT_WORD, offsetof(struct clock_item, name), NULL,
	    "Its name, which is its reference id" },
	{ "ntp_address", SCOPE_CLOCK, CONTEXT_WORD, offsetof(struct clock_item, ntp_address), NULL,
	    "Its name as ntp 4.2.8 writes it, 127.127.28.0" },
	{ "shm", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, shm), NULL,
	    "It is shared memory that another program writes" },
	{ "sock", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, sock), NULL,
	    "It is a socket that another program writes to" },
	{ "pps", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, pps), NULL,
	    "It is a pulse each second" },
	{ "phc", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, phc), NULL,
	    "It is the clock of a network card" },
	{ "nmea", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, nmea), NULL,
	    "It is a receiver at a serial line" },
	{ "unit", SCOPE_CLOCK, CONTEXT_NUMBER, offsetof(struct clock_item, unit), NULL,
	    "Its number" },
	{ "device", SCOPE_CLOCK, CONTEXT_WORD, offsetof(struct clock_item, device), NULL,
	    "The path of its device or socket, if it is written" },
	{ "poll", SCOPE_CLOCK, CONTEXT_NUMBER, offsetof(struct clock_item, poll), NULL,
	    "The interval between two updates, log2 s" },
	{ "lock", SCOPE_CLOCK, CONTEXT_WORD, offsetof(struct clock_item, lock), NULL,
	    "The clock that numbers its seconds" },
	{ "numbers", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, numbers), NULL,
	    "It numbers the seconds of a PPS" },
	{ "offset", SCOPE_CLOCK, CONTEXT_TEXT, offsetof(struct clock_item, offset), NULL,
	    "What is added to its time, in seconds, unless 0" },
	{ "delay", SCOPE_CLOCK, CONTEXT_TEXT, offsetof(struct clock_item, delay), NULL,
	    "Twice the error to be assumed of it, in seconds" },
	{ "precision", SCOPE_CLOCK, CONTEXT_TEXT, offsetof(struct clock_item, precision), NULL,
	    "How finely it tells time, in seconds" },
	{ "baud", SCOPE_CLOCK, CONTEXT_NUMBER, offsetof(struct clock_item, baud), NULL,
	    "The speed of its serial line" },
	{ "baud_mode", SCOPE_CLOCK, CONTEXT_NUMBER, offsetof(struct clock_item, mode), NULL,
	    "That speed as ntp 4.2.8 has it: bits of `mode`" },
	{ "measured_only", SCOPE_CLOCK, CONTEXT_FLAG, offsetof(struct clock_item, noselect), NULL,
	    "It is measured and not followed" },
	{ "line", SCOPE_EXTRA, CONTEXT_TEXT, offsetof(struct extra_item, line), NULL,
	    "The line as site.yaml has it" },
	{ "network", SCOPE_NETWORK, CONTEXT_WORD, offsetof(struct network_item, network), NULL,
	    "192.0.2.0/24" },
	{ "network_address", SCOPE_NETWORK, CONTEXT_WORD, offsetof(struct network_item, address),
	    NULL, "192.0.2.0" },
	{ "network_mask", SCOPE_NETWORK, CONTEXT_WORD, offsetof(struct network_item, mask), NULL,
	    "255.255.255.0" },
	{ "whose", SCOPE_NETWORK, CONTEXT_TEXT, offsetof(struct network_item, whose), NULL,
	    "The server that has this address, if it is one" },
	{ "because", SCOPE_NETWORK, CONTEXT_TEXT, offsetof(struct network_item, because), NULL,
	    "Why it is denied, if it is" },
	{ "key_id", SCOPE_KEY, CONTEXT_WORD, offsetof(struct key_item, id), NULL,
	    "Number of the key" },
	{ "ntp_type", SCOPE_KEY, CONTEXT_WORD, offsetof(struct key_item, ntp_type), NULL,
	    "Its type as both ntpds spell it" },
	{ "chrony_type", SCOPE_KEY, CONTEXT_WORD, offsetof(struct key_item, chrony_type), NULL,
	    "Its type as chrony spells it" },
	{ "secret", SCOPE_KEY, CONTEXT_WORD, offsetof(struct key_item, secret), NULL,
	    "The key itself, in hex" },
	{ ".", SCOPE_TEXT, CONTEXT_WORD, offsetof(struct text_item, text), NULL,
	    "The item of a list of words itself" },
};

const size_t context_name_count = COUNT(context_names);
