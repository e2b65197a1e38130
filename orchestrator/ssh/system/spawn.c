/* Starts a process of the system's `ssh`, and has the room for what it prints. */
#include "orchestrator/ssh/system/link.h"

void
system_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char bytes[65536]; /* for all pipes: one loop, which uses each piece at once */

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

int
system_spawn(uv_loop_t *loop, uv_process_t *process, char **argv, uv_stdio_container_t *stdio,
    uv_exit_cb exited)
{
	/* in a new session: ssh cannot ask on our terminal, and our Ctrl-C does not reach ssh */
	uv_process_options_t options = { .exit_cb = exited,
		.file = argv[0],
		.args = argv,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3 };

	return uv_spawn(loop, process, &options);
}
