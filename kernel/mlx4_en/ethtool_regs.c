// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -d: registers, then the state of the queues, as 32-bit words in the
 * host's order of bytes (docs/man/mlx4_en.4 says which). A closed device shows
 * the same number of words, those of its queues 0.
 */
#include "mlx4_en/en_ethtool.h"

#define EN_REGS_VERSION 1
#define EN_REGS_QUEUE_WORDS 8

int en_get_regs_len(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);
	u32 queues = en->config.rx_channels + en_tx_queue_count(&en->config);

	return (CX_REGISTER_DUMP_WORDS + 2 + queues * EN_REGS_QUEUE_WORDS) *
	       sizeof(u32);
}

static void en_dump_rx(const struct en_rx_ring *ring, u32 *words)
{
	words[0] = ring->qp.number;
	words[1] = ring->qp.state;
	words[2] = ring->cq.number;
	words[3] = ring->entries;
	words[4] = be32_to_cpu(READ_ONCE(*ring->record.address));
	words[5] = READ_ONCE(ring->cq.consumer);
	words[6] = be32_to_cpu(READ_ONCE(*ring->cq.record.address));
	words[7] = READ_ONCE(ring->armed) | ring->broken << 1;
}

static void en_dump_tx(const struct en_tx_ring *ring, u32 *words)
{
	words[0] = ring->qp.number;
	words[1] = ring->qp.state;
	words[2] = ring->cq.number;
	words[3] = ring->entries;
	words[4] = READ_ONCE(ring->producer);
	words[5] = READ_ONCE(ring->consumer);
	words[6] = be32_to_cpu(READ_ONCE(*ring->cq.record.address));
	words[7] = READ_ONCE(ring->armed) | ring->broken << 1;
}

static void en_dump_queues(const struct en_netdev *en, u32 *words)
{
	const struct en_channels *channels = en->channels;
	u16 i;

	for (i = 0; i < channels->config.rx_channels; i++) {
		en_dump_rx(channels->channel[i]->rx, words);
		words += EN_REGS_QUEUE_WORDS;
	}
	for (i = 0; i < channels->tx_count; i++) {
		en_dump_tx(channels->tx[i], words);
		words += EN_REGS_QUEUE_WORDS;
	}
}

void en_get_regs(struct net_device *dev, struct ethtool_regs *regs, void *data)
{
	struct en_netdev *en = netdev_priv(dev);
	u32 *words = data;

	regs->version = EN_REGS_VERSION;
	memset(data, 0, en_get_regs_len(dev));
	/* While the adapter is away its registers are not mapped. */
	if (en->suspended)
		memset(words, 0xff, CX_REGISTER_DUMP_WORDS * sizeof(*words));
	else
		cx_registers_dump(en->adapter, words);
	words += CX_REGISTER_DUMP_WORDS;
	*words++ = en->config.rx_channels;
	*words++ = en_tx_queue_count(&en->config);
	if (en->channels)
		en_dump_queues(en, words);
}
