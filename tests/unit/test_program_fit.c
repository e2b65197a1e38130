/* Which of the agent's programs goes to which host: each row is a host, and what is chosen there.
 */
#include "common/file.h"
#include "orchestrator/rollout/plan/program.h"

#include <gnu/libc-version.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define X86_LOADER "/lib64/ld-linux-x86-64.so.2"
#define X86 "\n" X86_LOADER "\n"
#define ARM64_LOADER "/lib/ld-linux-aarch64.so.1"
#define ARMHF_LOADER "/lib/ld-linux-armhf.so.3"

static const struct agent_programs offered = { .count = 4,
	.list = {
	    { .name = "old",
		.machine = 62,
		.loader = X86_LOADER,
		.glibc_major = 2,
		.glibc_minor = 30 },
	    { .name = "new",
		.machine = 62,
		.loader = X86_LOADER,
		.glibc_major = 2,
		.glibc_minor = 36 },
	    { .name = "arm64",
		.machine = 183,
		.loader = ARM64_LOADER,
		.glibc_major = 2,
		.glibc_minor = 34 },
	    { .name = "armhf",
		.machine = 40,
		.loader = ARMHF_LOADER,
		.glibc_major = 2,
		.glibc_minor = 31 },
	} };

static const struct {
	const char *arch, *libc, *loaders;
	const char *chosen, *why; /* chosen NULL: none, and why has this in it */
} hosts[] = {
	{ "x86_64", "glibc 2.36", X86, "new", NULL },
	{ "x86_64", "glibc 2.41", X86, "new", NULL },
	{ "x86_64", "glibc 2.35", X86, "old", NULL },
	{ "x86_64", "glibc 2.31", X86, "old", NULL },
	{ "x86_64", "glibc 2.30", "\n/lib/ld-linux.so.2\n" X86_LOADER "\n", "old", NULL },
	{ "x86_64", "glibc 2.28", X86, NULL, "needs glibc 2.3" },
	{ "x86_64", "", "\n/lib/ld-musl-x86_64.so.1\n", NULL, "musl" },
	{ "x86_64", "", "\n/lib/ld-musl-x86_64.so.1\n" X86_LOADER "\n", NULL, "the host has musl" },
	{ "x86_64", "glibc 2.36", "\n/lib/ld-linux.so.2\n", NULL, "has no such libc" },
	{ "i686", "glibc 2.36", "\n/lib/ld-linux.so.2\n", NULL, "the host is i686" },
	{ "aarch64", "glibc 2.36", "\n" ARM64_LOADER "\n", "arm64", NULL },
	{ "aarch64", "glibc 2.31", "\n" ARM64_LOADER "\n", NULL, "needs glibc 2.34" },
	/* a kernel of 64 bits below programs of 32 */
	{ "aarch64", "glibc 2.36", "\n" ARMHF_LOADER "\n", "armhf", NULL },
	{ "armv7l", "glibc 2.36", "\n" ARMHF_LOADER "\n", "armhf", NULL },
	{ "armv7l", "glibc 2.36", "\n/lib/ld-linux.so.3\n", NULL, "the host" },
	/* the loader of another machine, for cross compilers, is no reason */
	{ "x86_64", "glibc 2.31", "\n" ARM64_LOADER "\n" X86_LOADER "\n", "old", NULL },
	{ "riscv64", "glibc 2.36", "\n/lib/ld-linux-riscv64-lp64d.so.1\n", NULL,
	    "the host is riscv64" },
	{ "sparc64", "glibc 2.36", "\n/lib64/ld-linux.so.2\n", NULL, "the host is sparc64" },
	{ "", "glibc 2.36", X86, NULL, "the host is" },
	/* what was not told is no reason against it */
	{ NULL, "glibc 2.31", X86, "old", NULL },
	{ "x86_64", NULL, NULL, "new", NULL },
	{ "x86_64", "", X86, "new", NULL },
};

static void
each_host_gets_the_newest_program_that_runs_there(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct facts facts = {
			.arch = hosts[i].arch, .libc = hosts[i].libc, .loaders = hosts[i].loaders
		};
		struct error err = { "" };
		const struct agent_program *chosen = agent_programs_choose(&offered, &facts, &err);

		if (!chosen != !hosts[i].chosen ||
		    (chosen ? strcmp(chosen->name, hosts[i].chosen) != 0
			    : !strstr(err.text, hosts[i].why) ||
				!strstr(err.text, "--agent FILE"))) {
			fail_msg("host %zu (%s, %s): %s %s", i, hosts[i].arch ? hosts[i].arch : "-",
			    hosts[i].libc ? hosts[i].libc : "-", chosen ? chosen->name : "none",
			    err.text);
		}
	}
}

static void
a_program_says_in_its_header_what_it_needs(void **state UNUSED)
{
	struct agent_programs programs = { .count = 0 };
	struct buf text = { .limit_bytes = 256 << 20 };
	struct agent_program *own = &programs.list[0];
	struct facts facts = { .arch = "aarch64" };
	unsigned major, minor;
	struct error err = { "" };

	assert_int_equal(file_read("/proc/self/exe", &text, NULL), 0);
	assert_int_equal(agent_programs_add(&programs, "own", text.data, text.len, &err), 0);
	assert_int_equal(sscanf(gnu_get_libc_version(), "%u.%u", &major, &minor), 2);
	assert_true(own->glibc_major == 2 && own->glibc_minor >= 4 && own->glibc_minor <= minor);
	assert_memory_equal(own->loader, "/lib", 4);
	assert_int_equal(strlen(own->hash), SHA256_HEX_BYTES - 1);
	/* another machine in the same header */
	text.data[18] = 62;
	text.data[19] = 0;
	programs.count = 0;
	assert_int_equal(agent_programs_add(&programs, "own", text.data, text.len, &err), 0);
	assert_null(agent_programs_choose(&programs, &facts, &err));
	assert_non_null(strstr(err.text, "own is for x86-64, and the host is aarch64"));
	/* cut anywhere, it is read without a fault */
	for (size_t len = 0; len < text.len; len = len * 2 + 1) {
		programs.count = 0;
		assert_int_equal(
		    agent_programs_add(&programs, "own", text.data, len, &err), len < 64 ? -1 : 0);
	}
	buf_free(&text);
}

static void
a_script_runs_anywhere_and_a_text_nowhere(void **state UNUSED)
{
	struct agent_programs programs = { .count = 0 };
	struct facts facts = { .arch = "sparc64", .libc = "", .loaders = "\n\n" };
	struct error err = { "" };
	char one[SHA256_HEX_BYTES], two[SHA256_HEX_BYTES];

	assert_int_equal(agent_programs_add(&programs, "a", "!<arch>\n", 8, &err), -1);
	assert_string_equal(err.text, "a is no program of Linux");
	assert_int_equal(agent_programs_add(&programs, "a", "", 0, &err), -1);
	agent_programs_hash(&programs, one);
	assert_string_equal(one, "");
	assert_int_equal(agent_programs_add(&programs, "b", "#!/bin/sh\n", 10, &err), 0);
	assert_non_null(agent_programs_choose(&programs, &facts, &err));
	agent_programs_hash(&programs, one);
	assert_string_equal(one, programs.list[0].hash);
	while (programs.count < AGENT_PROGRAMS_MAX) {
		assert_int_equal(agent_programs_add(&programs, "c", "#!/bin/no\n", 10, &err), 0);
	}
	agent_programs_hash(&programs, two);
	assert_string_not_equal(one, two);
	assert_int_equal(agent_programs_add(&programs, "d", "#!/bin/sh\n", 10, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_host_gets_the_newest_program_that_runs_there),
		cmocka_unit_test(a_program_says_in_its_header_what_it_needs),
		cmocka_unit_test(a_script_runs_anywhere_and_a_text_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
