#include "orchestrator/review/cost.h"

#define SECONDS_MONTH (COST_DAYS * 86400.0)

static struct cost_flow
flow_of(double packets_s)
{
	return (struct cost_flow){ packets_s, packets_s * COST_FRAME_BYTES * 8 };
}

double
cost_bit_s(double bytes, double seconds)
{
	return seconds > 0 ? bytes * 8 / seconds : 0;
}

double
cost_month(double bit_s, double price_gb)
{
	return bit_s / 2 / 8 * SECONDS_MONTH / COST_GB * price_gb;
}

void
cost_of(const struct cost_input *input, struct cost *cost)
{
	double pairs = (double)input->clients * input->servers_each;

	cost->settled = flow_of(pairs / (1 << COST_POLL_SETTLED));
	cost->unsettled = flow_of(pairs / (1 << COST_POLL_UNSETTLED));
	cost->start = flow_of(pairs / COST_BURST_GAP_S);
	cost->start_s = COST_BURST_PACKETS * COST_BURST_GAP_S;
	cost->gb_month = cost->settled.bit_s / 8 * SECONDS_MONTH / COST_GB;
	cost->gb_month_most = cost->unsettled.bit_s / 8 * SECONDS_MONTH / COST_GB;
}
