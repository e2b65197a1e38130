/*
 * A plan that is kept in a file, to be carried out exactly so or not at all: hashes of what each
 * host has and should have, what is done, and in which wave.  No content and no secret is in it.
 * Pure.
 */
#ifndef ORCHESTRATOR_RUNS_SAVED_SAVED_H
#define ORCHESTRATOR_RUNS_SAVED_SAVED_H

#include "common/buf.h"
#include "orchestrator/rollout/rollout.h"

struct saved_file {
	const char *path;
	const char *present; /* "SHA256 0644 root:root", "absent", or "of somebody else" */
	const char *wanted;  /* the same */
};

struct saved_host {
	const char *name;
	const char *daemon;  /* of its driver; "": the agent alone */
	const char *action;  /* file_action_name() */
	const char *verdict; /* verdict_name(); "": the daemon is not restarted */
	const char *agent;   /* SHA-256 of the program that is there; "": none */
	unsigned wave;       /* 0: nothing to do */
	const char **does;   /* "restart chrony.service" */
	size_t does_count;
	struct saved_file *files;
	size_t file_count;
};

struct saved {
	int64_t made_real_ns;
	const char *by;      /* user@host */
	const char *version; /* of timetier */
	const char *site;    /* its name */
	const char *site_file, *site_sha256;
	/* the options that decide what hosts should have; "": not given */
	const char *agent, *templates, *state;
	const char *agent_sha256; /* of the program that hosts get; "": none */
	bool no_agent, disable_rivals;
	struct saved_host *hosts;
	size_t host_count;
};

/* Fill the hosts of @saved with those of @hosts that were planned; its texts come from @arena. */
void saved_take_hosts(
    struct saved *saved, const struct rollout_host *hosts, size_t count, struct arena *arena);

/* Add the file's content to @out. */
void saved_encode(const struct saved *saved, struct buf *out);

/*
 * The inverse, for a file that anybody may have written.
 *
 * Returns 0, or -1 with @err set and @saved untouched.
 */
int saved_decode(const char *bytes, size_t len, struct arena *arena, struct saved *saved,
    struct error *err) MUST_CHECK;

/* Whether @bytes begin as a file of saved_encode() does: what is wrong with it is worth a word. */
bool saved_looks_so(const char *bytes, size_t len);

/* Something is not as it was planned; @host "": of all. */
typedef void (*saved_tell)(void *ctx, const char *host, const char *text);

/*
 * Tell in what @now, a plan of the same hosts made just now, is not what @then was.
 *
 * Returns how much was told; 0: it may be carried out.
 */
size_t saved_compare(const struct saved *then, const struct saved *now, saved_tell tell, void *ctx);

#endif
