// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accelerated receive flow steering: the stack says which queue is near the
 * processor where a flow is read, and a rule of the adapter takes the flow
 * there (docs/hardware/steering.md, E3.4). The stack says so in atomic context,
 * rules are commands: a work carries them out. A rule goes when the stack has
 * no use for it any more. Rings that go take their rules out of the adapter, and
 * those that come get them back: until a rule has no use the stack counts on it,
 * and does not ask again (since Linux 6.18).
 *
 * The stack knows flows by their hashes, and what is steered to a ring itself
 * has none. So each ring has a queue pair ahead of it that hashes, as the port
 * has one for all of them.
 */
#include <linux/etherdevice.h>
#include <linux/irq.h>
#include <linux/jhash.h>
#include <net/flow_dissector.h>

#include "mlx4_en/channels.h"

#define EN_ARFS_BUCKETS 1024
/* So many of them are looked through for old rules at a time */
#define EN_ARFS_EXPIRE_BUCKETS 256
#define EN_ARFS_MAX_RULES 4096
/* Behind the rules of ethtool, before the port's addresses */
#define EN_ARFS_PRIORITY 0x2000
/* The stack remembers a rule only once we have returned */
#define EN_ARFS_MIN_AGE (HZ / 2)
/* After the adapter has refused one */
#define EN_ARFS_PAUSE HZ

/* A flow; zeroed before it is filled in, since it is compared as a whole */
struct en_arfs_key {
	__be32 src, dst;
	__be16 src_port, dst_port;
	u8 protocol;
};

struct en_arfs_rule {
	struct hlist_node node;
	struct list_head pending; /* empty: the adapter knows all of it */
	struct en_arfs_key key;
	u64 id; /* 0: not in the adapter */
	unsigned long since; /* jiffies: when the stack asked last */
	u32 flow_id; /* the stack's */
	u16 queue;
	u16 filter; /* our number of it, for the stack */
};

struct en_arfs {
	struct en_netdev *en;
	/* Who talks to the adapter, and frees rules: works, start and stop */
	struct mutex mutex;
	/* The rules, between packets and the holder of the mutex */
	spinlock_t lock;
	bool active;
	u16 queues;
	u16 next_filter;
	u16 next_bucket; /* to be looked through; under the mutex */
	u32 count;
	unsigned long refused; /* jiffies */
	struct list_head pending;
	struct hlist_head rules[EN_ARFS_BUCKETS];
	struct work_struct work;
	struct cpu_rmap *rmap;
	struct {
		struct cx_qp hash; /* leads there */
		int irq;
		int cpu; /* near it; -1: not looked yet */
	} queue[];
};

static struct hlist_head *en_arfs_bucket(struct en_arfs *arfs,
					 const struct en_arfs_key *key)
{
	return &arfs->rules[jhash(key, sizeof(*key), 0) % EN_ARFS_BUCKETS];
}

/*
 * What a rule can name: a flow of TCP or UDP over IPv4 in frames for the port's
 * own address. Others' frames come only while somebody wants them, which a rule
 * would outlive.
 */
static bool en_arfs_read_key(const struct net_device *dev,
			     const struct sk_buff *skb, struct en_arfs_key *key)
{
	struct flow_keys keys;

	if (skb->encapsulation ||
	    !ether_addr_equal(eth_hdr(skb)->h_dest, dev->dev_addr) ||
	    !skb_flow_dissect_flow_keys(skb, &keys, 0) ||
	    keys.basic.n_proto != htons(ETH_P_IP) ||
	    (keys.basic.ip_proto != IPPROTO_TCP &&
	     keys.basic.ip_proto != IPPROTO_UDP) ||
	    (keys.control.flags &
	     (FLOW_DIS_IS_FRAGMENT | FLOW_DIS_ENCAPSULATION)))
		return false;
	memset(key, 0, sizeof(*key));
	key->src = keys.addrs.v4addrs.src;
	key->dst = keys.addrs.v4addrs.dst;
	key->src_port = keys.ports.src;
	key->dst_port = keys.ports.dst;
	key->protocol = keys.basic.ip_proto;
	return true;
}

/* Under the lock, as all up to en_rx_flow_steer() */
static struct en_arfs_rule *en_arfs_find(struct en_arfs *arfs,
					 const struct en_arfs_key *key)
{
	struct en_arfs_rule *rule;

	hlist_for_each_entry(rule, en_arfs_bucket(arfs, key), node) {
		if (!memcmp(&rule->key, key, sizeof(*key)))
			return rule;
	}
	return NULL;
}

static struct en_arfs_rule *en_arfs_new(struct en_arfs *arfs,
					const struct en_arfs_key *key)
{
	struct en_arfs_rule *rule;

	if (arfs->count >= EN_ARFS_MAX_RULES ||
	    time_before(jiffies, arfs->refused + EN_ARFS_PAUSE))
		return NULL;
	rule = kzalloc(sizeof(*rule), GFP_ATOMIC);
	if (!rule)
		return NULL;
	INIT_LIST_HEAD(&rule->pending);
	rule->key = *key;
	/* The stack keeps 16 bits, and all ones mean none */
	rule->filter = arfs->next_filter++ % U16_MAX;
	hlist_add_head(&rule->node, en_arfs_bucket(arfs, key));
	arfs->count++;
	return rule;
}

static int en_arfs_steer(struct en_arfs *arfs, const struct en_arfs_key *key,
			 u16 queue, u32 flow_id)
{
	struct en_arfs_rule *rule;
	bool known;

	if (!arfs->active || queue >= arfs->queues)
		return -EINVAL;
	rule = en_arfs_find(arfs, key);
	known = rule && rule->queue == queue;
	if (!rule)
		rule = en_arfs_new(arfs, key);
	if (!rule)
		return -ENOSPC;
	rule->queue = queue;
	rule->flow_id = flow_id;
	rule->since = jiffies;
	if (known)
		return rule->filter;
	if (list_empty(&rule->pending))
		list_add_tail(&rule->pending, &arfs->pending);
	queue_work(arfs->en->workqueue, &arfs->work);
	return rule->filter;
}

/* ndo_rx_flow_steer: atomic; our number of the rule, or -errno */
int en_rx_flow_steer(struct net_device *dev, const struct sk_buff *skb,
		     u16 queue, u32 flow_id)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_arfs *arfs = en->arfs;
	struct en_arfs_key key;
	int filter;

	if (!arfs)
		return -EOPNOTSUPP;
	if (!en_arfs_read_key(dev, skb, &key))
		return -EPROTONOSUPPORT;
	spin_lock_bh(&arfs->lock);
	filter = en_arfs_steer(arfs, &key, queue, flow_id);
	spin_unlock_bh(&arfs->lock);
	return filter;
}

/* From here on under the mutex: it keeps the rule that was taken */
static struct en_arfs_rule *en_arfs_next_pending(struct en_arfs *arfs,
						 u16 *queue)
{
	struct en_arfs_rule *rule;

	spin_lock_bh(&arfs->lock);
	rule = list_first_entry_or_null(&arfs->pending, struct en_arfs_rule,
					pending);
	if (rule) {
		list_del_init(&rule->pending);
		*queue = rule->queue;
	}
	spin_unlock_bh(&arfs->lock);
	return rule;
}

static int en_arfs_add(struct en_arfs *arfs, const struct en_arfs_key *key,
		       u32 qpn, u64 *id)
{
	struct cx_flow_rule rule = {
		.priority = EN_ARFS_PRIORITY,
		.qpn = qpn,
		.match_dmac = true,
		.match_ipv4 = true,
		.match_tcp = key->protocol == IPPROTO_TCP,
		.match_udp = key->protocol == IPPROTO_UDP,
		.src_ip = key->src,
		.src_ip_mask = htonl(U32_MAX),
		.dst_ip = key->dst,
		.dst_ip_mask = htonl(U32_MAX),
		.src_port = key->src_port,
		.src_port_mask = htons(U16_MAX),
		.dst_port = key->dst_port,
		.dst_port_mask = htons(U16_MAX),
	};

	ether_addr_copy(rule.dmac, arfs->en->dev->dev_addr);
	eth_broadcast_addr(rule.dmac_mask);
	return cx_rule_add(arfs->en->port, &rule, id);
}

static void en_arfs_unlink(struct en_arfs *arfs, struct en_arfs_rule *rule)
{
	hlist_del(&rule->node);
	list_del(&rule->pending);
	arfs->count--;
}

static void en_arfs_free(struct en_arfs *arfs, struct en_arfs_rule *rule)
{
	if (rule->id)
		cx_rule_remove(arfs->en->port, rule->id);
	kfree(rule);
}

/* The new rule stands before the old one goes: no frame meets neither */
static void en_arfs_install(struct en_arfs *arfs, struct en_arfs_rule *rule,
			    u16 queue)
{
	u64 before = rule->id;

	if (en_arfs_add(arfs, &rule->key, arfs->queue[queue].hash.number,
			&rule->id)) {
		spin_lock_bh(&arfs->lock);
		arfs->refused = jiffies;
		en_arfs_unlink(arfs, rule);
		spin_unlock_bh(&arfs->lock);
		rule->id = before;
		en_arfs_free(arfs, rule);
		return;
	}
	if (before)
		cx_rule_remove(arfs->en->port, before);
}

static void en_arfs_work(struct work_struct *work)
{
	struct en_arfs *arfs = container_of(work, struct en_arfs, work);
	struct en_arfs_rule *rule;
	u16 queue;

	mutex_lock(&arfs->mutex);
	while ((rule = en_arfs_next_pending(arfs, &queue)))
		en_arfs_install(arfs, rule, queue);
	mutex_unlock(&arfs->mutex);
}

static bool en_arfs_useless(struct en_arfs *arfs,
			    const struct en_arfs_rule *rule)
{
	if (rule->queue >= arfs->queues)
		return true;
	return list_empty(&rule->pending) &&
	       time_after(jiffies, rule->since + EN_ARFS_MIN_AGE) &&
	       compat_rps_may_expire_flow(arfs->en->dev, rule->queue,
					  rule->flow_id, rule->filter);
}

/* Rules of one bucket that have no use, out of the table */
static void en_arfs_collect(struct en_arfs *arfs, struct hlist_head *bucket,
			    struct hlist_head *out)
{
	struct en_arfs_rule *rule;
	struct hlist_node *next;

	spin_lock_bh(&arfs->lock);
	hlist_for_each_entry_safe(rule, next, bucket, node) {
		if (!en_arfs_useless(arfs, rule))
			continue;
		en_arfs_unlink(arfs, rule);
		hlist_add_head(&rule->node, out);
	}
	spin_unlock_bh(&arfs->lock);
}

static void en_arfs_free_all(struct en_arfs *arfs, struct hlist_head *rules)
{
	struct en_arfs_rule *rule;
	struct hlist_node *next;

	hlist_for_each_entry_safe(rule, next, rules, node)
		en_arfs_free(arfs, rule);
}

static void en_arfs_expire(struct en_arfs *arfs)
{
	HLIST_HEAD(old);
	int i;

	for (i = 0; i < EN_ARFS_EXPIRE_BUCKETS; i++) {
		en_arfs_collect(arfs, &arfs->rules[arfs->next_bucket], &old);
		arfs->next_bucket = (arfs->next_bucket + 1) % EN_ARFS_BUCKETS;
	}
	en_arfs_free_all(arfs, &old);
}

/*
 * Where the interrupts are. Asked for, since the ports share the vectors and an
 * interrupt tells one listener only that it moves.
 */
static void en_arfs_map(struct en_arfs *arfs)
{
	u16 i;

	for (i = 0; i < arfs->queues; i++) {
		const struct cpumask *mask =
			irq_get_effective_affinity_mask(arfs->queue[i].irq);
		int cpu = mask ? cpumask_first(mask) : nr_cpu_ids;

		if (cpu >= nr_cpu_ids || cpu == arfs->queue[i].cpu)
			continue;
		arfs->queue[i].cpu = cpu;
		compat_cpu_rmap_update(arfs->rmap, i, cpumask_of(cpu));
	}
}

/* Queues that are gone are near to nobody */
static void en_arfs_unmap(struct en_arfs *arfs)
{
	u16 i;

	for (i = 0; i < arfs->queues; i++)
		compat_cpu_rmap_update(arfs->rmap, i, cpu_none_mask);
}

/**
 * en_arfs_tick - forget rules without a use, follow the interrupts
 * @en: the device; called four times a second while it is open
 */
void en_arfs_tick(struct en_netdev *en)
{
	struct en_arfs *arfs = en->arfs;

	if (!arfs)
		return;
	mutex_lock(&arfs->mutex);
	if (READ_ONCE(arfs->active)) {
		en_arfs_map(arfs);
		en_arfs_expire(arfs);
	}
	mutex_unlock(&arfs->mutex);
}

static void en_arfs_stop_queues(struct en_arfs *arfs)
{
	while (arfs->queues)
		en_rss_stop(&arfs->queue[--arfs->queues].hash);
}

static int en_arfs_start_queues(struct en_arfs *arfs,
				struct en_channels *channels)
{
	u16 i;
	int err;

	for (i = 0; i < channels->config.rx_channels; i++) {
		memset(&arfs->queue[i], 0, sizeof(arfs->queue[i]));
		arfs->queue[i].irq = cx_vector_irq(
			arfs->en->adapter, channels->channel[i]->vector);
		arfs->queue[i].cpu = -1;
		err = en_rss_start(channels, &arfs->queue[i].hash, i, 1);
		if (err) {
			en_arfs_stop_queues(arfs);
			return err;
		}
		arfs->queues++;
	}
	return 0;
}

/* The adapter is to get the rules that are of use; packets leave them alone yet */
static void en_arfs_bring_back(struct en_arfs *arfs)
{
	struct en_arfs_rule *rule;
	HLIST_HEAD(old);
	int i;

	for (i = 0; i < EN_ARFS_BUCKETS; i++) {
		en_arfs_collect(arfs, &arfs->rules[i], &old);
		hlist_for_each_entry(rule, &arfs->rules[i], node)
			list_add_tail(&rule->pending, &arfs->pending);
	}
	en_arfs_free_all(arfs, &old);
	queue_work(arfs->en->workqueue, &arfs->work);
}

/**
 * en_arfs_start - have rules for the rings that are, if rules are wanted
 * @en: the device; en_arfs_stop() came before. Under rtnl.
 */
void en_arfs_start(struct en_netdev *en)
{
	struct en_channels *channels = en->channels;
	struct en_arfs *arfs = en->arfs;
	int err;

	if (!arfs || !channels || en->suspended ||
	    !(en->dev->features & NETIF_F_NTUPLE))
		return;
	mutex_lock(&arfs->mutex);
	err = en_arfs_start_queues(arfs, channels);
	if (!err) {
		en_arfs_map(arfs);
		en_arfs_bring_back(arfs);
		spin_lock_bh(&arfs->lock);
		arfs->refused = jiffies - EN_ARFS_PAUSE;
		arfs->active = true;
		spin_unlock_bh(&arfs->lock);
	}
	mutex_unlock(&arfs->mutex);
	if (err)
		netdev_warn(en->dev, "flows are not steered (%d)\n", err);
}

/* Nobody changes the table: the mutex is held, and packets leave it alone */
static void en_arfs_take_out(struct en_arfs *arfs)
{
	struct en_arfs_rule *rule;
	int i;

	for (i = 0; i < EN_ARFS_BUCKETS; i++) {
		hlist_for_each_entry(rule, &arfs->rules[i], node) {
			list_del_init(&rule->pending);
			if (rule->id)
				cx_rule_remove(arfs->en->port, rule->id);
			rule->id = 0;
		}
	}
}

/**
 * en_arfs_stop - take all rules out of the adapter, and take none any more
 * @en: the device. Under rtnl.
 */
void en_arfs_stop(struct en_netdev *en)
{
	struct en_arfs *arfs = en->arfs;

	if (!arfs)
		return;
	mutex_lock(&arfs->mutex);
	spin_lock_bh(&arfs->lock);
	arfs->active = false;
	spin_unlock_bh(&arfs->lock);
	en_arfs_take_out(arfs);
	en_arfs_unmap(arfs);
	en_arfs_stop_queues(arfs);
	mutex_unlock(&arfs->mutex);
}

/**
 * en_arfs_create - prepare a new device
 * @en: the device, before it is registered
 *
 * Return: 0, with en->arfs NULL if the adapter or the kernel has no such thing;
 * or -ENOMEM.
 */
int en_arfs_create(struct en_netdev *en)
{
	u16 queues = en->dev->num_rx_queues;
	struct en_arfs *arfs;

	if (en->adapter->caps.steering != CX_STEERING_MANAGED ||
	    !IS_ENABLED(CONFIG_RFS_ACCEL))
		return 0;
	arfs = kvzalloc(struct_size(arfs, queue, queues), GFP_KERNEL);
	if (!arfs)
		return -ENOMEM;
	arfs->rmap = compat_cpu_rmap_new(queues);
	if (!arfs->rmap) {
		kvfree(arfs);
		return -ENOMEM;
	}
	arfs->en = en;
	mutex_init(&arfs->mutex);
	spin_lock_init(&arfs->lock);
	INIT_LIST_HEAD(&arfs->pending);
	INIT_WORK(&arfs->work, en_arfs_work);
	en->arfs = arfs;
	/* Packets read it at any time: it lasts as long as the device */
	compat_set_rx_cpu_rmap(en->dev, arfs->rmap);
	return 0;
}

/**
 * en_arfs_destroy - undo en_arfs_create()
 * @en: the device, closed and unregistered
 */
void en_arfs_destroy(struct en_netdev *en)
{
	struct en_arfs *arfs = en->arfs;
	int i;

	if (!arfs)
		return;
	en->arfs = NULL;
	cancel_work_sync(&arfs->work);
	for (i = 0; i < EN_ARFS_BUCKETS; i++)
		en_arfs_free_all(arfs, &arfs->rules[i]);
	compat_set_rx_cpu_rmap(en->dev, NULL);
	compat_cpu_rmap_put(arfs->rmap);
	mutex_destroy(&arfs->mutex);
	kvfree(arfs);
}
