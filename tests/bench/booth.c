/*
 * booth: what answers at the addresses of the bench of a large apply.
 *
 *   booth enter FOLDER   forced command of an sshd: the session gets the files of its address,
 * FOLDER/hosts/ADDRESS/{etc, lib,run} as /etc, /var/lib and /run, and programs that stand for a
 * daemon's, FOLDER/sbin and FOLDER/local as /usr/sbin and /usr/local/sbin, in a mount namespace of
 * its own; so the true scripts of a rollout run there, and touch nothing of the machine booth
 * report         what an agent says of a chronyd that is well
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "verdict/report.h"

static int
report(void)
{
	struct report report = { .host = "host",
		.agent_version = "0.1.0",
		.boot_id = "5a1c8d1e-30b5-4ec6-a8f5-6d4b2f0a9c11",
		.session_id = "c0ffee",
		.seq = 1,
		.boot_ns = 100000 * NS_PER_S,
		.real_ns = 1800000000 * NS_PER_S,
		.interval_ns = 64 * NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.verdict = { .kind = VERDICT_SAFE },
		.rtc_offset_ns = INT64_MAX,
		.status = { .version = "4.3",
		    .stratum = 3,
		    .selected = "192.0.2.1",
		    .offset_ns = 12000,
		    .root_delay_ns = NS_PER_MS,
		    .root_dispersion_ns = NS_PER_MS,
		    .update_age_ns = 20 * NS_PER_S,
		    .update_interval_ns = 64 * NS_PER_S,
		    .source_count = 3 } };
	char *text;

	for (size_t i = 0; i < report.status.source_count; i++) {
		struct source_status *source = &report.status.sources[i];

		*source = (struct source_status){ .state = i ? SOURCE_COMBINED : SOURCE_SELECTED,
			.auth = AUTH_KEY,
			.stratum = 2,
			.poll_log2 = 6,
			.reach = 255,
			.age_ns = 20 * NS_PER_S,
			.offset_ns = 12000,
			.delay_ns = NS_PER_MS,
			.error_ns = NS_PER_MS };
		snprintf(source->address, sizeof(source->address), "192.0.2.%zu", i + 1);
	}
	text = report_encode(&report);
	puts(text);
	free(text);
	return 0;
}

static int
bind_over(const char *what, const char *place)
{
	if (mount(what, place, NULL, MS_BIND, NULL)) {
		fprintf(stderr, "booth: %s over %s: ", what, place);
		perror(NULL);
		return -1;
	}
	return 0;
}

/* A script looks into /bin first: where one of our programs has a namesake there, ours is it. */
static int
hide_namesakes(const char *folder)
{
	static const char *const names[] = { "systemctl", "systemd-run", "journalctl", "chronyc" };
	char ours[512], theirs[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(ours, sizeof(ours), "%s/local/%s", folder, names[i]);
		snprintf(theirs, sizeof(theirs), "/usr/bin/%s", names[i]);
		if (access(theirs, F_OK) == 0 && bind_over(ours, theirs)) {
			return -1;
		}
	}
	return 0;
}

/* "CLIENT PORT SERVER PORT" */
static int
enter(const char *folder)
{
	static const char *const places[][2] = { { "etc", "/etc" }, { "lib", "/var/lib" },
		{ "run", "/run" } };
	const char *connection = getenv("SSH_CONNECTION"),
		   *command = getenv("SSH_ORIGINAL_COMMAND");
	char address[64], path[512];

	if (!connection || !command || sscanf(connection, "%*s %*s %63s", address) != 1) {
		fprintf(stderr, "booth: this is no command of an ssh session\n");
		return 2;
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		perror("booth: unshare");
		return 2;
	}
	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(path, sizeof(path), "%s/hosts/%s/%s", folder, address, places[i][0]);
		if (bind_over(path, places[i][1])) {
			return 2;
		}
	}
	snprintf(path, sizeof(path), "%s/local", folder);
	if (bind_over(path, "/usr/local/sbin") || hide_namesakes(folder)) {
		return 2;
	}
	snprintf(path, sizeof(path), "%s/sbin", folder);
	if (bind_over(path, "/usr/sbin")) {
		return 2;
	}
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	perror("booth: /bin/sh");
	return 2;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "enter") == 0) {
		return enter(argv[2]);
	}
	if (argc == 2 && strcmp(argv[1], "report") == 0) {
		return report();
	}
	fprintf(stderr, "usage: booth enter FOLDER | booth report\n");
	return 2;
}
