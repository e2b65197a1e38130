/* Reads a set of files as the daemon would. */
#include "orchestrator/lint/files/judged.h"

bool
judged_read(struct files_lint *run, const struct files_case *input, struct judged *judged)
{
	const struct daemon_driver *driver = input->driver;
	const struct file_entry *file = file_set_find(input->files, driver->config_path);
	struct buf text = { .limit_bytes = CONFIG_BYTES_MAX };
	struct config_lines lines;

	*judged = (struct judged){ .run = run,
		.topology = run->topology,
		.host = input->host,
		.input = input,
		.server = input->host->role == HOST_SERVER,
		.never_steps = host_never_steps(input->host),
		.ntpsec = driver->includes == DAEMON_INCLUDES_NTPSEC,
		.ntp = driver->includes == DAEMON_INCLUDES_NTP };
	/* the rules are about chrony's language and that of the ntpds */
	if (!file || file->absent || !(driver->features & DAEMON_SERVES)) {
		return false;
	}
	if (!judged_start(judged)) {
		return false;
	}
	config_merge(&run->arena, input->files, driver->includes, driver->config_path, &text);
	config_cut(&run->arena, buf_str(&text), driver->includes, driver->config_path, &lines);
	judged->lines = lines.list;
	judged->line_count = lines.count;
	driver->read_policy(buf_str(&text), judged->options, &judged->policy);
	buf_free(&text);
	return true;
}
