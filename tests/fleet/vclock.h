/*
 * The clock of one lab host: a model in a mapped file, which all programs of the host share.
 *
 *   real(mono) = base + (mono - mono0) * (1 + (drift + freq + tick) / 1e6) + slew and phase paid
 *
 * A leap second that the kernel was told of comes at the end of the day in UTC: real() goes back by
 * a second, or forward.  Nobody runs at that moment; whoever reads or writes next finds it done.
 *
 * mono is CLOCK_MONOTONIC_RAW of the machine, which nothing disciplines.
 */
#ifndef TESTS_FLEET_VCLOCK_H
#define TESTS_FLEET_VCLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

#define VCLOCK_PATH "/run/vclock" /* in the host */
#define VCLOCK_MAGIC 0x76636c6c
#define VCLOCK_NS_PER_S INT64_C(1000000000)
#define VCLOCK_NS_PER_DAY (86400 * VCLOCK_NS_PER_S)
#define VCLOCK_SLEW_MAX 500e-6     /* s/s, the kernel's MAX_TICKADJ for adjtime */
#define VCLOCK_ERROR_GROWTH 500e-6 /* s/s, the kernel's MAXFREQ: how maxerror grows */
#define VCLOCK_ERROR_MAX_US 16000000
#define VCLOCK_SHIFT_PLL 2 /* linux kernel/time/ntp.c */

struct vclock {
	uint32_t magic;       /* first member: writing it again wakes those who watch for steps */
	_Atomic uint32_t seq; /* odd while somebody writes */
	int64_t mono0;        /* ns: CLOCK_MONOTONIC_RAW at the latest change */
	int64_t base;         /* ns: the host's time at mono0 */
	double drift_ppm;     /* the host's own error, unknown to its daemon */
	double freq_ppm;      /* the correction that its daemon asked for */
	double tick_ppm;
	int64_t slew_ns;    /* what an adjtime has left to pay at mono0, at VCLOCK_SLEW_MAX */
	double phase_ns;    /* what an ADJ_OFFSET has left to pay at mono0, ever more slowly */
	int64_t pll_mono;   /* ns: when the latest ADJ_OFFSET came, for the frequency it implies */
	int64_t mono_init;  /* ns: CLOCK_MONOTONIC_RAW when the host's clock was made */
	int64_t base_init;  /* ns: the host's time then */
	int64_t stepped_ns; /* sum of all steps, by the host or by the test */
	int64_t steps;      /* how often the host itself stepped its clock */
	int64_t last_step_ns;
	int64_t error_mono;                             /* ns: when maxerror was set */
	long status, constant, maxerror, esterror, tai; /* as in struct timex */
	int64_t leap_at;    /* ns: the host's time at which a leap second comes; 0: none will */
	int64_t oop_to;     /* ns: the host's time at which an inserted second has passed */
	int leap_state;     /* TIME_OK, TIME_INS, TIME_DEL, TIME_OOP or TIME_WAIT */
	int64_t leaped_s;   /* sum of the leap seconds: 1 more for each that was inserted */
	int64_t true_shift; /* ns: true time minus CLOCK_MONOTONIC_RAW, in the whole lab */
};

/*
 * What true time is in a lab: the machine's clock when the lab began, and from there
 * CLOCK_MONOTONIC_RAW, as the machine's own clock may be stepped meanwhile.  @told: what $LAB_TRUE
 * says; NULL: the lab begins now.
 */
static inline int64_t
vclock_true_shift(const char *told)
{
	struct timespec real, raw;

	if (told) {
		return strtoll(told, NULL, 10);
	}
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC_RAW, &raw);
	return (real.tv_sec - raw.tv_sec) * VCLOCK_NS_PER_S + real.tv_nsec - raw.tv_nsec;
}

/* How much of an adjtime is paid within @dt ns after mono0, in ns. */
static inline int64_t
vclock_slew_paid(const struct vclock *v, int64_t dt)
{
	int64_t most = (int64_t)((double)dt * VCLOCK_SLEW_MAX);

	if (v->slew_ns >= 0) {
		return v->slew_ns < most ? v->slew_ns : most;
	}
	return -v->slew_ns < most ? v->slew_ns : -most;
}

/*
 * 1 - (1 - @part)^@times, for a part of at most 1/4.  With libm this would be one line; but every
 * program of a host has this library preloaded, and would have to load libm as well.
 */
static inline double
vclock_decayed(double part, double times)
{
	double log = 0, power = 1, x, paid;
	int halved = 0;

	for (int i = 1; i <= 27; i++) { /* log(1 - part) */
		power *= part;
		log -= power / i;
	}
	x = log * times;
	if (x < -50) {
		return 1;
	}
	for (; x < -0.01; x /= 2) {
		halved++;
	}
	paid = -x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6)))));
	while (halved-- > 0) {
		paid *= 2 - paid;
	}
	return paid;
}

/*
 * How much of an ADJ_OFFSET is paid within @dt ns after mono0, in ns.  Each second pays
 * 2^-(SHIFT_PLL + constant) of the rest.
 */
static inline int64_t
vclock_phase_paid(const struct vclock *v, int64_t dt)
{
	double part = 1.0 / (double)(INT64_C(1) << (VCLOCK_SHIFT_PLL + v->constant));

	if (v->phase_ns == 0 || dt <= 0) {
		return 0;
	}
	return (int64_t)(v->phase_ns * vclock_decayed(part, (double)dt / (double)VCLOCK_NS_PER_S));
}

/* The host's time at @mono, without a leap second that came since mono0. */
static inline int64_t
vclock_unleaped(const struct vclock *v, int64_t mono)
{
	int64_t dt = mono - v->mono0;
	double rate_ppm = v->drift_ppm + v->freq_ppm + v->tick_ppm;

	return v->base + dt + (int64_t)((double)dt * rate_ppm * 1e-6) + vclock_slew_paid(v, dt) +
	    vclock_phase_paid(v, dt);
}

/* What a leap second that came between mono0 and @mono added to the host's time, in ns. */
static inline int64_t
vclock_leap(const struct vclock *v, int64_t mono)
{
	if (v->leap_at == 0 || vclock_unleaped(v, mono) < v->leap_at) {
		return 0;
	}
	return v->leap_state == TIME_DEL ? VCLOCK_NS_PER_S : -VCLOCK_NS_PER_S;
}

/* The host's time at @mono. */
static inline int64_t
vclock_at(const struct vclock *v, int64_t mono)
{
	return vclock_unleaped(v, mono) + vclock_leap(v, mono);
}

/*
 * How far rates and slews, but not steps, have moved the host's clock: CLOCK_MONOTONIC and
 * CLOCK_BOOTTIME are moved by that, too.
 */
static inline int64_t
vclock_slewed(const struct vclock *v, int64_t mono)
{
	return vclock_unleaped(v, mono) - v->base_init - (mono - v->mono_init) - v->stepped_ns;
}

/* The kernel's maximum error in us: it grows until the daemon sets it again. */
static inline long
vclock_maxerror(const struct vclock *v, int64_t mono)
{
	double us =
	    (double)v->maxerror + (double)(mono - v->error_mono) / 1e3 * VCLOCK_ERROR_GROWTH;

	return us < VCLOCK_ERROR_MAX_US ? (long)us : VCLOCK_ERROR_MAX_US;
}

/*
 * Bring the state of leap seconds to the host's time @real.  The kernel does so once a second; here
 * it is done at once.  Source: linux kernel/time/ntp.c, second_overflow().
 */
static inline void
vclock_leap_state(struct vclock *v, int64_t real)
{
	int64_t day = real - real % VCLOCK_NS_PER_DAY;

	if (v->leap_state == TIME_OOP && real >= v->oop_to) {
		v->leap_state = TIME_WAIT;
	}
	if ((v->leap_state == TIME_WAIT && !(v->status & (STA_INS | STA_DEL))) ||
	    (v->leap_state == TIME_INS && !(v->status & STA_INS)) ||
	    (v->leap_state == TIME_DEL && !(v->status & STA_DEL))) {
		v->leap_state = TIME_OK;
		v->leap_at = 0;
	}
	if (v->leap_state == TIME_OK && v->status & STA_INS) {
		v->leap_state = TIME_INS;
		v->leap_at = day + VCLOCK_NS_PER_DAY;
	} else if (v->leap_state == TIME_OK && v->status & STA_DEL) {
		day = (real + VCLOCK_NS_PER_S) - (real + VCLOCK_NS_PER_S) % VCLOCK_NS_PER_DAY;
		v->leap_state = TIME_DEL;
		v->leap_at = day + VCLOCK_NS_PER_DAY - VCLOCK_NS_PER_S;
	}
}

/* Bring the model to @mono, so that what is changed next holds from then on. */
static inline void
vclock_rebase(struct vclock *v, int64_t mono)
{
	int64_t dt = mono - v->mono0;
	int64_t slew = vclock_slew_paid(v, dt), phase = vclock_phase_paid(v, dt);
	int64_t leap = vclock_leap(v, mono);
	double rest = v->phase_ns - (double)phase;

	v->base = vclock_at(v, mono);
	if (leap != 0) {
		v->oop_to = v->leap_at;
		v->leap_at = 0;
		v->leap_state = leap < 0 ? TIME_OOP : TIME_WAIT;
		v->stepped_ns += leap;
		v->leaped_s -= leap / VCLOCK_NS_PER_S;
		v->tai -= (long)(leap / VCLOCK_NS_PER_S);
	}
	vclock_leap_state(v, v->base);
	v->mono0 = mono;
	v->slew_ns -= slew;
	v->phase_ns = rest > -1 && rest < 1 ? 0 : rest;
}

#endif
