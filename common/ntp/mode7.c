#include "common/ntp/mode7.h"

#include <string.h>

/*
 * |R|M| VN  |mode |A| sequence    | implementation| request code  |
 * |  err  |   number of items     |  MBZ  |   size of an item     |
 */
#define HEADER_BYTES 8
#define VERSION_AND_MODE 0x17
#define XNTPD_OLD 2
#define XNTPD 3
#define MON_GETLIST 20
#define MON_GETLIST_1 42
#define RESPONSE_BIT 0x80
#define MODE_MASK 0x07
#define MODE_PRIVATE 7

void
mode7_question(bool old, uint8_t *bytes)
{
	memset(bytes, 0, MODE7_QUESTION_BYTES);
	bytes[0] = VERSION_AND_MODE;
	bytes[2] = old ? XNTPD_OLD : XNTPD;
	bytes[3] = old ? MON_GETLIST : MON_GETLIST_1;
}

enum mode7_answer
mode7_read(const uint8_t *bytes, size_t len, unsigned *error)
{
	*error = 0;
	if (len < HEADER_BYTES || !(bytes[0] & RESPONSE_BIT) ||
	    (bytes[0] & MODE_MASK) != MODE_PRIVATE ||
	    (bytes[3] != MON_GETLIST_1 && bytes[3] != MON_GETLIST)) {
		return MODE7_IGNORED;
	}
	*error = bytes[4] >> 4;
	return *error ? MODE7_REFUSED : MODE7_ANSWERED;
}
