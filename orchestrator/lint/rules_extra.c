/* EXT: the operator's own lines of a daemon's configuration. */
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/extras.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CHRONY (1U << 0)
#define NTP (1U << 1)
#define NTPSEC (1U << 2)
#define NTPDS (NTP | NTPSEC)
#define ALL (CHRONY | NTPDS)

static const struct {
	unsigned daemon;
	const char *name;
} daemons[] = { { CHRONY, "chrony" }, { NTP, "ntp" }, { NTPSEC, "ntpsec" } };

/* What timetier decides: whom a host asks, whom it answers, what it does to its clock, its files.
 */
static const struct {
	unsigned daemons;
	const char *word, *instead;
} owned[] = {
	{ ALL, "server", "`upstreams` and `from` say whom a host asks" },
	{ ALL, "pool", "`upstreams` and `from` say whom a host asks" },
	{ ALL, "peer", "`peering` says how servers of a tier ask each other" },
	{ NTPDS, "unpeer", "`upstreams` and `from` say whom a host asks" },
	{ NTPDS, "unconfig", "`upstreams` and `from` say whom a host asks" },
	{ CHRONY | NTPSEC, "refclock", "`refclocks` of the server declares hardware clocks" },
	{ CHRONY, "sourcedir", "`upstreams` and `from` say whom a host asks" },
	{ CHRONY, "allow", "`serve` says who is answered" },
	{ CHRONY, "deny", "`serve` and `deny` say who is answered" },
	{ NTPDS, "restrict", "`serve`, `deny` and `monitors` say who is answered" },
	{ NTPSEC, "unrestrict", "`serve`, `deny` and `monitors` say who is answered" },
	{ CHRONY, "port", "`serve` says who is answered" },
	{ CHRONY, "cmdallow", "chronyd's command port stays on the loopback" },
	{ CHRONY, "cmddeny", "chronyd's command port stays on the loopback" },
	{ CHRONY, "cmdport", "chronyd's command port stays on the loopback" },
	{ CHRONY, "bindcmdaddress", "chronyd's command port stays on the loopback" },
	{ CHRONY, "bindcmddevice", "chronyd's command port stays on the loopback" },
	{ CHRONY, "local", "`isolated: true` of the tier lets it run without sources" },
	{ CHRONY, "makestep", "`restart: limit` says how far a clock is corrected" },
	{ CHRONY, "initstepslew",
	    "timetier-first-set sets a clock at boot, and nothing else does" },
	{ CHRONY, "maxchange", "`restart: limit` says how far a clock is corrected" },
	{ NTPDS, "tinker", "`restart: limit` says how far a clock is corrected" },
	{ CHRONY, "minsources", "`quorum` says how many sources must agree" },
	{ NTPDS, "tos", "`quorum` says how many sources must agree, `isolated` the rest" },
	{ CHRONY, "authselectmode", "which sources count follows from `upstreams` and `peering`" },
	{ CHRONY, "keyfile", "`keys` has the keys" },
	{ NTPDS, "keys", "`keys` has the keys" },
	{ NTPDS, "trustedkey", "`keys` has the keys" },
	{ NTPDS, "controlkey", "nobody changes a daemon over the network" },
	{ NTPDS, "requestkey", "nobody changes a daemon over the network" },
	{ ALL, "driftfile", "a restart is judged by the file that timetier knows" },
	{ CHRONY, "dumpdir", "a restart is judged by the folder that timetier knows" },
	{ NTPDS, "disable", "a daemon that does not steer the clock is no daemon" },
	{ CHRONY, "user", "the daemon's package decides that" },
};

/* What is said of a line of @daemon that begins with @word; or NULL: it may stand there. */
static const char *
instead_of(unsigned daemon, const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT(owned); i++) {
		if (owned[i].daemons & daemon && strlen(owned[i].word) == len &&
		    strncasecmp(owned[i].word, word, len) == 0) {
			return owned[i].instead;
		}
	}
	return NULL;
}

const char *
lint_extra_instead(const char *daemon, const char *line)
{
	for (size_t i = 0; i < COUNT(daemons); i++) {
		if (strcmp(daemons[i].name, daemon) == 0) {
			return instead_of(daemons[i].daemon, line, strcspn(line, " \t"));
		}
	}
	return "no daemon is called so";
}

static void
check_extras(struct lint *lint, const char *on, const struct extras *extras)
{
	for (size_t i = 0; extras && i < COUNT(daemons); i++) {
		struct extra_list lines = extras_of(extras, daemons[i].name);

		for (size_t k = 0; k < lines.count; k++) {
			const char *text = lines.list[k].text;
			size_t len = strcspn(text, " \t");
			const char *instead = instead_of(daemons[i].daemon, text, len);

			if (instead) {
				lint_report(lint, on, lines.list[k].pos,
				    "`%s`: %s; a line of `extra` would undo that", text, instead);
			}
		}
	}
}

static void
check_extra_owned(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->tier_count; i++) {
		check_extras(lint, topology->tiers[i].name, topology->tiers[i].extras);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		check_extras(lint, topology->groups[i].name, topology->groups[i].extras);
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		check_extras(lint, topology->hosts[i].name, topology->hosts[i].extras);
	}
}

const struct lint_rule rules_extra[] = {
	{ .id = "extra-owned",
	    .number = "EXT001",
	    .severity = SEVERITY_ERROR,
	    .summary = "lines of `extra` leave alone what timetier decides",
	    .source = "chrony.conf(5), ntp.conf(5): the last line with a setting wins",
	    .remedy = "take the line out, and write the key that the finding names",
	    .why = "A host asks, answers and corrects as the site declares it, and a restart is "
		   "safe, because the lines for that are known and belong together. A second "
		   "`makestep` behind ours lets a restart step the clock; a second `allow` or "
		   "`restrict` opens a server that `serve` closes.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]\n"
		       "    extra:\n"
		       "      chrony: [logdir /var/log/chrony, log measurements tracking]",
	    .check = check_extra_owned },
	{ .id = NULL },
};
