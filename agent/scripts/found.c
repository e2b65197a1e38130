#include "agent/scripts/found.h"

#include "agent/scripts/judge.h"

void
found_take(void *owner, const struct script *script, const struct command *command)
{
	struct found_list *found = owner;
	const char *says;
	enum setter_answer answer = command_sets_clock(command, &says);

	if (answer >= SETTER_MAY && found->count < FOUND_MAX) {
		found->list[found->count++] = (struct found){
			.says = says,
			.sure = answer == SETTER_SETS,
			.place = arena_printf(found->arena, "%s:%u", script->path, command->line),
			.script = *script,
		};
	}
}
