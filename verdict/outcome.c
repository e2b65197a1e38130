#include "verdict/outcome.h"

#include "common/duration.h"

#include <math.h>

#define FOREVER_NS (INT64_MAX / 2)
#define STEP_ERROR_NS NS_PER_MS /* of the amount of a step that was seen */

static int64_t
step_limit(const struct restart_policy *policy, int64_t offset_ns)
{
	return offset_ns < 0 ? policy->step_back_ns : policy->step_forward_ns;
}

int64_t
restart_panic_limit_ns(const struct restart_policy *policy, int64_t offset_ns)
{
	if (offset_ns < 0 && policy->panic_back_ns > 0) {
		return policy->panic_back_ns;
	}
	return policy->panic_ns;
}

/* What the daemon does with an offset that has no error. */
static struct judged
outcome(const struct restart_policy *policy, int64_t offset_ns)
{
	int64_t size_ns = duration_size_ns(offset_ns);
	int64_t step_ns = step_limit(policy, offset_ns);
	int64_t panic_ns = restart_panic_limit_ns(policy, offset_ns);

	/* maxchange ends chronyd, or keeps it without a source, even if -x keeps it from setting
	 * the clock */
	if (size_ns == 0 || (policy->passive && policy->rules != RESTART_RULES_CHRONY)) {
		return (struct judged){ .kind = VERDICT_SAFE };
	}
	if (panic_ns > 0 && size_ns > panic_ns && !policy->panic_pass) {
		return (struct judged){ VERDICT_EXIT, .limit_ns = panic_ns };
	}
	if (policy->hold_ns > 0 && size_ns > policy->hold_ns) {
		return (struct judged){ VERDICT_EXIT, .held = true, .limit_ns = policy->hold_ns };
	}
	if (policy->passive) {
		return (struct judged){ .kind = VERDICT_SAFE };
	}
	if (policy->step_any || (step_ns > 0 && size_ns > step_ns)) {
		return (struct judged){ VERDICT_STEP, .limit_ns = step_ns };
	}
	if (policy->rules == RESTART_RULES_NTPD && panic_ns > 0 && size_ns > panic_ns) {
		/* -g lets the first correction pass; before its slew is over, the next one comes */
		return (struct judged){ VERDICT_EXIT, .passed = true, .limit_ns = panic_ns };
	}
	return (struct judged){ .kind = VERDICT_SLEW };
}

struct judged
restart_outcome(const struct restart_policy *policy, int64_t offset_ns, int64_t error_ns)
{
	int64_t low_ns = offset_ns - error_ns;
	int64_t high_ns = offset_ns + error_ns;
	const int64_t points[] = { offset_ns, low_ns, high_ns, policy->step_forward_ns + 1,
		-policy->step_back_ns - 1, policy->panic_ns + 1, -policy->panic_ns - 1,
		-policy->panic_back_ns - 1, policy->hold_ns + 1, -policy->hold_ns - 1 };
	struct judged worst = outcome(policy, offset_ns);

	for (size_t i = 1; i < COUNT(points); i++) {
		struct judged other;

		if (points[i] < low_ns || points[i] > high_ns) {
			continue;
		}
		other = outcome(policy, points[i]);
		if (other.kind > worst.kind) {
			worst = other;
		}
	}
	return worst;
}

/* Whether ntpd uses the kernel discipline: step thresholds of 0 or beyond 0.5 s turn it off. */
static bool
uses_kernel(const struct restart_policy *policy)
{
	return policy->step_forward_ns > 0 && policy->step_back_ns > 0 &&
	    policy->step_forward_ns <= NS_PER_S / 2 && policy->step_back_ns <= NS_PER_S / 2;
}

/* How long a slew takes until 10 ms are left.  Source: measured in the lab. */
static double
slew_duration_s(const struct restart_policy *policy, double size_s)
{
	double plain_s = size_s / (policy->slew_ppm * 1e-6);

	switch (policy->rules) {
	case RESTART_RULES_CHRONY:
		return plain_s + 5;
	case RESTART_RULES_MEDIAN:
		return plain_s;
	case RESTART_RULES_NTPD_RS:
		return plain_s < 8 ? 8 : plain_s;
	case RESTART_RULES_NTPD:
	case RESTART_RULES_ONE:
		break;
	}
	if (policy->rules == RESTART_RULES_NTPD && !uses_kernel(policy)) {
		return plain_s + 1500; /* the last 100 ms take 1500 s */
	}
	if (size_s > 0.14) {
		return 3.3 * plain_s;
	}
	return (size_s > 0.016 ? (size_s - 0.016) / 500e-6 : 0) + 32 * log(0.016 / 0.010) + 8;
}

int64_t
restart_slew_ns(const struct restart_policy *policy, int64_t offset_ns)
{
	double duration_ns;

	if (policy->slew_ppm <= 0) {
		return FOREVER_NS;
	}
	duration_ns = slew_duration_s(policy, (double)duration_size_ns(offset_ns) * 1e-9) * 1e9;
	return duration_ns > (double)FOREVER_NS ? FOREVER_NS : (int64_t)duration_ns;
}

/* Whether any offset of one sign, which has these limits, would be stepped. */
static bool
steps_beyond(const struct restart_policy *policy, int64_t step_ns, int64_t panic_ns)
{
	bool exits = panic_ns > 0 && !policy->panic_pass && panic_ns <= step_ns;
	bool holds = policy->hold_ns > 0 && policy->hold_ns <= step_ns;

	return step_ns > 0 && !exits && !holds;
}

bool
restart_can_step(const struct restart_policy *policy, int64_t now_ns)
{
	return policy->preset_unit || restart_can_preset(policy, INT64_MAX, now_ns) ||
	    (!policy->passive &&
		(policy->step_any ||
		    steps_beyond(
			policy, policy->step_forward_ns, restart_panic_limit_ns(policy, 1)) ||
		    steps_beyond(
			policy, policy->step_back_ns, restart_panic_limit_ns(policy, -1))));
}

bool
restart_can_make(const struct restart_policy *policy, int64_t amount_ns, int64_t now_ns)
{
	return policy->preset_unit || restart_can_preset(policy, amount_ns, now_ns) ||
	    restart_outcome(policy, amount_ns, STEP_ERROR_NS).kind == VERDICT_STEP;
}
