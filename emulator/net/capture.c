// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pcap file (draft-ietf-opsawg-pcap), nanosecond time stamps.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emulator/loop/log.h"
#include "emulator/net/net_backend.h"
#include "emulator/packet/packet.h"
#include "emulator/loop/container_of.h"

#define PCAP_MAGIC_NANOSECONDS 0xa1b23c4d
#define PCAP_LINKTYPE_ETHERNET 1
#define PCAP_SNAPLEN 262144

/* All in this machine's byte order: the magic tells the reader. */
struct pcap_file_header {
	uint32_t magic;
	uint16_t version_major, version_minor;
	uint32_t reserved[2];
	uint32_t snaplen, linktype;
};

struct pcap_record_header {
	uint32_t seconds, nanoseconds;
	uint32_t captured, original;
};

#define CAPTURE_BUFFER (512 * 1024)
#define CAPTURE_IDLE_NS 50000000ull

struct net_capture {
	struct event_loop *loop;
	struct loop_timer timer;
	int fd; /* -1 after an error */
	size_t used;
	uint8_t buffer[CAPTURE_BUFFER];
};

static void flush(struct net_capture *capture)
{
	size_t done = 0;

	while (capture->fd >= 0 && done < capture->used) {
		ssize_t count = write(capture->fd, capture->buffer + done,
				      capture->used - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			log_line("capture: cannot write, no more frames are "
				 "captured: %s",
				 strerror(count ? errno : ENOSPC));
			close(capture->fd);
			capture->fd = -1;
			break;
		}
		done += (size_t)count;
	}
	capture->used = 0;
	loop_timer_stop(&capture->timer);
}

static void idle(struct loop_timer *timer)
{
	flush(container_of(timer, struct net_capture, timer));
}

/* Room for a record of at most @length bytes. Return: where its frame goes */
static uint8_t *begin_record(struct net_capture *capture, size_t length)
{
	size_t size = sizeof(struct pcap_record_header) + length;

	/* a short segment is padded */
	if (length < ETHERNET_MINIMUM)
		size += ETHERNET_MINIMUM - length;
	if (capture->used + size > sizeof(capture->buffer))
		flush(capture);
	return capture->buffer + capture->used +
	       sizeof(struct pcap_record_header);
}

static void end_record(struct net_capture *capture, const struct timespec *now,
		       size_t length)
{
	struct pcap_record_header header = {
		.seconds = (uint32_t)now->tv_sec,
		.nanoseconds = (uint32_t)now->tv_nsec,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
	};

	memcpy(capture->buffer + capture->used, &header, sizeof(header));
	capture->used += sizeof(header) + length;
}

static bool capture_segments(struct net_capture *capture,
			     const struct net_frame *frame,
			     const struct timespec *now)
{
	struct segmenter s;

	if (!frame->mss || frame->header_length > frame->length ||
	    segmenter_init(&s, frame->data, frame->header_length,
			   frame->length - frame->header_length, frame->mss))
		return false;
	for (uint32_t i = 0; i < s.count && capture->fd >= 0; i++) {
		uint8_t *place = begin_record(capture, frame->length);

		end_record(capture, now,
			   segmenter_frame(&s, i, frame->data + s.header_length,
					   place));
	}
	return true;
}

void net_capture_frame(struct net_capture *capture,
		       const struct net_frame *frame)
{
	struct timespec now;
	uint8_t *place;

	if (!capture || capture->fd < 0 || frame->length > NET_FRAME_MAX)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (!capture_segments(capture, frame, &now)) {
		place = begin_record(capture, frame->length);
		memcpy(place, frame->data, frame->length);
		if (frame->checksums_wanted) {
			struct packet_info info;

			packet_parse(place, frame->length, &info);
			packet_fill_l4_checksum(place, &info);
		}
		end_record(capture, &now, frame->length);
	}
	if (!loop_timer_running(&capture->timer))
		loop_timer_start(capture->loop, &capture->timer,
				 CAPTURE_IDLE_NS);
}

struct net_capture *net_capture_open(struct event_loop *loop, const char *path)
{
	struct net_capture *capture = calloc(1, sizeof(*capture));
	struct pcap_file_header header = {
		.magic = PCAP_MAGIC_NANOSECONDS,
		.version_major = 2,
		.version_minor = 4,
		.snaplen = PCAP_SNAPLEN,
		.linktype = PCAP_LINKTYPE_ETHERNET,
	};

	if (!capture)
		return NULL;
	capture->fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (capture->fd < 0) {
		free(capture);
		return NULL;
	}
	capture->loop = loop;
	capture->timer.expired = idle;
	memcpy(capture->buffer, &header, sizeof(header));
	capture->used = sizeof(header);
	/* a reader that follows the file sees a pcap file at once */
	flush(capture);
	return capture;
}

void net_capture_close(struct net_capture *capture)
{
	if (!capture)
		return;
	flush(capture);
	if (capture->fd >= 0)
		close(capture->fd);
	free(capture);
}
