#include "common/ntp/mru.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAGMENTS 32   /* of an answer: 468 bytes each, together below MODE6_ANSWER_BYTES */
#define PLACES_ASKED 5 /* so many fit into one question, over IPv6, too */
/* "limited" among the bits of `rs`: NTPsec 1.2.2, which alone tells `dr`, and ntp 4.2.8p15. */
#define LIMITED_NTPSEC 0x20u
#define LIMITED_NTP 0x40u
#define SECONDS_TO_1970 2208988800u

static const struct mru_place *
place_at(const struct mru *mru, size_t back)
{
	return &mru->places[(mru->count - 1 - back) % MRU_PLACES];
}

/* How many of the latest places are kept. */
static size_t
kept(const struct mru *mru)
{
	return mru->count < MRU_PLACES ? mru->count : MRU_PLACES;
}

size_t
mru_request(const struct mru *mru, uint16_t sequence, enum mode6_opcode *opcode, uint8_t *bytes)
{
	char text[MRU_REQUEST_BYTES - MODE6_HEADER_BYTES + 1];
	size_t len, padded;

	*opcode = mru->nonce[0] ? MODE6_READ_MRU : MODE6_REQUEST_NONCE;
	mode6_request(bytes, *opcode, sequence, 0);
	if (!mru->nonce[0]) {
		return MODE6_HEADER_BYTES;
	}
	len = (size_t)snprintf(text, sizeof(text), "nonce=%s, frags=%d", mru->nonce, FRAGMENTS);
	for (size_t i = 0; i < PLACES_ASKED && mru->back + i < kept(mru); i++) {
		const struct mru_place *place = place_at(mru, mru->back + i);
		char pair[128];
		size_t more = (size_t)snprintf(pair, sizeof(pair), ", addr.%zu=%s, last.%zu=%s", i,
		    place->address, i, place->last);

		if (len + more >= sizeof(text)) {
			break;
		}
		memcpy(text + len, pair, more + 1);
		len += more;
	}
	padded = (len + 3) / 4 * 4;
	memset(bytes + MODE6_HEADER_BYTES, 0, padded);
	memcpy(bytes + MODE6_HEADER_BYTES, text, len);
	bytes[10] = (uint8_t)(len >> 8);
	bytes[11] = (uint8_t)len;
	return MODE6_HEADER_BYTES + padded;
}

/* "0xe6b1c2d3.80000000" in ns since 1970, for the years 1970 to 2106; 0: it is none. */
static int64_t
read_stamp(const char *text)
{
	unsigned long seconds, part;
	char *end;

	if (strncmp(text, "0x", 2) != 0) {
		return 0;
	}
	seconds = strtoul(text, &end, 16);
	if (end == text || *end != '.' || seconds > UINT32_MAX) {
		return 0;
	}
	part = strtoul(end + 1, &end, 16);
	if (*end || part > UINT32_MAX) {
		return 0;
	}
	return (int64_t)(uint32_t)((uint32_t)seconds - SECONDS_TO_1970) * NS_PER_S +
	    (int64_t)(((uint64_t)part * (uint64_t)NS_PER_S) >> 32);
}

/* "192.0.2.5:123", "[2001:db8::5]:123". */
static void
read_address(const char *text, struct mru_entry *entry)
{
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	size_t len = colon ? (size_t)(colon - text) : 0;
	char host[IP_TEXT_BYTES];

	if (bracket) {
		text++;
		len = strcspn(text, "]%");
	}
	if (!colon || len >= sizeof(host)) {
		return;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	if (ip_parse(host, &entry->ip)) {
		entry->port = (unsigned)strtoul(colon + 1, NULL, 10) & 0xffff;
	}
}

/* What is being read: the values of one index stand together, in any order. */
struct reading {
	struct mru *mru;
	mru_take take;
	void *ctx;
	long index; /* -1: none yet */
	struct mru_entry entry;
	struct mru_place place;
	unsigned long flags; /* `rs` */
	size_t taken;
};

static void
finish_entry(struct reading *reading)
{
	struct mru *mru = reading->mru;

	if (reading->index >= 0 && reading->entry.ip.family != IP_NONE &&
	    reading->entry.last_ns != 0) {
		mru->places[mru->count % MRU_PLACES] = reading->place;
		mru->count++;
		mru->back = 0;
		mru->newest_ns = reading->entry.last_ns;
		reading->entry.limited =
		    (reading->flags & (reading->entry.ntpsec ? LIMITED_NTPSEC : LIMITED_NTP)) != 0;
		reading->take(reading->ctx, &reading->entry);
		reading->taken++;
	}
	reading->entry = (struct mru_entry){ .ip = { .family = IP_NONE } };
	reading->place = (struct mru_place){ "", "" };
	reading->flags = 0;
}

static void
read_member(struct reading *reading, const char *name, const char *value)
{
	struct mru_entry *entry = &reading->entry;

	if (strcmp(name, "addr") == 0 && strlen(value) < sizeof(reading->place.address)) {
		read_address(value, entry);
		memcpy(reading->place.address, value, strlen(value) + 1);
	} else if (strcmp(name, "last") == 0 && strlen(value) < sizeof(reading->place.last)) {
		entry->last_ns = read_stamp(value);
		memcpy(reading->place.last, value, strlen(value) + 1);
	} else if (strcmp(name, "first") == 0) {
		entry->first_ns = read_stamp(value);
	} else if (strcmp(name, "ct") == 0) {
		entry->packets = strtoull(value, NULL, 10);
	} else if (strcmp(name, "dr") == 0) {
		entry->dropped = strtoull(value, NULL, 10);
		entry->ntpsec = true;
	} else if (strcmp(name, "mv") == 0) {
		unsigned long both = strtoul(value, NULL, 10);

		entry->mode = both & 7;
		entry->version = both >> 3 & 7;
	} else if (strcmp(name, "rs") == 0) {
		reading->flags = strtoul(value, NULL, 16);
	}
}

size_t
mru_read(struct mru *mru, const char *text, size_t len, mru_take take, void *ctx)
{
	struct reading reading = { .mru = mru, .take = take, .ctx = ctx, .index = -1 };
	const char *end = text + len;
	struct mode6_variable variable;

	while (mode6_next_variable(&text, end, &variable)) {
		char *dot = strchr(variable.name, '.');
		char *after = NULL;
		long index = dot ? strtol(dot + 1, &after, 10) : -1;

		if (strcmp(variable.name, "nonce") == 0) {
			snprintf(mru->nonce, sizeof(mru->nonce), "%.39s", variable.value);
		} else if (strcmp(variable.name, "now") == 0) {
			mru->over = true;
		} else if (dot && after != dot + 1 && *after == '\0' && index >= 0) {
			if (index != reading.index) {
				finish_entry(&reading);
				reading.index = index;
			}
			*dot = '\0';
			read_member(&reading, variable.name, variable.value);
		}
	}
	finish_entry(&reading);
	return reading.taken;
}

bool
mru_refused(struct mru *mru)
{
	mru->nonce[0] = '\0';
	mru->back += PLACES_ASKED;
	return mru->count > 0 && mru->back < kept(mru);
}
