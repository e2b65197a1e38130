#include "daemons/ntpd/basedate.h"

#include "common/duration.h"
#include "daemons/status_text.h"

#include <time.h>

#define DAYS_1900_TO_1970 25567
#define YEARS_MAX 273 /* since 1900 */

bool
ntp_basedate_read(const char *word, int64_t *ns)
{
	struct tm date = { .tm_year = 0 };
	const char *end;
	int days;

	word += *word == '"';
	end = strptime(word, "%Y-%m-%d", &date);
	if (end && (*end == '\0' || *end == '"') && date.tm_year >= 0 && date.tm_year < YEARS_MAX) {
		*ns = (int64_t)timegm(&date) * NS_PER_S;
	} else if (text_to_int(word, 10, 0, YEARS_MAX * 365, &days)) {
		*ns = (int64_t)(days - DAYS_1900_TO_1970) * 86400 * NS_PER_S;
	} else {
		return false;
	}
	return true;
}
