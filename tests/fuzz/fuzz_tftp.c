/* Any datagram; what parses is written back and means the same. */
#include "wire/tftp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr first = wr_new(TFTP_PACKET_MAX), second = wr_new(TFTP_PACKET_MAX);
	struct tftp_packet p, again;
	struct err e;

	if (tftp_parse(span_of(data, size), &p, &e) && tftp_encode(&p, &first, &e)) {
		bool read_again = tftp_parse(wr_view(&first), &again, &e);

		assert(read_again);
		assert(again.opcode == p.opcode && span_eq(again.name, p.name));
		assert(again.block == p.block && span_eq(again.data, p.data));
		bool written_again = tftp_encode(&again, &second, &e);
		assert(written_again && span_eq(wr_view(&first), wr_view(&second)));
	}
	wr_free(&first);
	wr_free(&second);
	return 0;
}
