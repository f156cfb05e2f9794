// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -t (docs/hardware/management.md, E7.10). The loopback test sends one
 * frame to the port's own address and waits for it: the adapter's internal
 * switch is made to return frames meanwhile, so that others are lost to the
 * wire. That is why it is an offline test.
 */
#include "mlx4_en/en_ethtool.h"

#define EN_TEST_PROTOCOL ETH_P_802_EX1 /* for local experiments */
#define EN_TEST_PAYLOAD 112
#define EN_TEST_MS 500

enum {
	EN_TEST_INTERRUPT,
	EN_TEST_LINK,
	EN_TEST_SPEED,
	EN_TEST_REGISTER,
	EN_TEST_LOOPBACK,
	EN_TESTS,
};

static const char en_test_names[EN_TESTS][ETH_GSTRING_LEN] = {
	[EN_TEST_INTERRUPT] = "Interrupt Test",
	[EN_TEST_LINK] = "Link Test",
	[EN_TEST_SPEED] = "Speed Test",
	[EN_TEST_REGISTER] = "Register Test",
	[EN_TEST_LOOPBACK] = "Loopback Test",
};

int en_test_count(struct en_netdev *en)
{
	return en->adapter->caps.uc_loopback ? EN_TESTS : EN_TEST_LOOPBACK;
}

void en_test_strings(struct en_netdev *en, u8 *data)
{
	memcpy(data, en_test_names, en_test_count(en) * ETH_GSTRING_LEN);
}

/* Each vector that can serve a channel */
static int en_test_interrupts(struct en_netdev *en)
{
	int vector, err;

	for (vector = 0; vector < en->adapter->completion_vectors; vector++) {
		err = cx_adapter_test_interrupt(en->adapter, vector);
		if (err)
			return err;
	}
	return 0;
}

static int en_test_link(struct en_netdev *en)
{
	struct cx_link_state state = {};
	int err = cx_port_query(en->port, &state);

	return err ? err : !state.up;
}

/* 0 if the speed is one that there is, or what the port says instead */
static int en_test_speed(struct en_netdev *en)
{
#define EN_SPEED(name, code, mbps) mbps,
	static const u32 speeds[] = { CX_PORT_SPEEDS(EN_SPEED) };
#undef EN_SPEED
	struct cx_link_state state = {};
	int i, err;

	err = cx_port_query(en->port, &state);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		if (state.speed == speeds[i])
			return 0;
	return state.speed ? state.speed : -1;
}

struct en_loopback {
	struct packet_type tap;
	struct completion arrived;
	u8 payload[EN_TEST_PAYLOAD];
};

static int en_loopback_tap(struct sk_buff *skb, struct net_device *dev,
			   struct packet_type *tap, struct net_device *original)
{
	struct en_loopback *loopback =
		container_of(tap, struct en_loopback, tap);
	u8 payload[EN_TEST_PAYLOAD];

	if (skb->pkt_type != PACKET_OUTGOING &&
	    skb->protocol == htons(EN_TEST_PROTOCOL) &&
	    !skb_copy_bits(skb, 0, payload, sizeof(payload)) &&
	    !memcmp(payload, loopback->payload, sizeof(payload)))
		complete(&loopback->arrived);
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static struct sk_buff *en_loopback_frame(struct net_device *dev,
					 const struct en_loopback *loopback)
{
	struct sk_buff *skb;

	skb = netdev_alloc_skb(dev, ETH_HLEN + EN_TEST_PAYLOAD);
	if (!skb)
		return NULL;
	skb_reserve(skb, ETH_HLEN);
	skb->protocol = htons(EN_TEST_PROTOCOL);
	skb_put_data(skb, loopback->payload, EN_TEST_PAYLOAD);
	eth_header(skb, dev, EN_TEST_PROTOCOL, dev->dev_addr, dev->dev_addr,
		   EN_TEST_PAYLOAD);
	skb_reset_mac_header(skb);
	return skb;
}

static void en_set_loopback(struct en_netdev *en, bool on)
{
	struct net_device *dev = en->dev;
	int i;

	if (on)
		dev->features |= NETIF_F_LOOPBACK;
	else
		dev->features &= ~NETIF_F_LOOPBACK;
	en_tx_update_flags(en);
	if (!en->adapter->caps.update_qp)
		return;
	for (i = 0; i < en->channels->count; i++)
		if (en->channels->channel[i]->rx)
			cx_qp_set_loopback(&en->channels->channel[i]->rx->qp,
					   on);
}

static int en_send_frame(struct net_device *dev, struct sk_buff *skb)
{
	struct netdev_queue *queue = netdev_get_tx_queue(dev, 0);
	netdev_tx_t sent;

	skb_set_queue_mapping(skb, 0);
	local_bh_disable();
	__netif_tx_lock(queue, smp_processor_id());
	sent = netif_xmit_frozen_or_drv_stopped(queue) ? NETDEV_TX_BUSY :
							 en_xmit(skb, dev);
	__netif_tx_unlock(queue);
	local_bh_enable();
	if (sent == NETDEV_TX_OK)
		return 0;
	kfree_skb(skb);
	return -EBUSY;
}

static int en_test_loopback(struct en_netdev *en)
{
	bool was_on = en->dev->features & NETIF_F_LOOPBACK;
	struct en_loopback *loopback;
	struct sk_buff *skb;
	int err = -ENOMEM;

	loopback = kzalloc_obj(*loopback);
	if (!loopback)
		return -ENOMEM;
	init_completion(&loopback->arrived);
	get_random_bytes(loopback->payload, EN_TEST_PAYLOAD);
	loopback->tap.type = htons(ETH_P_ALL);
	loopback->tap.dev = en->dev;
	loopback->tap.func = en_loopback_tap;
	dev_add_pack(&loopback->tap);

	if (!was_on)
		en_set_loopback(en, true);
	skb = en_loopback_frame(en->dev, loopback);
	if (skb)
		err = en_send_frame(en->dev, skb);
	if (!err && !wait_for_completion_timeout(&loopback->arrived,
						 msecs_to_jiffies(EN_TEST_MS)))
		err = -ETIMEDOUT;
	if (!was_on)
		en_set_loopback(en, false);

	dev_remove_pack(&loopback->tap);
	kfree(loopback);
	return err;
}

static void en_offline_tests(struct en_netdev *en, u64 *data)
{
	data[EN_TEST_REGISTER] = cx_adapter_health_check(en->adapter);
	if (!en->adapter->caps.uc_loopback)
		return;
	/* Without a carrier or rings there is nothing to send by */
	data[EN_TEST_LOOPBACK] = en->channels && netif_carrier_ok(en->dev) ?
					 en_test_loopback(en) :
					 -ENETDOWN;
}

/**
 * en_self_test - ethtool -t
 * @dev: the device. Under rtnl.
 * @test: which tests; whether one has failed
 * @data: a number for each test: 0 is passed, others say what was wrong
 */
void en_self_test(struct net_device *dev, struct ethtool_test *test, u64 *data)
{
	struct en_netdev *en = netdev_priv(dev);
	int i;

	memset(data, 0, en_test_count(en) * sizeof(*data));
	if (en->suspended) {
		test->flags |= ETH_TEST_FL_FAILED;
		return;
	}
	if (test->flags & ETH_TEST_FL_OFFLINE)
		en_offline_tests(en, data);
	data[EN_TEST_INTERRUPT] = en_test_interrupts(en);
	data[EN_TEST_LINK] = en_test_link(en);
	data[EN_TEST_SPEED] = en_test_speed(en);
	for (i = 0; i < en_test_count(en); i++)
		if (data[i])
			test->flags |= ETH_TEST_FL_FAILED;
}
