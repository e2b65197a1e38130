/* An address that is asked for the time, and what it told. */
#ifndef MEASURE_TARGET_H
#define MEASURE_TARGET_H

#include "common/ntp/exchange.h"

#define MEASURE_SAMPLES_MAX 8

struct measure_target {
	char name[256];   /* as configured: a name or an address */
	char address[64]; /* numeric; "" when the name does not resolve */
	size_t source;    /* index of the name in the request: a name may have several addresses */
	unsigned sent, answered;
	unsigned of_name; /* how many addresses the name has, in the family of which it has more; 0:
			     it does not resolve */
	unsigned bogus;   /* datagrams from it that were no answer to the question */
	char stranger[64]; /* another address that answered a question to this one; "": none did */
	bool held;         /* not asked: the request's grant() did not let it be */
	char kiss[5];      /* "RATE", "DENY", "RSTR": it does not want to be asked; "" */
	char why[160];     /* why it gave no good sample; else "" */
	int same_as; /* index of the earlier target of the same address, which is asked for both
			and whose answer is copied here; -1: none */
	struct ntp_sample samples[MEASURE_SAMPLES_MAX];
	size_t sample_count;
};

#endif
