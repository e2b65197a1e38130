/* A file that the operator offers as the agent's program. */
#include "orchestrator/rollout/plan/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent_programs programs = { .count = 0 };
	struct facts facts = {
		.arch = "x86_64", .libc = "glibc 2.31", .loaders = "\n/lib/ld.so\n"
	};
	struct error err;

	if (agent_programs_add(&programs, "it", (const char *)data, size, &err) == 0) {
		agent_programs_choose(&programs, &facts, &err);
	}
	return 0;
}
