#include "orchestrator/rollout/facts/records.h"

#include "common/shown.h"

#include <stdlib.h>
#include <string.h>

#define BEFORE_BYTES_MAX (256u << 10)
#define SAID_BYTES_MAX 1024u

static const char first_line[] = "timetier-records 1\n";

/* Drop the first @len bytes that are pending, and remember the end of what was dropped. */
static void
leave_out(struct records *records, size_t len)
{
	size_t skip = len > SAID_BYTES_MAX ? len - SAID_BYTES_MAX : 0;

	for (size_t i = skip; i < len; i++) {
		const char *byte = &records->pending.data[i];

		buf_add(&records->said, *byte ? byte : "?", 1);
	}
	if (records->said.len > SAID_BYTES_MAX) {
		buf_drop(&records->said, records->said.len - SAID_BYTES_MAX);
	}
	records->before += len;
	buf_drop(&records->pending, len);
}

/* Drop the first line and what comes before it; returns whether that line has come. */
static bool
find_first_line(struct records *records)
{
	size_t want = sizeof(first_line) - 1;

	while (records->pending.len > 0) {
		const char *end = memchr(records->pending.data, '\n', records->pending.len);
		size_t len = end ? (size_t)(end - records->pending.data) + 1 : 0;

		if (!end && records->pending.len < 4096) {
			return false;
		}
		len = end ? len : records->pending.len;
		/* at the end of a line: what a login shell said before may lack its newline */
		if (len >= want &&
		    memcmp(records->pending.data + len - want, first_line, want) == 0) {
			records->before += len - want;
			buf_drop(&records->pending, len);
			buf_free(&records->said);
			return true;
		}
		leave_out(records, len);
	}
	return false;
}

/* The length at the start of a header; -1: there is none. */
static long
read_length(const char *header, const char **name)
{
	char *end;
	unsigned long value;

	if (header[0] < '0' || header[0] > '9') {
		return -1;
	}
	value = strtoul(header, &end, 10);
	if (*end != ' ' || value > RECORD_BYTES_MAX) {
		return -1;
	}
	*name = end + 1;
	return (long)value;
}

/* The text of a record: its bytes, when they are fit to be shown. */
static const char *
text_of(struct records *records, const char *bytes, size_t len)
{
	if (shown_is_fit(bytes, len, SHOWN_NEWLINES | SHOWN_TABS)) {
		return bytes;
	}
	buf_reset(&records->shown);
	shown_add(&records->shown, bytes, len, SHOWN_NEWLINES | SHOWN_TABS);
	return buf_str(&records->shown);
}

/*
 * Take the record at *@at of what is pending, and move *@at behind it.  Returns 1: it was taken;
 * 0: it is not complete yet; -1: it is no record.
 */
static int
take_record(struct records *records, size_t *at)
{
	char *from = records->pending.data + *at;
	size_t left = records->pending.len - *at;
	char header[RECORD_NAME_BYTES_MAX], name[RECORD_NAME_BYTES_MAX];
	const char *end = left ? memchr(from, '\n', left) : NULL, *raw_name;
	struct record record = { .name = name };
	size_t header_len;
	long len;

	if (!end) {
		return left < sizeof(header) ? 0 : -1;
	}
	header_len = (size_t)(end - from);
	if (header_len >= sizeof(header) || memchr(from, '\0', header_len)) {
		return -1;
	}
	memcpy(header, from, header_len);
	header[header_len] = '\0';
	len = read_length(header, &raw_name);
	if (len < 0) {
		return -1;
	}
	if (left < header_len + 1 + (size_t)len + 1) {
		return 0;
	}
	from += header_len + 1;
	if (from[len] != '\n') {
		return -1;
	}
	from[len] = '\0';
	shown_copy(name, sizeof(name), raw_name);
	record.bytes = from;
	record.len = (size_t)len;
	record.text = text_of(records, from, record.len);
	records->each(records->ctx, &record);
	*at += header_len + 1 + record.len + 1;
	return 1;
}

static int
refuse(struct records *records, struct error *err)
{
	size_t limit = records->limit_bytes ? records->limit_bytes : RECORDS_BYTES_MAX;

	records->broken = true;
	return records->fed > limit
	    ? error_set(err, "the host's answer has no end: more than %zu bytes came", limit)
	    : error_set(err, "the host's answer is not understood");
}

int
records_feed(struct records *records, const char *bytes, size_t len, struct error *err)
{
	size_t limit = records->limit_bytes ? records->limit_bytes : RECORDS_BYTES_MAX, at = 0;
	int taken = 1;

	records->fed += len;
	if (records->broken || records->fed > limit) {
		return refuse(records, err);
	}
	buf_add(&records->pending, bytes, len);
	if (!records->begun) {
		records->begun = find_first_line(records);
		if (records->before > BEFORE_BYTES_MAX) {
			return refuse(records, err);
		}
	}
	while (records->begun && taken > 0) {
		taken = take_record(records, &at);
	}
	if (taken < 0) {
		return refuse(records, err);
	}
	if (at > 0) {
		buf_drop(&records->pending, at);
	}
	return 0;
}

void
records_said(const struct records *records, struct buf *out)
{
	if (records->begun) {
		return;
	}
	buf_add(out, buf_str(&records->said), records->said.len);
	for (size_t i = 0; i < records->pending.len; i++) {
		buf_add(out, records->pending.data[i] ? &records->pending.data[i] : "?", 1);
	}
}

void
records_done(struct records *records)
{
	buf_free(&records->said);
	buf_free(&records->pending);
	buf_free(&records->shown);
}

const char *
record_words(const struct record *record, const char *verb)
{
	size_t len = strlen(verb);

	if (strncmp(record->name, verb, len) != 0) {
		return NULL;
	}
	if (record->name[len] == '\0') {
		return "";
	}
	return record->name[len] == ' ' ? record->name + len + 1 : NULL;
}
