// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the packet path's own work is: checksums, segmentation, parsing,
 * hashes. Medians of several rounds; nothing is compared, nothing can fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emulator/packet/packet.h"
#include "tests/unit/emulator_packet/frames.h"

#define ROUNDS 11

static uint8_t payload[65536];
static uint8_t frame[70000];
/* what is computed must be used, or the compiler leaves it out */
static volatile uint32_t sink;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Return: median seconds that one call takes */
static double measure(void (*work)(void), unsigned int calls)
{
	double times[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds();

		for (unsigned int i = 0; i < calls; i++)
			work();
		times[round] = (seconds() - start) / calls;
	}
	qsort(times, ROUNDS, sizeof(times[0]), compare);
	return times[ROUNDS / 2];
}

static void sum_64k(void)
{
	sink = checksum_add(payload, sizeof(payload), 0);
}

static void sum_1448(void)
{
	sink = checksum_add(payload + 2, 1448, 0);
}

static void crc_1514(void)
{
	sink = crc32_ethernet(payload, 1514);
}

static struct segmenter segmenter;
static struct frame_spec spec = { .protocol = 6,
				  .tcp_option_words = 3,
				  .payload = 1448 };
static uint8_t template[256], whole[2048];
static size_t whole_length;

static void segment_64k(void)
{
	for (uint32_t i = 0; i < segmenter.count; i++)
		sink = segmenter_frame(&segmenter, i, payload, frame);
}

static void copy_64k(void)
{
	for (uint32_t i = 0; i + 1448 <= sizeof(payload); i += 1448) {
		memcpy(frame + 66, payload + i, 1448);
		sink = frame[70];
	}
}

static void parse_frame(void)
{
	struct packet_info info;

	packet_parse(whole, whole_length, &info);
	sink = info.l4_offset;
}

static void verify_frame(void)
{
	struct packet_info info;

	packet_parse(whole, whole_length, &info);
	sink = packet_l4_sum(whole, &info);
}

static struct toeplitz_key key;
static uint8_t hash_input[36];

static void toeplitz_ipv4(void)
{
	sink = toeplitz_hash(&key, hash_input, 12);
}

static void toeplitz_ipv6(void)
{
	sink = toeplitz_hash(&key, hash_input, 36);
}

static void report_rate(const char *what, void (*work)(void), size_t bytes)
{
	double time = measure(work, (unsigned int)(20000000 / bytes + 1));

	printf("%-34s %8.2f GB/s\n", what, (double)bytes / time / 1e9);
}

static void report_time(const char *what, void (*work)(void))
{
	printf("%-34s %8.1f ns\n", what, measure(work, 200000) * 1e9);
}

int main(void)
{
	fill_bytes(payload, sizeof(payload), 1);
	fill_bytes(hash_input, sizeof(hash_input), 2);
	toeplitz_key_expand(&key, payload);
	whole_length = frame_build(whole, &spec);
	spec.payload = 0;
	frame_build(template, &spec);
	if (segmenter_init(&segmenter, template, (uint32_t)frame_payload(&spec),
			   sizeof(payload), 1448))
		return 1;

	report_rate("checksum, 64 KiB", sum_64k, sizeof(payload));
	report_rate("checksum, 1448 bytes", sum_1448, 1448);
	report_rate("copy of 64 KiB to 1448-byte frames", copy_64k,
		    sizeof(payload));
	report_rate("segmentation, 64 KiB at 1448", segment_64k,
		    sizeof(payload));
	report_rate("FCS, 1514 bytes", crc_1514, 1514);
	report_time("parse, TCP/IPv4", parse_frame);
	report_time("parse and verify, 1514 bytes", verify_frame);
	report_time("Toeplitz, IPv4 with ports", toeplitz_ipv4);
	report_time("Toeplitz, IPv6 with ports", toeplitz_ipv6);
	return 0;
}
