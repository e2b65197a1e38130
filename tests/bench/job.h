/* What the two clients of the push bench, ours and the hand-written one, are told to do. */
#ifndef TESTS_BENCH_JOB_H
#define TESTS_BENCH_JOB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

struct job {
	bool login_only;
	unsigned port;
	const char *identity, *known_hosts, *folder;
	struct buf file;
	size_t parallel;
	char **addresses;
	size_t count;
};

/*
 * Words of the command line: login|push PORT IDENTITY KNOWN-HOSTS FILE FOLDER PARALLEL ADDRESS...
 * "login" logs in and goes; "push" puts FILE into FOLDER, named by the address, and runs a
 * command, in one.  Ends the program when they are wrong.
 */
static inline void
job_read(struct job *job, int argc, char **argv)
{
	struct error err;

	if (argc < 9) {
		fprintf(stderr,
		    "usage: %s login|push PORT IDENTITY KNOWN-HOSTS FILE FOLDER "
		    "PARALLEL ADDRESS...\n",
		    argv[0]);
		exit(2);
	}
	*job = (struct job){
		.login_only = strcmp(argv[1], "login") == 0,
		.port = (unsigned)strtoul(argv[2], NULL, 10),
		.identity = argv[3],
		.known_hosts = argv[4],
		.folder = argv[6],
		.parallel = strtoul(argv[7], NULL, 10),
		.addresses = argv + 8,
		.count = (size_t)argc - 8,
	};
	if (file_read(argv[5], &job->file, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
}

/* One command that takes the file on stdin, puts it in place by rename, and runs `true`. */
static inline void
job_command(const struct job *job, const char *address, char *command, size_t size)
{
	snprintf(command, size, "head -c %zu >%s/%s.new && mv %s/%s.new %s/%s && true",
	    job->file.len, job->folder, address, job->folder, address, job->folder, address);
}

#endif
