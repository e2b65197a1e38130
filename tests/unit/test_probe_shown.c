/* What `timetier probe` prints: on terminals of any width, and elsewhere. */
#include "orchestrator/show/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <pty.h>

#include "common/buf.h"
#include "orchestrator/probe/replace.h"
#include "orchestrator/show/probe_json.h"

#define COUNT_MAX 12
#define NOW_NS (1796083200 * NS_PER_S)

static struct upstream upstreams[COUNT_MAX];
static struct address addresses[COUNT_MAX];
static struct probe_view views[COUNT_MAX];
static struct probe_sum sum;
static const struct topology topology = { .site = "a-campus-of-a-long-name" };
static struct probe_shown shown = {
	.topology = &topology, .real_ns = NOW_NS, .views = views, .sum = &sum
};
static size_t count;

static struct probe_view *
add(const char *name, const char *address, int64_t offset_ns)
{
	struct probe_view *view = &views[count];

	addresses[count] = (struct address){ .text = address };
	upstreams[count] = (struct upstream){
		.name = name, .addresses = { &addresses[count], 1 }, .country = "DE"
	};
	*view = (struct probe_view){ .upstream = &upstreams[count], .address = &addresses[count] };
	snprintf(view->target.address, sizeof(view->target.address), "%s", address);
	view->target.same_as = -1;
	view->target.of_name = 1;
	view->target.sent = view->target.answered = 3;
	view->target.sample_count = 1;
	view->target.samples[0] = (struct ntp_sample){ .offset_ns = offset_ns,
		.delay_ns = 10 * NS_PER_MS,
		.boot_ns = 100 * NS_PER_S,
		.stratum = 2,
		.refid = 0xc0000200 + (uint32_t)count };
	count++;
	return view;
}

static int
begin(void **state UNUSED)
{
	struct probe_view *view;

	count = 0;
	add("ptbtime1.ptb.example", "192.0.2.1", 0);
	view = add("six", "2001:db8:1234:5678:9abc:def0:1234:5678", NS_PER_US);
	view->upstream = &upstreams[1];
	upstreams[1].nts = true;
	view->nts = (struct probe_nts){
		.state = NTS_GOOD, .dated = true, .days = 3, .words = "NTS: it ends in 3 days"
	};
	view = add("seven", "192.0.2.7", 2 * NS_PER_US);
	upstreams[2].nts = true;
	view->nts = (struct probe_nts){
		.state = NTS_EXPIRED, .dated = true, .days = -6, .words = "NTS: it ended"
	};
	add("liar", "192.0.2.8", 50 * NS_PER_S);
	view = add("quiet", "192.0.2.9", 0);
	view->target.sample_count = view->target.answered = 0;
	memcpy(view->target.why, "no answer within 4 s", 21);
	probe_judge(views, count, NOW_NS, &sum);
	probe_replace(views, count);
	shown.count = count;
	shown.again = false;
	return 0;
}

/* Everything that is shown on a terminal of @columns; 0: in a pipe. */
static void
show(unsigned short columns, bool quiet, struct buf *text)
{
	struct winsize size = { .ws_col = columns, .ws_row = 24 };
	char chunk[4096];
	ssize_t got;
	int ends[2] = { -1, -1 }, status;
	pid_t pid;

	fflush(stdout);
	if (columns > 0) {
		pid = forkpty(&ends[0], NULL, NULL, &size);
	} else {
		assert_int_equal(pipe(ends), 0);
		pid = fork();
	}
	assert_true(pid >= 0);
	if (pid == 0) {
		if (columns == 0) {
			dup2(ends[1], STDOUT_FILENO);
		}
		probe_show(&shown, quiet, false);
		fflush(stdout);
		_exit(0);
	}
	if (columns == 0) {
		close(ends[1]);
	}
	while ((got = read(ends[0], chunk, sizeof(chunk))) > 0) {
		buf_add(text, chunk, (size_t)got);
	}
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Fail when a line of @text, which is emptied, is longer than @width: but for an address of the
 * web, which is not broken. */
static void
assert_narrow(struct buf *text, unsigned width)
{
	for (char *line = text->data, *end; (end = strstr(line, "\r\n")); line = end + 2) {
		*end = '\0';
		line += strspn(line, " ");
		if (end - line > width && strchr(line, ' ')) {
			fail_msg("%u: %s", width, line);
		}
	}
	buf_reset(text);
}

static void
no_line_is_longer_than_the_terminal_is_wide(void **state UNUSED)
{
	static const unsigned short widths[] = { 60, 80, 100, 120 };
	struct buf text = { .limit_bytes = 100000 };

	for (size_t i = 0; i < COUNT(widths); i++) {
		show(widths[i], false, &text);
		assert_narrow(&text, widths[i]);
	}
	buf_free(&text);
}

static void
expect(const struct buf *text, const char *part, bool there)
{
	if ((strstr(buf_str(text), part) != NULL) != there) {
		fail_msg("\"%s\" is %sin:\n%s", part, there ? "not " : "", buf_str(text));
	}
}

static void
a_narrow_terminal_gets_the_columns_that_matter(void **state UNUSED)
{
	static const struct {
		unsigned short width;
		const char *heads;
		const char *left;
	} rows[] = {
		{ 60, "UPSTREAM              STRATUM  OFFSET    WORTH\r\n",
		    "(no room for ADDRESS, REFERENCE, DISTANCE, NTS)" },
		{ 80, "UPSTREAM              STRATUM  OFFSET    DISTANCE  NTS          WORTH\r\n",
		    "(no room for ADDRESS, REFERENCE)" },
		{ 0,
		    "UPSTREAM              ADDRESS                                 STRATUM  "
		    "REFERENCE  OFFSET    DISTANCE  LEAP  NTS          WORTH\n",
		    NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = { .limit_bytes = 100000 };

		show(rows[i].width, false, &text);
		expect(&text, rows[i].heads, true);
		expect(&text, "  yes, 3 days  ", rows[i].width != 60);
		expect(&text, "  expired      nts broken", rows[i].width != 60);
		expect(&text, rows[i].left ? rows[i].left : "(no room for", rows[i].left != NULL);
		buf_free(&text);
	}
}

static void
what_is_wrong_is_told_the_worst_first_and_once_what_to_do(void **state UNUSED)
{
	static const char *const parts[] = { "3 of 4 agree: the clock of this machine is",
		"falseticker:\n  liar (192.0.2.8): 50.0 s ahead of the 3 that agree\n  remedy",
		"silent:\n  quiet (192.0.2.9): no answer within 4 s\n  remedy: see whether",
		"nts broken:\n  seven (192.0.2.7): NTS: it ended\n  remedy: ",
		"six (2001:db8:1234:5678:9abc:def0:1234:5678): NTS: it ends in 3 days\n",
		"in their place, ", "  seven: ", "  liar: ", "  quiet: " };
	struct buf text = { .limit_bytes = 100000 };
	const char *at;

	show(0, false, &text);
	at = buf_str(&text);
	for (size_t i = 0; i < COUNT(parts); i++) {
		expect(&text, parts[i], true);
		assert_true(strstr(at, parts[i]) != NULL); /* in this order */
		at = strstr(at, parts[i]);
	}
	buf_reset(&text);
	shown.again = true; /* a later look of --watch: what to do was told */
	show(0, false, &text);
	expect(&text, parts[0], true);
	expect(&text, "  liar (192.0.2.8): ", true);
	expect(&text, "remedy", false);
	expect(&text, "in their place", false);
	buf_reset(&text);
	show(0, true, &text); /* quiet */
	expect(&text, "UPSTREAM", false);
	expect(&text, "  liar (192.0.2.8): ", true);
	buf_free(&text);
}

static void
nobody_heard_is_the_fault_of_the_network_here(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 100000 };

	for (size_t i = 0; i < count; i++) {
		views[i].target.sample_count = views[i].target.answered = 0;
		memcpy(views[i].target.why, "no answer within 4 s", 21);
	}
	probe_judge(views, count, NOW_NS, &sum);
	probe_replace(views, count);
	show(0, false, &text);
	expect(&text, "Nobody tells the time: see to the network of this machine first.\n", true);
	expect(&text, "in their place", false);
	buf_free(&text);
}

static void
json_has_the_state_of_each_certificate(void **state UNUSED)
{
	json_t *json = probe_json(&shown), *list = json_object_get(json, "upstreams");
	json_t *six = json_object_get(json_array_get(list, 1), "nts");
	json_t *seven = json_object_get(json_array_get(list, 2), "nts");

	assert_null(json_object_get(json_array_get(list, 0), "nts"));
	assert_true(json_is_true(json_object_get(six, "good")));
	assert_string_equal(json_string_value(json_object_get(six, "state")), "yes");
	assert_int_equal(json_integer_value(json_object_get(six, "certificate_days")), 3);
	assert_true(json_is_false(json_object_get(seven, "good")));
	assert_string_equal(json_string_value(json_object_get(seven, "state")), "expired");
	assert_string_equal(json_string_value(json_object_get(seven, "words")), "NTS: it ended");
	assert_int_equal(json_integer_value(json_object_get(seven, "certificate_days")), -6);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_line_is_longer_than_the_terminal_is_wide),
		TEST(a_narrow_terminal_gets_the_columns_that_matter),
		TEST(what_is_wrong_is_told_the_worst_first_and_once_what_to_do),
		TEST(nobody_heard_is_the_fault_of_the_network_here),
		TEST(json_has_the_state_of_each_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
