// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checksums of frames that are neither good TCP nor good UDP. Where the port's
 * firmware sums up other IP packets as well, its sum covers the payload and a
 * pseudo header: made into one over the whole packet here
 * (docs/hardware/offloads.md, E5.3).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "mlx4_en/rx.h"

/* Padding is not summed up: no frame so short that it may have some */
#define EN_SUM_MIN_FRAME (ETH_ZLEN + ETH_FCS_LEN)

/* The header's own sum is 0 if it is good. */
static bool en_sum_ipv4(const struct iphdr *ip, u32 length, __wsum *sum)
{
	u32 header = ip->ihl * 4, total = ntohs(ip->tot_len);

	if (ip->version != 4 || ip->protocol == IPPROTO_SCTP ||
	    header < sizeof(*ip) || total < header || total != length)
		return false;
	*sum = csum_sub(*sum,
			csum_tcpudp_nofold(ip->saddr, ip->daddr, total - header,
					   ip->protocol, 0));
	return true;
}

/* Summed up: addresses, payload length and payload. The rest is added. */
static bool en_sum_ipv6(const struct ipv6hdr *ip, u32 length, __wsum *sum)
{
	if (ip->version != 6 || ip->nexthdr == IPPROTO_SCTP ||
	    ip->nexthdr == IPPROTO_HOPOPTS || ip->nexthdr == IPPROTO_FRAGMENT ||
	    ntohs(ip->payload_len) + sizeof(*ip) != length)
		return false;
	*sum = csum_add(*sum, *(const __force __wsum *)ip);
	*sum = csum_add(*sum, (__force __wsum)htons(ip->nexthdr << 8 |
						    ip->hop_limit));
	return true;
}

static bool en_sum_packet(const void *cqe, u32 length, const u8 *frame,
			  bool tag_in_frame, __wsum *sum)
{
	u32 status = be32_to_cpu(cx_load(cqe, CX_CQE_IP_GOOD));
	u32 offset = ETH_HLEN;

	/* Of a frame in VXLAN, status and sum are those of what is inside */
	if (cx_load(cqe, CX_CQE_L2_TUNNEL) & cx_be32_mask(CX_CQE_L2_TUNNEL))
		return false;
	*sum = (__force __wsum)(u32)(__force u16)htons(cx_word_get(
		be32_to_cpu(cx_load(cqe, CX_CQE_CHECKSUM)), CX_CQE_CHECKSUM));
	if (length <= EN_SUM_MIN_FRAME || !cx_word_get(status, CX_CQE_IP_GOOD))
		return false;
	if (tag_in_frame) {
		/* Not covered either; four bytes behind the addresses */
		*sum = csum_add(*sum,
				*(const __force __wsum *)(frame + ETH_HLEN));
		offset += VLAN_HLEN;
	}
	if (cx_word_get(status, CX_CQE_IPV4))
		return en_sum_ipv4((const void *)(frame + offset),
				   length - offset, sum);
	if (cx_word_get(status, CX_CQE_IPV6))
		return en_sum_ipv6((const void *)(frame + offset),
				   length - offset, sum);
	return false;
}

/**
 * en_rx_checksum_other - checksum status of all but good TCP and UDP
 * @poll: the poll
 * @skb: the packet; its status is NONE
 * @cqe: its completion
 * @length: of the frame
 * @frame: where it begins; its headers lie there in one piece
 */
void en_rx_checksum_other(struct en_rx_poll *poll, struct sk_buff *skb,
			  const void *cqe, u32 length, const void *frame)
{
	__be32 tags = cx_load(cqe, CX_CQE_CVLAN) &
		      (cx_be32_mask(CX_CQE_CVLAN) | cx_be32_mask(CX_CQE_SVLAN));
	bool tag_in_frame = tags && !(poll->features & EN_RX_VLAN);
	__wsum sum;

	if ((poll->features & EN_RX_ANY_IP_SUM) &&
	    en_sum_packet(cqe, length, frame, tag_in_frame, &sum)) {
		skb->csum = sum;
		skb->ip_summed = CHECKSUM_COMPLETE;
		poll->stats->csum_complete++;
		return;
	}
	poll->stats->csum_none++;
}
