/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the fields of the protocols stand, counted from the start of their
 * header: RFC 791 (IPv4), 8200 (IPv6), 9293 (TCP), 768 (UDP), 7348 (VXLAN),
 * IEEE 802.1Q, 802.2.
 */
#ifndef EMULATOR_PACKET_HEADERS_H
#define EMULATOR_PACKET_HEADERS_H

#define ETHERNET_TYPE 12
#define ETHERNET_ADDRESSES 12
/* below it, the type is a length and LLC follows */
#define ETHERNET_TYPE_MINIMUM 0x600

#define LLC_HEADER 3
#define SNAP_HEADER 8

#define IPV4_HEADER 20
#define IPV4_TOTAL_LENGTH 2
#define IPV4_IDENTIFICATION 4
#define IPV4_FRAGMENT 6
#define IPV4_FRAGMENT_MASK 0x3fff /* more fragments, offset */
#define IPV4_PROTOCOL 9
#define IPV4_CHECKSUM 10
#define IPV4_SOURCE 12
#define IPV4_DESTINATION 16
#define IPV4_ADDRESS_SIZE 4

#define IPV6_HEADER 40
#define IPV6_PAYLOAD_LENGTH 4
#define IPV6_NEXT_HEADER 6
#define IPV6_SOURCE 8
#define IPV6_DESTINATION 24
#define IPV6_ADDRESS_SIZE 16

#define IPV6_ROUTING_TYPE 2
#define IPV6_ROUTING_LEFT 3
#define IPV6_ROUTING_ADDRESSES 8
#define IPV6_ROUTING_SOURCE 0 /* RFC 2460; deprecated */
#define IPV6_ROUTING_MOBILE 2 /* RFC 6275 */
#define IPV6_ROUTING_SEGMENT 4 /* RFC 8754 */

#define TCP_HEADER 20
#define TCP_SEQUENCE 4
#define TCP_DATA_OFFSET 12
#define TCP_FLAGS 13
#define TCP_FLAG_FIN 0x01
#define TCP_FLAG_PSH 0x08
#define TCP_FLAG_CWR 0x80
#define TCP_CHECKSUM 16

#define UDP_HEADER 8
#define UDP_LENGTH 4
#define UDP_CHECKSUM 6

#define VXLAN_FLAGS 0
#define VXLAN_FLAG_VNI 0x08

#endif
