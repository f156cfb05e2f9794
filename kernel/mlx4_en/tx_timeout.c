// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transmit queue that completes nothing: say what it looks like, and replace
 * it alone. The others go on.
 */
#include "mlx4_en/reporter.h"

static void en_report_queue(struct en_netdev *en, u16 index)
{
	const struct en_tx_ring *ring = en->channels->tx[index];
	const struct cx_cq *cq = &ring->cq;

	netdev_err(
		en->dev,
		"transmit queue %u hangs: QP 0x%x, %u of %u descriptors in flight, CQ 0x%x at %u %s, vector %d\n",
		index, ring->qp.number, ring->producer - ring->consumer,
		ring->entries, cq->number, cq->consumer,
		cx_cq_next(cq, cq->consumer) ? "with completions waiting" :
					       "without completions",
		cq->vector);
}

/* Not in the ring: that is about to go */
static void en_count_timeout(struct en_netdev *en)
{
	spin_lock_bh(&en->stats_lock);
	en->tx_before.timeouts++;
	spin_unlock_bh(&en->stats_lock);
}

/* Says and counts which queues hang. Return: how many there are. */
static unsigned int en_count_hung(struct en_netdev *en)
{
	unsigned int count = 0, queue;

	for_each_set_bit(queue, en->tx_timeouts, EN_MAX_TX_QUEUES) {
		if (!en->channels || queue >= en->channels->tx_count) {
			clear_bit(queue, en->tx_timeouts);
			continue;
		}
		en_report_queue(en, queue);
		en_count_timeout(en);
		count++;
	}
	return count;
}

static void en_timeout_work(struct work_struct *work)
{
	static const struct en_failure failure = {
		.reason = "transmit queue hangs",
		.one_queue = true,
	};
	struct en_netdev *en =
		container_of(work, struct en_netdev, timeout_work);
	unsigned int hung;

	/* Then every queue hangs, and that is being seen to */
	if (cx_adapter_failed(en->adapter))
		return;
	rtnl_lock();
	hung = en_count_hung(en);
	rtnl_unlock();
	if (hung)
		en_report_tx(en, &failure);
}

/**
 * en_restart_hung - replace the transmit queues that hang, and no other
 * @en: the device. Under rtnl.
 *
 * Return: 0; or -errno, and the adapter is going to be reset.
 */
int en_restart_hung(struct en_netdev *en)
{
	unsigned int queue;
	int err;

	for_each_set_bit(queue, en->tx_timeouts, EN_MAX_TX_QUEUES) {
		clear_bit(queue, en->tx_timeouts);
		if (!en->channels || queue >= en->channels->tx_count)
			continue;
		err = en_restart_tx(en, queue);
		if (err) {
			cx_adapter_report_error(en->adapter,
						"transmit queue hangs");
			return err;
		}
	}
	return 0;
}

/**
 * en_tx_timeout_init - prepare the work of ndo_tx_timeout
 * @en: the device, new
 */
void en_tx_timeout_init(struct en_netdev *en)
{
	INIT_WORK(&en->timeout_work, en_timeout_work);
}

/* ndo_tx_timeout: atomic */
void en_tx_timeout(struct net_device *dev, unsigned int queue)
{
	struct en_netdev *en = netdev_priv(dev);

	if (queue >= EN_MAX_TX_QUEUES)
		return;
	set_bit(queue, en->tx_timeouts);
	queue_work(en->workqueue, &en->timeout_work);
}
