/* What a look has read is noted, and any change of it shows: a row is a way to read, and changes.
 */
#include "agent/host/reads.h"
#include "agent/host/tree.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/fake_root.h"

#include <cmocka.h>

/* Wait until the kernel's clock of files has moved on: what is written in one tick of it has the
 * same times. */
static void
tick(void)
{
	struct timespec first, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &first);
	do {
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

static void
read_all(void)
{
	struct arena arena = { NULL };
	struct buf text = { .limit_bytes = 4096 };
	const char *const *names;
	char target[64];
	glob_t found;

	tree_read(fake_root, "/etc/ntp.conf", &text, NULL);
	tree_read(fake_root, "/etc/absent", &text, NULL);
	tree_read_start(fake_root, "/etc/cron.d/a", "", 100, &text);
	tree_is_there(fake_root, "/run/mark");
	tree_names(fake_root, "/run/units", ".service", &arena, &names);
	tree_names(fake_root, "/run/nowhere", ".service", &arena, &names);
	tree_link(fake_root, "/etc/link", target, sizeof(target));
	if (tree_glob(fake_root, "/etc/conf.d/*/a*.conf", 0, &found)) {
		globfree(&found);
	}
	buf_free(&text);
	arena_free(&arena);
}

static void
look(struct reads *reads)
{
	reads_begin(reads);
	read_all();
	reads_end(reads);
}

static void
begin(void)
{
	fake_root_put("/etc/ntp.conf", "server a\n");
	fake_root_put("/etc/cron.d/a", "x\n");
	fake_root_put("/run/units/a.service", "");
	fake_root_put("/etc/conf.d/one/ab.conf", "");
	fake_root_link("/nowhere", "/etc/link");
}

static void
change_file(void)
{
	fake_root_put("/etc/ntp.conf", "server b\n");
}

static void
make_file(void)
{
	fake_root_put("/etc/absent", "");
}

static void
change_mode(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/etc/cron.d/a", fake_root);
	chmod(path, 0640);
}

static void
make_mark(void)
{
	fake_root_put("/run/mark", "");
}

static void
add_name(void)
{
	fake_root_put("/run/units/b.service", "");
}

static void
take_name(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/run/units/a.service", fake_root);
	unlink(path);
}

static void
make_folder(void)
{
	fake_root_put("/run/nowhere/a.service", "");
}

static void
turn_link(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/etc/link", fake_root);
	unlink(path);
	fake_root_link("/elsewhere", "/etc/link");
}

static void
add_globbed(void)
{
	fake_root_put("/etc/conf.d/one/ac.conf", "");
}

static void
add_folder_of_globbed(void)
{
	fake_root_put("/etc/conf.d/two/ab.conf", "");
}

static void
every_change_of_what_was_read_shows(void **state UNUSED)
{
	static void (*const changes[])(void) = { change_file, make_file, change_mode, make_mark,
		add_name, take_name, make_folder, turn_link, add_globbed, add_folder_of_globbed };
	struct reads reads = { .sum = 0 };

	begin();
	look(&reads);
	assert_true(reads_changed(&reads)); /* once is not enough */
	look(&reads);
	assert_false(reads_changed(&reads));
	for (size_t i = 0; i < COUNT(changes); i++) {
		tick();
		changes[i]();
		if (!reads_changed(&reads)) {
			fail_msg("change %zu is not seen", i);
		}
		look(&reads);
		assert_true(reads_changed(&reads)); /* until a second look found the same */
		look(&reads);
		assert_false(reads_changed(&reads));
	}
	reads_free(&reads);
}

static void
other_names_in_a_folder_may_come_and_go(void **state UNUSED)
{
	struct reads reads = { .sum = 0 };

	begin();
	look(&reads);
	look(&reads);
	fake_root_put("/run/units/session-3.scope", "");
	fake_root_put("/etc/conf.d/one/readme", "");
	fake_root_put("/etc/nobody-read-this", "");
	assert_false(reads_changed(&reads));
	reads_free(&reads);
}

static void
who_forgets_looks_anew(void **state UNUSED)
{
	struct reads reads = { .sum = 0 };

	begin();
	look(&reads);
	look(&reads);
	reads_forget(&reads);
	assert_true(reads_changed(&reads));
	look(&reads);
	assert_true(reads_changed(&reads));
	look(&reads);
	assert_false(reads_changed(&reads));
	reads_free(&reads);
}

static void
too_much_is_never_known(void **state UNUSED)
{
	struct reads reads = { .sum = 0 };
	char path[64];

	for (int times = 0; times < 2; times++) {
		reads_begin(&reads);
		for (int i = 0; i <= READS_MAX; i++) {
			snprintf(path, sizeof(path), "/nonexistent/%d", i);
			reads_note(path);
		}
		reads_end(&reads);
	}
	assert_true(reads_changed(&reads));
	reads_free(&reads);
	reads_note("/etc"); /* nobody looks */
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, fake_root_remove)
	const struct CMUnitTest tests[] = {
		TEST(every_change_of_what_was_read_shows),
		TEST(other_names_in_a_folder_may_come_and_go),
		TEST(who_forgets_looks_anew),
		TEST(too_much_is_never_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
