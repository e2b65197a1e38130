#include "daemons/ntpd/status.h"

#include "common/duration.h"
#include "common/ntp/mode6.h"
#include "common/shown.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4096
#define SPAN_LIMIT_MS 1e9 /* larger root delays and errors are cut to it: they mean nothing */

/* Bits in the high byte of the peer status word. */
#define PEER_AUTH_WANTED 0x40
#define PEER_AUTHENTIC 0x20
#define PEER_SELECT_MASK 0x07
/* Bit in the peer variable flash: the latest packet failed its authentication (TEST5). */
#define FLASH_AUTH 0x0010

void
mode6_status_add(
    struct buf *text, uint16_t association, uint16_t status, const uint8_t *data, size_t len)
{
	if (association == 0) {
		buf_printf(text, "system %04x\n", status);
	} else {
		buf_printf(text, "assoc %u %04x\n", association, status);
	}
	for (size_t i = 0; i < len; i++) {
		char c = data[i] < ' ' || data[i] >= 0x7f ? ' ' : (char)data[i];

		buf_add(text, &c, 1);
	}
	buf_text(text, "\n");
}

/* The variables of the answer that is being read. */
struct reading {
	struct daemon_status *status;
	struct source_status source;
	double number;
	uint64_t clock, reference, received; /* NTP timestamps; 0: not told */
	double root_delay_ms, root_disp_ms, dispersion_ms, jitter_ms;
	unsigned flash;
	bool keyed, nts, pool;
	const char *text;
	bool has_leap;
};

static int64_t
from_ms(double ms)
{
	return duration_from_s(ms / 1e3);
}

static int64_t
span_from_ms(double ms)
{
	return from_ms(ms < 0 ? 0 : ms > SPAN_LIMIT_MS ? SPAN_LIMIT_MS : ms);
}

/* Read a timestamp "0xeeacfd43.7efa4064"; 0: @text is not one. */
static uint64_t
timestamp_of(const char *text)
{
	unsigned long seconds, fraction;
	char *end;

	seconds = strtoul(text, &end, 16);
	if (*end != '.') {
		return 0;
	}
	fraction = strtoul(end + 1, NULL, 16);
	return (uint64_t)(seconds & 0xffffffff) << 32 | (fraction & 0xffffffff);
}

/* Time from @earlier to @later, modulo an era; -1: one of them is 0, not told. */
static int64_t
elapsed_ns(uint64_t earlier, uint64_t later)
{
	int64_t difference = (int64_t)(later - earlier);

	if (earlier == 0 || later == 0) {
		return -1;
	}
	return difference < 0 ? 0 : duration_from_s((double)difference / 4294967296.0);
}

/* Read the version from "ntpd ntpsec-1.2.2" or "ntpd 4.2.8p15@1.3728-o Wed Sep ...". */
static void
read_version(struct daemon_status *status, const char *text)
{
	const char *from = strstr(text, "ntpsec-");
	size_t len;

	from = from ? from + 7 : strchr(text, ' ');
	if (!from) {
		return;
	}
	from += strspn(from, " ");
	len = strcspn(from, "@+ ");
	if (len >= sizeof(status->version)) {
		len = sizeof(status->version) - 1;
	}
	memcpy(status->version, from, len);
	status->version[len] = '\0';
}

static void
take_leap(struct reading *reading)
{
	int leap;

	/* two bits: RFC 9327 writes "00" to "11", the daemons send 0 to 3 */
	if (text_to_int(reading->text, 10, 0, 11, &leap)) {
		reading->status->leap = leap == 0 ? LEAP_NONE
		    : leap == 1                   ? LEAP_INSERT
		    : leap == 2 || leap == 10     ? LEAP_DELETE
						  : LEAP_UNSYNC;
		reading->has_leap = true;
	}
}

static void
take_system_stratum(struct reading *reading)
{
	text_to_int(reading->text, 10, 0, 16, &reading->status->stratum);
}

static void
take_system_offset(struct reading *reading)
{
	reading->status->offset_ns = from_ms(reading->number);
}

static void
take_root_delay(struct reading *reading)
{
	reading->root_delay_ms = reading->number;
}

static void
take_root_disp(struct reading *reading)
{
	reading->root_disp_ms = reading->number;
}

static void
take_frequency(struct reading *reading)
{
	reading->status->frequency_ppm = reading->number;
}

static void
take_system_jitter(struct reading *reading)
{
	reading->status->system_jitter_ns = span_from_ms(reading->number);
}

static void
take_clock_jitter(struct reading *reading)
{
	reading->status->clock_jitter_ns = span_from_ms(reading->number);
}

static void
take_wander(struct reading *reading)
{
	reading->status->wander_ppm = reading->number;
}

static void
take_tc(struct reading *reading)
{
	if (reading->number >= 0 && reading->number <= 17) {
		reading->status->update_interval_ns = NS_PER_S << (int)reading->number;
	}
}

static void
take_clock(struct reading *reading)
{
	reading->clock = timestamp_of(reading->text);
}

static void
take_reftime(struct reading *reading)
{
	reading->reference = timestamp_of(reading->text);
}

static void
take_version(struct reading *reading)
{
	read_version(reading->status, reading->text);
}

static void
take_address(struct reading *reading)
{
	shown_copy(reading->source.address, sizeof(reading->source.address), reading->text);
}

/* As long as the name is not resolved there is no address: show the name. */
static void
take_name(struct reading *reading)
{
	const char *address = reading->source.address;

	if (strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0) {
		take_address(reading);
	}
}

static void
take_stratum(struct reading *reading)
{
	text_to_int(reading->text, 10, 0, 16, &reading->source.stratum);
}

static void
take_poll(struct reading *reading)
{
	text_to_int(reading->text, 10, -32, 32, &reading->source.poll_log2);
}

/* Both daemons send 0x1f; "017" would be octal, as ntpq shows it. */
static void
take_reach(struct reading *reading)
{
	int reach = 0;

	text_to_int(reading->text, 0, 0, 255, &reach);
	reading->source.reach = (unsigned)reach;
}

static void
take_received(struct reading *reading)
{
	reading->received = timestamp_of(reading->text);
}

static void
take_offset(struct reading *reading)
{
	reading->source.offset_ns = from_ms(reading->number);
}

static void
take_delay(struct reading *reading)
{
	reading->source.delay_ns = span_from_ms(reading->number);
}

static void
take_dispersion(struct reading *reading)
{
	reading->dispersion_ms = reading->number;
}

static void
take_jitter(struct reading *reading)
{
	reading->jitter_ms = reading->number;
}

static void
take_key(struct reading *reading)
{
	reading->keyed = reading->number != 0;
}

static void
take_cookies(struct reading *reading)
{
	reading->nts = reading->number >= 0;
}

static void
take_flash(struct reading *reading)
{
	int flash = 0;

	text_to_int(reading->text, 0, 0, 0xffff, &flash);
	reading->flash = (unsigned)flash;
}

/* An association that stands for the name of a pool is no source. */
static void
take_refid(struct reading *reading)
{
	reading->pool = strcmp(reading->text, "POOL") == 0;
}

struct variable {
	const char *name;
	bool numeric; /* reading->number holds its value */
	void (*take)(struct reading *reading);
};

static const struct variable system_variables[] = {
	{ "leap", false, take_leap },
	{ "stratum", false, take_system_stratum },
	{ "offset", true, take_system_offset },
	{ "rootdelay", true, take_root_delay },
	{ "rootdisp", true, take_root_disp },
	{ "frequency", true, take_frequency },
	{ "sys_jitter", true, take_system_jitter },
	{ "clk_jitter", true, take_clock_jitter },
	{ "clk_wander", true, take_wander },
	{ "tc", true, take_tc },
	{ "clock", false, take_clock },
	{ "reftime", false, take_reftime },
	{ "version", false, take_version },
	{ .name = NULL },
};

static const struct variable peer_variables[] = {
	{ "srcadr", false, take_address },
	{ "srchost", false, take_name },
	{ "stratum", false, take_stratum },
	{ "hpoll", false, take_poll },
	{ "reach", false, take_reach },
	{ "rec", false, take_received },
	{ "refid", false, take_refid },
	{ "rootdelay", true, take_root_delay },
	{ "rootdisp", true, take_root_disp },
	{ "offset", true, take_offset },
	{ "delay", true, take_delay },
	{ "dispersion", true, take_dispersion },
	{ "jitter", true, take_jitter },
	{ "keyid", true, take_key },
	{ "ntscookies", true, take_cookies },
	{ "flash", false, take_flash },
	{ .name = NULL },
};

static void
read_variables(const char *line, const struct variable *known, struct reading *reading)
{
	const char *end = line + strlen(line);
	struct mode6_variable variable;

	while (mode6_next_variable(&line, end, &variable)) {
		for (const struct variable *row = known; row->name; row++) {
			if (strcmp(row->name, variable.name) != 0) {
				continue;
			}
			reading->text = variable.value;
			if (!row->numeric || text_to_double(variable.value, &reading->number)) {
				row->take(reading);
			}
		}
	}
}

static enum source_state
state_of(unsigned select, unsigned reach)
{
	static const enum source_state states[] = {
		SOURCE_REJECTED, SOURCE_FALSETICKER,
		SOURCE_OUTLIER, /* excess: good, but more than are needed */
		SOURCE_OUTLIER, SOURCE_COMBINED, SOURCE_OUTLIER, /* backup */
		SOURCE_SELECTED, SOURCE_SELECTED,                /* with its pulse */
	};
	enum source_state state = states[select];

	return reach == 0 && state != SOURCE_SELECTED ? SOURCE_SILENT : state;
}

/* NTPsec sets PEER_AUTHENTIC even without a key: the key id decides first. */
static enum source_auth
auth_of(const struct reading *reading, unsigned bits)
{
	if (reading->nts) {
		return AUTH_NTS;
	}
	if (!reading->keyed) {
		return AUTH_NONE;
	}
	if (reading->flash & FLASH_AUTH) {
		return AUTH_BAD;
	}
	if (bits & PEER_AUTHENTIC) {
		return AUTH_KEY;
	}
	return reading->source.reach > 0 && (bits & PEER_AUTH_WANTED) ? AUTH_BAD : AUTH_UNKNOWN;
}

static void
add_source(struct reading *reading, unsigned status_word)
{
	struct daemon_status *status = reading->status;
	struct source_status *source = &reading->source;
	unsigned bits = status_word >> 8;

	if (reading->pool || !source->address[0] || status->source_count == DAEMON_SOURCES_MAX) {
		return;
	}
	source->state = state_of(bits & PEER_SELECT_MASK, source->reach);
	source->auth = auth_of(reading, bits);
	source->age_ns = elapsed_ns(reading->received, reading->clock);
	source->filter_ns = span_from_ms(reading->dispersion_ms);
	source->jitter_ns = source_jitter_ns(span_from_ms(reading->jitter_ms));
	source->error_ns = source->delay_ns / 2 + span_from_ms(reading->root_delay_ms) / 2 +
	    span_from_ms(reading->root_disp_ms) + source->filter_ns +
	    span_from_ms(reading->jitter_ms);
	status->sources[status->source_count++] = *source;
}

static void
read_association(struct reading *reading, const char *line, unsigned status_word)
{
	uint64_t clock = reading->clock;

	*reading = (struct reading){
		.status = reading->status,
		.clock = clock,
		.has_leap = reading->has_leap,
		.source = { .delay_ns = -1, .age_ns = -1 },
	};
	read_variables(line, peer_variables, reading);
	add_source(reading, status_word);
}

static void
read_system(struct reading *reading, const char *line)
{
	read_variables(line, system_variables, reading);
	reading->status->root_delay_ns = span_from_ms(reading->root_delay_ms);
	reading->status->root_dispersion_ns = span_from_ms(reading->root_disp_ms);
	reading->status->update_age_ns = elapsed_ns(reading->reference, reading->clock);
	if (reading->status->leap == LEAP_UNSYNC || reading->status->stratum == 0) {
		reading->status->stratum = 16;
	}
}

/* Fill what follows from the selected source. */
static void
settle(struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		int64_t apart_ns = source->offset_ns - status->offset_ns;

		if (source->state != SOURCE_SELECTED) {
			continue;
		}
		memcpy(status->selected, source->address, sizeof(status->selected));
		/* the source is not followed yet: a large offset waits for the stepout time */
		if (apart_ns > source->error_ns || apart_ns < -source->error_ns) {
			status->offset_ns = source->offset_ns;
		}
	}
}

int
ntp_parse_status(const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	struct daemon_status parsed = { .stratum = 16, .update_age_ns = -1 };
	struct reading reading = { .status = &parsed };
	char head[64], line[LINE_BYTES];
	const char *end = text + len;
	unsigned id, word;

	while (next_line(&text, end, head, sizeof(head))) {
		if (!next_line(&text, end, line, sizeof(line))) {
			return error_set(err, "mode 6: \"%.40s\" without its variables", head);
		}
		if (sscanf(head, "system %4x", &word) == 1) {
			read_system(&reading, line);
		} else if (sscanf(head, "assoc %5u %4x", &id, &word) == 2) {
			read_association(&reading, line, word);
		} else {
			return error_set(
			    err, "mode 6: \"%.40s\" is not the first line of an answer", head);
		}
	}
	if (!reading.has_leap) {
		return error_set(err, "mode 6: the daemon did not tell its leap indicator");
	}
	settle(&parsed);
	*status = parsed;
	return 0;
}
