/*
 * What a host is and has, as remote/facts.sh tells it in one command.  This file does no I/O: the
 * caller hands in the bytes.  They come from the host and are not trusted.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_FACTS_H
#define ORCHESTRATOR_ROLLOUT_FACTS_FACTS_H

#include "common/address.h"
#include "common/arena.h"
#include "common/buf.h"
#include "daemons/platforms/agent_service.h"
#include "daemons/platforms/platform.h"
#include "orchestrator/rollout/facts/change.h"
#include "orchestrator/rollout/facts/machine.h"
#include "orchestrator/rollout/facts/records.h"
#include "orchestrator/rollout/facts/units.h"
#include "verdict/report.h"

enum fact_file_state {
	FACT_FILE_ABSENT,
	FACT_FILE_REGULAR,
	FACT_FILE_LINK, /* a symbolic link; content is its target */
	FACT_FILE_ODD,  /* a folder, a device */
	FACT_FILE_HUGE, /* too large to be read; content is its size in bytes, as text */
};

struct fact_file {
	const char *path;
	enum fact_file_state state;
	const char *content; /* NUL-ended; may hold other NULs */
	size_t len;
	unsigned mode;
	const char *owner, *group;
	bool found; /* nobody asked for it by its name: a configuration or unit brings it in */
};

struct fact_binary {
	const char *path, *version;
};

#define FACT_FILES_MAX 128
#define FACT_BINARIES_MAX 16
#define FACT_HOOKS_MAX 4
#define FACT_BESIDE_MAX 64

struct facts {
	struct arena arena; /* owns all texts except those in bulk */
	struct arena bulk;  /* owns contents of files, and agent_status; see facts_slim() */
	bool complete;      /* the last record came */
	bool asked_agent;   /* its report came, or what should be one */
	unsigned uid;
	int64_t shell_ns;     /* from the start of its login shell to that of our script; 0: not
				 told */
	bool measures;        /* the agent was asked to measure the daemon's sources */
	struct ip via;        /* our address as the host's sshd saw it; IP_NONE: not told */
	bool systemd, openrc; /* which of the two starts its services */
	const char *lacks; /* of OpenRC: the commands that a rollout needs and that are not there,
			      or are busybox's, "flock timeout"; "": none */
	const struct platform *platform; /* NULL: none that is known */
	const char *os_id;               /* ID= of its os-release, "" when not told */
	const char *arch, *os; /* "x86_64"; "Debian GNU/Linux 12 (bookworm)", "" when not told */
	const char *libc;      /* "glibc 2.36"; "": another one; NULL: not told */
	const char *loaders;   /* paths of its dynamic loaders, each between two line feeds; NULL:
				  not told */
	struct fact_file files[FACT_FILES_MAX];
	size_t file_count;
	struct fact_unit units[FACT_UNITS_MAX];
	size_t unit_count;
	struct fact_binary binaries[FACT_BINARIES_MAX];
	size_t binary_count;
	const char *beside[FACT_BESIDE_MAX]; /* paths that match a `beside` glob of a driver */
	size_t beside_count;
	struct fact_machine machine;
	const char *agent_hash; /* SHA-256 of the agent's file in hex; NULL: there is none */
	const struct report *agent_status; /* NULL: no agent, or it could not tell */
	const char *hooks[FACT_HOOKS_MAX]; /* they set the clock when an interface comes up */
	size_t hook_count;
	struct fact_change last;       /* the latest change that ended */
	struct fact_change unfinished; /* a change that waits to be confirmed or put back */
	struct fact_change lock;       /* who is at work on the host now */
};

/*
 * Write the questions for remote/facts.sh: all that the plan of any driver may need.
 *
 * @proof: where a server has the files that it proves itself by; NULL: it has none
 * @fresh: the agent shall measure the daemon's sources for its verdict
 */
struct fact_proof {
	const char *certificate, *key; /* paths without blanks */
};
void facts_questions(struct buf *questions, const struct fact_proof *proof, bool fresh);

/* Write the one question that asks for the daemon's state. */
void facts_look(struct buf *questions);

/* Take one record; an unknown record is left out, and so is a file or unit that is told twice. */
void facts_take(struct facts *facts, const struct record *record);

/* The first word of the @index-th kind of record that facts_take() knows; NULL: there are no more.
 */
const char *facts_verb(size_t index);

/*
 * Free most of the memory of @facts once the host is planned.  A file that has the same content in
 * one of @sets shares the bytes of that set, which must live as long as @facts.  agent_status
 * becomes NULL.
 */
void facts_slim(struct facts *facts, const struct file_set *const *sets, size_t count);

void facts_done(struct facts *facts);

/* NULL: the host told nothing of it. */
const struct fact_file *facts_file(const struct facts *facts, const char *path);
const struct fact_unit *facts_unit(const struct facts *facts, const char *name);

/* Why agent_status is NULL: "there is no agent on the host", or what else it is. */
const char *facts_untold(const struct facts *facts);

/* What makes, or would make, the agent a service there. */
const struct agent_service *facts_agent_service(const struct facts *facts);

/* The service of the agent; NULL: the host told nothing of it. */
const struct fact_unit *facts_agent_unit(const struct facts *facts);

#define VERIFY_UNIT_LINK "/etc/systemd/system/sockets.target.wants/" VERIFY_UNIT
#define FIRST_SET_UNIT_LINK "/etc/systemd/system/multi-user.target.wants/" FIRST_SET_UNIT

#endif
