// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adapter's free-running counter as a PTP clock, and time stamps of frames
 * (docs/hardware/offloads.md, E5.11). The counter cannot be set or steered:
 * software keeps the relation of cycles to time. An adapter has one counter,
 * so its ports share one clock.
 */
#include <linux/clocksource.h>
#include <linux/seqlock.h>
#include <linux/timecounter.h>

#include "mlx4_en/en.h"

#define EN_CLOCK_BITS 48 /* of a time stamp in a completion */
#define EN_CLOCK_MAX_PPB 100000000
/* Cycles to nanoseconds: cycles of half a minute times this fit in 64 bits */
#define EN_CLOCK_MAX_MULT BIT(30)
#define EN_CLOCK_TICK (5 * HZ)

struct en_clock {
	struct list_head list;
	struct cx_adapter *adapter;
	int users;
	seqlock_t lock; /* readers are in the receive path */
	struct cyclecounter cycles;
	struct timecounter time;
	u32 nominal_mult;
	ktime_t read_at; /* boot time of the last reading */
	bool away; /* the adapter is, and its registers may be */
	struct ptp_clock_info info;
	struct ptp_clock *ptp;
};

static LIST_HEAD(en_clocks);
static DEFINE_MUTEX(en_clocks_lock);

static u64 en_clock_cycles(compat_cyclecounter *cycles)
{
	const struct en_clock *clock =
		container_of(cycles, struct en_clock, cycles);

	/* Set while it is away: en_clock_resume() reads where it begins */
	return clock->away ? 0 : cx_clock_read(clock->adapter);
}

/* Nanoseconds now; under the write lock */
static u64 en_clock_now(struct en_clock *clock)
{
	clock->read_at = ktime_get_boottime();
	return timecounter_read(&clock->time);
}

/* Under the write lock: en_clock_suspend() waits until a reading has ended */
static bool en_clock_readable(const struct en_clock *clock)
{
	return !clock->away && !cx_adapter_failed(clock->adapter);
}

static struct en_clock *en_clock_of(struct ptp_clock_info *info)
{
	return container_of(info, struct en_clock, info);
}

static int en_clock_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	struct en_clock *clock = en_clock_of(info);
	unsigned long flags;

	write_seqlock_irqsave(&clock->lock, flags);
	if (en_clock_readable(clock))
		en_clock_now(clock);
	clock->cycles.mult =
		adjust_by_scaled_ppm(clock->nominal_mult, scaled_ppm);
	write_sequnlock_irqrestore(&clock->lock, flags);
	return 0;
}

static int en_clock_adjtime(struct ptp_clock_info *info, s64 delta)
{
	struct en_clock *clock = en_clock_of(info);
	unsigned long flags;

	write_seqlock_irqsave(&clock->lock, flags);
	timecounter_adjtime(&clock->time, delta);
	write_sequnlock_irqrestore(&clock->lock, flags);
	return 0;
}

static int en_clock_gettimex(struct ptp_clock_info *info, struct timespec64 *ts,
			     struct ptp_system_timestamp *system)
{
	struct en_clock *clock = en_clock_of(info);
	unsigned long flags;
	bool readable;
	u64 now = 0;

	write_seqlock_irqsave(&clock->lock, flags);
	readable = en_clock_readable(clock);
	if (readable) {
		ptp_read_system_prets(system);
		now = en_clock_now(clock);
		ptp_read_system_postts(system);
	}
	write_sequnlock_irqrestore(&clock->lock, flags);
	if (!readable)
		return -EIO;
	*ts = ns_to_timespec64(now);
	return 0;
}

static int en_clock_settime(struct ptp_clock_info *info,
			    const struct timespec64 *ts)
{
	struct en_clock *clock = en_clock_of(info);
	unsigned long flags;

	write_seqlock_irqsave(&clock->lock, flags);
	clock->read_at = ktime_get_boottime();
	timecounter_init(&clock->time, &clock->cycles, timespec64_to_ns(ts));
	write_sequnlock_irqrestore(&clock->lock, flags);
	return 0;
}

static int en_clock_enable(struct ptp_clock_info *info,
			   struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static const struct ptp_clock_info en_clock_info = {
	.owner = THIS_MODULE,
	.name = "mlx4 ptp",
	.max_adj = EN_CLOCK_MAX_PPB,
	.adjfine = en_clock_adjfine,
	.adjtime = en_clock_adjtime,
	.gettimex64 = en_clock_gettimex,
	.settime64 = en_clock_settime,
	.enable = en_clock_enable,
};

static void en_clock_start(struct en_clock *clock)
{
	u32 khz = clock->adapter->caps.core_clock_khz;
	u32 shift = 31;

	do {
		shift--;
	} while (div_u64((u64)NSEC_PER_MSEC << shift, khz) > EN_CLOCK_MAX_MULT);

	seqlock_init(&clock->lock);
	clock->nominal_mult = clocksource_khz2mult(khz, shift);
	clock->cycles.read = en_clock_cycles;
	clock->cycles.mask = CYCLECOUNTER_MASK(EN_CLOCK_BITS);
	clock->cycles.mult = clock->nominal_mult;
	clock->cycles.shift = shift;
	clock->read_at = ktime_get_boottime();
	timecounter_init(&clock->time, &clock->cycles,
			 ktime_to_ns(ktime_get_real()));
}

static struct en_clock *en_clock_new(struct cx_adapter *adapter)
{
	struct en_clock *clock = kzalloc(sizeof(*clock), GFP_KERNEL);
	struct ptp_clock *ptp;

	if (!clock)
		return ERR_PTR(-ENOMEM);
	clock->adapter = adapter;
	clock->info = en_clock_info;
	en_clock_start(clock);
	ptp = ptp_clock_register(&clock->info, &adapter->pdev->dev);
	if (IS_ERR(ptp)) {
		kfree(clock);
		return ERR_CAST(ptp);
	}
	clock->ptp = ptp; /* NULL in a kernel without PTP: stamps go on */
	list_add(&clock->list, &en_clocks);
	return clock;
}

static struct en_clock *en_clock_find(struct cx_adapter *adapter)
{
	struct en_clock *clock;

	list_for_each_entry(clock, &en_clocks, list)
		if (clock->adapter == adapter)
			return clock;
	return NULL;
}

/**
 * en_clock_create - give a device the clock of its adapter
 * @en: the device, new
 *
 * Return: 0, with en->clock NULL if the card has no clock; or an error.
 */
int en_clock_create(struct en_netdev *en)
{
	const struct cx_caps *caps = &en->adapter->caps;
	struct en_clock *clock;

	if (!caps->timestamps || !caps->core_clock_khz)
		return 0;
	mutex_lock(&en_clocks_lock);
	clock = en_clock_find(en->adapter);
	if (!clock)
		clock = en_clock_new(en->adapter);
	if (!IS_ERR(clock)) {
		clock->users++;
		en->clock = clock;
	}
	mutex_unlock(&en_clocks_lock);
	return PTR_ERR_OR_ZERO(clock);
}

/**
 * en_clock_destroy - let go of the clock; the last port of an adapter ends it
 * @en: the device; no time stamp is asked for any more
 */
void en_clock_destroy(struct en_netdev *en)
{
	struct en_clock *clock = en->clock;

	if (!clock)
		return;
	en->clock = NULL;
	mutex_lock(&en_clocks_lock);
	if (--clock->users) {
		clock = NULL;
	} else {
		list_del(&clock->list);
		if (clock->ptp)
			ptp_clock_unregister(clock->ptp);
	}
	mutex_unlock(&en_clocks_lock);
	kfree(clock);
}

/**
 * en_clock_index - number of the clock's device
 * @en: the device
 *
 * Return: N of /dev/ptpN, -1 without one.
 */
int en_clock_index(const struct en_netdev *en)
{
	return en->clock && en->clock->ptp ? ptp_clock_index(en->clock->ptp) :
					     -1;
}

/**
 * en_clock_to_ktime - the time of a time stamp
 * @en: the device, with a clock
 * @raw: the counter's low 48 bits, as a completion carries them
 *
 * Context: any. Return: the clock's time.
 */
ktime_t en_clock_to_ktime(struct en_netdev *en, u64 raw)
{
	struct en_clock *clock = en->clock;
	unsigned int start;
	u64 ns;

	do {
		start = read_seqbegin(&clock->lock);
		ns = timecounter_cyc2time(&clock->time,
					  raw & clock->cycles.mask);
	} while (read_seqretry(&clock->lock, start));
	return ns_to_ktime(ns);
}

/**
 * en_clock_tick - read the counter before it runs out of what is computed
 * @en: the device, whose adapter runs; called four times a second
 */
void en_clock_tick(struct en_netdev *en)
{
	struct en_clock *clock = en->clock;
	unsigned long flags;

	if (!clock)
		return;
	write_seqlock_irqsave(&clock->lock, flags);
	if (en_clock_readable(clock) &&
	    ktime_ms_delta(ktime_get_boottime(), clock->read_at) >=
		    jiffies_to_msecs(EN_CLOCK_TICK))
		en_clock_now(clock);
	write_sequnlock_irqrestore(&clock->lock, flags);
}

/**
 * en_clock_suspend - leave the counter alone from here on
 * @en: the device, whose adapter goes or is gone
 */
void en_clock_suspend(struct en_netdev *en)
{
	struct en_clock *clock = en->clock;
	unsigned long flags;

	if (!clock)
		return;
	write_seqlock_irqsave(&clock->lock, flags);
	clock->away = true;
	write_sequnlock_irqrestore(&clock->lock, flags);
}

/**
 * en_clock_resume - go on with the time after the counter began anew
 * @en: the device, whose adapter has been reset
 */
void en_clock_resume(struct en_netdev *en)
{
	struct en_clock *clock = en->clock;
	unsigned long flags;
	ktime_t now;
	u64 passed;

	if (!clock)
		return;
	write_seqlock_irqsave(&clock->lock, flags);
	clock->away = false;
	now = ktime_get_boottime();
	passed = ktime_to_ns(ktime_sub(now, clock->read_at));
	clock->read_at = now;
	timecounter_init(&clock->time, &clock->cycles,
			 clock->time.nsec + passed);
	write_sequnlock_irqrestore(&clock->lock, flags);
}
