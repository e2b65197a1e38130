/*
 * Whom a daemon answers by its configuration: `allow` and `deny` of chrony, `restrict` of both
 * ntpds, `listen` of OpenNTPD, `[[server]]` of ntpd-rs.  systemd-timesyncd answers nobody.  No I/O.
 */
#ifndef ORCHESTRATOR_CONFIG_ANSWERS_H
#define ORCHESTRATOR_CONFIG_ANSWERS_H

#include "common/address.h"
#include "orchestrator/config/lines.h"

/* What somebody is given who asks. */
enum answer {
	ANSWER_TIME = 1 << 0,
	ANSWER_STATUS = 1 << 1, /* how the daemon is doing: mode 6, chrony's command port */
};

/* Addresses, and what they are given unless a narrower row has them. */
struct config_answer {
	struct network network;
	unsigned gives;                 /* of enum answer */
	const struct config_line *line; /* the first that says so; NULL: the daemon's default */
};

struct config_answers {
	struct config_answer *list;
	size_t count;
	bool unsure; /* a line is for a name, or there are more lines than are kept */
};

/* Read them of a daemon of the kind of @driver.  Everything belongs to @arena. */
void config_answers_read(struct arena *arena, const struct daemon_driver *driver,
    const struct config_lines *lines, struct config_answers *answers);

/* What @ip is given: flags of enum answer. */
unsigned config_answers_to(const struct config_answers *answers, const struct ip *ip);

/* Whether a line of either table names addresses that the two tables treat differently. */
bool config_answers_differ(
    const struct config_answers *a, const struct config_answers *b, enum answer what);

/*
 * Whether the two tables treat the addresses of @network differently, of which its first and its
 * last one are tried.
 */
bool config_answers_differ_in(const struct config_answers *a, const struct config_answers *b,
    const struct network *network, enum answer what);

/* Whether it is of this host alone: 127.0.0.0/8, ::1. */
bool config_is_loopback(const struct network *network);

/*
 * Read the addresses of a line `restrict`, or of `allow` and its kin.
 *
 * @from: filled with one network, or with those of both families for "default", "all" and none
 * Returns how many; 0: the line is for a name, or for nobody.
 */
size_t config_answers_networks(
    const struct daemon_driver *driver, const struct config_line *line, struct network networks[2]);

#endif
