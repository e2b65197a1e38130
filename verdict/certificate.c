#include "verdict/certificate.h"

#include "common/certificate.h"
#include "common/clock.h"

#include <stdio.h>

#define DAY_NS (24 * 3600 * NS_PER_S)

int
certificate_days(int64_t ends_ns, int64_t now_ns)
{
	int64_t left_ns = ends_ns - now_ns;

	return (int)(left_ns < 0 ? -((-left_ns + DAY_NS - 1) / DAY_NS) : left_ns / DAY_NS);
}

/* "less than a day", "1 day", "12 days" */
static const char *
days_text(int days, char out[24])
{
	if (days == 0) {
		return "less than a day";
	}
	snprintf(out, 24, "%d day%s", days, days == 1 ? "" : "s");
	return out;
}

enum certificate_state
certificate_judge_end(int64_t ends_ns, int64_t now_ns, char words[CERTIFICATE_WORDS_BYTES])
{
	int days = certificate_days(ends_ns, now_ns);
	char text[24];

	words[0] = '\0';
	if (ends_ns <= now_ns) {
		snprintf(words, CERTIFICATE_WORDS_BYTES, "ended %s ago: nobody believes it",
		    days_text(-days - 1, text));
		return CERTIFICATE_ENDED;
	}
	if (days >= CERTIFICATE_SOON_DAYS) {
		return CERTIFICATE_HOLDS;
	}
	snprintf(words, CERTIFICATE_WORDS_BYTES, "ends in %s, and nobody has renewed it",
	    days_text(days, text));
	return days < CERTIFICATE_LAST_DAYS ? CERTIFICATE_LAST : CERTIFICATE_SOON;
}

enum certificate_state
certificate_judge(
    const struct certificate *certificate, int64_t now_ns, char words[CERTIFICATE_WORDS_BYTES])
{
	char text[24];

	if (certificate->begins_ns > now_ns) {
		snprintf(words, CERTIFICATE_WORDS_BYTES, "holds only in %s: nobody believes it yet",
		    days_text(certificate_days(certificate->begins_ns, now_ns), text));
		return CERTIFICATE_EARLY;
	}
	return certificate_judge_end(certificate->ends_ns, now_ns, words);
}
