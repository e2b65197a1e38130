#include "common/file.h"
#include "orchestrator/watch/draw.h"
#include "orchestrator/watch/nagios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATA "tests/data/watch/"

struct watched {
	struct watch_fleet fleet;
	struct watch_detail detail;
	struct watch_curve curve;
	struct watch_state state;
	struct screen screen;
	struct buf text;
};

static void
read_data(const char *name, struct buf *out)
{
	char path[128];
	struct error err;

	snprintf(path, sizeof(path), DATA "%s", name);
	if (file_read(path, out, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
begin(struct watched *watched)
{
	struct buf json = { .limit_bytes = 1 << 20 };
	struct error err;

	*watched = (struct watched){ .text = { .data = NULL } };
	watch_state_init(&watched->state);
	watched->state.from = "http://127.0.0.1:8124";
	read_data("fleet.json", &json);
	assert_int_equal(watch_fleet_read(&watched->fleet, json.data, json.len, &err), 0);
	buf_reset(&json);
	read_data("host.json", &json);
	assert_int_equal(watch_detail_read(&watched->detail, json.data, json.len, &err), 0);
	buf_reset(&json);
	read_data("history.json", &json);
	assert_int_equal(watch_curve_read(&watched->curve, json.data, json.len, &err), 0);
	buf_free(&json);
	watch_state_follow(&watched->state, &watched->fleet);
}

static void
end(struct watched *watched)
{
	screen_free(&watched->screen);
	buf_free(&watched->text);
	watch_state_done(&watched->state);
	watch_fleet_free(&watched->fleet);
	watch_detail_free(&watched->detail);
	watch_curve_free(&watched->curve);
}

/* The screen as text. */
static const char *
drawn(struct watched *watched, int columns, int rows, bool ascii)
{
	struct watch_view view = { &watched->fleet, &watched->detail, &watched->curve };

	screen_free(&watched->screen);
	screen_init(&watched->screen, rows, columns, ascii);
	draw_screen(&watched->screen, &view, &watched->state);
	buf_reset(&watched->text);
	screen_text(&watched->screen, &watched->text);
	return buf_str(&watched->text);
}

static void
type(struct watched *watched, const char *keys)
{
	for (; *keys; keys++) {
		watch_state_key(&watched->state, &watched->fleet, *keys);
	}
}

/* @text is the file of that name; with WRITE_GOLDEN in the environment it becomes that. */
static void
compare(const char *text, const char *name)
{
	struct buf wanted = { .limit_bytes = 1 << 20 };
	char path[128];
	FILE *file;

	if (getenv("WRITE_GOLDEN")) {
		snprintf(path, sizeof(path), DATA "%s", name);
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	read_data(name, &wanted);
	if (strcmp(text, buf_str(&wanted)) != 0) {
		fail_msg("not as in " DATA "%s (WRITE_GOLDEN=yes writes it):\n%s", name, text);
	}
	buf_free(&wanted);
}

static void
the_fleet_is_drawn_in_every_size(void **state UNUSED)
{
	static const struct {
		int columns, rows;
		bool ascii;
		const char *file;
	} sizes[] = {
		{ 80, 24, false, "fleet-80x24.txt" },
		{ 80, 24, true, "fleet-80x24-ascii.txt" },
		{ 132, 43, false, "fleet-132x43.txt" },
		{ 160, 50, false, "fleet-160x50.txt" },
		{ 300, 90, false, "fleet-300x90.txt" },
		{ 79, 24, false, "fleet-79x24.txt" },
	};
	struct watched watched;

	begin(&watched);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		compare(drawn(&watched, sizes[i].columns, sizes[i].rows, sizes[i].ascii),
		    sizes[i].file);
	}
	end(&watched);
}

static void
each_page_is_drawn(void **state UNUSED)
{
	static const struct {
		const char *keys, *file;
	} pages[] = {
		{ "j\n", "host-80x24.txt" },
		{ "j\nr", "restart-80x24.txt" },
		{ "c", "conditions-80x24.txt" },
		{ "?", "help-80x24.txt" },
		{ "/web", "filter-80x24.txt" },
		{ "sss", "offset-80x24.txt" },
	};

	for (size_t i = 0; i < COUNT(pages); i++) {
		struct watched watched;

		begin(&watched);
		type(&watched, pages[i].keys);
		compare(drawn(&watched, 80, 24, false), pages[i].file);
		end(&watched);
	}
}

static void
nothing_is_drawn_beyond_any_size(void **state UNUSED)
{
	static const char *const keys[] = { "", "j\n", "j\nr", "c", "?", "/zzz" };
	struct watched watched;

	for (size_t i = 0; i < COUNT(keys); i++) {
		begin(&watched);
		type(&watched, keys[i]);
		for (int columns = 1; columns < 310; columns += 23) {
			for (int rows = 1; rows < 100; rows += 7) {
				drawn(&watched, columns, rows, rows % 2 == 0);
			}
		}
		end(&watched);
	}
}

static void
figures_that_have_not_come_and_old_ones_are_told(void **state UNUSED)
{
	struct watched watched;
	struct watch_fleet none = { .site = NULL };
	struct watch_view view = { &none, &watched.detail, &watched.curve };

	begin(&watched);
	watched.state.trouble = "http://127.0.0.1:8124: no answer: connection refused";
	watched.state.figures_age_ns = 200 * NS_PER_S;
	assert_non_null(strstr(drawn(&watched, 80, 24, false), "what is shown is 3 min old"));
	assert_non_null(strstr(drawn(&watched, 200, 24, false), "no answer: connection refused"));
	screen_free(&watched.screen);
	screen_init(&watched.screen, 24, 80, false);
	watch_state_follow(&watched.state, &none);
	buf_reset(&watched.text);
	draw_screen(&watched.screen, &view, &watched.state);
	screen_text(&watched.screen, &watched.text);
	assert_non_null(strstr(buf_str(&watched.text), "it is asked again and again"));
	end(&watched);
}

static void
the_chosen_host_stays_chosen(void **state UNUSED)
{
	struct watched watched;

	begin(&watched);
	type(&watched, "jj");
	assert_string_equal(watched.state.chosen, watched.fleet.hosts[2].name);
	type(&watched, "s");
	assert_string_equal(
	    watch_state_chosen(&watched.state, &watched.fleet)->name, watched.fleet.hosts[2].name);
	type(&watched, "g");
	assert_int_equal(watched.state.at, 0);
	type(&watched, "Gj");
	assert_int_equal(watched.state.at, watched.fleet.host_count - 1);
	type(&watched, "/nothing has this\n");
	assert_null(watch_state_chosen(&watched.state, &watched.fleet));
	type(&watched, "\n\x1b");
	assert_int_equal(watched.state.page, PAGE_FLEET);
	assert_int_equal(watched.state.order_count, watched.fleet.host_count);
	type(&watched, "q");
	assert_true(watched.state.quit);
	end(&watched);
}

/* Every byte of a screen is one that a terminal prints, whatever a host is called. */
static void
a_name_with_escapes_does_nothing(void **state UNUSED)
{
	static const char json[] =
	    "{\"headline\":{\"state\":\"bad\",\"text\":\"\\u001b[2J\\u009b\\u202e\"},\"hosts\":[{"
	    "\"name\":\"\\u001b]0;x\\u0007\\n\\u0301\\u4e2d\",\"reason\":\"\\r\\u001b[H\","
	    "\"offset_ns\":-9223372036854775808,\"fresh\":true,\"report_age_ns\":-1,\"budget\":{"
	    "\"offset_ns\":-9223372036854775808},\"health\":7,\"sources\":[1,{}]},null],"
	    "\"tiers\":[null],\"groups\":{}}";
	struct watch_fleet fleet = { .site = NULL };
	struct watch_view view = { &fleet, NULL, NULL };
	struct watch_state chosen;
	struct screen screen;
	struct error err;

	assert_int_equal(watch_fleet_read(&fleet, json, strlen(json), &err), 0);
	watch_state_init(&chosen);
	for (int page = PAGE_FLEET; page <= PAGE_HELP; page++) {
		chosen.page = PAGE_FLEET;
		watch_state_follow(&chosen, &fleet);
		watch_state_key(&chosen, &fleet, 'j');
		watch_state_key(&chosen, &fleet, 'k');
		chosen.page = (enum watch_page)page;
		screen_init(&screen, 50, 200, false);
		draw_screen(&screen, &view, &chosen);
		for (int i = 0; i < 50 * 200; i++) {
			uint32_t rune = screen.cells[i].rune;

			assert_true((rune >= ' ' && rune < 0x7f) || rune >= 0xa0);
			assert_true(rune < 0x2028 || rune > 0x202e);
			assert_true(rune != 0x301 && rune != 0x4e2d);
		}
		screen_free(&screen);
	}
	watch_state_done(&chosen);
	watch_fleet_free(&fleet);
}

static void
what_is_no_collector_is_refused(void **state UNUSED)
{
	static const char *const wrong[] = { "", "{}", "[]", "{\"headline\":{}}", "nonsense" };
	struct watch_fleet fleet = { .site = NULL };
	struct watch_detail detail = { .version = NULL };
	struct watch_curve curve = { .host = NULL };
	struct error err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		size_t len = strlen(wrong[i]);

		assert_int_equal(watch_fleet_read(&fleet, wrong[i], len, &err), -1);
		assert_int_equal(watch_detail_read(&detail, wrong[i], len, &err), -1);
		assert_int_equal(watch_curve_read(&curve, wrong[i], len, &err), -1);
		assert_string_equal(err.text, "what answers is no collector");
		watch_fleet_take_health(&fleet, wrong[i], len);
		assert_int_equal(fleet.condition_count, 0);
	}
	watch_fleet_free(&fleet);
}

static void
conditions_of_the_collector_are_taken(void **state UNUSED)
{
	static const char health[] =
	    "{\"state\":\"stale\",\"conditions\":[{\"code\":\"over-budget\",\"scope\":\"host\","
	    "\"subject\":\"time2\",\"state\":\"bad\",\"reason\":\"look at time2\"}]}";
	struct watched watched;

	begin(&watched);
	watch_fleet_take_health(&watched.fleet, health, strlen(health));
	assert_int_equal(watched.fleet.light, STATE_STALE);
	assert_int_equal(watched.fleet.condition_count, 1);
	type(&watched, "c");
	assert_non_null(strstr(drawn(&watched, 80, 24, false),
	    "\xe2\x96\xa0 time2                over-budget  look at time2"));
	end(&watched);
}

static void
nagios_gets_its_line(void **state UNUSED)
{
	struct watched watched;
	struct buf line = { .data = NULL };

	begin(&watched);
	watched.fleet.detail = "a|b";
	assert_int_equal(nagios_line(&watched.fleet, &line), NAGIOS_WARNING);
	assert_string_equal(buf_str(&line),
	    "TIMETIER WARNING - Time is good on 8 of 12 hosts: a/b | hosts=12;;;0 "
	    "reporting=11;;;0;12 good=8;;;0;12 warn=1;;;0;12 bad=2;;;0;12 stale=0;;;0;12 "
	    "unknown=1;;;0;12 worst_offset=0.211865852s worst_error_bound=0.214594090s\n");
	watched.fleet.light = STATE_STALE;
	assert_int_equal(nagios_line(&watched.fleet, &line), NAGIOS_UNKNOWN);
	buf_reset(&line);
	assert_int_equal(nagios_trouble("no collector | there", &line), NAGIOS_UNKNOWN);
	assert_string_equal(buf_str(&line), "TIMETIER UNKNOWN - no collector / there\n");
	buf_free(&line);
	end(&watched);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fleet_is_drawn_in_every_size),
		cmocka_unit_test(each_page_is_drawn),
		cmocka_unit_test(nothing_is_drawn_beyond_any_size),
		cmocka_unit_test(figures_that_have_not_come_and_old_ones_are_told),
		cmocka_unit_test(the_chosen_host_stays_chosen),
		cmocka_unit_test(a_name_with_escapes_does_nothing),
		cmocka_unit_test(what_is_no_collector_is_refused),
		cmocka_unit_test(conditions_of_the_collector_are_taken),
		cmocka_unit_test(nagios_gets_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
