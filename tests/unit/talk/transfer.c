#include "transfer.h"

#include "base/mem.h"

const struct tftp_policy transfer_policy = {
	.blksize_max = TFTP_BLOCK_MAX,
	.windowsize_max = 64,
	.retry_ms = 1000,
	.retry_max_ms = 8000,
	.tries = 6,
};

struct bytes
transfer_body(size_t size)
{
	struct bytes b = { mem_new(size + 1, 1), size };

	for (size_t i = 0; i < size; i++)
		b.p[i] = (uint8_t)(i * 31 + i / 251);
	return b;
}

struct tftp_client_plan
transfer_plan(uint16_t blksize, uint16_t windowsize, enum tftp_mode mode)
{
	return (struct tftp_client_plan){
		.name = "file",
		.mode = mode,
		.options = { .has_blksize = blksize > 0,
		    .blksize = blksize,
		    .has_windowsize = windowsize > 0,
		    .windowsize = windowsize },
		.size_max = 16 * 1024 * 1024,
		.retry_ms = 1000,
		.retry_max_ms = 8000,
		.tries = 10,
	};
}
