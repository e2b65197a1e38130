/* The list of clients of ntpd and NTPsec: what is asked, and what their answers say. */
#include "common/ntp/mru.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"
#include "common/file.h"

#define ENTRIES_MAX 16

struct entries {
	struct mru_entry list[ENTRIES_MAX];
	size_t count;
};

static void
take(void *ctx, const struct mru_entry *entry)
{
	struct entries *entries = ctx;

	assert_true(entries->count < ENTRIES_MAX);
	entries->list[entries->count++] = *entry;
}

static void
read_file(struct mru *mru, const char *path, struct entries *entries)
{
	struct buf text = { .limit_bytes = 1 << 16 };
	struct error err;

	if (file_read(path, &text, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_true(mru_read(mru, buf_str(&text), text.len, take, entries) > 0);
	buf_free(&text);
}

static void
assert_entry(const struct mru_entry *entry, const char *address, uint64_t packets, uint64_t dropped,
    bool limited)
{
	char text[IP_TEXT_BYTES];

	assert_string_equal(ip_text(&entry->ip, text), address);
	assert_int_equal(entry->packets, packets);
	assert_int_equal(entry->dropped, dropped);
	assert_int_equal(entry->limited, limited);
	assert_int_equal(entry->mode, 3);
	assert_int_equal(entry->version, 4);
	assert_true(entry->first_ns <= entry->last_ns);
}

/* What ntp 4.2.8p15 sent after 1, 40 and 2 questions of three clients. */
static void
a_list_of_ntp_is_read(void **state UNUSED)
{
	struct mru mru = { .count = 0 };
	struct entries entries = { .count = 0 };

	read_file(&mru, "tests/data/mru-ntp.txt", &entries);
	assert_int_equal(entries.count, 3);
	assert_entry(&entries.list[0], "10.9.0.5", 1, 0, false);
	assert_entry(&entries.list[1], "10.9.0.6", 40, 0, true);
	assert_entry(&entries.list[2], "2001:db8:9::5", 2, 0, true);
	assert_int_equal(entries.list[2].port, 56958);
	assert_false(entries.list[0].ntpsec);
	assert_int_equal(entries.list[0].last_ns / NS_PER_S, 0xeeb7adeeu - 2208988800u);
	assert_in_range(entries.list[0].last_ns % NS_PER_S, 621190000, 621200000); /* 0x9f06cd62 */
	assert_true(mru.over);
	assert_string_equal(mru.nonce, "eeb7adf3f7574dcb253838d5");
}

static void
a_list_of_ntpsec_is_read(void **state UNUSED)
{
	struct mru mru = { .count = 0 };
	struct entries entries = { .count = 0 };

	read_file(&mru, "tests/data/mru-ntpsec.txt", &entries);
	assert_int_equal(entries.count, 4);
	assert_entry(&entries.list[0], "10.9.0.5", 1, 0, false);
	assert_entry(&entries.list[1], "10.9.0.6", 40, 20, true);
	assert_entry(&entries.list[2], "2001:db8:9::5", 2, 0, false);
	assert_int_equal(entries.list[3].mode, 6);
	assert_true(entries.list[0].ntpsec);
	assert_true(mru.over);
}

/* The data of a question, with a NUL. */
static const char *
asked(const struct mru *mru, char *text, enum mode6_opcode *opcode)
{
	uint8_t bytes[MRU_REQUEST_BYTES];
	size_t len = mru_request(mru, 7, opcode, bytes), count;

	assert_int_equal(len % 4, 0);
	assert_true(len <= MRU_REQUEST_BYTES);
	count = (size_t)(bytes[10] << 8 | bytes[11]);
	assert_in_range(len - MODE6_HEADER_BYTES, count, count + 3);
	memcpy(text, bytes + MODE6_HEADER_BYTES, count);
	text[count] = '\0';
	return text;
}

static void
the_next_question_names_the_last_places_as_they_came(void **state UNUSED)
{
	struct mru mru = { .count = 0 };
	struct entries entries = { .count = 0 };
	char text[MRU_REQUEST_BYTES];
	enum mode6_opcode opcode;

	assert_string_equal(asked(&mru, text, &opcode), "");
	assert_int_equal(opcode, MODE6_REQUEST_NONCE);
	assert_int_equal(mru_read(&mru, "nonce=abc\r\n", 11, take, &entries), 0);
	assert_string_equal(asked(&mru, text, &opcode), "nonce=abc, frags=32");
	assert_int_equal(opcode, MODE6_READ_MRU);
	read_file(&mru, "tests/data/mru-ntp.txt", &entries);
	assert_string_equal(asked(&mru, text, &opcode),
	    "nonce=eeb7adf3f7574dcb253838d5, frags=32, "
	    "addr.0=[2001:db8:9::5]:56958, last.0=0xeeb7adf0.1b3c01c9, "
	    "addr.1=10.9.0.6:44967, last.1=0xeeb7adef.f181ab09, "
	    "addr.2=10.9.0.5:39440, last.2=0xeeb7adee.9f06cd62");
}

static void
places_that_moved_are_given_up_one_after_the_other(void **state UNUSED)
{
	struct mru mru = { .nonce = "x" };
	struct entries entries = { .count = 0 };
	char text[MRU_REQUEST_BYTES];
	enum mode6_opcode opcode;

	assert_false(mru_refused(&mru));
	for (int i = 0; i < 100; i++) {
		char entry[128];
		int len = snprintf(entry, sizeof(entry),
		    "addr.0=192.0.2.%d:123, last.0=0xeeb7ad%02x.00000001, ct.0=1", i, i);

		entries.count = 0;
		assert_int_equal(mru_read(&mru, entry, (size_t)len, take, &entries), 1);
	}
	assert_true(mru_refused(&mru));
	assert_string_equal(mru.nonce, "");
	memcpy(mru.nonce, "y", 2);
	assert_non_null(strstr(asked(&mru, text, &opcode), "addr.0=192.0.2.94:123"));
	assert_non_null(strstr(text, "addr.4=192.0.2.90:123"));
	for (int i = 0; i < 11; i++) {
		assert_true(mru_refused(&mru));
	}
	memcpy(mru.nonce, "z", 2);
	assert_non_null(strstr(asked(&mru, text, &opcode), "addr.3=192.0.2.36:123"));
	assert_null(strstr(text, "addr.4="));
	assert_false(mru_refused(&mru));
}

static void
what_is_no_entry_is_left_out(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		"addr.0=192.0.2.1:123",                                /* when? */
		"last.0=0xeeb7adf0.00000000, ct.0=5",                  /* who? */
		"addr.0=192.0.2.1, last.0=0xeeb7adf0.00000000",        /* no port */
		"addr.0=time.example:123, last.0=0xeeb7adf0.00000000", /* a name */
		"addr.0=192.0.2.1:123, last.0=0xeeb7adf0",             /* half a time */
		"addr.x=192.0.2.1:123, last.x=0xeeb7adf0.00000000",    /* no index */
		"addr.-1=192.0.2.1:123, last.-1=0xeeb7adf0.00000000",
		"addr.0=[2001:db8::1:123, last.0=0xeeb7adf0.00000000x",
		"addr.older=192.0.2.1:123, last.older=0xeeb7adf0.00000000",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mru mru = { .count = 0 };
		struct entries entries = { .count = 0 };

		if (mru_read(&mru, texts[i], strlen(texts[i]), take, &entries) != 0) {
			fail_msg("\"%s\" is an entry", texts[i]);
		}
		assert_int_equal(mru.count, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_ntp_is_read),
		cmocka_unit_test(a_list_of_ntpsec_is_read),
		cmocka_unit_test(the_next_question_names_the_last_places_as_they_came),
		cmocka_unit_test(places_that_moved_are_given_up_one_after_the_other),
		cmocka_unit_test(what_is_no_entry_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
