/*
 * Which of the agent's programs runs on a host: its processor, its dynamic loader and its libc,
 * held against what the program's own header asks for.  This file does no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_PROGRAM_H
#define ORCHESTRATOR_ROLLOUT_PLAN_PROGRAM_H

#include "common/digest.h"
#include "orchestrator/rollout/facts/facts.h"

#define AGENT_PROGRAMS_MAX 8
#define AGENT_LOADER_BYTES 64

struct agent_program {
	const char *name; /* where it is from: a file's path */
	const char *bytes;
	size_t len;
	char hash[SHA256_HEX_BYTES];       /* SHA-256 in hex */
	bool script;                       /* it begins with "#!": it runs anywhere */
	unsigned machine;                  /* of its ELF header: 62 is x86-64 */
	char loader[AGENT_LOADER_BYTES];   /* "/lib64/ld-linux-x86-64.so.2"; "": it needs none */
	unsigned glibc_major, glibc_minor; /* the newest version of glibc that it needs; 0: none */
};

/* Several of them, for hosts of several kinds. */
struct agent_programs {
	struct agent_program list[AGENT_PROGRAMS_MAX];
	size_t count; /* 0: there is no program */
};

/*
 * Add the program in @bytes, which must stay where they are.
 *
 * Returns 0, or -1 with @err set: it is neither a program of Linux nor a script, or there is no
 * room for it.
 */
int agent_programs_add(struct agent_programs *programs, const char *name, const char *bytes,
    size_t len, struct error *err) MUST_CHECK;

/*
 * Returns the program that fits the host best: of those that run there the one that needs the
 * newest libc, because an older one brings older libraries along.  NULL with @err set: none runs
 * there.  There must be one at least.
 */
const struct agent_program *agent_programs_choose(
    const struct agent_programs *programs, const struct facts *facts, struct error *err);

/* The same, for who takes no --agent: @err says why none of them runs there, and not what to do. */
const struct agent_program *agent_programs_fit(
    const struct agent_programs *programs, const struct facts *facts, struct error *err);

/*
 * The same where there may be none: @programs may be NULL or empty.
 *
 * @unfit: why none of them runs there, with memory of @arena; else NULL
 */
const struct agent_program *agent_programs_find(const struct agent_programs *programs,
    const struct facts *facts, struct arena *arena, const char **unfit);

/* Write what stands for all of them together, as a SHA-256 in hex; of one program it is its own. */
void agent_programs_hash(const struct agent_programs *programs, char hash[SHA256_HEX_BYTES]);

#endif
