/* Whether the daemon's user can read what names are resolved by, and where names lead. */
#include "agent/host/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/ask/names.h"
#include "common/file.h"
#include "tests/fake_sshd.h"

/* A folder that stands for the root: all that is made in it is ours, and open to all. */
struct bed {
	char root[64];
	struct reader stranger; /* neither the owner nor of its group */
	char words[RESOLVER_WORDS_BYTES];
};

static void
begin(struct bed *bed, const char *script)
{
	snprintf(bed->root, sizeof(bed->root), "/tmp/timetier-resolver-XXXXXX");
	assert_non_null(mkdtemp(bed->root));
	assert_int_equal(chmod(bed->root, 0755), 0);
	assert_int_equal(
	    fake_sshd_shell("umask 022; cd %s && mkdir etc run && echo x >etc/hosts && "
			    "echo x >etc/resolv.conf && { %s; }",
		bed->root, script),
	    0);
	bed->stranger =
	    (struct reader){ .uid = getuid() + 1, .groups = { getgid() + 1 }, .group_count = 1 };
}

static void
finish(struct bed *bed)
{
	fake_sshd_shell("chmod -R u+rwx %s; rm -rf %s", bed->root, bed->root);
}

static void
assert_words(const char *script, const char *words)
{
	struct bed bed;

	begin(&bed, script);
	assert_int_equal(
	    resolver_is_readable(bed.root, &bed.stranger, bed.words), words[0] == '\0');
	assert_string_equal(bed.words, words);
	finish(&bed);
}

static void
what_all_may_read_is_readable(void **state UNUSED)
{
	assert_words(":", "");
	assert_words("rm etc/resolv.conf", ""); /* the library has its defaults */
	assert_words("mv etc/resolv.conf run/r && ln -s ../run/r etc/resolv.conf", "");
	assert_words("mv etc/resolv.conf run/r && ln -s /run/../run/./r etc/resolv.conf", "");
}

static void
what_is_closed_is_named(void **state UNUSED)
{
	assert_words("chmod 600 etc/resolv.conf", "/etc/resolv.conf is not readable to it");
	assert_words("chmod 640 etc/hosts", "/etc/hosts is not readable to it");
	assert_words("mkdir run/net && mv etc/resolv.conf run/net/r && chmod 700 run/net && "
		     "ln -s ../run/net/r etc/resolv.conf",
	    "/etc/resolv.conf: /run/net cannot be entered by it");
	assert_words("mv etc/resolv.conf run/r && chmod 600 run/r && ln -s /run/r run/s && ln -s "
		     "../run/s etc/resolv.conf",
	    "/etc/resolv.conf: /run/r is not readable to it");
	assert_words("rm etc/resolv.conf && ln -s ../run/none etc/resolv.conf",
	    "/etc/resolv.conf: /run/none is not there");
	assert_words("rm etc/resolv.conf && ln -s resolv.conf etc/resolv.conf",
	    "/etc/resolv.conf is a link that leads nowhere");
}

static void
groups_and_rights_are_heeded(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "chmod 640 etc/resolv.conf");
	assert_false(resolver_is_readable(bed.root, &bed.stranger, bed.words));
	bed.stranger.groups[bed.stranger.group_count++] = getgid();
	assert_true(resolver_is_readable(bed.root, &bed.stranger, bed.words));
	bed.stranger.group_count = 1;
	bed.stranger.overrides = true;
	assert_true(resolver_is_readable(bed.root, &bed.stranger, bed.words));
	finish(&bed);
}

static void
a_process_is_known_by_what_the_kernel_says_of_it(void **state UNUSED)
{
	struct reader reader;
	struct bed bed;

	begin(&bed,
	    "mkdir -p proc/7 proc/8 && printf "
	    "'Name:\\tntpd\\nUid:\\t1\\t2\\t3\\t4\\nGid:\\t5\\t6\\t7"
	    "\\t8\\nGroups:\\t9 10 \\nCapEff:\\t0000000000000004\\n' >proc/7/status; printf "
	    "'Name:\\tntpd\\nUid:\\t1\\t2\\t3\\t4\\nGid:\\t5\\t6\\t7\\t8\\nGroups:\\t \\nCapEff:"
	    "\\t0000000002000400\\n' >proc/8/status");
	assert_true(resolver_reader(bed.root, 7, &reader));
	assert_int_equal(reader.uid, 4);
	assert_int_equal(reader.group_count, 3);
	assert_int_equal(reader.groups[0], 8);
	assert_int_equal(reader.groups[2], 10);
	assert_true(reader.overrides);
	assert_true(resolver_reader(bed.root, 8, &reader));
	assert_int_equal(reader.group_count, 1);
	assert_false(reader.overrides);
	assert_false(resolver_reader(bed.root, 9, &reader));
	assert_true(resolver_reader("", getpid(), &reader));
	assert_int_equal(reader.uid, geteuid());
	finish(&bed);
}

static void
on_names(struct name_lookup *names)
{
	(*(unsigned *)names->owner)++;
}

static void
names_are_looked_up_off_the_loop(void **state UNUSED)
{
	struct restart_policy policy = { .known = true,
		.lines = { { .name = "192.0.2.7" }, { .name = "localhost" },
		    { .name = "PPS0", .flags = RESTART_REFCLOCK } },
		.line_count = 3 };
	static struct name_lookup names;
	unsigned done = 0;
	uv_loop_t loop;

	names.owner = &done;
	uv_loop_init(&loop);
	assert_true(name_lookup_is_needed(&policy));
	name_lookup_run(&names, &loop, &policy, 20000, on_names);
	assert_int_equal(done, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done, 1);
	assert_int_equal(names.count, 2);
	assert_true(names.answers[0].known);
	assert_int_equal(names.answers[0].count, 1);
	assert_true(names.answers[1].known);
	assert_string_equal(names.answers[1].name, "localhost");
	name_lookup_run(&names, &loop, &policy, 20000, on_names);
	name_lookup_close(&names);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done, 1);
	assert_int_equal(uv_loop_close(&loop), 0);
	policy.line_count = 1;
	assert_false(name_lookup_is_needed(&policy));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_all_may_read_is_readable),
		cmocka_unit_test(what_is_closed_is_named),
		cmocka_unit_test(groups_and_rights_are_heeded),
		cmocka_unit_test(a_process_is_known_by_what_the_kernel_says_of_it),
		cmocka_unit_test(names_are_looked_up_off_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
