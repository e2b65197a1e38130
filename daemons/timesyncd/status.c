/* Reads the status of systemd-timesyncd from its properties on the bus. */
#include "common/clock.h"
#include "common/duration.h"
#include "daemons/other_status.h"
#include "daemons/status_text.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <string.h>

#define NS_PER_MICRO INT64_C(1000)
/* 142 years, for instants since 1970 until 2112; two such values in ns can be added */
#define MICROS_MAX (INT64_C(1) << 52)
#define SPAN_MAX_NS (INT64_C(1) << 58) /* 9 years */

/* Members of NTPMessage, (uuuuittayttttbtt).  Source: systemd 252, src/timesync/timesyncd-bus.c. */
enum message_member {
	MESSAGE_LEAP,
	MESSAGE_VERSION,
	MESSAGE_MODE,
	MESSAGE_STRATUM,
	MESSAGE_PRECISION,
	MESSAGE_ROOT_DELAY,
	MESSAGE_ROOT_DISPERSION,
	MESSAGE_REFERENCE,
	MESSAGE_ORIGINATE,
	MESSAGE_RECEIVE,
	MESSAGE_TRANSMIT,
	MESSAGE_DESTINATION,
	MESSAGE_IGNORED,
	MESSAGE_COUNT,
	MESSAGE_JITTER,
};

static const json_t *
property(const json_t *all, const char *name)
{
	return json_object_get(json_object_get(all, name), "data");
}

/* A whole number, 0 beyond MICROS_MAX.  It comes as a double: some numbers are unsigned 64-bit. */
static int64_t
whole(const json_t *number)
{
	double value = json_number_value(number);

	return value > -(double)MICROS_MAX && value < (double)MICROS_MAX ? (int64_t)value : 0;
}

static int64_t
micros_ns(const json_t *number)
{
	return whole(number) * NS_PER_MICRO;
}

static int64_t
member_ns(const json_t *message, enum message_member member)
{
	return micros_ns(json_array_get(message, member));
}

static int64_t
member(const json_t *message, enum message_member which)
{
	return whole(json_array_get(message, which));
}

/* Take the address from ServerAddress (iay: family, bytes), or the name if there is none yet. */
static void
read_server(const json_t *all, struct source_status *source)
{
	const json_t *address = property(all, "ServerAddress");
	const json_t *list = json_array_get(address, 1);
	const char *name = json_string_value(property(all, "ServerName"));
	unsigned char bytes[16] = { 0 };
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count && i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)whole(json_array_get(list, i));
	}
	if (count == 4 || count == 16) {
		inet_ntop(count == 4 ? AF_INET : AF_INET6, bytes, source->address,
		    sizeof(source->address));
	} else if (name && strlen(name) < sizeof(source->address) && text_is_plain(name)) {
		memcpy(source->address, name, strlen(name) + 1);
	}
}

/* A duration from outside: not negative, and so short that sums of a few do not overflow. */
static int64_t
span_ns(int64_t ns)
{
	return ns < 0 ? 0 : ns > SPAN_MAX_NS ? SPAN_MAX_NS : ns;
}

static int
log2_of(int64_t ns)
{
	int log2 = 0;

	while (log2 < 17 && (INT64_C(1) << log2) * NS_PER_S < ns) {
		log2++;
	}
	return log2;
}

/* Fill @source and @status from the latest answer.  Source: RFC 5905 section 8; timedatectl. */
static void
read_message(const json_t *message, int64_t now_ns, struct source_status *source,
    struct daemon_status *status)
{
	static const enum leap leaps[] = { LEAP_NONE, LEAP_INSERT, LEAP_DELETE, LEAP_UNSYNC };
	int64_t sent_ns = member_ns(message, MESSAGE_ORIGINATE);
	int64_t received_ns = member_ns(message, MESSAGE_RECEIVE);
	int64_t answered_ns = member_ns(message, MESSAGE_TRANSMIT);
	int64_t arrived_ns = member_ns(message, MESSAGE_DESTINATION);
	int64_t jitter_ns = span_ns(member_ns(message, MESSAGE_JITTER));
	int64_t leap = member(message, MESSAGE_LEAP), stratum = member(message, MESSAGE_STRATUM);

	if (sent_ns <= 0 || arrived_ns <= 0 || member(message, MESSAGE_COUNT) <= 0 || leap < 0 ||
	    leap >= LEAP_UNSYNC || stratum < 1 || stratum > 15) {
		return;
	}
	status->leap = leaps[leap];
	source->state = SOURCE_SELECTED;
	source->stratum = (int)stratum;
	source->reach = 1;
	source->age_ns = now_ns > arrived_ns ? now_ns - arrived_ns : 0;
	source->offset_ns = (received_ns - sent_ns) / 2 + (answered_ns - arrived_ns) / 2;
	source->delay_ns = span_ns((arrived_ns - sent_ns) - (answered_ns - received_ns));
	status->root_delay_ns = source->delay_ns + span_ns(member_ns(message, MESSAGE_ROOT_DELAY));
	status->root_dispersion_ns =
	    span_ns(member_ns(message, MESSAGE_ROOT_DISPERSION)) + jitter_ns;
	source->jitter_ns = source_jitter_ns(jitter_ns);
	source->error_ns = status->root_delay_ns / 2 + status->root_dispersion_ns;
	status->stratum = stratum < 15 ? (int)stratum + 1 : 16;
	status->offset_ns = source->offset_ns;
	status->update_age_ns = source->age_ns;
	memcpy(status->selected, source->address, sizeof(status->selected));
}

/* Fill @status.  timesyncd has one server at a time, and follows it. */
static void
read_properties(const json_t *all, int64_t now_ns, struct daemon_status *status)
{
	struct source_status *source = &status->sources[0];
	int64_t frequency = whole(property(all, "Frequency"));

	*status = (struct daemon_status){ .leap = LEAP_UNSYNC, .stratum = 16, .update_age_ns = -1 };
	if (frequency > -(1 << 26) && frequency < 1 << 26) {
		status->frequency_ppm = (double)frequency / 65536;
	}
	status->update_interval_ns = micros_ns(property(all, "PollIntervalUSec"));
	if (status->update_interval_ns < 0) {
		status->update_interval_ns = 0;
	}
	*source = (struct source_status){ .state = SOURCE_SILENT, .age_ns = -1, .delay_ns = -1 };
	read_server(all, source);
	if (source->address[0]) {
		source->poll_log2 = log2_of(status->update_interval_ns);
		read_message(property(all, "NTPMessage"), now_ns, source, status);
		status->source_count = 1;
	}
}

int
timesyncd_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	const char *end = text + len;
	int64_t now_ns = 0;
	const json_t *all;
	json_t *json;
	double seconds;
	char line[64];

	if (len > 4 && strncmp(text, "now,", 4) == 0 && next_line(&text, end, line, sizeof(line)) &&
	    text_to_double(line + 4, &seconds)) {
		now_ns = duration_from_s(seconds);
	}
	json = json_loadb(
	    text, (size_t)(end - text), JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL, NULL);
	all = json_array_get(json_object_get(json, "data"), 0);
	if (!json_is_object(all)) {
		json_decref(json);
		return error_set(err, "busctl says nothing of systemd-timesyncd");
	}
	read_properties(all, now_ns, status);
	json_decref(json);
	return 0;
}
