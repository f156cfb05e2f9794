// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies to and from guest memory: through the mapping where it is shared,
 * else by messages (docs/hardware/vfio-user.md, V3.4 and V3.5).
 */
#include <errno.h>
#include <string.h>

#include "emulator/loop/log.h"
#include "emulator/memory/internal.h"

/* Comparisons without a result before a file is taken as shared */
#define COMPARISONS_MAX 256u

static bool all_zero(const uint8_t *bytes, size_t length)
{
	return !length || (!bytes[0] && !memcmp(bytes, bytes + 1, length - 1));
}

static int send_message(struct guest_memory *memory, uint64_t address,
			uint8_t *bytes, size_t length, bool write)
{
	int error;

	/* one at a time: what is handled meanwhile must not ask again */
	if (!memory->messages || memory->waiting)
		return -EFAULT;
	memory->waiting = true;
	error = write ? memory->messages->write(memory->context, address, bytes,
						length) :
			memory->messages->read(memory->context, address, bytes,
					       length);
	memory->waiting = false;
	return error;
}

static void give_up_comparing(struct guest_memory *memory, const char *why)
{
	log_line("cannot tell whether guest memory is shared: %s", why);
	memory->cannot_compare = true;
	for (struct mapped_file *file = memory->files; file; file = file->next)
		if (file->sharing == MAPPED_FILE_UNKNOWN)
			guest_memory_decide(memory, file, MAPPED_FILE_SHARED);
}

/*
 * Compares the mapping at @address with what the client says stands there; all
 * @length bytes lie in @range. The guest may write meanwhile: only a mapping
 * that stays the same tells.
 *
 * Only what the guest wrote shows that a file is shared: what the device wrote
 * arrives in a private mapping too, as long as the guest has not touched the
 * page. So a copy to the guest can only show that it is not.
 *
 * Return: true if the file turned out to be private.
 */
static bool compare(struct guest_memory *memory, struct range *range,
		    uint64_t address, size_t length, bool write)
{
	uint8_t *before = memory->compared[0], *said = memory->compared[1];
	uint64_t generation = memory->generation;
	const uint8_t *mapped = range->mapped + (address - range->address);
	int error;

	if (length > GUEST_COMPARE)
		length = GUEST_COMPARE;
	memcpy(before, mapped, length);
	error = send_message(memory, address, said, length, false);
	if (error == -EAGAIN || error == -EFAULT)
		return false;
	if (error == -ETIMEDOUT || error == -EOPNOTSUPP || error == -ENOSYS) {
		give_up_comparing(memory, strerror(-error));
		return false;
	}
	/* the range may have gone, with its file, while the answer came */
	if (memory->generation != generation || memory->fault)
		return false;
	if (!error && !memcmp(before, mapped, length)) {
		if (memcmp(said, mapped, length)) {
			guest_memory_decide(memory, range->file,
					    MAPPED_FILE_PRIVATE);
			return true;
		}
		if (!write && !all_zero(said, length)) {
			guest_memory_decide(memory, range->file,
					    MAPPED_FILE_SHARED);
			return false;
		}
	}
	if (++range->file->comparisons == COMPARISONS_MAX)
		give_up_comparing(memory, "nothing of it tells");
	return false;
}

/* Copies to or from a file of which nothing is known; true if that held. */
static bool copy_unknown(struct guest_memory *memory, struct range *range,
			 uint64_t address, uint8_t *bytes, size_t length,
			 bool write)
{
	uint8_t *mapped = range->mapped + (address - range->address);

	if (write)
		memcpy(mapped, bytes, length);
	else
		memcpy(bytes, mapped, length);
	if (memory->fault || memory->waiting)
		return true;
	return !compare(memory, range, address, length, write);
}

/* Memory that is not known to be shared. Return: bytes done, or -errno. */
static long copy_slowly(struct guest_memory *memory, uint64_t address,
			uint8_t *bytes, size_t length, bool write)
{
	struct range *range =
		guest_memory_range(memory, address, &length, write);
	int error;

	if (!range || (range->file && !range->mapped))
		return -EFAULT;
	if (range->file && range->file->sharing == MAPPED_FILE_UNKNOWN)
		return copy_unknown(memory, range, address, bytes, length,
				    write) ?
			       (long)length :
			       0;
	/* from now on work that may meet such memory is put off */
	guest_memory_unshared(memory);
	error = send_message(memory, address, bytes, length, write);
	return error ? error : (long)length;
}

int guest_memory_copy(struct guest_memory *memory, uint64_t address,
		      uint8_t *bytes, size_t length, bool write)
{
	while (length) {
		size_t part = length;
		uint8_t *host =
			guest_memory_host(memory, address, &part, write);
		long done = (long)part;

		if (!host)
			done = copy_slowly(memory, address, bytes, length,
					   write);
		else if (write)
			memcpy(host, bytes, part);
		else
			memcpy(bytes, host, part);
		if (done < 0)
			return (int)done;
		bytes += done;
		address += (uint64_t)done;
		length -= (size_t)done;
	}
	return memory->fault ? -EFAULT : 0;
}

int guest_memory_read(struct guest_memory *memory, uint64_t address, void *to,
		      size_t length)
{
	return guest_memory_copy(memory, address, to, length, false);
}

int guest_memory_write(struct guest_memory *memory, uint64_t address,
		       const void *from, size_t length)
{
	return guest_memory_copy(memory, address, (uint8_t *)from, length,
				 true);
}

int guest_memory_publish(struct guest_memory *memory, uint64_t address,
			 const void *from, size_t length)
{
	const uint8_t *bytes = from;
	size_t part = length;
	uint8_t *host = guest_memory_host(memory, address, &part, true);
	int error;

	if (host && part == length) {
		memcpy(host, bytes, length - 1);
		__atomic_store_n(host + length - 1, bytes[length - 1],
				 __ATOMIC_RELEASE);
		return memory->fault ? -EFAULT : 0;
	}
	error = guest_memory_write(memory, address, bytes, length - 1);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return error ? error :
		       guest_memory_write(memory, address + length - 1,
					  bytes + length - 1, 1);
}
