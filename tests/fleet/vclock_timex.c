/* adjtime() and adjtimex() of a lab host.  Source: linux kernel/time/ntp.c. */
#include "tests/fleet/vclock_host.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#define PHASE_MAX_NS 500000000 /* the kernel's MAXPHASE */
#define FREQ_MAX_PPM 500.0
#define CONSTANT_MAX 10
#define FLL_MIN_S 256
#define FLL_MAX_S 2048

int
adjtime(const struct timeval *delta, struct timeval *old)
{
	if (!vclock_model || (delta && !vclock_may_set)) {
		return vclock_refuse(EPERM);
	}
	if (old) {
		int64_t mono;
		struct vclock copy = vclock_snapshot(&mono);
		int64_t left = copy.slew_ns - vclock_slew_paid(&copy, mono - copy.mono0);

		old->tv_sec = left / NS;
		old->tv_usec = left % NS / 1000;
	}
	if (delta) {
		vclock_lock();
		vclock_model->slew_ns = delta->tv_sec * NS + delta->tv_usec * 1000;
		vclock_unlock();
	}
	return 0;
}

static void
set_freq(double ppm)
{
	vclock_model->freq_ppm = ppm > FREQ_MAX_PPM ? FREQ_MAX_PPM
	    : ppm < -FREQ_MAX_PPM                   ? -FREQ_MAX_PPM
						    : ppm;
}

static long
rounded(double value)
{
	return (long)(value < 0 ? value - 0.5 : value + 0.5);
}

/* The first half of the phase-locked loop.  Source: kernel/time/ntp.c, ntp_update_offset(). */
static void
adjust_phase(int64_t offset)
{
	int64_t seconds = (vclock_model->mono0 - vclock_model->pll_mono) / NS;
	double ns_per_s = 0;

	if (!(vclock_model->status & STA_PLL)) {
		return;
	}
	if (offset > PHASE_MAX_NS || offset < -PHASE_MAX_NS) {
		offset = offset > 0 ? PHASE_MAX_NS : -PHASE_MAX_NS;
	}
	if (vclock_model->status & STA_FREQHOLD) {
		seconds = 0;
	}
	vclock_model->pll_mono = vclock_model->mono0;
	if (seconds >= FLL_MIN_S && (vclock_model->status & STA_FLL || seconds > FLL_MAX_S)) {
		ns_per_s += (double)offset / 4 / (double)seconds;
	}
	if (seconds > 1 << (VCLOCK_SHIFT_PLL + 1 + vclock_model->constant)) {
		seconds = 1 << (VCLOCK_SHIFT_PLL + 1 + vclock_model->constant);
	}
	ns_per_s += (double)offset * (double)seconds /
	    (double)(INT64_C(1) << 2 * (VCLOCK_SHIFT_PLL + 2 + vclock_model->constant));
	set_freq(vclock_model->freq_ppm + ns_per_s / 1000);
	vclock_model->phase_ns = (double)offset;
}

static void
adjust_status(int status)
{
	if (vclock_model->status & STA_PLL && !(status & STA_PLL)) {
		vclock_model->status = STA_UNSYNC;
		vclock_model->leap_state = TIME_OK;
		vclock_model->leap_at = 0;
	}
	if (!(vclock_model->status & STA_PLL) && status & STA_PLL) {
		vclock_model->pll_mono = vclock_model->mono0;
	}
	vclock_model->status = (vclock_model->status & STA_RONLY) | (status & ~STA_RONLY);
	vclock_leap_state(vclock_model, vclock_model->base);
}

static void
adjust_constant(long constant)
{
	if (!(vclock_model->status & STA_NANO)) {
		constant += 4;
	}
	vclock_model->constant = constant < 0 ? 0
	    : constant > CONSTANT_MAX         ? CONSTANT_MAX
					      : constant;
}

/* In the kernel's order.  Source: kernel/time/ntp.c, process_adjtimex_modes(). */
static void
adjust(const struct timex *x)
{
	if (x->modes & ADJ_STATUS) {
		adjust_status(x->status);
	}
	if (x->modes & ADJ_NANO) {
		vclock_model->status |= STA_NANO;
	}
	if (x->modes & ADJ_MICRO) {
		vclock_model->status &= ~STA_NANO;
	}
	if (x->modes & ADJ_FREQUENCY) {
		set_freq((double)x->freq / 65536);
	}
	if (x->modes & ADJ_MAXERROR) {
		vclock_model->maxerror = x->maxerror;
		vclock_model->error_mono = vclock_model->mono0;
	}
	if (x->modes & ADJ_ESTERROR) {
		vclock_model->esterror = x->esterror;
	}
	if (x->modes & ADJ_TIMECONST) {
		adjust_constant(x->constant);
	}
	if (x->modes & ADJ_TAI) {
		vclock_model->tai = x->constant;
	}
	if (x->modes & ADJ_OFFSET) {
		adjust_phase(vclock_model->status & STA_NANO ? x->offset : x->offset * 1000);
	}
	if (x->modes & ADJ_TICK) {
		vclock_model->tick_ppm = (double)(x->tick - 10000) * 100;
	}
}

static int
tell_timex(struct timex *x)
{
	int64_t mono;
	struct vclock v = vclock_snapshot(&mono);
	bool nano = v.status & STA_NANO;
	unsigned modes = x->modes;
	struct timespec now;
	int64_t phase;

	vclock_rebase(&v, mono);
	phase = (int64_t)v.phase_ns;
	now = vclock_split(v.base);
	memset(x, 0, sizeof(*x));
	x->modes = modes;
	x->offset = nano ? phase : phase / 1000;
	x->freq = rounded(v.freq_ppm * 65536);
	x->maxerror = vclock_maxerror(&v, mono);
	x->esterror = v.esterror;
	x->status = (int)v.status | (x->maxerror >= VCLOCK_ERROR_MAX_US ? STA_UNSYNC : 0);
	x->constant = v.constant;
	x->precision = 1;
	x->tolerance = 500 << 16;
	x->tick = 10000 + rounded(v.tick_ppm / 100);
	x->tai = (int)v.tai;
	x->time.tv_sec = now.tv_sec;
	x->time.tv_usec = nano ? now.tv_nsec : now.tv_nsec / 1000;
	return x->status & STA_UNSYNC ? TIME_ERROR : v.leap_state;
}

int
adjtimex(struct timex *x)
{
	unsigned modes = x->modes;

	if (!vclock_model && modes == 0) {
		return (int)syscall(SYS_adjtimex, x);
	}
	if (!vclock_model || (modes != 0 && modes != ADJ_OFFSET_SS_READ && !vclock_may_set)) {
		return vclock_refuse(EPERM);
	}
	if (modes == ADJ_OFFSET_SINGLESHOT || modes == ADJ_OFFSET_SS_READ) {
		struct timeval delta = { x->offset / 1000000, x->offset % 1000000 }, old;

		adjtime(modes == ADJ_OFFSET_SINGLESHOT ? &delta : NULL, &old);
		tell_timex(x);
		x->offset = old.tv_sec * 1000000 + old.tv_usec;
		return TIME_OK;
	}
	if (modes & ADJ_TICK && (x->tick < 9000 || x->tick > 11000)) {
		return vclock_refuse(EINVAL);
	}
	if (modes & ADJ_SETOFFSET) {
		vclock_step(x->time.tv_sec * NS +
		    (modes & ADJ_NANO ? x->time.tv_usec : x->time.tv_usec * 1000));
	}
	if (modes & ~ADJ_SETOFFSET) {
		vclock_lock();
		adjust(x);
		vclock_unlock();
	}
	return tell_timex(x);
}

int ntp_adjtime(struct timex *x) __attribute__((alias("adjtimex")));
int __adjtimex(struct timex *x) __attribute__((nothrow, leaf, nonnull(1), alias("adjtimex")));

int
ntp_gettimex(struct ntptimeval *n)
{
	struct timex x = { 0 };
	int state = adjtimex(&x);

	n->time = x.time;
	n->maxerror = x.maxerror;
	n->esterror = x.esterror;
	n->tai = x.tai;
	return state;
}

int
clock_adjtime(clockid_t id, struct timex *x)
{
	return id == CLOCK_REALTIME ? adjtimex(x) : vclock_refuse(EOPNOTSUPP);
}
