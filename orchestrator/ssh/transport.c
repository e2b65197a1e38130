#include "orchestrator/ssh/transport.h"

const char *
link_step_name(enum link_step step)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		LINK_STEPS(X)
#undef X
	};

	return names[step];
}
