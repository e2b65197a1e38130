/* first-set as an operator runs it, as root: what must be root's stays here and hears nobody. */
#include "agent/first_set/confine.h"
#include "agent/first_set/first_set.h"
#include "agent/first_set/note.h"
#include "agent/first_set/read.h"
#include "agent/host/program.h"
#include "common/log.h"
#include "daemons/daemon.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEMCTL "/bin/systemctl"
#define SYSTEMCTL_MS 150000
#define CANNOT_RUN 2

static void
on_program(struct program *program UNUSED)
{
}

/* Run `systemctl @verb @unit` to its end. */
static int
systemctl(const char *verb, const char *unit, struct error *err)
{
	const char *const argv[] = { SYSTEMCTL, verb, unit, NULL };
	struct program program = { .running = false };
	uv_loop_t loop;
	int status = 0;

	uv_loop_init(&loop);
	program_run(&program, &loop, argv, SYSTEMCTL_MS, on_program);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (program.failure || program.exit_status != 0) {
		status = error_set(err, "systemctl %s %s: %s", verb, unit,
		    program.failure ? program.failure : "it failed");
	}
	program_free_output(&program);
	return status;
}

/* Wait for a process that fork() made; returns its exit status. */
static int
end_of(pid_t child)
{
	int status = 0;

	while (child > 0 && waitpid(child, &status, 0) < 0) {
	}
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT_RUN;
}

/* Start the daemon again, whatever became of the set. */
static int
start_again(const char *unit, int status, struct error *err)
{
	if (systemctl("start", unit, err) < 0) {
		return -1;
	}
	log_info("%s was started", unit);
	return status;
}

int
first_set_by_hand(const struct first_set_options *options, struct error *err)
{
	static struct first_set_conf conf;
	const char *unit;
	pid_t child;
	int status;

	if (first_set_conf_read(options->config, &conf, err) < 0) {
		return -1;
	}
	unit = conf.driver->unit;
	explicit_bzero(&conf, sizeof(conf)); /* keys were in it */
	if (!options->dry_run && confine_make_folder(FIRST_SET_FOLDER, err) < 0) {
		return -1;
	}
	/* the child gives up root's rights, and ends with what it returns from here */
	child = fork();
	if (child == 0) {
		return first_set_run(options, err);
	}
	status = end_of(child);
	if (status == FIRST_SET_GO_LATE) {
		if (systemctl("stop", unit, err) < 0) {
			return -1;
		}
		child = fork();
		if (child == 0) {
			return first_set_late(options->config, err);
		}
		return start_again(unit, end_of(child), err);
	}
	/* it gave up before there was a quorum */
	if (status == 0 && !options->dry_run && systemctl("is-failed", unit, NULL) == 0) {
		return start_again(unit, status, err);
	}
	return status;
}
