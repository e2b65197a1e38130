/* Reads the status of OpenNTPD from ntpctl's output. */
#include "common/duration.h"
#include "daemons/other_status.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 512
#define WORDS_MAX 16

struct reading {
	struct daemon_status status;
	char address[SOURCE_NAME_BYTES]; /* of the peer whose figures come next */
	bool in_peers, heard;
};

/* "3/4 peers valid, constraint offset 1s, clock offset is -99.9ms, clock synced, stratum 3" */
static void
read_summary(struct reading *reading, const char *line)
{
	struct daemon_status *status = &reading->status;
	const char *at = strstr(line, "clock synced, stratum ");
	double offset_ms = 0;
	int stratum;

	reading->heard = true;
	if (at && sscanf(at, "clock synced, stratum %2d", &stratum) == 1 && stratum > 0 &&
	    stratum < 16) {
		status->stratum = stratum;
		status->leap = LEAP_NONE;
	}
	at = strstr(line, "clock offset is ");
	if (at && sscanf(at, "clock offset is %20lf", &offset_ms) == 1) {
		status->offset_ns = duration_from_s(offset_ms / 1000);
	}
}

static bool
milliseconds(const char *word, int64_t *ns)
{
	double value;
	char *end = strchr(word, 'm');
	char copy[32];
	size_t len = end ? (size_t)(end - word) : 0;

	if (len == 0 || len >= sizeof(copy) || strcmp(end, "ms") != 0) {
		return false;
	}
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (!text_to_double(copy, &value)) {
		return false;
	}
	*ns = duration_from_s(value / 1000);
	return true;
}

static int
seconds_log2(const char *word)
{
	long seconds = 0;
	int log2 = 0;

	sscanf(word, "%9ld", &seconds);
	while (log2 < 17 && (1L << log2) < seconds) {
		log2++;
	}
	return log2;
}

/* "   *  1 10  2   12s   32s       -99.988ms     0.034ms     0.027ms": wt tl st next poll ... */
static void
read_figures(struct reading *reading, char *line)
{
	struct daemon_status *status = &reading->status;
	struct source_status source = { .state = SOURCE_REJECTED, .age_ns = -1, .delay_ns = -1 };
	char *words[WORDS_MAX];
	size_t count = split_words(line, words, WORDS_MAX);
	bool selected = count > 0 && strcmp(words[0], "*") == 0;
	char *const *word = words + selected;
	int64_t jitter_ns = 0;

	count -= selected;
	if (count < 5 || status->source_count == DAEMON_SOURCES_MAX ||
	    !text_to_int(word[2], 10, 0, 16, &source.stratum)) {
		return;
	}
	memcpy(source.address, reading->address, sizeof(source.address));
	source.poll_log2 = seconds_log2(word[4]);
	if (count >= 8 && milliseconds(word[5], &source.offset_ns) &&
	    milliseconds(word[6], &source.delay_ns) && milliseconds(word[7], &jitter_ns)) {
		source.state = selected ? SOURCE_SELECTED : SOURCE_COMBINED;
		source.reach = 1;
		source.age_ns = 0; /* the age is not told; OpenNTPD drops old samples */
		source.error_ns = source.delay_ns / 2 + jitter_ns;
		source.jitter_ns = source_jitter_ns(jitter_ns);
	}
	if (selected && status->stratum < 16) {
		memcpy(status->selected, source.address, sizeof(status->selected));
		status->root_delay_ns = source.delay_ns;
		status->root_dispersion_ns = jitter_ns;
		status->update_age_ns = 0;
	}
	status->sources[status->source_count++] = source;
}

static void
read_line(struct reading *reading, char *line)
{
	size_t len = strcspn(line, " ");

	if (strstr(line, " valid") && strchr(line, '/')) {
		read_summary(reading, line);
	} else if (strcmp(line, "peer") == 0 || strcmp(line, "sensor") == 0) {
		reading->in_peers = line[0] == 'p';
	} else if (reading->in_peers && len > 0 && len < sizeof(reading->address)) {
		memcpy(reading->address, line, len);
		reading->address[len] = '\0';
		if (!text_is_plain(reading->address)) {
			reading->address[0] = '\0';
		}
	} else if (reading->in_peers && len == 0 && reading->address[0]) {
		read_figures(reading, line);
		if (reading->status.source_count > 0) {
			reading->address[0] = '\0';
		}
	}
}

int
openntpd_parse_status(const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	struct reading reading = { .status = {
				       .leap = LEAP_UNSYNC, .stratum = 16, .update_age_ns = -1 } };
	const char *end = text + len;
	char line[LINE_BYTES];

	while (next_line(&text, end, line, sizeof(line))) {
		read_line(&reading, line);
	}
	if (!reading.heard) {
		return error_set(err, "ntpctl says nothing: only root may ask OpenNTPD");
	}
	*status = reading.status;
	return 0;
}
