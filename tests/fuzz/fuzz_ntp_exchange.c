/* What is believed of an answer is in bounds, whatever came. */
#include "common/ntp/exchange.h"
#include "common/ntp/mac.h"

#include <assert.h>
#include <string.h>

#define LOCAL_NS (INT64_C(1795000000) * NS_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_good(const struct ntp_sample *sample)
{
	assert(sample->delay_ns > 0 && sample->delay_ns <= NS_PER_S);
	assert(sample->dispersion_ns > 0 && sample->dispersion_ns < 9 * NS_PER_S);
	assert(sample->stratum >= 1 && sample->stratum <= 15);
	assert(sample->root_delay_ns / 2 + sample->root_dispersion_ns < 16 * NS_PER_S);
	assert(ntp_root_distance_ns(sample, 0, 0) < 26 * NS_PER_S);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mac_key key = { 7, MAC_AES128CMAC, "0123456789abcdef", 16 };
	struct ntp_asked asked = { .sent = { .real_ns = LOCAL_NS, .width_ns = 100 } };
	struct clock_reading received = { .real_ns = LOCAL_NS + NS_PER_S / 50,
		.boot_ns = NS_PER_S / 50 };
	struct ntp_sample sample;
	struct ntp_refusal refusal;

	assert(!mac_check(&key, data, size));
	for (size_t i = 0; size >= NTP_HEADER_BYTES && i < 8; i++) {
		asked.nonce = asked.nonce << 8 | data[24 + i];
	}
	switch (ntp_answer_read(data, size, &asked, &received, &sample, &refusal)) {
	case NTP_ANSWER_GOOD:
		check_good(&sample);
		break;
	case NTP_ANSWER_KISS:
		assert(strlen(refusal.kiss) == 4);
		break;
	case NTP_ANSWER_UNFIT:
		assert(refusal.why.text[0] != '\0');
		break;
	case NTP_ANSWER_BOGUS:
		break;
	}
	return 0;
}
